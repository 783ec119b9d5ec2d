"""Leads as of a heart that lies, or electrodes that sit, a little otherwise.

After Gopal et al. 2021 (3KG, contrastive learning of 12-lead electrocardiograms using physiologically-inspired
augmentations): the leads' vectorcardiogram is turned. What of the leads no dipole explains stays as it is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from reader.classify.heights import DEVIATIONS, HIGHEST, LOWEST, TYPICAL_MV, with_sums
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from ecg.samples import Float32Array, FloatArray

__all__ = ["turn"]

_DOWER: Final = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}
"""Each lead from X, Y and Z of the vectorcardiogram (Dower, Machado and Osborne 1980, Clin Cardiol 3:87)."""
_MEDIAN_MV: Final = np.array([0.127, 0.125, 0.092, 0.119, 0.089, 0.091, 0.144, 0.238, 0.231, 0.222, 0.202, 0.169])
"""Median standard deviation of each lead over PTB-XL, for recordings whose heights are lost."""


def _all_leads() -> FloatArray:
    """Shape (12, 3): each lead from X, Y and Z."""
    one, two = np.array(_DOWER["I"]), np.array(_DOWER["II"])
    limbs = (one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2)
    return np.array([*limbs, *(_DOWER[lead] for lead in LEADS[6:])])


_FROM_VECTOR: Final = _all_leads()
_OWN: Final = [LEADS.index(lead) for lead in _DOWER]
_TO_VECTOR: Final = np.zeros((3, len(LEADS)))
_TO_VECTOR[:, _OWN] = np.linalg.pinv(_FROM_VECTOR[_OWN])


def turn(leads: Float32Array, heights: Float32Array, angles: FloatArray) -> tuple[Float32Array, Float32Array]:
    """Leads and heights after the heart has turned.

    Args:
        leads: shape (n, samples, 12), standard deviations.
        heights: shape (n, heights).
        angles: shape (n, 3), about X, Y and Z, radians.
    """
    known = heights[:, :1] > 0
    deviation_mv = np.where(known, TYPICAL_MV * np.exp(heights[:, DEVIATIONS]), _MEDIAN_MV)
    change = _FROM_VECTOR @ (_rotations(angles) - np.eye(3)) @ _TO_VECTOR + np.eye(len(LEADS))
    of_standard = change * deviation_mv[:, np.newaxis, :]
    turned = leads @ of_standard.transpose(0, 2, 1).astype(np.float32)  # mV
    own, new_mv = leads.std(axis=1), turned.std(axis=1)
    turned *= np.divide(own, new_mv, out=np.zeros_like(own), where=new_mv > 0)[:, np.newaxis, :]
    ratio = np.divide(new_mv, own * deviation_mv, out=np.ones_like(deviation_mv), where=own > 0).clip(0.1, 10)
    changed = heights.copy()
    changed[:, HIGHEST] *= ratio
    changed[:, LOWEST] *= ratio
    changed[:, DEVIATIONS] += np.where(known, np.log(ratio), 0.0)
    return turned.astype(np.float32), with_sums(changed)


def _rotations(angles: FloatArray) -> FloatArray:
    """Shape (n, 3, 3)."""
    whole = np.broadcast_to(np.eye(3), (len(angles), 3, 3))
    for axis, (first, second) in enumerate(((1, 2), (2, 0), (0, 1))):
        one = np.broadcast_to(np.eye(3), (len(angles), 3, 3)).copy()
        sine, cosine = np.sin(angles[:, axis]), np.cos(angles[:, axis])
        one[:, first, first] = one[:, second, second] = cosine
        one[:, first, second], one[:, second, first] = -sine, sine
        whole = one @ whole
    return np.asarray(whole, dtype=np.float64)
