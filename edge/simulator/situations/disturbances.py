"""What disturbs a recording: tremor, muscles, mains, motion, contacts, false and lost samples."""

from __future__ import annotations

from dataclasses import dataclass
from math import tau
from typing import TYPE_CHECKING, Literal

import numpy as np

from edge.simulator.situations.arrests import compressions

if TYPE_CHECKING:
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.strip import Strip

__all__ = [
    "Broken",
    "Compressions",
    "ContactSteps",
    "ElectrodeOff",
    "FalseSamples",
    "Hum",
    "Motion",
    "Saturation",
    "Shiver",
    "Tremor",
    "Wander",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tremor:
    """The tremor of Parkinson's disease, brushed teeth: waves of 4 to 6 Hz (Huang, Int J Cardiol 111:163, 2006)."""

    height_mv: Range
    hz: Range = (4, 6)

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add it to a stretch."""
        dice, part = strip.dice, strip.span(start_s, end_s)
        times_s = strip.times_s[part]
        hz = dice.between(self.hz) * (1 + dice.wander(times_s, spread=0.02, each_s=1.0))
        angle = tau * np.cumsum(hz) / float(strip.rate_hz)
        harmonic = dice.between((0.0, 0.3))
        height_mv = dice.log_between(self.height_mv) * (1 + dice.wander(times_s, spread=0.12, each_s=0.8))
        fade = np.clip(np.minimum(times_s - start_s, end_s - times_s) / 0.5, 0, 1)
        strip.samples_mv[part] += (
            fade * height_mv * (np.sin(angle) + harmonic * np.sin(2 * angle + dice.between((0, 6))))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shiver:
    """Muscles that shiver: noise of 15 to 150 Hz in bursts 6 to 12 times a second (MIT-BIH nstdb `ma` has the like)."""

    rms_mv: Range

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add it to a stretch."""
        dice, part = strip.dice, strip.span(start_s, end_s)
        times_s = strip.times_s[part]
        rate_hz = float(strip.rate_hz)
        spectrum = np.fft.rfft(dice.white(len(times_s)))
        hz = np.fft.rfftfreq(len(times_s), 1 / rate_hz)
        noise = np.fft.irfft(np.where((hz > 15) & (hz < min(150, 0.45 * rate_hz)), spectrum, 0), len(times_s))
        bursts = 1 + 0.6 * np.sin(tau * dice.between((6, 12)) * times_s)
        noise *= bursts / np.sqrt(np.mean((noise * bursts) ** 2))
        strip.samples_mv[part] += dice.between(self.rms_mv) * noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Hum:
    """Mains hum; trains run on 16.7 Hz."""

    hz: float
    height_mv: Range

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add it to a stretch."""
        dice, part = strip.dice, strip.span(start_s, end_s)
        times_s = strip.times_s[part]
        hz = self.hz * (1 + dice.normal(0.0005))
        strip.samples_mv[part] += dice.between(self.height_mv) * np.sin(tau * hz * times_s + dice.between((0, tau)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wander:
    """A baseline that wanders with deep breaths and moving electrodes, below 0.7 Hz."""

    height_mv: Range

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add it to a stretch."""
        dice, part = strip.dice, strip.span(start_s, end_s)
        times_s = strip.times_s[part]
        height_mv = dice.between(self.height_mv)
        for hz in (dice.between((0.12, 0.25)), dice.between((0.25, 0.45)), dice.between((0.5, 0.7))):
            share = 0.6 if hz < 0.5 else 0.2
            strip.samples_mv[part] += share * height_mv * np.sin(tau * hz * times_s + dice.between((0, tau)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Electrodes that move on the skin: noise of 1 to 10 Hz, where QRS complex and T wave have their power."""

    rms_mv: Range

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add it to a stretch."""
        dice, part = strip.dice, strip.span(start_s, end_s)
        times_s = strip.times_s[part]
        hz = np.fft.rfftfreq(len(times_s), 1 / float(strip.rate_hz))
        shape = np.where(hz < 12, 1 / np.maximum(hz, 1.0), 0.0) * (hz > 0.5)
        noise = np.fft.irfft(np.fft.rfft(dice.white(len(times_s))) * shape, len(times_s))
        noise *= np.clip(1 + dice.wander(times_s, spread=0.6, each_s=1.5), 0.2, 3)
        strip.samples_mv[part] += dice.between(self.rms_mv) * noise / np.std(noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSteps:
    """An electrode whose contact gives way: the baseline jumps, and comes back through the high-pass of the skin."""

    each_s: Range
    height_mv: Range
    back_s: Range = (0.2, 0.8)

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add steps to a stretch."""
        dice = strip.dice
        at_s = start_s + dice.between(self.each_s)
        while at_s < end_s:
            back_s = dice.between(self.back_s)
            part = strip.span(at_s, min(at_s + 6 * back_s, end_s))
            fading = np.exp(-(strip.times_s[part] - at_s) / back_s)
            strip.samples_mv[part] += dice.sign() * dice.between(self.height_mv) * fading
            at_s += dice.between(self.each_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseSamples:
    """Single samples that are false, as a flipped bit on the wires of SPI makes them."""

    each_s: Range
    height_mv: tuple[float, ...] = (50, -50, 12.5, -12.5, 3.1, -3.1)

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Falsify samples of a stretch."""
        dice = strip.dice
        at_s = start_s + dice.between(self.each_s)
        while at_s < end_s:
            strip.false_sample(at_s, dice.one_of(self.height_mv))
            at_s += dice.between(self.each_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Each few seconds samples are lost, or the contact breaks and the signal is on the rail."""

    each_s: Range
    lasts_s: Range
    how: Literal["lost", "rail"]

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Break a stretch."""
        dice = strip.dice
        at_s = start_s + dice.between(self.each_s)
        while at_s < end_s:
            until_s = min(at_s + dice.between(self.lasts_s), end_s)
            if self.how == "lost":
                strip.lose(at_s, until_s)
            else:
                part = strip.span(at_s, until_s)
                count = part.stop - part.start
                strip.samples_mv[part] = dice.sign() * 4.5 + 0.3 * dice.white(count)
            at_s = until_s + dice.between(self.each_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturation:
    """The input is driven to its rail, stays there, and creeps back with the time constant of the skin."""

    each_s: Range
    lasts_s: Range
    back_s: Range = (0.3, 1.0)
    rail_mv: float = 5.0

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Saturate parts of a stretch."""
        dice = strip.dice
        at_s = start_s + 0.5
        while at_s < end_s:
            until_s, rail_mv = at_s + dice.between(self.lasts_s), dice.sign() * self.rail_mv
            part = strip.span(at_s, until_s)
            strip.samples_mv[part] = rail_mv
            back_s = dice.between(self.back_s)
            part = strip.span(until_s, until_s + 6 * back_s)
            strip.samples_mv[part] += rail_mv * np.exp(-(strip.times_s[part] - until_s) / back_s)
            at_s = until_s + dice.between(self.each_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodeOff:
    """An electrode comes off, the front end tells so, and the input is on its rail."""

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Take it off for the whole stretch."""
        strip.electrode_off(start_s, end_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compressions:
    """Chest compressions at 100 to 120 a minute."""

    height_mv: Range
    bpm: Range = (100, 120)

    def disturb(self, strip: Strip, start_s: float, end_s: float) -> None:
        """Add them to a stretch."""
        dice = strip.dice
        compressions(strip, start_s, end_s, bpm=dice.between(self.bpm), height_mv=dice.between(self.height_mv))
