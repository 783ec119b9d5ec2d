"""Renamed keys: the old name works for one more release, with a warning."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RENAMED", "rename"]

log = logging.getLogger(__name__)

RENAMED: Final[dict[str, str]] = {"technical": "host"}
"""Old to new dotted name of a key or a section."""


def rename(data: dict[str, Any], *, name: str, renamed: Mapping[str, str] = RENAMED) -> Iterator[str]:
    """Rename old keys in place, with a warning in the log for each.

    Args:
        data: the parsed TOML.
        name: name of the settings file, for the warning.
        renamed: old to new dotted names.

    Yields:
        A line for each key that is set under both names.
    """
    for old, new in renamed.items():
        old_section, old_key = _locate(data, old)
        if old_section is None or old_key not in old_section:
            continue
        new_section, new_key = _locate(data, new, make=True)
        if new_section is None or new_key in new_section:
            yield f"{old}: is now called {new}, which is also set"
            continue
        new_section[new_key] = old_section.pop(old_key)
        log.warning("%s: %s is now called %s; the next version will not accept the old name", name, old, new)


def _locate(data: dict[str, Any], key: str, *, make: bool = False) -> tuple[dict[str, Any] | None, str]:
    """Find the section of a dotted key (None if it is missing) and the last part of the key."""
    *path, last = key.split(".")
    section: Any = data
    for part in path:
        section = section.setdefault(part, {}) if make else section.get(part)
        if not isinstance(section, dict):
            return None, last
    return section, last
