"""Steps of an electrode's contact, and blocks of samples on a rail, that the detector takes for QRS complexes.

A step stays where it went; a QRS complex comes back to its baseline, unless the ST segment is as high as the R wave.
What looks like the patient's own beats is therefore no step, whatever its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge.signal.running_mean import RunningMean

if TYPE_CHECKING:
    from ecg.samples import FloatArray

__all__ = ["ContactSteps"]

_END: Final = 10  # samples, 28 ms: at either end of a candidate's shape, 44 to 72 ms from the R peak
_STAYS: Final = 0.6  # of the whole deflection is left at the end; of a QRS complex of 160 ms at most 0.4
_OWN: Final = 0.7  # cosine from which on a beat is of the patient's shape


class ContactSteps:
    """Tells steps from beats by `Candidate.shape`, and knows the shape of the patient's own beats."""

    def __init__(self) -> None:
        self._own: RunningMean | None = None

    def learn(self, shape: FloatArray | None) -> None:
        """Take the shape of a beat of the patient's rhythm."""
        if shape is None:
            return
        if self._own is None:
            self._own = RunningMean(len(shape))
        self._own.add(shape)

    def is_step(self, shape: FloatArray | None) -> bool:
        """Whether it stays where it went, and is not like the patient's own beats."""
        if shape is None:
            return False
        if self._own is not None and (self._own.cosine(shape) or 0.0) >= _OWN:
            return False
        stays = abs(float(shape[-_END:].mean() - shape[:_END].mean()))
        return stays > _STAYS * float(shape.max() - shape.min())
