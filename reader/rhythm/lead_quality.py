"""How well a lead can be read, 0 to 1: the monitor's own signal quality, averaged over the recording.

The monitor judges each second of signal by the two seconds that end with it: mains, railway current, muscle noise,
wander of the baseline, clipping, a flat line (`edge.signal.quality`). The quality of a lead is the mean of these
scores; a second whose samples are lost counts as 0. Motion alone is not told: for that the monitor has to know the
patient's usual beat, which takes longer than a recording of 10 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ecg.samples import SAMPLE_RATE_HZ
from edge.signal.quality import PERIOD, QualityMeter

if TYPE_CHECKING:
    from ecg.samples import Quality
    from reader.rhythm.filtered_lead import FilteredLead, FilteredStretch

__all__ = ["LeadQuality", "judge_lead"]

_FIRST_S: Final = 2
"""The first judgement needs two seconds of signal."""


class LeadQuality(NamedTuple):
    """Quality of a lead.

    Attributes:
        score: 0 (no signal, or none that can be read) to 1 (clean).
        clipped: share of the seconds in which the signal stays at a limit of its converter.
    """

    score: float
    clipped: float


def judge_lead(lead: FilteredLead) -> LeadQuality:
    """Judge a lead by each second from its second one on."""
    judged = [each for stretch in lead.stretches for each in _judge(stretch)]
    seconds = max(1, int(lead.duration_s) - _FIRST_S + 1)
    score = sum(each.score for each in judged if each.score is not None) / seconds
    return LeadQuality(min(1.0, score), min(1.0, sum(each.clipped for each in judged) / seconds))


def _judge(stretch: FilteredStretch) -> list[Quality]:
    meter = QualityMeter(stretch.filters, first_index=stretch.start)
    return [meter.judge(index) for index in range(stretch.start + _FIRST_S * SAMPLE_RATE_HZ, stretch.end + 1, PERIOD)]
