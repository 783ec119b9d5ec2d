"""A situation: phases, the telling that is right, and its sources; and a play of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from edge.simulator.situations.dice import Dice
from edge.simulator.situations.front_ends import RECORDERS, FrontEnd, Recorder
from edge.simulator.situations.patient import Traits, draw_patient
from edge.simulator.situations.strip import Strip
from edge.simulator.situations.telling import Span, Truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from ecg.samples import FloatArray, SampleBlock
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.expectation import Expectation

__all__ = ["Phase", "Play", "Situation", "compose"]


class _Rhythm(Protocol):
    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the rhythm down on a stretch."""


class _Disturbance(Protocol):
    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Disturb a stretch."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a situation.

    Attributes:
        name: that expectations refer to.
        length_s: of the stretch.
        rhythm: of the heart.
        disturbances: of the recording.
        height: range of the factor by which its beats are higher; negative: upside down.
    """

    name: str
    length_s: float
    rhythm: _Rhythm
    disturbances: tuple[_Disturbance, ...] = ()
    height: Range | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A textbook situation.

    Attributes:
        name: for the command line.
        title: one line for a person.
        sources: literature, standards, manuals.
        phases: what happens, in order.
        right: what must be told. A high alarm that none of these allows is wrong in each situation.
        traits: of the patients.
        front_end: that records it; None: one of several rates.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    phases: tuple[Phase, ...]
    right: tuple[Expectation, ...]
    traits: Traits = field(default_factory=Traits)
    front_end: FrontEnd | None = None

    @property
    def length_s(self) -> float:
        """Of a play."""
        return sum(phase.length_s for phase in self.phases)


class Play:
    """A situation with one patient's dice, as a source.

    Attributes:
        name: of the situation.
        rate_hz: of its samples.
        length: samples.
        truth: what was played.
    """

    start_utc = None

    def __init__(self, name: str, strip: Strip, truth: Truth) -> None:
        self.name = name
        self.rate_hz: Fraction = strip.rate_hz
        self.length: int = len(strip.samples_mv)
        self.truth = truth
        self._strip = strip

    @property
    def samples_mv(self) -> FloatArray:
        """All samples, shape (length,), mV; NaN: lost."""
        return self._strip.samples_mv

    def blocks(self) -> Iterator[SampleBlock]:
        """The samples in blocks."""
        return self._strip.blocks()


def compose(situation: Situation, *, seed: int = 1, play: int = 0, rate_hz: int | None = None) -> Play:
    """Draw a patient and lay the situation down; the same for the same arguments.

    Args:
        situation: to play.
        seed: of the dice.
        play: number of the play; each has its own dice.
        rate_hz: of the recorder, where the situation does not name its front end; None: drawn.
    """
    dice = Dice(situation.name, seed=seed, play=play)
    patient = draw_patient(dice, situation.traits)
    recorder = dice.one_of(RECORDERS) if rate_hz is None else Recorder(rate_hz)
    front_end = situation.front_end or recorder
    strip = Strip(dice, patient, front_end, situation.length_s)
    start_s, spans = 0.0, []
    for phase in situation.phases:
        end_s = start_s + phase.length_s
        if phase.height is not None:
            strip.height_from(start_s, end_s, dice.between(phase.height))
        phase.rhythm.lay(strip, start_s, end_s)
        spans.append(Span(phase.name, start_s, end_s))
        start_s = end_s
    for phase, span in zip(situation.phases, spans, strict=True):
        for disturbance in phase.disturbances:
            disturbance.disturb(strip, span.start_s, span.end_s)
    strip.finish()
    return Play(situation.name, strip, Truth(tuple(spans), tuple(strip.beats)))
