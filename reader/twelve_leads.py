"""What the reader reads: an ECG of up to twelve leads, in the order in which they are printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from fractions import Fraction

    from ecg.samples import FloatArray

__all__ = ["LEADS", "LIMB_LEADS", "TwelveLeads", "only_lead"]

LIMB_LEADS: Final = ("I", "II", "III", "aVR", "aVL", "aVF")
LEADS: Final = (*LIMB_LEADS, "V1", "V2", "V3", "V4", "V5", "V6")
"""The standard leads, in the order of every array of leads here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwelveLeads:
    """An ECG of up to twelve leads.

    Attributes:
        samples_mv: shape (12, n), rows by `LEADS`. NaN marks a lost sample; a lead that is not there is NaN throughout.
        rate_hz: sampling rate of every lead.
        recorded: leads that the file has, in its order and by their names here.
        derived: limb leads that were derived from two others (Einthoven 1913, Goldberger 1942).
        flat: recorded leads without a signal.
        is_calibrated: whether heights are in mV. A recording in no known unit is scaled arbitrarily: its shapes and
            times hold, its heights do not.
        is_lead_known: False for the one lead of a file that does not name it; it stands in the row of lead II.
    """

    samples_mv: FloatArray
    rate_hz: Fraction
    recorded: tuple[str, ...]
    derived: tuple[str, ...] = ()
    flat: tuple[str, ...] = ()
    is_calibrated: bool = True
    is_lead_known: bool = True

    @property
    def length(self) -> int:
        """Samples of each lead."""
        return int(self.samples_mv.shape[1])

    @property
    def duration_s(self) -> float:
        """Length of the recording, seconds."""
        return float(self.length / self.rate_hz)

    @property
    def present(self) -> tuple[str, ...]:
        """Leads that have a signal, recorded or derived, in the order of `LEADS`."""
        return tuple(
            lead
            for lead, samples_mv in zip(LEADS, self.samples_mv, strict=True)
            if np.isfinite(samples_mv).any() and lead not in self.flat
        )

    def lead_mv(self, name: str) -> FloatArray:
        """One lead, shape (n,), mV."""
        lead: FloatArray = self.samples_mv[LEADS.index(name)]
        return lead


def only_lead(ecg: TwelveLeads, name: str) -> TwelveLeads:
    """The same ECG as a recording of one lead alone."""
    is_other = np.array([lead != name for lead in LEADS])
    return replace(
        ecg,
        samples_mv=np.where(is_other[:, np.newaxis], np.nan, ecg.samples_mv),
        recorded=(name,),
        derived=(),
        flat=tuple(lead for lead in ecg.flat if lead == name),
    )
