"""Writes settings as TOML: those in force, or the default file with a comment on every key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecg.errors import InputError
from edge.config.fields import sections_and_fields, toml_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config.sections import Settings

__all__ = ["render", "render_in_force"]


def render(settings: Settings, *, comments: bool = True) -> str:
    """Write settings as TOML that `parse` reads back unchanged, with or without a comment on every key."""
    return "\n".join(_section(settings, "", comments=comments)).strip() + "\n"


def render_in_force(settings: Settings) -> str:
    """Write settings as TOML, with the folder that stands for a `storage.directory` that is not set."""
    text = render(settings, comments=False)
    if settings.storage.directory:
        return text
    try:
        directory, why = str(settings.storage.folder), "the default for this user"
    except InputError as error:
        directory, why = "", str(error)
    return text.replace('directory = ""', f"directory = {toml_value(directory)}  # {why}", 1)


def _section(section: Any, prefix: str, *, comments: bool) -> Iterator[str]:
    sections, fields = sections_and_fields(type(section))
    for name, field in fields.items():
        if comments:
            yield f"# {field.comment}"
        yield f"{name} = {toml_value(getattr(section, name))}"
    for name, kind in sections.items():
        yield ""
        if comments:
            yield f"# {kind.__doc__}"
        yield f"[{prefix}{name}]"
        yield from _section(getattr(section, name), f"{prefix}{name}.", comments=comments)
