"""What must hold whatever happens to the patient, the electrodes and the line."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecg.alarms.kinds import AlarmEvent, AlarmState
from ecg.events import Event, RhythmChange, Vitals
from ecg.samples import Beat, Gap, Quality, VentricularWaves
from ecg.summary.tally import MinuteSummary
from edge.inference.intervals import IntervalNetwork
from edge.inference.rr_history import RrHistory
from edge.rhythm.monitor import RhythmMonitor
from edge.rhythm.rr_context import RrContext
from edge.rhythm.settings import RhythmSettings

TICK = 36
LABELS = ["N", "S", "V", "V", "F", "Q", "L", "R", "A", "/", "unclassified"]

beats = st.tuples(st.just("beats"), st.integers(1, 30), st.integers(60, 1200), st.integers(0, 200), st.integers(0, 10))
silence = st.tuples(st.just("silence"), st.integers(1, 200))
signal = st.tuples(st.just("signal"), st.sampled_from([None, 0.0, 0.3, 0.5, 1.0]), st.sampled_from([None, False, True]))
waves = st.tuples(st.just("waves"), st.integers(1, 30), st.floats(60, 500), st.sampled_from([-9.0, 1.0, 5.0]))
gap = st.tuples(st.just("gap"), st.integers(1, 20_000), st.booleans())
lives = st.lists(st.one_of(beats, beats, silence, signal, waves, gap), max_size=40)


class Life:
    """Feeds a monitor in an order that a pipeline could give."""

    def __init__(self) -> None:
        self.monitor = RhythmMonitor(RhythmSettings(sustained_s=3.0, atrial_fibrillation_s=5.0, poor_signal_s=2.0))
        self.intervals = RrHistory(IntervalNetwork.shipped())
        self.told: list[Event] = []
        self.calls: list[list[Event]] = []
        self.index = 0
        self.next_tick = TICK
        self.quality = Quality(0, 1.0)
        self.electrode_off: bool | None = False
        self.last_r: int | None = None
        self.waiting: list[Beat] = []
        self.beats: list[Beat] = []

    def take(self, events: list[Event]) -> None:
        self.calls.append(events)
        self.told += events

    def ticks_to(self, index: int) -> None:
        self.index = index
        while self.next_tick <= index:
            self.take(self.monitor.tick(self.next_tick, self.quality, self.electrode_off))
            self.next_tick += TICK

    def label(self) -> None:
        while self.waiting:
            beat = self.waiting.pop(0)
            self.beats.append(beat)
            rr = self.monitor.rr(beat)
            self.take(self.monitor.beat(beat, RrContext(rr, self.intervals.add(None if rr is None else rr / 360))))

    def do(self, step: tuple) -> None:
        match step:
            case ("beats", count, rr, jitter, first):
                for number in range(count):
                    before = self.last_r
                    r = self.index + rr + (number * 37 % (jitter + 1))
                    self.ticks_to(r + 150 if number % 5 else r)
                    self.label()
                    self.take(self.monitor.r_peak(r))
                    rr_ms = None if before is None else (r - before) * 1000 / 360
                    self.waiting.append(Beat(r, LABELS[(first + number * first) % len(LABELS)], rr_ms, 0.9, 0.9, 1.0))
                    self.last_r = r
            case ("silence", ticks):
                self.ticks_to(self.index + ticks * TICK)
            case ("signal", score, electrode_off):
                self.quality = Quality(self.index, score)
                self.electrode_off = electrode_off
            case ("waves", count, rate_bpm, log_odds):
                for _ in range(count):
                    self.ticks_to(self.index + 5 * TICK)
                    self.take(
                        self.monitor.waves(
                            VentricularWaves(self.index, max(0, self.index - 936), log_odds, rate_bpm, 1.0)
                        )
                    )
            case ("gap", length, ticks_inside):
                self.label()
                start = self.index
                if ticks_inside:
                    self.quality = Quality(start, None)
                    self.ticks_to(start + length)
                else:
                    self.index = start + length
                    self.next_tick = max(self.next_tick, self.index // TICK * TICK + TICK)
                self.take(self.monitor.gap(Gap(start, length)))
                self.last_r = None

    def live(self, steps: list[tuple]) -> None:
        for step in steps:
            self.do(step)
        self.label()
        self.take(self.monitor.finish(self.index))


@settings(max_examples=150, deadline=None)
@given(lives)
@example([("beats", 14, 60, 134, 0)])  # fibrillation that was told for a moment and taken back
def test_whatever_happens_the_story_is_coherent(steps: list[tuple]) -> None:
    life = Life()
    life.live(steps)
    told = life.told
    # An alarm opens once, then may be updated, then closes; its onset names it.
    open_onsets: dict[str, int] = {}
    names: set[tuple[str, int]] = set()
    for event in told:
        if isinstance(event, AlarmEvent):
            if event.state is AlarmState.OPENED:
                assert event.kind not in open_onsets
                assert (event.kind, event.onset_index) not in names
                names.add((event.kind, event.onset_index))
                open_onsets[event.kind] = event.onset_index
            else:
                assert open_onsets[event.kind] == event.onset_index
                if event.state is AlarmState.CLOSED:
                    del open_onsets[event.kind]
                    assert event.evidence["duration_s"] >= 0
            assert event.onset_index <= event.index
    assert not open_onsets
    # Decisions never go back in time, and rhythms follow each other and differ.
    decisions = [e.index for e in told if isinstance(e, AlarmEvent | Vitals)]
    assert decisions == sorted(decisions)
    changes = [e for e in told if isinstance(e, RhythmChange)]
    assert [c.index for c in changes] == sorted(c.index for c in changes)
    assert all(a.rhythm is not b.rhythm for a, b in zip([RhythmChange(0, None), *changes], changes, strict=False))
    # Unknown is None, never 0.
    for event in told:
        if isinstance(event, Vitals):
            assert event.heart_rate_bpm is None or event.heart_rate_bpm > 0
            assert event.electrodes != "off" or event.heart_rate_bpm is None
    # Minutes follow each other without a hole, and hold every beat once.
    minutes = [e for e in told if isinstance(e, MinuteSummary)]
    assert [m.index for m in minutes] == sorted({m.index for m in minutes})
    if minutes:
        assert sum(sum(m.tally.beats.values()) for m in minutes) == len(life.beats)
    for minute in minutes:
        tally = minute.tally
        assert 0 < tally.duration_s <= 60
        assert 0 <= tally.good_signal_s <= tally.duration_s
        assert 0 <= tally.lost_s <= tally.duration_s + 0.01
        assert 0 <= tally.fibrillation <= tally.duration
    fibrillation = sum(minute.tally.fibrillation + minute.atrial_fibrillation_before for minute in minutes)
    assert 0 <= fibrillation <= life.index


@settings(max_examples=60, deadline=None)
@given(lives)
def test_no_arrhythmia_alarm_opens_while_the_signal_cannot_be_believed(steps: list[tuple]) -> None:
    life = Life()
    for step in [("signal", 0.2, None), *(step for step in steps if step[0] != "signal")]:
        life.do(step)
    life.take(life.monitor.finish(life.index))
    kinds = {event.kind.value for event in life.told if isinstance(event, AlarmEvent)}
    assert kinds <= {"poor_signal", "samples_lost", "no_samples"}


@settings(max_examples=60, deadline=None)
@given(lives)
def test_the_same_calls_tell_the_same(steps: list[tuple]) -> None:
    first, second = Life(), Life()
    first.live(steps)
    second.live(steps)
    assert first.calls == second.calls
