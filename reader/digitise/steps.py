"""The steps of reading a page, and the refusal that names the one that failed."""

from __future__ import annotations

from ecg.errors import InputError

__all__ = ["PageNotUnderstoodError"]


class PageNotUnderstoodError(InputError):
    """A page is no ECG that can be read here.

    Attributes:
        step: that failed: file, grid, rows, calibration, lead names or traces.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"not understood ({step}): {reason}")
        self.step = step
