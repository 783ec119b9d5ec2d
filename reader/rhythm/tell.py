"""Heartbeats and rhythm of a recording."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.samples import SAMPLE_RATE_HZ
from reader.rhythm.beats_of_leads import cut_beats, median_beat
from reader.rhythm.best_lead import best_lead
from reader.rhythm.evidence import gather
from reader.rhythm.naming import ATRIAL_FIBRILLATION, PACED, name_rhythm
from reader.rhythm.pacing import is_paced
from reader.rhythm.watch import blocks_of, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ecg.samples import FloatArray, SampleBlock
    from edge.inference import Classifier
    from reader.rhythm.filtered_lead import FilteredLead
    from reader.twelve_leads import TwelveLeads

__all__ = ["ToldRhythm", "tell_rhythm"]

_UNREADABLE: Final = "no lead can be read well enough to find heartbeats"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRhythm:
    """What was told.

    Attributes:
        name: of the rhythm, in words; None where it cannot be told.
        why_not: the reason where it cannot.
        lead: in which the heartbeats were looked for; None where no lead could be read.
        beats: number of heartbeats of the whole recording by label (`aami5`), only labels that occurred.
        median_beats: of each lead of the ECG, shape (259,), mV at 360 Hz, from the level before the QRS complex.
    """

    name: str | None
    why_not: str
    lead: str | None
    beats: dict[str, int]
    median_beats: Mapping[str, FloatArray]

    @property
    def is_atrial_fibrillation(self) -> bool:
        """Whether it is atrial fibrillation."""
        return self.name == ATRIAL_FIBRILLATION

    @property
    def has_pacemaker(self) -> bool:
        """Whether a pacemaker is seen."""
        return self.name == PACED


def tell_rhythm(
    ecg: TwelveLeads,
    filtered: Mapping[str, FilteredLead],
    quality: Mapping[str, float],
    *,
    classifier: Classifier | None = None,
    start_s: float = 0.0,
    whole_lead: Callable[[str], Iterable[SampleBlock]] | None = None,
) -> ToldRhythm:
    """Find the heartbeats and name the rhythm.

    Args:
        ecg: the seconds that are read.
        filtered: its leads.
        quality: of these leads.
        classifier: labels the heartbeats; None leaves each of them unclassified.
        start_s: where `ecg` begins in the recording.
        whole_lead: gives a lead of the whole recording, of which `ecg` is a part; None where it is all of it.

    Raises:
        InputError: the recording is damaged.
    """
    lead = best_lead(filtered, quality)
    if lead is None:
        return ToldRhythm(name=None, why_not=_UNREADABLE, lead=None, beats={}, median_beats={})
    blocks = blocks_of(ecg.lead_mv(lead), ecg.rate_hz) if whole_lead is None else whole_lead(lead)
    watched = watch(blocks, ecg.rate_hz, classifier=classifier)
    first = round(start_s * SAMPLE_RATE_HZ)
    last = first + round(ecg.duration_s * SAMPLE_RATE_HZ)
    beats = [beat for beat in watched.beats if first <= beat.index < last]
    in_leads = {name: cut_beats(each, [beat.index - first for beat in beats]) for name, each in filtered.items()}
    named = name_rhythm(watched, gather(beats, in_leads), leads=len(in_leads), is_paced=is_paced(ecg))
    medians = {name: median_beat(each) for name, each in in_leads.items()}
    return ToldRhythm(
        name=named.name,
        why_not=named.why_not,
        lead=lead,
        beats=dict(sorted(Counter(beat.label for beat in watched.beats).items())),
        median_beats={name: beat for name, beat in medians.items() if beat is not None},
    )
