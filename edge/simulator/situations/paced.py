"""Rhythms of a pacemaker, with its pulses as the front end shows them.

The voltage of a pulse at the skin: 2 to 700 mV, 0.1 to 2 ms (IEC 60601-2-27, 201.12.1.101.13); bipolar leads give 1 to
5 mV, unipolar ones more. What it leaves behind dies away within 4 to 100 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from edge.simulator.situations.conducted import sinus_interval_s
from edge.simulator.situations.front_ends import Pulse

if TYPE_CHECKING:
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.strip import Strip

__all__ = ["Paced", "PacedInVain", "PulseKind", "Undersensed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PulseKind:
    """Ranges of a pacemaker's pulses."""

    height_mv: Range = (1.5, 20)
    width_s: Range = (0.0004, 0.0015)
    tail_share: Range = (0.0, 0.03)
    tail_s: Range = (0.004, 0.1)

    def draw(self, strip: Strip) -> Pulse:
        """The pulse of one pacemaker; each of its pulses is the same."""
        dice = strip.dice
        return Pulse(
            0.0,
            dice.sign() * dice.log_between(self.height_mv),
            dice.log_between(self.width_s),
            dice.between(self.tail_share),
            dice.log_between(self.tail_s),
        )


def _give(strip: Strip, pulse: Pulse, at_s: float) -> None:
    strip.pulse(Pulse(at_s, pulse.height_mv, pulse.width_s, pulse.tail_share, pulse.tail_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """A pacemaker that captures.

    Attributes:
        chambers: A, V, or AV.
        bpm: its rate.
        lost: share of the pulses in the ventricle that do not capture.
        escape: whether the patient's own beat comes late where a pulse does not capture.
        pulses: of the pacemaker.
    """

    chambers: Literal["A", "V", "AV"]
    bpm: Range = (60, 90)
    lost: float = 0.0
    escape: bool = False
    pulses: PulseKind = PulseKind()

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay pulses and beats down."""
        dice, patient = strip.dice, strip.patient
        rr_s = 60 / dice.between(self.bpm)
        atrial, ventricular = self.pulses.draw(strip), self.pulses.draw(strip)
        at_s = start_s + 0.4
        number = 0
        while at_s + 0.4 < end_s:
            if "A" in self.chambers:
                _give(strip, atrial, at_s)
                strip.p_wave(at_s + 0.05)
            if self.chambers == "A":
                strip.beat(at_s + 0.05 + patient.pr_s, patient.own, "N", rr_s=min(rr_s, 1.0))
            else:
                pulse_s = at_s + (0.16 if self.chambers == "AV" else 0.0)
                _give(strip, ventricular, pulse_s)
                # Every n-th one is lost, so that the rate can be told.
                if self.lost and number % round(1 / self.lost) == 0:
                    if self.escape:
                        strip.beat(pulse_s + 0.35, patient.own, "N", rr_s=rr_s)
                else:
                    strip.beat(
                        pulse_s + 0.03 + 0.3 * patient.ectopic.width_s, patient.ectopic, "/", rr_s=min(rr_s, 1.0)
                    )
            at_s += rr_s
            number += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PacedInVain:
    """Pulses go on and none captures: the ventricles stand still.

    Attributes:
        bpm: rate of the pulses.
        p_bpm: rate of P waves that go on; None: none.
        pulses: of the pacemaker.
    """

    bpm: Range = (60, 90)
    p_bpm: Range | None = None
    pulses: PulseKind = PulseKind()

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay the pulses down."""
        dice = strip.dice
        pulse, rr_s = self.pulses.draw(strip), 60 / dice.between(self.bpm)
        at_s = start_s + 0.5
        while at_s + 0.4 < end_s:
            _give(strip, pulse, at_s)
            at_s += rr_s
        if self.p_bpm is not None:
            at_s, between_s = start_s + 0.3, 60 / dice.between(self.p_bpm)
            while at_s < end_s:
                strip.p_wave(at_s)
                at_s += between_s
        strip.last_r_s = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undersensed:
    """A pacemaker that does not see the patient's own beats: pulses at its rate, captured where the heart is ready."""

    bpm: Range = (58, 66)
    own_bpm: Range = (72, 88)
    pulses: PulseKind = PulseKind()

    def lay(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Lay pulses and beats down."""
        dice, patient = strip.dice, strip.patient
        pulse = self.pulses.draw(strip)
        paced_s, own_bpm = 60 / dice.between(self.bpm), dice.between(self.own_bpm)
        pulse_s, own_s, before_s = start_s + 0.4, start_s + 0.7, start_s - 1.0
        while min(pulse_s, own_s) + 0.4 < end_s:
            if pulse_s <= own_s:
                _give(strip, pulse, pulse_s)
                if pulse_s - before_s > 0.38 and own_s - pulse_s > 0.2:
                    before_s = pulse_s + 0.03 + 0.3 * patient.ectopic.width_s
                    strip.beat(before_s, patient.ectopic, "/", rr_s=0.8)
                    own_s = before_s + 60 / own_bpm  # the sinus node is reset
                pulse_s += paced_s
            else:
                before_s = own_s
                rr_s = sinus_interval_s(strip, own_s, own_bpm)
                strip.beat(own_s, patient.own, "N", rr_s=rr_s, p_wave=True)
                own_s += rr_s
