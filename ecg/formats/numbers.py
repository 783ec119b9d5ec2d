"""Numbers in the text of files from outside."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

__all__ = ["as_rate", "parse_fraction", "parse_samples"]

_NUMBER = re.compile(r"[-+]?(?:\d{1,18}(?:[.,]\d{0,18})?|[.,]\d{1,18})(?:[eE][-+]?\d{1,2})?", re.ASCII)
_CHUNK = 1 << 20
_FINE_ENOUGH = Fraction(2, 1000)
"""Of a rounded interval, for a whole rate to be told from its neighbours: 0.00333 s is, 0.0033 s is not."""


def parse_fraction(text: str) -> Fraction | None:
    """A number, exact; None for what is none, or too long to be one that was meant."""
    plain = text.strip()
    return Fraction(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else None


def as_rate(interval: str, unit_s: Fraction) -> Fraction | None:
    """The sampling rate of an interval, which files round: 300 Hz for `0.003333` s.

    Args:
        interval: as the file writes it.
        unit_s: what its unit is in s.

    Returns:
        None for what is no number above 0.
    """
    number = parse_fraction(interval)
    if number is None or number <= 0:
        return None
    rate_hz = 1 / (number * unit_s)
    whole = round(rate_hz)
    rounding = Fraction(1, 2 * 10 ** len(interval.strip().replace(",", ".").partition(".")[2]))
    is_rounded = rounding <= number * _FINE_ENOUGH and abs(1 / (max(whole, 1) * unit_s) - number) <= rounding
    return Fraction(whole) if whole and is_rounded else rate_hz


def parse_samples(text: str) -> tuple[np.ndarray, int]:
    """Numbers with spaces or commas between them.

    Returns:
        The numbers, NaN for what is none; and how many are none.
    """
    parts: list[np.ndarray] = []
    damaged = 0
    start = 0
    while start < len(text):
        end = min(len(text), start + _CHUNK)
        while end < len(text) and not (text[end].isspace() or text[end] == ","):
            end += 1
        words = text[start:end].replace(",", " ").split()
        try:
            part = np.array(words, dtype=np.float64)
        except ValueError:
            part = np.array([_float(word) for word in words])
        part[~np.isfinite(part)] = np.nan
        damaged += int(np.isnan(part).sum())
        parts.append(part)
        start = end
    return np.concatenate(parts) if parts else np.empty(0), damaged


def _float(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return float("nan")
