"""Designs the integer low-pass of the beat signal with scipy and prints edge/signal/coefficients.py.

Run `python -m converter.training.design_filters > edge/signal/coefficients.py` after a change; a test holds the two
together.
"""

from __future__ import annotations

import sys

import numpy as np

from ecg.samples import SAMPLE_RATE_HZ

PASS_HZ = 35.0  # QRS energy lies below 30 Hz
STOP_HZ = 49.0  # mains at 50 Hz and above must be gone
TAPS = 71  # 197 ms long: 97 ms of delay
SCALE_BITS = 16


def design() -> list[int]:
    """Taps of the equiripple linear-phase low-pass, scaled by 2**16 and summing to exactly that."""
    from scipy.signal import remez  # noqa: PLC0415 - imported when a design is asked for

    taps = remez(TAPS, [0, PASS_HZ, STOP_HZ, SAMPLE_RATE_HZ / 2], [1, 0], weight=[1, 3], fs=SAMPLE_RATE_HZ)
    half = np.rint(taps[: TAPS // 2] * 2**SCALE_BITS).astype(int).tolist()
    centre = 2**SCALE_BITS - 2 * sum(half)
    return [*half, centre, *half[::-1]]


def render(taps: list[int]) -> str:
    """The text of edge/signal/coefficients.py."""
    rows = [", ".join(str(tap) for tap in taps[i : i + 12]) for i in range(0, len(taps), 12)]
    body = ",\n    ".join(rows)
    command = "python -m converter.training.design_filters"
    return f'''"""Filter taps designed by scipy on the desktop; written by `{command}`."""

from typing import Final

LOW_PASS_SCALE: Final = {2**SCALE_BITS}
# fmt: off
LOW_PASS_TAPS: Final = (
    {body},
)
# fmt: on
"""Equiripple linear-phase low-pass at 360 Hz, {PASS_HZ:.0f} to {STOP_HZ:.0f} Hz, in 1 / LOW_PASS_SCALE."""
'''


if __name__ == "__main__":
    sys.stdout.write(render(design()))
