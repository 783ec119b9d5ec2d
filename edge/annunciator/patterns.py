"""What buzzer and LED do for each priority, after the habits of IEC 60601-1-8. Pure.

The intervals are those of the standard's tables of auditory and visual alarm signals (2006 with amendments 2012 and
2020) as far as they are commonly known; they were not checked against a paid copy, and no conformance is claimed. An
active buzzer also cannot give the pulse frequencies and harmonics that the standard asks for.

    priority   burst                             pulse        between bursts   LED
    high       10 pulses, 3 + 2 and again 3 + 2   75-200 ms    2.5-15 s         red, 1.4-2.8 Hz, 20-60 % on
    medium     3 pulses                          125-250 ms   2.5-30 s         yellow, 0.4-0.8 Hz, 20-60 % on
    low        1 or 2 pulses                     125-250 ms   over 15 s        cyan or yellow, constant

Between the pulses of a high burst stand x, x, 2x + t, x, a pause of 0.35-1.3 s, and x, x, 2x + t, x again, where t is
the length of a pulse and x 50-125 ms; between those of the others stand 125-250 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final

from ecg.alarms.kinds import Priority

__all__ = ["Light", "buzzer", "led"]


@dataclass(frozen=True, slots=True)
class Light:
    """The two halves of a red and green LED; both are yellow."""

    red: bool
    green: bool


DARK: Final = Light(red=False, green=False)
RED: Final = Light(red=True, green=False)
YELLOW: Final = Light(red=True, green=True)


@dataclass(frozen=True, slots=True)
class _Cycle:
    """On and off in turn, beginning with on, over and over; lengths in s."""

    lengths_s: tuple[float, ...]

    def at(self, since_s: float) -> tuple[bool, float]:
        """Whether it is on `since_s` after its start, and how long until that changes."""
        within_s = since_s % sum(self.lengths_s)
        for number, end_s in enumerate(accumulate(self.lengths_s)):
            if within_s < end_s:
                return number % 2 == 0, end_s - within_s
        return False, self.lengths_s[0]  # rounding at the very end


def _burst(pulse_s: float, spaces_s: tuple[float, ...], *, rest_s: float) -> _Cycle:
    """Pulses with the spaces between them, then the time to the next burst."""
    return _Cycle((*chain.from_iterable((pulse_s, space_s) for space_s in spaces_s), pulse_s, rest_s))


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
"""Nothing changes by itself; who waits so long looks again."""


def buzzer(priority: Priority | None, since_s: float) -> tuple[bool, float]:
    """Whether the buzzer is on, and for how long that stays so.

    Args:
        priority: the highest that shall sound; None is silence.
        since_s: time since this priority began to sound.
    """
    return (False, NEVER_S) if priority is None else _BURSTS[priority].at(since_s)


def led(priority: Priority | None, since_s: float) -> tuple[Light, float]:
    """What the LED shows, and for how long that stays so.

    Args:
        priority: the highest that is active; None is dark.
        since_s: time since this priority began to be shown.
    """
    if priority is None:
        return DARK, NEVER_S
    if priority is Priority.LOW:
        return YELLOW, NEVER_S
    colour, cycle = _FLASHES[priority]
    is_on, left_s = cycle.at(since_s)
    return (colour if is_on else DARK), left_s
