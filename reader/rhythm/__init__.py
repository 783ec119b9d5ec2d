"""The heartbeats and the rhythm of an ECG, told by the monitor's own pipeline on the lead that shows them best."""

from reader.rhythm.r_peaks import r_peaks
from reader.rhythm.tell import ToldRhythm, tell_rhythm

__all__ = ["ToldRhythm", "r_peaks", "tell_rhythm"]
