"""What is known of the RR intervals around a beat when its label comes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RrContext"]


@dataclass(frozen=True, slots=True)
class RrContext:
    """Comes with each labelled beat.

    Attributes:
        rr: interval from the beat before, in samples at 360 Hz; None where it was not measured in whole signal, or in
            ventricular flutter.
        atrial_fibrillation: probability, by the order of the intervals up to this beat, that the beat before stands in
            atrial fibrillation; None where nothing is known.
    """

    rr: int | None
    atrial_fibrillation: float | None = None
