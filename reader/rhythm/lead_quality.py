"""How well a lead can be read, 0 to 1: the monitor's own signal quality, averaged over the recording.

The monitor judges each second of signal by the two seconds that end with it: mains, railway current, muscle noise,
wander of the baseline, clipping, a flat line (`edge.signal.quality`). The quality of a lead is the mean of these
scores; a second whose samples are lost counts as 0. Motion alone is not told: for that the monitor has to know the
patient's usual beat, which takes longer than a recording of 10 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.quality import PERIOD, QualityMeter

if TYPE_CHECKING:
    from reader.rhythm.filtered_lead import FilteredLead, FilteredStretch

__all__ = ["judge_lead"]

_FIRST_S: Final = 2
"""The first judgement needs two seconds of signal."""


def judge_lead(lead: FilteredLead) -> float:
    """Judge a lead by each second from its second one on.

    Returns:
        0 (no signal, or none that can be read) to 1 (clean).
    """
    scores = [score for stretch in lead.stretches for score in _judge(stretch)]
    seconds = max(1, int(lead.duration_s) - _FIRST_S + 1)
    return min(1.0, sum(scores) / seconds)


def _judge(stretch: FilteredStretch) -> list[float]:
    meter = QualityMeter(stretch.filters, first_index=stretch.start)
    ends = range(stretch.start + _FIRST_S * SAMPLE_RATE_HZ, stretch.end + 1, PERIOD)
    return [score for end in ends if (score := meter.judge(end).score) is not None]
