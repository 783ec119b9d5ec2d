"""MkDocs' hook: pictures, schemas and tables that are made from the code while the site is built.

A line `<!-- made: NAME ARGUMENT -->` in a page is replaced by what `made.MADE[NAME]` gives.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from ecg.protocol.schemas import command_schemas, message_schemas

sys.path.insert(0, str(Path(__file__).parent))
import made
import strips
import wiring

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

MARK = re.compile(r"^<!-- made: (?P<name>\w+)(?: (?P<argument>\S+))? -->$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the diagrams, the pictures and the schemas."""
    for name, draw in strips.PICTURES.items():
        files.append(File.generated(config, f"pictures/{name}.svg", content=draw()))
    for name in wiring.DIAGRAMS:
        files.append(File.generated(config, f"pictures/wiring-{name}.svg", content=wiring.draw(name)))
    schemas = message_schemas() | {f"cmd-{verb}": schema for verb, schema in command_schemas().items()}
    for name, schema in schemas.items():
        files.append(File.generated(config, f"schemas/{name}.json", content=json.dumps(schema, indent=2) + "\n"))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put in what is made."""
    return MARK.sub(_made, markdown)


def _made(found: re.Match[str]) -> str:
    make = made.MADE.get(found["name"])
    if make is None:
        raise PluginError(f"docs/hook/made.py makes no {found['name']}; it makes {', '.join(made.MADE)}")
    return make(*filter(None, [found["argument"]]))
