"""Facts about a recording in the lines above its table: rate, unit, lead, start."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from ecg.errors import InputError
from ecg.formats.csv.dialect import Dialect
from ecg.formats.csv.text import COMMENTS
from ecg.formats.csv.times import moments_of, seconds_per_unit
from ecg.formats.options import parse_rate
from ecg.formats.units import mv_per_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Preamble", "read_fact", "read_preamble"]

_PAIR = re.compile(r"\W*?(?P<key>[^\W\d_][^,;:=\t]*?)[\"']?\s*[,;:=\t]+\s*[\"']?(?P<value>[^\"']*?)[\"']?[\s,;\t]*")
_RATE_KEY = re.compile(
    r"sampl|\brate|\bfs\b|abtast|messrate|[eé]chantill|muestreo|campion|frequenz|fr[eé]quence|frecuencia|frequency|freq\b"
)
_NO_RATE_KEY = re.compile(
    r"filter|filtr|\bpass|notch|heart|herz|card[ií]a|puls|mains|netz|cut|average|mean|min|max|true|count|number|size|total|"
    r"resolution|interval|period|bit|version|id\b"
)
_RATE_VALUE = re.compile(
    r"(?P<rate>\d+(?:[.,]\d+)?(?:/\d+)?)\s*(?P<unit>k?hz|k?hertz|sps|samples?\s*/\s*s(?:ec)?|)\b", re.IGNORECASE
)
_INTERVAL_KEY = re.compile(r"interval|period|abtastintervall|sampling time|sample time")
_INTERVAL_VALUE = re.compile(r"(?P<step>\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*(?P<unit>[^\W\d]+)", re.IGNORECASE)
_UNIT_KEY = re.compile(
    r"(?:^|\b)(?:units?|unit name|unitname|einheit|einheiten|unit[eé]s?|unidad(?:es)?|unit[aà]|y-?unit)\b"
)
_LEAD_KEY = re.compile(r"^(?:lead|lead name|ableitung|d[eé]rivation|derivaci[oó]n|channel ?title|channel name|kanal)$")
_START_KEY = re.compile(
    r"^(?:start(?:ed)?(?:[ _]?(?:time|date|datetime))?|recorded date|record(?:ing)?(?:[ _](?:date|start|time))?|begin|"
    r"aufnahmedatum|aufzeichnungsdatum|beginn|d[eé]but|fecha|inicio)$"
)


@dataclass(slots=True)
class Preamble:
    """What stands above the table; None and empty where nothing does.

    Attributes:
        rate_hz: sampling rate.
        unit: of all columns that tell none.
        lead: name of the only column.
        start_utc: time of the first sample, taken as UTC where no zone is named.
    """

    rate_hz: Fraction | None = None
    unit: str = ""
    lead: str = ""
    start_utc: datetime | None = None


def read_preamble(lines: Iterable[tuple[int, str]], path: str) -> Preamble:
    """Read the numbered lines above a table, and its comments.

    Raises:
        InputError: a line gives a sampling rate that is none.
    """
    found = Preamble()
    for number, line in lines:
        read_fact(line, number, found, path)
    return found


def read_fact(line: str, number: int, found: Preamble, path: str = "") -> bool:  # noqa: PLR0911
    """Add what a line tells to `found`; False if it tells nothing of what is looked for.

    Raises:
        InputError: it gives a sampling rate that is none.
    """
    match = _PAIR.fullmatch(line.strip())
    if match is None:
        return False
    key, value = " ".join(match["key"].casefold().replace("_", " ").split()), match["value"].strip()
    if _INTERVAL_KEY.search(key) and (interval := _INTERVAL_VALUE.match(value)):
        seconds = seconds_per_unit(interval["unit"])
        step = Fraction(interval["step"].replace(",", ".")) if len(interval["step"]) < 24 else Fraction(0)
        if seconds is not None and step > 0:
            found.rate_hz = found.rate_hz or parse_rate(str(1 / (step * Fraction(seconds).limit_denominator(10**9))))
            return True
    is_comment = line.lstrip().startswith(COMMENTS)
    if _RATE_KEY.search(key) and not _NO_RATE_KEY.search(key.replace("samples", "")):
        return _read_rate(
            value, number, found, path if is_comment and re.fullmatch(r"(sampl\w* )?rate( hz)?", key) else ""
        )
    if _UNIT_KEY.search(key) and (mv_per_unit(value) is not None or value):
        found.unit = found.unit or value
        return True
    if _LEAD_KEY.match(key) and value and len(value) <= 40:
        found.lead = found.lead or value
        return True
    if _START_KEY.match(key):
        times = moments_of([value], Dialect(";", decimal_comma=False))
        if times is not None and times.day is not None and (start_s := times.read(value)) is not None:
            found.start_utc = found.start_utc or datetime.fromtimestamp(start_s, UTC)
            return True
    return False


def _read_rate(value: str, number: int, found: Preamble, path: str) -> bool:
    match = _RATE_VALUE.match(value)
    rate_hz = parse_rate(match["rate"] + ("khz" if match["unit"].casefold().startswith("k") else "")) if match else None
    if rate_hz is None:
        if path:
            raise InputError(
                f"{path}: line {number}: no sampling rate ({value[:40]}); write it like '# rate_hz: 360', or "
                "give --rate"
            )
        return False
    found.rate_hz = found.rate_hz or rate_hz
    return True
