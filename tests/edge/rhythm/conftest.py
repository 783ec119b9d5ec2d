"""A patient made of beats, watched as the pipeline would: R peaks first, labels later, a tick each 50 ms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.events import Event, RhythmChange, Vitals
from ecg.samples import Beat, Gap, Quality, VentricularWaves
from ecg.summary.tally import MinuteSummary
from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_history import RrHistory
from edge.rhythm.monitor import RhythmMonitor
from edge.rhythm.rr_context import RrContext
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecg.summary.tally import Tally

Beats = list[tuple[float, str]]
"""Time in s and label."""

RATE = 360
TICK = 18
DETECTION = 150  # samples from an R peak to its detection
WAVES_FROM = 1800  # four seconds, and the delay of the filters
LABEL_WAIT = 720  # a beat without a successor is labelled after 2 s


@dataclass
class Told:
    """What the monitor told, in order."""

    events: list[Event]

    def alarms(self, kind: str | None = None, state: AlarmState | None = None) -> list[AlarmEvent]:
        alarms = [event for event in self.events if isinstance(event, AlarmEvent)]
        return [a for a in alarms if kind in {None, a.kind.value} and state in {None, a.state}]

    def opened(self, kind: str | None = None) -> list[AlarmEvent]:
        return self.alarms(kind, AlarmState.OPENED)

    def updated(self, kind: str) -> list[AlarmEvent]:
        return self.alarms(kind, AlarmState.UPDATED)

    def closed(self, kind: str) -> list[AlarmEvent]:
        return self.alarms(kind, AlarmState.CLOSED)

    @property
    def kinds(self) -> list[str]:
        return [alarm.kind.value for alarm in self.opened()]

    @property
    def vitals(self) -> list[Vitals]:
        return [event for event in self.events if isinstance(event, Vitals)]

    @property
    def rhythms(self) -> list[tuple[float, str | None]]:
        return [(e.index / RATE, e.rhythm and e.rhythm.value) for e in self.events if isinstance(e, RhythmChange)]

    @property
    def summaries(self) -> list[MinuteSummary]:
        return [event for event in self.events if isinstance(event, MinuteSummary)]

    @property
    def tallies(self) -> list[Tally]:
        return [summary.tally for summary in self.summaries]


Watch = Callable[..., Told]
Steady = Callable[..., Beats]


def _within(moment_s: float, stretches: Iterable[tuple[float, float]]) -> bool:
    return any(start < moment_s <= end for start, end in stretches)


def judge_waves(
    index: int, waves: list[tuple[float, float, float]], beating: list[tuple[float, float]]
) -> VentricularWaves:
    """What the flutter meter would say of the four seconds that ended 0.6 s before."""
    end_s = index / RATE - 0.6
    usual = any(start_s < end_s - 4 and end_s < stop_s for start_s, stop_s in beating)
    for start_s, stop_s, rate_bpm in waves:
        share = (min(end_s, stop_s) - max(end_s - 4, start_s)) / 4
        if share > 0:
            return VentricularWaves(index, round((end_s - 2) * RATE), 8 * share - 4, rate_bpm, 1.0, usual)
    return VentricularWaves(index, round((end_s - 2) * RATE), -5.0, 300.0, 1.0)


def take_beat(monitor: RhythmMonitor, intervals: RrHistory, beat: Beat) -> list[Event]:
    """Give the monitor a labelled beat as the pipeline does."""
    rr = monitor.rr(beat)
    return monitor.beat(beat, RrContext(rr, intervals.add(None if rr is None else rr / 360)))


def watch_beats(
    beats: Beats,
    *,
    until_s: float,
    bad: Iterable[tuple[float, float]] = (),
    off: Iterable[tuple[float, float]] = (),
    gaps: Iterable[tuple[float, float]] = (),
    moving: Iterable[tuple[float, float]] = (),
    waves: Iterable[tuple[float, float, float]] = (),
    beating: Iterable[tuple[float, float]] = (),
    electrodes_known: bool = True,
    finish: bool = True,
    p_wave: float | None = None,
    strange: str = "",
    **settings: float,
) -> Told:
    """Watch `beats` (time in s, label) to the end; `bad`, `off` and `gaps` are stretches in s.

    `moving` are stretches in which the baseline moves.
    `waves` are stretches without separate beats, with the rate of their waves in bpm; each half second is judged by
    whether they fill more than half of the four seconds that ended 0.6 s before.
    In `beating` the usual QRS complexes go on through them.
    `p_wave` is that of each beat; labels in `strange` have strange shapes.
    """
    monitor = RhythmMonitor(RhythmSettings(**settings))
    intervals = RrHistory(IntervalNetwork.shipped())
    gaps, waves, beating = list(gaps), list(waves), list(beating)
    peaks = [(round(moment_s * RATE), label) for moment_s, label in beats]
    calls: list[tuple[int, int, Callable[[], list[Event]]]] = []
    for number, (index, label) in enumerate(peaks):
        before = peaks[number - 1][0] if number else None
        torn = any(before is not None and before < start * RATE < index for start, _ in gaps)
        rr_ms = None if before is None or torn else (index - before) * 1000 / RATE
        likeness = 0.4 if label in strange else 0.98
        beat = Beat(
            index,
            label,
            rr_ms,
            probability=1.0,
            quality=1.0,
            r_mv=1.0,
            likeness=likeness,
            likeness_to_any=likeness,
            is_own=label not in (*strange, "V") and (rr_ms is None or rr_ms > 550),  # fast ones are found in waves
            p_wave=p_wave,
        )
        following = peaks[number + 1][0] if number + 1 < len(peaks) else index + LABEL_WAIT
        labelled = max(index + 400, min(following + DETECTION, index + LABEL_WAIT + DETECTION))
        calls.append((index + DETECTION, 1, lambda index=index: monitor.r_peak(index)))
        calls.append((labelled, 2, lambda beat=beat: take_beat(monitor, intervals, beat)))
    for start, end in gaps:
        gap = Gap(index=round(start * RATE), length=round((end - start) * RATE))
        calls.append((round(end * RATE), 0, lambda gap=gap: monitor.gap(gap)))
    for index in range(WAVES_FROM, round(until_s * RATE) + 1, RATE // 2):
        judgement = judge_waves(index, waves, beating)
        calls.append((index, 3, lambda judgement=judgement: monitor.waves(judgement)))
    calls.sort(key=lambda call: call[:2])
    told: list[Event] = []
    for index in range(TICK, round(until_s * RATE) + 1, TICK):
        while calls and calls[0][0] <= index:
            told += calls.pop(0)[2]()
        moment_s = index / RATE
        is_off = _within(moment_s, off)
        unknown = is_off or _within(moment_s, gaps)
        score = None if unknown else 0.2 if _within(moment_s, bad) else 0.9
        quality = Quality(index, score, muscle=not unknown, baseline=_within(moment_s, moving))
        told += monitor.tick(index, quality, is_off if electrodes_known else None)
    if finish:
        for call in calls:
            told += call[2]()
        told += monitor.finish(round(until_s * RATE))
    return Told(told)


def steady_beats(rate_bpm: float, *, start_s: float, end_s: float, label: str = "N") -> Beats:
    """Beats at a fixed rate from `start_s` on, before `end_s`."""
    rr_s = 60 / rate_bpm
    return [(start_s + k * rr_s, label) for k in range(int((end_s - start_s - 1e-9) / rr_s) + 1)]


@pytest.fixture(name="watch")
def watch_fixture() -> Watch:
    """Give `watch(beats, until_s=..., bad=, off=, gaps=, **settings) -> Told`."""
    return watch_beats


@pytest.fixture(name="steady")
def steady_fixture() -> Steady:
    """Give `steady(bpm, start_s=, end_s=, label=) -> beats`."""
    return steady_beats
