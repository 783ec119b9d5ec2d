"""What the processes of a test read of their simulated front end, and the stand-ins that they find it through."""

from __future__ import annotations

import json
import os
from array import array
from math import exp
from pathlib import Path
from typing import Any

CHIPS = Path(__file__).parents[1]
STANDINS = CHIPS / "standins"
DENSE_HZ = 2000


def beat_mv(time_s: float) -> float:
    """A QRS and a T wave each 0.8 s: 75 beats a minute."""
    phase_s = time_s % 0.8
    return exp(-(((phase_s - 0.3) / 0.012) ** 2)) + 0.2 * exp(-(((phase_s - 0.55) / 0.05) ** 2))


class FrontEndFile:
    """What the processes of a test read of their front end; `set` changes it while they run."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "front_end.json"
        recording = folder / "recording.f64"
        recording.write_bytes(array("d", [beat_mv(n / DENSE_HZ) for n in range(8 * DENSE_HZ)]).tobytes())
        self._settings: dict[str, Any] = {
            "recording": str(recording),
            "rate_hz": DENSE_HZ,
            "clock_error": 0.005,
            "waits": True,
        }
        self.set()

    @property
    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": f"{CHIPS}{os.pathsep}{STANDINS}", "SIMULATED_FRONT_END": str(self.path)}

    def set(self, **changes: Any) -> None:
        self._settings |= changes
        unfinished = self.path.with_suffix(".part")
        unfinished.write_text(json.dumps(self._settings))
        unfinished.replace(self.path)
