"""The patterns of buzzer and LED for each priority, modelled on IEC 60601-1-8. Pure functions.

The intervals follow the standard's tables of auditory and visual alarm signals (2006 with amendments 2012 and 2020) as
far as they are commonly known. They were not checked against a paid copy, and no conformance is claimed. An active
buzzer also cannot produce the pulse frequencies and harmonics that the standard requires.

    priority   burst                             pulse        between bursts   LED
    high       10 pulses, 3 + 2 and again 3 + 2   75-200 ms    2.5-15 s         red, 1.4-2.8 Hz, 20-60 % on
    medium     3 pulses                          125-250 ms   2.5-30 s         yellow, 0.4-0.8 Hz, 20-60 % on
    low        1 or 2 pulses                     125-250 ms   over 15 s        cyan or yellow, constant

The gaps between the pulses of a high burst are x, x, 2x + t, x, a pause of 0.35-1.3 s, and x, x, 2x + t, x again, where
t is the length of a pulse and x is 50-125 ms. The gaps of the other bursts are 125-250 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final

from ecg.alarms.kinds import Priority

__all__ = ["Light", "buzzer", "led"]


@dataclass(frozen=True, slots=True)
class Light:
    """State of a red and green LED; both together give yellow."""

    red: bool
    green: bool


DARK: Final = Light(red=False, green=False)
RED: Final = Light(red=True, green=False)
YELLOW: Final = Light(red=True, green=True)


@dataclass(frozen=True, slots=True)
class _Cycle:
    """A repeating sequence of on and off times in s, beginning with on."""

    lengths_s: tuple[float, ...]

    def at(self, since_s: float) -> tuple[bool, float]:
        """Whether it is on `since_s` after its start, and the time until that changes."""
        within_s = since_s % sum(self.lengths_s)
        for number, end_s in enumerate(accumulate(self.lengths_s)):
            if within_s < end_s:
                return number % 2 == 0, end_s - within_s
        return False, self.lengths_s[0]  # rounding at the end of the cycle


def _burst(pulse_s: float, gaps_s: tuple[float, ...], *, rest_s: float) -> _Cycle:
    """Pulses with gaps between them, then the time to the next burst."""
    return _Cycle((*chain.from_iterable((pulse_s, gap_s) for gap_s in gaps_s), pulse_s, rest_s))


_T, _X = 0.15, 0.1
_THREE_AND_TWO = (_X, _X, 2 * _X + _T, _X)
_BURSTS: Final = {
    Priority.HIGH: _burst(_T, (*_THREE_AND_TWO, 0.5, *_THREE_AND_TWO), rest_s=4.0),
    Priority.MEDIUM: _burst(0.2, (0.2, 0.2), rest_s=10.0),
    Priority.LOW: _burst(0.2, (0.2,), rest_s=20.0),
}
_FLASHES: Final = {
    Priority.HIGH: (RED, _Cycle((0.25, 0.25))),  # 2 Hz
    Priority.MEDIUM: (YELLOW, _Cycle((0.8, 0.8))),  # 0.625 Hz
}

NEVER_S: Final = 3600.0
"""Returned where the output stays as it is until the priority changes."""


def buzzer(priority: Priority | None, since_s: float) -> tuple[bool, float]:
    """Whether the buzzer is on, and the time until that changes.

    Args:
        priority: the highest priority to sound; None = silence.
        since_s: time since this priority began to sound.
    """
    return (False, NEVER_S) if priority is None else _BURSTS[priority].at(since_s)


def led(priority: Priority | None, since_s: float) -> tuple[Light, float]:
    """State of the LED, and the time until it changes.

    Args:
        priority: the highest active priority; None = dark.
        since_s: time since the LED first showed this priority.
    """
    if priority is None:
        return DARK, NEVER_S
    if priority is Priority.LOW:
        return YELLOW, NEVER_S
    colour, cycle = _FLASHES[priority]
    is_on, left_s = cycle.at(since_s)
    return (colour if is_on else DARK), left_s
