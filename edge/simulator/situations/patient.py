"""The patient of a play: shapes, heights, rates and what electrodes pick up, drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.simulator.situations.shapes import Form, Lobe, Shape, draw_narrow, draw_p_wave, draw_wide

if TYPE_CHECKING:
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.dice import Dice

__all__ = ["Patient", "Traits", "draw_patient"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Ranges that a patient is drawn from; a situation names those that belong to it.

    Attributes:
        form: of the patient's own QRS complex.
        qrs_mv: its height.
        qrs_s: its duration; None: as its form has it.
        t_share: height of the T wave as a share of the QRS complex.
        p_mv: height of the P wave.
        bpm: rate of the sinus node.
        ectopic_mv: height of the beats from the ventricles.
        ectopic_s: their duration.
        noise_mv: RMS of the broadband noise.
        wander_mv: amplitude of the baseline's wander with the breath.
        pr_s: from the peak of the P wave to the R peak.
        st_mv: elevation of ST.
        qt: by which QT is longer than usual.
    """

    form: Form = "narrow"
    qrs_mv: Range = (0.5, 2.2)
    qrs_s: Range | None = None
    t_share: Range | None = None
    p_mv: Range = (0.06, 0.2)
    bpm: Range = (55, 95)
    ectopic_mv: Range = (0.7, 2.4)
    ectopic_s: Range = (0.13, 0.18)
    noise_mv: Range = (0.01, 0.03)
    wander_mv: Range = (0.02, 0.12)
    pr_s: Range = (0.13, 0.18)
    st_mv: Range = (0, 0)
    qt: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What was drawn.

    Attributes:
        own: shape of the conducted beats.
        ectopic, other_ectopic: shapes of the beats from two places of the ventricles.
        p_wave: lobes around its own peak.
        pr_s: from the peak of the P wave to the R peak.
        bpm: rate of the sinus node.
        breath_hz: breaths a second.
        breath_share: by which breathing changes the intervals of the sinus node.
        jitter: standard deviation of the other changes of its intervals, as a share.
        height_spread: standard deviation of the heights of beats of one shape, as a share.
        noise_mv, wander_mv, hum_mv: of what the electrodes pick up.
    """

    own: Shape
    ectopic: Shape
    other_ectopic: Shape
    p_wave: tuple[Lobe, ...]
    pr_s: float
    bpm: float
    breath_hz: float
    breath_share: float
    jitter: float
    height_spread: float
    noise_mv: float
    wander_mv: float
    hum_mv: float


def draw_patient(dice: Dice, traits: Traits) -> Patient:
    """Draw a patient with these traits."""
    qrs_mv = dice.log_between(traits.qrs_mv)
    if traits.form == "narrow":
        own = draw_narrow(
            dice,
            qrs_mv,
            width_s=traits.qrs_s or (0.07, 0.105),
            t_share=traits.t_share or (0.12, 0.4),
            st_mv=dice.between(traits.st_mv),
            late=traits.qt,
        )
    else:
        own = draw_wide(
            dice, qrs_mv, form=traits.form, width_s=traits.qrs_s or (0.125, 0.16), t_share=traits.t_share or (0.2, 0.4)
        )
    ectopic, other_ectopic = (
        draw_wide(dice, dice.log_between(traits.ectopic_mv), width_s=traits.ectopic_s) for _ in range(2)
    )
    return Patient(
        own=own,
        ectopic=ectopic,
        other_ectopic=other_ectopic,
        p_wave=draw_p_wave(dice, dice.between(traits.p_mv)),
        pr_s=dice.between((0.08, 0.1)) if traits.form == "pre_excited" else dice.between(traits.pr_s),
        bpm=dice.between(traits.bpm),
        breath_hz=dice.between((0.18, 0.32)),
        breath_share=dice.between((0.005, 0.05)),
        jitter=dice.between((0.004, 0.015)),
        height_spread=dice.between((0.01, 0.05)),
        noise_mv=dice.log_between(traits.noise_mv),
        wander_mv=dice.between(traits.wander_mv),
        hum_mv=dice.between((0.0, 0.01)),
    )
