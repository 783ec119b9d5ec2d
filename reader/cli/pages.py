"""Where the pages of each file are written: named after it, and no two alike."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecg.errors import InputError
from reader.page.wanted import Pages

if TYPE_CHECKING:
    from pathlib import Path

    from reader.page.wanted import Layout

__all__ = ["PageOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOptions:
    """What was asked for, for all files.

    Attributes:
        pdf, html, fhir: folders; None: not wanted.
        layout: of twelve leads.
        language: of the texts.
    """

    pdf: Path | None = None
    html: Path | None = None
    fhir: Path | None = None
    layout: Layout = "3x4"
    language: str = "en"
    _taken: set[str] = field(default_factory=set)

    @property
    def is_wanted(self) -> bool:
        """Whether anything is."""
        return any(folder is not None for folder in self._folders)

    @property
    def _folders(self) -> tuple[Path | None, ...]:
        return self.pdf, self.html, self.fhir

    def check(self) -> None:
        """Make the folders.

        Raises:
            InputError: one cannot be made, or written to.
        """
        for folder in self._folders:
            if folder is None:
                continue
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InputError(f"{folder}: no folder can be made there ({error.strerror}); choose another") from None
            if not os.access(folder, os.W_OK):
                raise InputError(f"{folder}: not yours to write to; choose another folder")

    def of(self, path: Path) -> Pages | None:
        """The pages of a file; None: none. A second file of the same name gets a number behind its own."""
        if not self.is_wanted:
            return None
        stem = path.stem or "ecg"
        name, number = stem, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name.casefold())
        return Pages(
            pdf=None if self.pdf is None else str(self.pdf / f"{name}.pdf"),
            html=None if self.html is None else str(self.html / f"{name}.html"),
            fhir=None if self.fhir is None else str(self.fhir / f"{name}.json"),
            layout=self.layout,
            language=self.language,
        )
