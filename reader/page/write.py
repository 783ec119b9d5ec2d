"""Writes the pages that were asked for of one reading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecg.files import new_file
from ecg.paper.pdf import write_pdf
from reader.page.html import write_html
from reader.page.sheets import sheets
from reader.page.texts import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.model_file.card import ModelCard
    from reader.explain.explain import Explained
    from reader.page.wanted import Pages
    from reader.reading import Reading
    from reader.twelve_leads import TwelveLeads

__all__ = ["write_pages"]


def write_pages(
    pages: Pages, reading: Reading, ecg: TwelveLeads, card: ModelCard | None, explained: Sequence[Explained]
) -> None:
    """Write them.

    Args:
        pages: which, and where.
        reading: of a file that was read.
        ecg: what was read of it.
        card: of the model that answered; None where none did.
        explained: its findings; the heat of the first one that holds is drawn.

    Raises:
        InputError: a package is missing, there is no such language, or a file cannot be written.
    """
    words = texts(pages.language)
    name = Path(reading.file).name
    heat = next((each for each in explained if each.explanation.unreliable is None), None)
    if pages.pdf is not None:
        with new_file(Path(pages.pdf)) as file:
            drawn = sheets(reading, ecg, card, words, layout=pages.layout, name=name, heat=heat)
            write_pdf(file, drawn, title=f"{words('page', 'title')}: {name}", language=words.language)
    if pages.html is not None:
        with new_file(Path(pages.html)) as file:
            write_html(file, reading, ecg, card, words, layout=pages.layout, name=name, heat=heat)
