"""A reading as one HTML file: it needs nothing else, is read aloud in order, and prints the traces true to scale."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, BinaryIO, Final

from ecg.paper.drawing import Box, Colour, Page
from ecg.paper.svg import write_svg
from reader.page.sheets import RISK_COLOURS, RISK_MARKS, UNRISKED, about
from reader.page.traces import WIDTH_MM, draw_traces, rows_of
from reader.page.words import for_clinician, for_patient

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecg.model_file.card import ModelCard
    from ecg.paper.drawing import Item
    from reader.explain.explain import Explained
    from reader.page.texts import Texts
    from reader.page.wanted import Layout
    from reader.page.words import Bar, ForClinician, ForPatient
    from reader.reading import Reading
    from reader.twelve_leads import TwelveLeads

__all__ = ["write_html"]

_EDGE_MM: Final = 1.0
_ROW_MM: Final = 30.0


def _css(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


_STYLE: Final = (
    """
body { font: 1rem/1.45 system-ui, sans-serif; color: #14141f; background: #fff; margin: 1.2rem; }
main { max-width: 270mm; }
h1 { font-size: 1.5rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 1.4rem 0 .4rem; border-bottom: 1px solid #c8c8d0; }
h3 { font-size: 1rem; margin: 1rem 0 .2rem; }
p, ul, table { margin: .3rem 0; }
.note { color: #5a5a6e; }
.warning { color: #965400; }
.disclaimer { color: #b00020; font-weight: 600; }
figure { margin: .6rem 0; overflow-x: auto; }
figure svg { display: block; }
table { border-collapse: collapse; }
th, td { text-align: left; font-weight: normal; padding: .12rem .9rem .12rem 0; vertical-align: top; }
td.number { text-align: right; white-space: nowrap; }
.bar { width: 9rem; height: .8rem; background: #e1e1e6; display: inline-block; }
.bar span { display: block; height: 100%; background: #9696a0; }
#patient { font-size: 1.15rem; }
@media print { @page { size: A4 landscape; margin: 10mm; } body { margin: 0; } nav { display: none; }
  figure { overflow: visible; } #patient { break-before: page; } }
"""
    f".unrisked {{ background: {_css(UNRISKED)} !important; }}\n"
    + "".join(f".{risk} {{ background: {_css(colour)} !important; }}\n" for risk, colour in RISK_COLOURS.items())
)


def write_html(
    file: BinaryIO,
    reading: Reading,
    ecg: TwelveLeads,
    card: ModelCard | None,
    texts: Texts,
    *,
    layout: Layout,
    name: str,
    heat: Explained | None = None,
) -> None:
    """Write a reading; the arguments are those of `reader.page.sheets.sheets`."""
    box = Box(_EDGE_MM, _EDGE_MM, WIDTH_MM, _ROW_MM * rows_of(ecg, layout))
    traces = draw_traces(ecg, box, layout=layout, rhythm_lead=reading.rhythm_lead, heat=heat)
    what, scale = about(reading, texts, traces)
    title = f"{texts('page', 'title')}: {name}"
    parts = [
        f'<!DOCTYPE html>\n<html lang="{texts.language}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(what)}<br>{escape(scale)}</p>',
        f'<p class="disclaimer">{escape(texts("page", "disclaimer"))}</p>',
        (
            f'<nav aria-label="{escape(texts("page", "title"))}"><a href="#clinician">'
            f"{escape(texts('page', 'for_clinician'))}</a> \N{MIDDLE DOT} "
            f'<a href="#patient">{escape(texts("page", "for_patient"))}</a></nav>'
        ),
        f'<figure tabindex="0" aria-label="{escape(f"{what}, {scale}")}">{_svg(box, traces.items, title)}</figure>',
        *_clinician(for_clinician(reading, card, texts, heat), texts),
        *_patient(for_patient(reading, texts), texts),
        "</main>\n</body>\n</html>\n",
    ]
    file.write("\n".join(parts).encode())


def _svg(box: Box, items: list[Item], title: str) -> str:
    written = io.BytesIO()
    write_svg(written, Page(box.width_mm + 2 * _EDGE_MM, box.height_mm + 2 * _EDGE_MM, items), title=title)
    return written.getvalue().decode().partition("\n")[2]  # a document has no XML declaration inside


def _clinician(said: ForClinician, texts: Texts) -> Iterable[str]:
    yield f'<section id="clinician">\n<h2>{escape(texts("page", "for_clinician"))}</h2>'
    yield f"<h3>{escape(texts('page', 'rhythm'))}</h3>"
    yield "".join(f"<p>{escape(each)}</p>" for each in said.rhythm)
    yield f"<h3>{escape(texts('page', 'measured'))}</h3>\n<table>"
    for fact in said.facts:
        note = "" if fact.is_known else ' class="note"'
        yield f'<tr><th scope="row">{escape(fact.name)}</th><td{note}>{escape(fact.value)}</td></tr>'
    yield f"</table>\n<h3>{escape(texts('page', 'may_show'))}</h3>"
    if said.warning:
        yield f'<p class="warning">{escape(said.warning)}</p>'
    if said.bars:
        yield "<table>"
        yield from (_bar(bar, counts=not said.warning) for bar in said.bars)
        yield "</table>"
    if said.why:
        yield f"<h3>{escape(texts('page', 'why'))}</h3>"
        yield "".join(f"<p>{escape(each)}</p>" for each in said.why)
    yield f"<h3>{escape(texts('page', 'unreadable'))}</h3>"
    yield _listed(said.unreadable, texts("page", "all_readable"))
    yield f"<h3>{escape(texts('page', 'doubts'))}</h3>"
    yield _listed(said.doubts, texts("page", "no_doubts"))
    if said.doubts and (note := texts("page", "remarks_note")):
        yield f'<p class="note">{escape(note)}</p>'
    if said.model:
        yield f"<h3>{escape(texts('page', 'model'))}</h3>"
        yield "".join(f'<p class="note">{escape(each)}</p>' for each in said.model)
    yield "</section>"


def _bar(said: Bar, *, counts: bool) -> str:
    kind = "" if not counts else "unrisked" if said.risk is None else said.risk
    risk = f"{RISK_MARKS[said.risk]} {said.risk_word}" if said.risk is not None and counts else ""
    return (
        f'<tr><th scope="row">{escape(said.name)}</th>'
        f'<td><span class="bar" aria-hidden="true"><span class="{kind}" style="width:{100 * said.probability:.1f}%">'
        f'</span></span></td><td class="number">{escape(said.percent)}</td><td>{escape(risk)}</td>'
        f'<td class="note">{escape(said.figures)}</td></tr>'
    )


def _listed(sentences: tuple[str, ...], otherwise: str) -> str:
    if not sentences:
        return f"<p>{escape(otherwise)}</p>"
    return f'<ul class="warning">{"".join(f"<li>{escape(each)}</li>" for each in sentences)}</ul>'


def _patient(said: ForPatient, texts: Texts) -> Iterable[str]:
    yield f'<section id="patient">\n<h2>{escape(texts("page", "for_patient"))}</h2>'
    yield "".join(f"<p>{escape(each)}</p>" for each in said.heart)
    for intro, sentences in said.found:
        yield f"<p>{escape(intro)}</p>"
        if sentences:
            yield f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"
    yield "".join(f"<p>{escape(each)}</p>" for each in said.advice)
    yield "</section>"
