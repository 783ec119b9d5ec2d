"""What the simulator plays: steps of one kind each, by name or written out like `normal:30,pvc:20`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["SCENARIOS", "Kind", "Step", "is_scenario", "parse_scenario", "timeline"]


class Kind(StrEnum):
    """What the heart or the front end does during a step."""

    NORMAL = "normal"
    PVC = "pvc"
    BIGEMINY = "bigeminy"
    COUPLET = "couplet"
    RUN = "run"
    PAC = "pac"
    AF = "af"
    BRADY = "brady"
    TACHY = "tachy"
    PAUSE = "pause"
    ASYSTOLE = "asystole"
    VT = "vt"
    VF = "vf"
    NOISE = "noise"
    ELECTRODE_OFF = "electrode_off"
    LOST = "lost"


SCENARIOS = {
    "demo": (
        "normal:15,pvc:14,bigeminy:12,run:10,normal:6,vt:9,normal:8,af:42,normal:8,pac:8,pause:8,brady:14,normal:6,"
        "tachy:14,normal:8,asystole:8,normal:8,electrode_off:6,normal:8,noise:16,normal:8,lost:2"
    ),
}
"""Named scenarios; the name of a kind is a scenario of that kind alone."""

ALONE_S = 60.0
"""Length of a scenario of one kind; it makes no difference, as scenarios repeat."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of one kind, from `start_s` to `end_s` of stream time."""

    kind: Kind
    start_s: float
    end_s: float


def is_scenario(text: str) -> bool:
    """Whether it is the name of a scenario, or steps."""
    first = text.split(",", maxsplit=1)[0].partition(":")[0].strip()
    return text.strip() in SCENARIOS or first in list(Kind)


def parse_scenario(text: str) -> tuple[tuple[Kind, float], ...]:
    """Read a scenario's name or its steps.

    Args:
        text: a name, a kind, or `kind:seconds` separated by commas.

    Returns:
        Kinds and their lengths in s.

    Raises:
        InputError: an unknown kind (the nearest one is named) or a length that is no positive number.
    """
    steps = []
    for part in SCENARIOS.get(text.strip(), text).split(","):
        name, separator, length = (piece.strip() for piece in part.partition(":"))
        if name not in list(Kind):
            known = [*SCENARIOS, *(kind.value for kind in Kind)]
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise InputError(f"no simulator scenario {name!r}; {hint}")
        try:
            seconds = float(length) if separator else ALONE_S
        except ValueError:
            seconds = 0.0
        # A step of less than a second would be over before the first beat of its kind.
        if not (isfinite(seconds) and seconds >= 1):
            raise InputError(f"scenario step {part.strip()!r}: give its length in seconds, 1 or more, like '{name}:20'")
        steps.append((Kind(name), seconds))
    if all(kind is Kind.LOST for kind, _ in steps):
        raise InputError(f"scenario {text!r} has no sample; add another step, like 'normal:20'")
    return tuple(steps)


def timeline(steps: Sequence[tuple[Kind, float]]) -> Iterator[Step]:
    """The steps one after the other, again and again without end."""
    start_s = 0.0
    while True:
        for kind, seconds in steps:
            yield Step(kind, start_s, start_s + seconds)
            start_s += seconds
