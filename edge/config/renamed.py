"""Keys that changed their name: the old one works for one release, with a line of advice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RENAMED", "rename"]

log = logging.getLogger(__name__)

RENAMED: Final[dict[str, str]] = {"technical": "host"}
"""Old to new, of a key or a whole section, dotted (`storage.directory`)."""


def rename(data: dict[str, Any], *, name: str, renamed: Mapping[str, str] = RENAMED) -> Iterator[str]:
    """Give old keys their new names, in place; each is advised of in the log.

    Args:
        data: the settings, as TOML gives them.
        name: of the settings, for the advice.
        renamed: old to new.

    Yields:
        A line for each mistake: a value that is given under both names.
    """
    for old, new in renamed.items():
        old_section, old_key = _locate(data, old)
        if old_section is None or old_key not in old_section:
            continue
        new_section, new_key = _locate(data, new, make=True)
        if new_section is None or new_key in new_section:
            yield f"{old}: is now called {new}, and that is given too"
            continue
        new_section[new_key] = old_section.pop(old_key)
        log.warning("%s: %s is now called %s; the next version will not know the old name", name, old, new)


def _locate(data: dict[str, Any], key: str, *, make: bool = False) -> tuple[dict[str, Any] | None, str]:
    """The section of a dotted key, None where there is none, and the last part of the key."""
    *path, last = key.split(".")
    section: Any = data
    for part in path:
        section = section.setdefault(part, {}) if make else section.get(part)
        if not isinstance(section, dict):
            return None, last
    return section, last
