"""The pages of a PDF: the traces with what a clinician wants to know, and a page in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.paper.drawing import ALARM, INK, PALE_INK, WARNING, Box, Colour, Page, Text
from ecg.paper.font import font
from ecg.paper.picture import SEPARATOR
from reader.page.columns import bar, heading, paragraph, place, side_by_side
from reader.page.traces import WIDTH_MM, draw_traces, rows_of
from reader.page.words import for_clinician, for_patient

if TYPE_CHECKING:
    from ecg.model_file.card import ModelCard
    from ecg.paper.drawing import Item
    from reader.explain.explain import Explained
    from reader.page.columns import Line
    from reader.page.texts import Texts
    from reader.page.traces import Traces
    from reader.page.wanted import Layout
    from reader.page.words import Bar, ForClinician, Risk
    from reader.reading import Reading
    from reader.twelve_leads import TwelveLeads

__all__ = ["RISK_COLOURS", "RISK_MARKS", "UNRISKED", "about", "sheets"]

RISK_COLOURS: Final[dict[Risk, Colour]] = {"low": (21, 115, 71), "moderate": (178, 90, 0), "high": (176, 0, 32)}
RISK_MARKS: Final[dict[Risk, str]] = {"low": "\N{BULLET}", "moderate": "!", "high": "!!"}
"""Colour is never alone: a mark and a word say the same."""
UNRISKED: Final[Colour] = (70, 90, 120)
_NOT_COUNTING: Final[Colour] = (150, 150, 158)

_PAGE_MM: Final = (297.0, 210.0)
_MARGIN_MM: Final = 10.0
_LEFT_MM: Final = (_PAGE_MM[0] - WIDTH_MM) / 2
_HEAD_MM: Final = 14.0
_ROW_MM, _TRACES_MM = 27.0, 165.0
"""Height of a row, and the most that all take: there a page has nothing else."""
_TITLE_MM, _TEXT_MM = 4.6, 3.0
_BOTTOM_MM: Final = _PAGE_MM[1] - _MARGIN_MM - 4
_SHARES: Final = (0.285, 0.48, 0.235)
_GUTTER_MM: Final = 5.0
_PLAIN_MM: Final = 4.4


def sheets(
    reading: Reading,
    ecg: TwelveLeads,
    card: ModelCard | None,
    texts: Texts,
    *,
    layout: Layout,
    name: str,
    heat: Explained | None = None,
) -> list[Page]:
    """The pages of a reading.

    Args:
        reading: of a file that was read.
        ecg: what was read of it, up to 10 s.
        card: of the model that answered; None where none did.
        texts: of the language.
        layout: of twelve leads.
        name: of the recording, as it stands on the page.
        heat: drawn below the traces.
    """
    height_mm = min(_ROW_MM * rows_of(ecg, layout), _TRACES_MM)
    box = Box(_LEFT_MM, _MARGIN_MM + _HEAD_MM, WIDTH_MM, height_mm)
    traces = draw_traces(ecg, box, layout=layout, rhythm_lead=reading.rhythm_lead, heat=heat)
    columns = _columns(for_clinician(reading, card, texts, heat), texts)
    first = [*_head(reading, texts, name, traces), *traces.items]
    y_mm = box.bottom_mm + 1
    pages = []
    while True:
        items, columns = _placed(columns, y_mm)
        pages.append(first + items)
        if not any(columns):
            break
        first, y_mm = _head(reading, texts, name, traces), _MARGIN_MM + _HEAD_MM
    pages.append([*_head(reading, texts, name, traces), *_plain(reading, texts)])
    return [Page(*_PAGE_MM, [*items, *_foot(texts, number, len(pages))]) for number, items in enumerate(pages, start=1)]


def about(reading: Reading, texts: Texts, traces: Traces) -> tuple[str, str]:
    """What was read, and how it is drawn."""
    count = len(reading.leads)
    if count > 1:
        leads = texts("page", "leads", count=count)
    else:
        leads = texts("page", "one_lead", lead=reading.leads[0]) if reading.lead_known else texts("page", "a_lead")
    whole_s = reading.duration_s or 0.0
    length = f"{texts.number(whole_s, 1)} s"
    if reading.read_from_s is not None and whole_s > 10:
        last_s = min(reading.read_from_s + 10, whole_s)
        length = texts(
            "page",
            "part",
            first=texts.number(reading.read_from_s, 1),
            last=texts.number(last_s, 1),
            whole=texts.number(whole_s, 0),
        )
    what = SEPARATOR.join((reading.route or "", leads, f"{reading.rate_hz:g} Hz", length))
    gain = traces.mm_per_mv
    scale = texts("page", "scale_unknown") if gain is None else texts("page", "scale", gain=gain)
    if traces.cut:
        scale = SEPARATOR.join((scale, texts("page", "cut", leads=", ".join(traces.cut))))
    return what, scale


def _head(reading: Reading, texts: Texts, name: str, traces: Traces) -> list[Item]:
    what, scale = about(reading, texts, traces)
    right_mm = _LEFT_MM + WIDTH_MM
    return [
        Text(_LEFT_MM, _MARGIN_MM + 4, font().fitted(name, _TITLE_MM, 170), _TITLE_MM, INK),
        Text(right_mm, _MARGIN_MM + 4, texts("page", "title"), _TITLE_MM, INK, "end"),
        Text(_LEFT_MM, _MARGIN_MM + 10, font().fitted(what, _TEXT_MM, 170), _TEXT_MM, PALE_INK),
        Text(right_mm, _MARGIN_MM + 10, scale, _TEXT_MM, PALE_INK, "end"),
    ]


def _foot(texts: Texts, number: int, count: int) -> list[Item]:
    y_mm = _PAGE_MM[1] - _MARGIN_MM
    return [
        Text(_LEFT_MM, y_mm, texts("page", "disclaimer"), _TEXT_MM, ALARM),
        Text(_LEFT_MM + WIDTH_MM, y_mm, f"ECG Edge{SEPARATOR}{number} / {count}", _TEXT_MM, PALE_INK, "end"),
    ]


def _columns(said: ForClinician, texts: Texts) -> list[list[Line]]:
    widths_mm = [share * WIDTH_MM - _GUTTER_MM for share in _SHARES]
    return [
        _measured(said, texts, widths_mm[0]),
        _may_show(said, texts, widths_mm[1]),
        _doubts(said, texts, widths_mm[2]),
    ]


def _placed(columns: list[list[Line]], y_mm: float) -> tuple[list[Item], list[list[Line]]]:
    items: list[Item] = []
    left: list[list[Line]] = []
    x_mm = _LEFT_MM
    for column, share in zip(columns, _SHARES, strict=True):
        drawn, rest = place(column, x_mm, y_mm, _BOTTOM_MM)
        items += drawn
        left.append(rest)
        x_mm += share * WIDTH_MM
    return items, left


def _measured(said: ForClinician, texts: Texts, width_mm: float) -> list[Line]:
    name, beats = said.rhythm
    short = [fact for fact in said.facts if fact.is_known and len(fact.value) < 16]
    lines = [*heading(texts("page", "rhythm"), width_mm), *paragraph(name, width_mm)]
    lines += paragraph(beats, width_mm, colour=PALE_INK)
    lines += heading(texts("page", "measured"), width_mm)
    lines += side_by_side([(fact.name, fact.value) for fact in short], width_mm)
    for fact in said.facts:
        if fact not in short:
            colour = INK if fact.is_known else PALE_INK
            lines += paragraph(f"{fact.name}: {fact.value}", width_mm, colour=colour)
    return lines


def _may_show(said: ForClinician, texts: Texts, width_mm: float) -> list[Line]:
    lines = heading(texts("page", "may_show"), width_mm)
    if said.warning:
        lines += paragraph(said.warning, width_mm, colour=WARNING)
    lines += [_bar(each, width_mm, counts=not said.warning) for each in said.bars]
    if said.why:
        lines += heading(texts("page", "why"), width_mm)
        for sentence in said.why:
            lines += paragraph(sentence, width_mm)
    return lines


def _bar(said: Bar, width_mm: float, *, counts: bool) -> Line:
    fill = _NOT_COUNTING if not counts else UNRISKED if said.risk is None else RISK_COLOURS[said.risk]
    risk = f"{RISK_MARKS[said.risk]} {said.risk_word}" if said.risk is not None and counts else ""
    return bar(said.name, said.probability, said.percent, fill=fill, after=(risk, said.figures), width_mm=width_mm)


def _doubts(said: ForClinician, texts: Texts, width_mm: float) -> list[Line]:
    lines = heading(texts("page", "unreadable"), width_mm)
    if said.unreadable:
        for each in said.unreadable:
            lines += paragraph(each, width_mm, colour=WARNING)
    else:
        lines += paragraph(texts("page", "all_readable"), width_mm)
    lines += heading(texts("page", "doubts"), width_mm)
    for doubt in said.doubts:
        lines += paragraph(doubt, width_mm, colour=WARNING)
    if not said.doubts:
        lines += paragraph(texts("page", "no_doubts"), width_mm)
    elif note := texts("page", "remarks_note"):
        lines += paragraph(note, width_mm, colour=PALE_INK)
    if said.model:
        lines += heading(texts("page", "model"), width_mm)
        for sentence in said.model:
            lines += paragraph(sentence, width_mm, colour=PALE_INK)
    return lines


def _plain(reading: Reading, texts: Texts) -> list[Item]:
    said = for_patient(reading, texts)
    width_mm = 0.8 * WIDTH_MM
    lines = heading(texts("page", "for_patient"), width_mm, size_mm=6)
    for sentence in said.heart:
        lines += paragraph(sentence, width_mm, size_mm=_PLAIN_MM)
    for intro, sentences in said.found:
        lines += [*heading("", width_mm), *paragraph(intro, width_mm, size_mm=_PLAIN_MM)]
        for sentence in sentences:
            lines += paragraph(f"\N{BULLET} {sentence}", width_mm, size_mm=_PLAIN_MM)
    for sentence in said.advice:
        lines += [*heading("", width_mm), *paragraph(sentence, width_mm, size_mm=_PLAIN_MM)]
    return place(lines, _LEFT_MM, _MARGIN_MM + _HEAD_MM, _BOTTOM_MM)[0]
