"""What the header cells of a table say, in several languages: names, units, times, sample numbers, remarks."""

from __future__ import annotations

import re
from typing import Final

from ecg.formats.csv.times import seconds_per_unit
from ecg.formats.units import UNKNOWN_UNITS, is_voltage_word, mv_per_unit

__all__ = ["is_index_name", "is_text_name", "is_time_name", "is_unit", "name_and_unit"]

_TIME_WORDS: Final = frozenset(
    [
        "time",
        "times",
        "t",
        "timestamp",
        "timestamps",
        "elapsed",
        "seconds",
        "datetime",
        "date",
        "utc",
        "clock",
        "epoch",
        "unix",
        "unixtime",
        "zeit",
        "uhrzeit",
        "zeitpunkt",
        "zeitstempel",
        "datum",
        "temps",
        "heure",
        "horodatage",
        "tiempo",
        "hora",
        "fecha",
        "tempo",
        "ora",
        "tijd",
        "tijdstip",
        "tid",
        "millis",
        "micros",
        "时间",
        "時間",
        "時刻",
        "日時",
        "время",
    ]
)
_INDEX_WORDS: Final = frozenset(
    [
        "sample",
        "samples",
        "index",
        "idx",
        "nr",
        "no",
        "num",
        "number",
        "n",
        "frame",
        "row",
        "counter",
        "count",
        "seq",
        "sequence",
        "packet",
        "muestra",
        "echantillon",
        "échantillon",
        "campione",
        "messpunkt",
        "probe",
    ]
)
_TEXT_WORDS: Final = frozenset(["mark", "annotation", "annotations", "note", "notes", "label", "symbol", "comment"])
_IN_BRACKETS = re.compile(r"(?P<name>.*?)\s*[(\[{<](?P<unit>[^)\]}>]*)[)\]}>]\s*")
_AFTER_WORD = re.compile(r"(?P<name>.+?)(?:\s*[,/:;|]\s*|\s+in\s+|\s+-\s+)(?P<unit>\S+)", re.IGNORECASE)
_LAST_WORD = re.compile(r"(?P<name>.+?)[\s_.-]+(?P<unit>[^\s_.-]+)")


def name_and_unit(cell: str) -> tuple[str, str]:
    """The name and the unit in a cell: `MLII (mV)`, `MLII [mV]`, `MLII/mV`, `ECG, uV`, `ECG uV` and `ecg_mv` alike.

    A V that is no lead stands in brackets or after a stroke or comma: `lead_V` has no unit.
    """
    cell = cell.strip()
    match = _IN_BRACKETS.fullmatch(cell)
    if match:
        text = match["unit"].strip()
        square = cell.endswith("]")
        return (match["name"], text) if _in_brackets(text, at_most=12 if square else 7) else (cell, "")
    match = _AFTER_WORD.fullmatch(cell)
    if match and is_unit(match["unit"]):
        return match["name"], match["unit"]
    match = _LAST_WORD.fullmatch(cell)
    if match and (
        is_voltage_word(match["unit"]) or (is_time_name(match["name"]) and seconds_per_unit(match["unit"]) is not None)
    ):
        return match["name"], match["unit"]
    camel = re.fullmatch(r"(?P<name>.*[a-z])(?P<unit>Ms|Us|Ns|S|Mv|MV|mV|uV|UV)", cell)
    if camel and (is_time_name(camel["name"]) or is_voltage_word(camel["unit"])):
        return camel["name"], camel["unit"]
    if is_voltage_word(cell) or (seconds_per_unit(cell) is not None and len(cell) > 1):
        return cell, cell
    return cell, ""


def _in_brackets(text: str, *, at_most: int) -> bool:
    """Whether a text in brackets is a unit: known, or a word of so many letters that is not; `ECG (Lead II)` has none.

    Round brackets hold other things than units more often than square ones do.
    """
    word = rf"[^\W\d_]{{1,{at_most}}}"
    return is_unit(text) or bool(
        re.fullmatch(rf"{word}(?:/[^\W\d_]{{1,3}})?|%|\u00b0.{{0,2}}", text) and not _is_lead(text)
    )


def _is_lead(text: str) -> bool:
    return bool(re.fullmatch(r"(?i)i{1,3}|av[rlf]|v\d|ecg|ekg|raw|filtered|lead.*|mlii?i?", text))


def is_unit(text: str) -> bool:
    """Whether a text is a unit of voltage or of time, or one that is known to be unknown."""
    return mv_per_unit(text) is not None or seconds_per_unit(text) is not None or _plain(text) in UNKNOWN_UNITS - {""}


def _plain(text: str) -> str:
    return text.strip().strip("()[]{}").casefold()


def _words(name: str) -> list[str]:
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[\W_\d]+", spread.casefold()) if word]


def is_time_name(name: str) -> bool:
    """Whether a column with this name contains times."""
    words = _words(name)
    return any(word in _TIME_WORDS for word in words) or (len(words) == 1 and words[0] in {"ms", "sec", "us", "ns"})


def is_index_name(name: str) -> bool:
    """Whether a column with this name may contain sample numbers."""
    words = _words(name)
    return name.strip() == "#" or any(word in _INDEX_WORDS for word in words)


def is_text_name(name: str) -> bool:
    """Whether a column with this name contains remarks."""
    return name.casefold() in _TEXT_WORDS
