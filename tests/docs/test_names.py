"""What the documentation and the docstrings name is there: files, folders and modules of this project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = "ecg|edge|converter|models|firmware_config|systemd|tests|benchmarks|docs|scripts"
# Between backticks: folders and files of ours, a place in them cut off; and `python -m MODULE`.
PATH = re.compile(rf"(?<![\w./-])((?:{OURS})/[\w./-]*)")
MODULE = re.compile(r"(?<![\w./-])((?:ecg|edge|converter)(?:\.[a-z_0-9]+)+)(?![\w/-])")
PLACEHOLDER = r"[A-Z]{4}|[*\[]"  # `firmware_config/board-NAME.toml`, `ads129[12]`
HISTORY = ("CHOICES.md", "RESULTS.md")  # they tell of what was, by the names that it had

PAGES = [
    *sorted(ROOT.glob("docs/*.md")),
    *[path for path in sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("[!.]*/README.md")) if path.name not in HISTORY],
]
SOURCES = [path for name in ("ecg", "edge", "converter") for path in sorted((ROOT / name).rglob("*.py"))]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("page", [*PAGES, *SOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_module_that_is_named_is_there(page: Path) -> None:
    missing = []
    for quote in quoted(page.read_text(encoding="utf-8")):
        for name in PATH.findall(quote):
            path = ROOT / name.rstrip(".")
            if not (path.exists() or re.search(PLACEHOLDER, quote)):
                missing.append(name)
        missing += [name for name in MODULE.findall(quote) if not is_there(name)]
    assert not missing


def is_there(name: str) -> bool:
    """Whether it is a module, or a name in one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        file = ROOT.joinpath(*parts[:end])
        if file.with_suffix(".py").is_file() or (file / "__init__.py").is_file():
            if end == len(parts):
                return True
            source = file.with_suffix(".py") if file.with_suffix(".py").is_file() else file / "__init__.py"
            return parts[end] in source.read_text(encoding="utf-8")
    return False
