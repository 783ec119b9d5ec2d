"""The texts of a page in a language: a TOML file for each in the folder `languages`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LANGUAGES", "Texts", "texts"]

_FOLDER: Final = Path(__file__).with_name("languages")
LANGUAGES: Final = tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language.

    Attributes:
        language: its code (ISO 639-1).
        sections: by section and key.
    """

    language: str
    sections: Mapping[str, Mapping[str, str]]

    def __call__(self, section: str, key: str, **values: Any) -> str:
        """A text, with its {names} filled in."""
        return self.sections[section][key].format(**values)

    def find(self, section: str, key: str) -> str | None:
        """A text that takes no values; None where the language has none."""
        return self.sections[section].get(key)

    def number(self, value: float, digits: int) -> str:
        """A number as the language writes it."""
        written = f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0: no negative zero
        return written.replace(".", ",") if self.language == "de" else written


@cache
def texts(language: str) -> Texts:
    """The texts of a language.

    Raises:
        InputError: there are none.
    """
    if language not in LANGUAGES:
        raise InputError(f"no pages in the language '{language}'; there are {', '.join(LANGUAGES)}")
    return Texts(language, tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8")))
