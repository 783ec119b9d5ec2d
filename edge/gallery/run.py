"""Plays situations through the whole pipeline, as a recording comes from a front end, and judges what was told."""

from __future__ import annotations

import difflib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState
from ecg.errors import InputError
from ecg.events import RhythmChange, Vitals
from ecg.samples import SAMPLE_RATE_HZ, Beat
from edge.inference import TFLiteClassifier, load_classifier
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.simulator.situations import SITUATIONS, Play, compose
from edge.simulator.situations.expectation import check
from edge.simulator.situations.telling import Telling, ToldAlarm, ToldBeat, ToldVitals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ecg.events import Event

__all__ = ["Verdict", "choose", "listen", "play_all", "play_one"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was told in one play, and what was wrong with it.

    Attributes:
        name: of the situation.
        play: number of the play.
        complaints: what was wrong; none: all was right.
        alarms: those that were told.
        heart_rates_bpm: of the vitals, each 5 s.
        beats: number of beats by label.
    """

    name: str
    play: int
    complaints: tuple[str, ...]
    alarms: tuple[ToldAlarm, ...]
    heart_rates_bpm: tuple[float | None, ...]
    beats: dict[str, int]

    @property
    def right(self) -> bool:
        """Whether all was told right."""
        return not self.complaints


def choose(names: Sequence[str]) -> list[str]:
    """The situations of these names, or all.

    Raises:
        InputError: there is no such situation; the nearest one is named.
    """
    for name in names:
        if name not in SITUATIONS:
            near = difflib.get_close_matches(name, SITUATIONS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SITUATIONS)}"
            raise InputError(f"no situation {name!r}; {hint}")
    return list(dict.fromkeys(names)) or list(SITUATIONS)


def play_one(name: str, play: int, *, seed: int, classifier: TFLiteClassifier) -> Verdict:
    """Play a situation once."""
    situation = SITUATIONS[name]
    source = compose(situation, seed=seed, play=play)
    told = listen(source, classifier)
    counts: dict[str, int] = {}
    for beat in told.beats:
        counts[beat.label] = counts.get(beat.label, 0) + 1
    return Verdict(
        name=name,
        play=play,
        complaints=tuple(check(situation.right, told, source.truth)),
        alarms=told.alarms,
        heart_rates_bpm=tuple(each.heart_rate_bpm for each in told.vitals),
        beats=counts,
    )


def play_all(names: Sequence[str], *, plays: int, seed: int, workers: int = 1) -> Iterator[Verdict]:
    """Play situations with other dice each time, in order; workers are processes of their own."""
    jobs = [(name, play) for name in names for play in range(plays)]
    if workers == 1:
        classifier = load_classifier()
        for name, play in jobs:
            yield play_one(name, play, seed=seed, classifier=classifier)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare, initargs=(seed,)) as pool:
        yield from pool.map(_play_job, jobs, chunksize=max(1, min(plays, 8)))


_seed = 0
_classifier: TFLiteClassifier | None = None


def _prepare(seed: int) -> None:
    global _seed, _classifier
    _seed, _classifier = seed, load_classifier()


def _play_job(job: tuple[str, int]) -> Verdict:
    assert _classifier is not None
    return play_one(*job, seed=_seed, classifier=_classifier)


def listen(source: Play, classifier: TFLiteClassifier) -> Telling:
    """Everything that the pipeline tells of a play."""
    pipeline = Pipeline(rate_hz=source.rate_hz, settings=RhythmSettings(), classifier=classifier)
    events: list[Event] = []
    for block in source.blocks():
        events += pipeline.push(block)
    end = len(source.samples_mv) / float(source.rate_hz)
    events += pipeline.finish()
    return Telling(
        alarms=tuple(_alarms(events, end)),
        beats=tuple(ToldBeat(_s(event.index), event.label) for event in events if isinstance(event, Beat)),
        vitals=tuple(
            ToldVitals(_s(event.index), event.heart_rate_bpm, event.rhythm)
            for event in events
            if isinstance(event, Vitals)
        ),
        rhythms=tuple((_s(event.index), event.rhythm) for event in events if isinstance(event, RhythmChange)),
    )


def _alarms(events: Iterable[Event], end_s: float) -> Iterator[ToldAlarm]:
    """Alarms in the order in which they opened; those that the end of the stream closed never closed."""
    alarms = [event for event in events if isinstance(event, AlarmEvent)]
    closings: dict[tuple[AlarmKind, int], AlarmEvent] = {
        (event.kind, event.onset_index): event for event in alarms if event.state is AlarmState.CLOSED
    }
    for event in alarms:
        if event.state is not AlarmState.OPENED:
            continue
        closing = closings.get((event.kind, event.onset_index))
        closed_s = None if closing is None or _s(closing.index) >= end_s - 0.1 else _s(closing.index)
        reason = None if closing is None else str(closing.evidence.get("reason"))
        yield ToldAlarm(event.kind, _s(event.index), closed_s, reason)


def _s(index: int) -> float:
    return index / SAMPLE_RATE_HZ
