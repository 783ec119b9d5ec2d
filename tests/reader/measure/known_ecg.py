"""An ECG whose waves are known to the sample, and a network that sees them as they are."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from ecg.samples import FloatArray
from reader.measure.preparation import RATE_HZ
from reader.twelve_leads import LEADS, TwelveLeads

P, QRS, T = (-180.0, -80.0), (-40.0, 50.0), (180.0, 360.0)
"""Begin and end from the R peak, ms."""
FRONTAL = dict(zip(("I", "II", "III", "aVR", "aVL", "aVF"), np.deg2rad([0, 60, 120, -150, -30, 90]), strict=True))


@dataclass
class KnownEcg:
    """A regular rhythm; heights are those of a frontal axis, and given in the chest leads."""

    rr_ms: float = 800.0
    duration_s: float = 10.0
    rate_hz: int = 500
    axis_deg: float = 40.0
    p: tuple[float, float] | None = P
    qrs: tuple[float, float] = QRS
    t: tuple[float, float] | None = T
    st_mv: float = 0.0
    wander_mv: float = 0.0
    chest_r_s_mv: dict[str, tuple[float, float]] = field(default_factory=lambda: {"V1": (0.2, 1.1), "V3": (0.5, 0.9)})
    r_ms: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.r_ms = self.r_ms or list(np.arange(600.0, self.duration_s * 1000 - 500, self.rr_ms))

    def lead_mv(self, name: str) -> FloatArray:
        """One lead."""
        all_ms = np.arange(round(self.duration_s * self.rate_hz)) * 1000 / self.rate_hz
        samples = self.wander_mv * np.sin(2 * np.pi * 0.15 * all_ms / 1000)
        share = self._share(name)
        r_mv, s_mv = self.chest_r_s_mv.get(name, (1.0, 0.2)) if name.startswith("V") else (1.0, 0.0)
        middle = 0.5 * self.qrs[1]
        for r in self.r_ms:
            around = slice(*np.searchsorted(all_ms, (r - 400, r + 600)))
            times_ms, beat = all_ms[around] - r, samples[around]
            for wave, height in ((self.p, 0.1), (self.t, 0.25)):
                if wave is not None:
                    beat += share * height * _bump(times_ms, *wave)
            beat += share * r_mv * _bump(times_ms, self.qrs[0], middle)
            beat -= share * s_mv * _bump(times_ms, middle, self.qrs[1])
            beat += self.st_mv * _plateau(times_ms, self.qrs[1], self.qrs[1] + 110)
        return samples

    def ecg(self, leads: tuple[str, ...] = LEADS, **changes: Any) -> TwelveLeads:
        rows = [
            self.lead_mv(name) if name in leads else np.full(round(self.duration_s * self.rate_hz), np.nan)
            for name in LEADS
        ]
        return TwelveLeads(samples_mv=np.array(rows), rate_hz=Fraction(self.rate_hz), recorded=tuple(leads), **changes)

    def network(self, samples_mv: FloatArray) -> FloatArray:
        """Probabilities that are a half at the very begin and end of each wave."""
        places_ms = np.arange(len(samples_mv)) * 1000 / RATE_HZ
        found = np.zeros((len(samples_mv), 4))
        for r in self.r_ms:
            around = slice(*np.searchsorted(places_ms, (r - 400, r + 600)))
            for column, wave in enumerate((self.p, self.qrs, self.t)):
                if wave is not None:
                    begun, ended = (places_ms[around] - r - wave[0]) / 8, (wave[1] + r - places_ms[around]) / 8
                    found[around, column] += np.clip(begun + 0.5, 0, 1) * np.clip(ended + 0.5, 0, 1)
        found[:, 3] = 1 - found[:, :3].sum(axis=1)
        return found

    def _share(self, name: str) -> float:
        angle = FRONTAL.get(name)
        if angle is None:
            return 1.0
        share = np.cos(angle - np.deg2rad(self.axis_deg))
        return float(share * (np.sqrt(3) / 2 if name.startswith("a") else 1.0))


def _bump(times_ms: FloatArray, begin: float, end: float) -> FloatArray:
    part = np.clip((times_ms - begin) / (end - begin), 0, 1)
    return np.asarray(np.sin(np.pi * part) ** 2)


def _plateau(times_ms: FloatArray, begin: float, end: float) -> FloatArray:
    return np.asarray(np.clip((times_ms - begin) / 10, 0, 1) * np.clip((end - times_ms) / 10, 0, 1))
