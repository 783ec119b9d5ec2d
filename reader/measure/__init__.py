"""What is measured: the bounds of P, QRS and T, intervals, axes, ST levels and heights."""

from reader.measure.intervals import KnownRhythm
from reader.measure.measure import measure
from reader.measure.measurements import BeatWaves, LeadMeasurements, Measurements, Wave, Waves

__all__ = ["BeatWaves", "KnownRhythm", "LeadMeasurements", "Measurements", "Wave", "Waves", "measure"]
