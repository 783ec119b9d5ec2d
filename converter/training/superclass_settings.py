"""What a run is made of that trains a network on the superclasses of PTB-XL."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from converter.training.settings import NotNegative, Share  # noqa: TC001 - msgspec reads the types
from converter.zoo.residual import Network

__all__ = ["DEFAULTS", "LABELS", "OneLead", "SuperclassSettings", "Variation"]

LABELS: Final = ("NORM", "MI", "STTC", "CD", "HYP", "MI-or-STTC")
"""Of the outputs: the superclasses, and infarction or ST-T changes, which earlier systems answer as one."""

Whole = Annotated[int, msgspec.Meta(ge=1)]


class Variation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How recordings are varied each time that they are shown. Leads have a standard deviation of 1.

    Attributes:
        samples: length of the part that is shown, from anywhere in the recording.
        warp_sigma: standard deviation of the natural logarithm of the pace.
        turned: share of the recordings whose heart is turned, see `converter.training.turn_heart`.
        turn_sigma_deg: standard deviation of the angle about each axis.
        gain_sigma: standard deviation of the natural logarithm of a gain of each lead.
        noise: largest standard deviation of white noise, in half of the recordings.
        baseline: largest amplitude of a slow wave in each lead, in half of the recordings.
        mixed: share of the recordings that are mixed with another (Zhang et al. 2018, mixup), labels too.
        mix_alpha: both parameters of the beta distribution that parts are drawn from.
        lead_dropout: share of the recordings that lose one to six leads.
        time_mask: share of the recordings that lose 0.2 to 1.5 s of all leads.
        paper: share of the recordings whose leads are shown a quarter of the time each, three at a time, as on paper.
        heights_dropout: share of the recordings shown without heights.
        heights_sigma: standard deviation of the natural logarithm of a common gain of the heights.
    """

    samples: Whole = 600
    warp_sigma: NotNegative = 0.05
    turned: Share = 0.0
    turn_sigma_deg: NotNegative = 10.0
    gain_sigma: NotNegative = 0.1
    noise: NotNegative = 0.15
    baseline: NotNegative = 0.3
    mixed: Share = 0.0
    mix_alpha: Annotated[float, msgspec.Meta(gt=0)] = 0.4
    lead_dropout: Share = 0.3
    time_mask: Share = 0.3
    paper: Share = 0.0
    heights_dropout: Share = 0.3
    heights_sigma: NotNegative = 0.05


class OneLead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a network learns that is shown one lead.

    Attributes:
        lead_ii: share of the recordings shown by lead II; of the others a lead is drawn from all twelve.
        named: share of the recordings of which it is told which lead it is shown.
        teacher: name of the run folder, beside this run's own, of the model of twelve leads that teaches; empty: none.
        taught: share of what the teacher says in what is learned; the rest is the label.
    """

    lead_ii: Share = 0.5
    named: Share = 0.7
    teacher: str = ""
    taught: Share = 0.6


class SuperclassSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run: networks by cross-validation over folds 1 to 8, which together are the model.

    Attributes:
        model: a model of the zoo.
        seed: of weights, order and variation.
        epochs: passes of each network; the learning rate falls along a cosine over all of them.
        batch: recordings in one step.
        learning_rate: of Adam, after the first epoch, over which it rises.
        weight_decay: decoupled, as in AdamW.
        average_decay: what a running average of the weights keeps of itself at each step; the average is what is kept.
        parts: folds 1 to 8 are divided into so many parts; for each, one network learns from the others, and answers
            for it. Those answers are what calibration and limits are chosen by.
        learned_share: share of the patients of folds 1 to 8 that are learned from, for a learning curve.
        network: its size.
        variation: how recordings are varied.
        one_lead: how one lead of each is chosen; None: the network is shown all twelve.
    """

    model: str
    seed: int = 1
    epochs: Whole = 40
    batch: Whole = 64
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 2e-3
    weight_decay: NotNegative = 0.02
    average_decay: Share = 0.995
    parts: Annotated[int, msgspec.Meta(ge=2, le=8)] = 4
    learned_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    network: Network = Network()
    variation: Variation = Variation()
    one_lead: OneLead | None = None


DEFAULTS: Final[dict[str, SuperclassSettings]] = {
    "twelve-lead": SuperclassSettings(
        model="twelve-lead",
        epochs=60,
        weight_decay=0.1,
        network=Network(dropout=0.5),
        variation=Variation(samples=500, mixed=0.8, turned=0.5, lead_dropout=0.4, time_mask=0.4, paper=0.05),
    ),
    "lead-ii": SuperclassSettings(
        model="lead-ii",
        epochs=40,
        network=Network(stem=24, stem_kernel=15, widths=(32, 48, 64, 96, 96)),
        variation=Variation(samples=500, turned=0.5, mixed=0.3, lead_dropout=0.0),
        one_lead=OneLead(teacher="twelve-lead", taught=0.7),
    ),
}
"""The settings that each shipped model was trained with."""
