"""What a unit of a file is worth in mV."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

__all__ = ["UNKNOWN_UNITS", "is_voltage_word", "mv_per_unit"]

UNKNOWN_UNITS: Final = frozenset(
    {"", "-", "?", "1", "nu", "n.u.", "au", "a.u.", "arb", "adu", "adc", "lsb", "raw", "count", "counts", "digit",
     "digits",     "bit", "bits", "step", "steps", "unit", "units", "code", "unknown", "none", "n/a", "na"}
)  # fmt: skip
"""Units that leave open what a number is worth."""

_MICRO = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u00e6": "u", "\ufffd": "u", "\u00c2": "", "\u00e2": ""})
"""The micro sign and the Greek letter; the letter that the micro sign of DOS (code page 850) becomes in Latin-1; the
mark of a character that could not be read; and what UTF-8 read as Latin-1 puts before it."""

_PREFIXES = {"": 1e3, "m": 1.0, "u": 1e-3, "n": 1e-6}
_PREFIX_WORDS = {"milli": "m", "mili": "m", "micro": "u", "mikro": "u", "nano": "n"}
_UNIT = re.compile(
    r"(?P<prefix>milli|mili|micro|mikro|nano|m|u|n|)[ -]?(?P<volt>v|volts?|voltios?|volti)", re.IGNORECASE
)
_STEP = r"(?:lsb|adu|adus|bits?|counts?|steps?|digits?|units?|raw|sample)"
_NUMBER = r"(?P<number>\d+(?:[.,]\d*)?(?:e[-+]?\d+)?|[.,]\d+(?:e[-+]?\d+)?)"
_WORTH = re.compile(rf"{_NUMBER}\s*(?P<unit>[^\s/]+)(?:\s*(?:/|per)\s*{_STEP})?", re.IGNORECASE)
_GAIN = re.compile(rf"{_NUMBER}\s*{_STEP}?\s*(?:/|per)\s*(?P<unit>\S+)", re.IGNORECASE)


def mv_per_unit(unit: str) -> float | None:
    """What one `unit` is in mV; None for what is no voltage.

    V, mV, uV and nV are known, written out too, with the micro sign in any coding. A step of a converter is told as
    `0.005 mV`, `2.5uV/LSB`, `200/mV` or `200 adu/mV`.
    """
    plain = unit.strip().strip("\"'()[]").strip().translate(_MICRO)
    match = _UNIT.fullmatch(plain)
    if match:
        prefix = match["prefix"].casefold()
        return _PREFIXES[_PREFIX_WORDS.get(prefix, prefix)]
    worth, gain = _WORTH.fullmatch(plain), _GAIN.fullmatch(plain)
    found = gain or worth
    if found is None or (of_one := mv_per_unit(found["unit"])) is None:
        return None
    number = float(Fraction(found["number"].replace(",", ".")))
    if not number or number == float("inf"):
        return None
    return of_one / number if found is gain else of_one * number


def is_voltage_word(word: str) -> bool:
    """Whether a word is a voltage and nothing else: `mV` or `microvolts`, but not `V`, which is a lead too."""
    return word.strip().casefold() not in {"v", "mv1", ""} and mv_per_unit(word) is not None
