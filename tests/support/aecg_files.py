"""Writes HL7 aECG, without the code under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

__all__ = ["aecg", "lead", "sequence_set", "series"]


def lead(code: str, digits: Iterable[object], *, scale: str = "5", unit: str = "uV", origin: str = "0") -> str:
    """A sequence of a lead."""
    return (
        f'<component><sequence><code code="{code}"/><value xsi:type="SLIST_PQ"><origin value="{origin}" unit="{unit}"/>'
        f'<scale value="{scale}" unit="{unit}"/><digits>{" ".join(map(str, digits))}</digits></value></sequence>'
        "</component>"
    )


def sequence_set(
    leads: Sequence[str], *, head: str = "20240501102030", increment: str = "0.004", unit: str = "s"
) -> str:
    """Leads with their times."""
    times = (
        '<component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS">'
        f'<head value="{head}"/><increment value="{increment}" unit="{unit}"/></value></sequence></component>'
    )
    return f"<component><sequenceSet>{times}{''.join(leads)}</sequenceSet></component>"


def series(sets: Sequence[str], *, kind: str = "RHYTHM", low: str = "20240501102030", derived: str = "") -> str:
    """A series. `derived` is the inside of a derived one."""
    more = f"<derivation><derivedSeries>{derived}</derivedSeries></derivation>" if derived else ""
    about = f'<code code="{kind}"/><effectiveTime><low value="{low}"/></effectiveTime>'
    return f"<series>{about}{''.join(sets)}{more}</series>"


def aecg(all_series: Sequence[str], *, start: dt.datetime | None = None, before: str = "") -> str:
    """A document. `before` stands before its root."""
    center = "" if start is None else f'<effectiveTime><center value="{start:%Y%m%d%H%M%S}"/></effectiveTime>'
    parts = "".join(f"<component>{each}</component>" for each in all_series)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a sample -->{before}\n<AnnotatedECG xmlns="urn:hl7-org:v3" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{center}<componentOf><subject><name>Nobody</name>'
        f"</subject></componentOf>{parts}</AnnotatedECG>\n"
    )
