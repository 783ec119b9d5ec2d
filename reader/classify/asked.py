"""The model that an ECG is read by, behind one question: prepared leads and heights in, log odds out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reader.classify import lead_model, model
from reader.classify.choosing import FEWEST_OF_TWELVE, LEAD_MODEL, lead_to_ask
from reader.classify.classification import MODEL
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecg.samples import Float32Array, FloatArray
    from reader.classify.model import Slopes
    from reader.classify.preparation import Prepared
    from reader.twelve_leads import TwelveLeads

__all__ = ["AskedModel", "asked_model"]


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A model as `reader.classify.choosing.classify` asks it.

    Attributes:
        labels: of its log odds, in order.
        leads: that it is shown.
        log_odds: not calibrated, shape (labels,), of prepared leads, shape (1000, 12), and heights, shape (`HEIGHTS`,).
        slopes: of the same, and the number of a label: how its log odds change.
    """

    labels: tuple[str, ...]
    leads: tuple[str, ...]
    log_odds: Callable[[Float32Array, Float32Array], FloatArray]
    slopes: Callable[[Float32Array, Float32Array, int], Slopes]


def asked_model(ecg: TwelveLeads, prepared: Prepared) -> AskedModel | None:
    """The model for an ECG of up to 10 s; None where no lead can be shown to it.

    Args:
        ecg: as read.
        prepared: the same.

    Raises:
        InputError: the model does not run here.
    """
    if len(ecg.present) >= FEWEST_OF_TWELVE:
        of_twelve = model.shipped(MODEL)
        present = tuple(lead for lead, is_there in zip(LEADS, prepared.present, strict=True) if is_there)
        return AskedModel(
            of_twelve.card.labels,
            present,
            lambda leads, heights: of_twelve.answer(leads, heights).log_odds,
            of_twelve.slopes,
        )
    of_one = lead_model.shipped(LEAD_MODEL)
    lead = lead_to_ask(prepared)
    if lead is None:
        return None
    is_named = ecg.is_lead_known
    return AskedModel(
        of_one.card.labels,
        (lead,),
        lambda leads, heights: of_one.answer(leads, heights, lead, is_named=is_named).log_odds,
        lambda leads, heights, label: of_one.slopes(leads, heights, lead, label, is_named=is_named),
    )
