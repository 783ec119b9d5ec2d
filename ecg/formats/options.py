"""What a person tells about a file that the file itself leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from ecg.errors import InputError
from ecg.formats.units import mv_per_unit

__all__ = ["HIGHEST_RATE_HZ", "LOWEST_RATE_HZ", "ReadOptions", "parse_rate"]

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = Fraction(1, 1000), 1_000_000
"""Limits of a sampling rate. A number beyond them is a misread one, and would be a block of any size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What is told takes precedence over what the file says.

    Attributes:
        rate_hz: sampling rate; None leaves it to the file.
        unit: of the numbers of a lead, see `mv_per_unit`; empty leaves it to the file.
        time_column: column of a CSV file that contains the time: its name, its number from 0 on, or `none`; empty
            leaves it to the file.
    """

    rate_hz: Fraction | None = None
    unit: str = ""
    time_column: str = ""

    @classmethod
    def parse(cls, *, rate: str = "", unit: str = "", time_column: str = "") -> Self:
        """Read the options of a command line or of a settings file.

        Raises:
            InputError: the rate or the unit cannot be understood.
        """
        rate_hz = parse_rate(rate) if rate else None
        if rate and rate_hz is None:
            raise InputError(f"--rate {rate}: no sampling rate; give one in Hz, such as --rate 250")
        if unit and mv_per_unit(unit) is None:
            raise InputError(
                f"--unit {unit}: no voltage; give mV, uV, V, or the worth of a step such as 200/mV or 0.005mV"
            )
        return cls(rate_hz=rate_hz, unit=unit, time_column=time_column)

    @property
    def mv_per_unit(self) -> float | None:
        """What one unit is in mV; None where none was told."""
        return mv_per_unit(self.unit) if self.unit else None


def parse_rate(text: str) -> Fraction | None:
    """A sampling rate, such as `250`, `512,414` (decimal comma) or `1000/3`, with or without its unit.

    Returns:
        None for what is none.
    """
    plain = text.strip().casefold()
    for factor, words in ((1000, ("khz", "kilohertz")), (1, ("hertz", "hz", "sps", "samples/s", "samples/sec"))):
        for word in words:
            if plain.endswith(word):
                return _rate(plain.removesuffix(word), factor)
    return _rate(plain, 1)


def _rate(text: str, factor: int) -> Fraction | None:
    text = text.strip()
    if len(text) > 32 or "e" in text:  # an exponent could ask for a number of a billion digits
        return None
    try:
        rate_hz = Fraction(text.replace(",", ".")) * factor
    except (ValueError, ZeroDivisionError):
        return None
    return rate_hz if LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ else None
