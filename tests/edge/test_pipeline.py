"""The pipeline gives the same events for every cutting, invents nothing and hides nothing."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState
from ecg.events import Event, Rhythm, RhythmChange, Vitals
from ecg.formats.registry import open_recording
from ecg.samples import UNCLASSIFIED, Beat, Gap, SampleBlock
from edge.inference import Classifier, load_classifier
from edge.inference.inputs import RHYTHM_FEATURES
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.signal.annotated import AnnotatedPeaks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ecg.model_file.card import Normalisation
    from ecg.samples import Float32Array, FloatArray


class HeightClassifier:
    """Calls a beat V when it is twice as high as the template: a classifier simple enough to be predicted."""

    labels = ("N", "V")
    inputs = ("waveform", "rhythm")
    normalisation: Normalisation = "template"

    def __init__(self) -> None:
        self.shown: list[Mapping[str, Float32Array]] = []

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        self.shown.append(dict(inputs))
        is_high = float(inputs["rhythm"][RHYTHM_FEATURES.index("ln_height_to_template")]) > np.log(2)
        return np.array((0.1, 0.9) if is_high else (0.8, 0.2))


def heart_mv(seconds: float, rate_hz: float = 360, *, rr_s: float = 0.8, seed: int = 3) -> np.ndarray:
    """QRS and T waves at a steady rate, R peaks at 0.5 s + k * rr_s, with a little noise."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    phase = (time_s - 0.5 + rr_s / 2) % rr_s - rr_s / 2
    waves = 1.2 * np.exp(-((phase / 0.012) ** 2)) + 0.25 * np.exp(-(((phase - 0.25) / 0.05) ** 2))
    return waves + 0.005 * np.random.default_rng(seed).normal(size=len(time_s))


def run(
    samples_mv: np.ndarray,
    cuts: list[int] | None = None,
    *,
    rate_hz: float = 360,
    electrode_off: Mapping[int, bool] | None = None,
    classifier: Classifier | None = None,
) -> list[Event]:
    """Events of a stream cut at `cuts`; `electrode_off`: changes of that state by source index."""
    pipeline = Pipeline(
        rate_hz=Fraction(rate_hz), settings=RhythmSettings(), classifier=classifier or HeightClassifier()
    )
    changes = dict(electrode_off or {})
    events: list[Event] = []
    state: bool | None = changes.get(0)
    edges = sorted({0, *(cuts or []), *changes, len(samples_mv)})
    for start, stop in itertools.pairwise(edges):
        state = changes.get(start, state)
        events += pipeline.push(SampleBlock(start, samples_mv[start:stop], state))
    return events + pipeline.finish()


def run_jumping(samples_mv: np.ndarray, cuts: list[int], *, rate_hz: float) -> list[Event]:
    """The same stream with its lost samples left out of the blocks rather than marked; all but those at the ends."""
    pipeline = Pipeline(rate_hz=Fraction(rate_hz), settings=RhythmSettings(), classifier=HeightClassifier())
    events: list[Event] = []
    for start, stop in itertools.pairwise(sorted({0, *cuts, len(samples_mv)})):
        valid = np.isfinite(samples_mv[start:stop])
        edges = np.flatnonzero(np.diff(np.concatenate(([False], valid, [False])).astype(int))).reshape(-1, 2)
        runs = [(start + first, start + last) for first, last in edges.tolist()]
        if start == 0 and not valid[0]:
            runs.insert(0, (0, 1))
        if stop == len(samples_mv) and not valid[-1]:
            runs.append((stop - 1, stop))
        for first, last in runs:
            events += pipeline.push(SampleBlock(first, samples_mv[first:last]))
    return events + pipeline.finish()


def beats(events: list[Event]) -> list[Beat]:
    return [event for event in events if isinstance(event, Beat)]


def test_every_beat_of_a_steady_heart_is_found_at_its_place() -> None:
    found = beats(run(heart_mv(60)))
    expected = 360 * (0.5 + 0.8 * np.arange(75))
    assert len(found) == 75
    assert np.abs(np.array([beat.index for beat in found]) - expected).max() <= 2
    assert all(beat.rr_ms == pytest.approx(800, abs=10) for beat in found[1:])
    assert found[0].rr_ms is None


@pytest.mark.parametrize("rate_hz", [128, 250, 257, 300, 500, 1000])
def test_beats_lie_at_the_same_moments_at_every_source_rate(rate_hz: int) -> None:
    found = beats(run(heart_mv(20, rate_hz), rate_hz=rate_hz))
    assert np.abs(np.array([beat.index for beat in found]) - 360 * (0.5 + 0.8 * np.arange(25))).max() <= 3


class EagerClassifier(HeightClassifier):
    """Calls each beat S; what comes second is N."""

    labels = ("N", "S", "V")

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        del inputs
        return np.array((0.2, 0.7, 0.1))


def strange_every_third_mv(seconds: float) -> np.ndarray:
    """A steady heart, each third of its beats three times as high and upside down."""
    samples_mv = heart_mv(seconds)
    for r_index in (np.arange(0.5, seconds - 0.5, 3 * 0.8) * 360).round().astype(int).tolist():
        around = slice(r_index - 30, r_index + 31)
        samples_mv[around] -= 4.8 * np.exp(-((np.arange(-30, 31) / 360 / 0.012) ** 2))
    return samples_mv


def run_of_three_mv() -> tuple[np.ndarray, int]:
    """Twenty quiet beats, three early ones five times as high 0.4 s apart, silence; and the last one's R peak."""
    samples_mv = heart_mv(20)
    samples_mv[round(16.2 * 360) :] = 0
    for number in range(3):
        r_index = round((16.0 + 0.4 * (number + 1)) * 360)
        samples_mv[r_index - 30 : r_index + 31] = 6 * np.exp(-((np.arange(-30, 31) / 360 / 0.012) ** 2))
    return samples_mv, r_index


def test_a_run_is_told_when_its_third_beat_is_there_and_waits_for_no_next_one() -> None:
    samples_mv, third = run_of_three_mv()
    for seconds, told in ((0.5, False), (0.7, True)):
        pipeline = Pipeline(rate_hz=360, settings=RhythmSettings(), classifier=HeightClassifier())
        events = pipeline.push(SampleBlock(0, samples_mv[: third + round(seconds * 360)]))
        alarms = [event for event in events if isinstance(event, AlarmEvent)]
        assert [(alarm.kind, alarm.state) for alarm in alarms] == told * [
            (AlarmKind.VENTRICULAR_RUN, AlarmState.OPENED)
        ]


def test_a_label_given_before_its_time_does_not_depend_on_the_blocks() -> None:
    samples_mv, _ = run_of_three_mv()
    whole = run(samples_mv)
    for width in (7, 36, 361):
        assert run(samples_mv, list(range(width, len(samples_mv), width))) == whole


def irregular_heart_mv(seconds: int) -> np.ndarray:
    """QRS complexes without P waves at intervals that do not repeat, as in atrial fibrillation."""
    rng = np.random.default_rng(4)
    time_s = np.arange(seconds * 360) / 360
    waves = 0.02 * rng.normal(size=len(time_s))
    for moment_s in np.cumsum(rng.uniform(0.5, 1.1, seconds)):
        waves += 1.2 * np.exp(-(((time_s - moment_s) / 0.012) ** 2))
    return waves


def test_in_atrial_fibrillation_no_beat_is_called_supraventricular() -> None:
    events = run(irregular_heart_mv(110), classifier=EagerClassifier())
    told = [event for event in events if isinstance(event, RhythmChange) and event.rhythm is Rhythm.ATRIAL_FIBRILLATION]
    assert told, "the heart is not irregular enough for this test"
    labels = [beat.label for beat in beats(events)]
    assert set(labels) - {UNCLASSIFIED} == {"S", "N"}
    assert set(labels[:20]) <= {"S", UNCLASSIFIED}
    assert set(labels[-20:]) <= {"N", UNCLASSIFIED}
    assert all(beat.probability == pytest.approx(0.9) for beat in beats(events) if beat.label == "N")


def test_after_long_fibrillation_some_minutes_of_another_rhythm_pass_before_a_beat_is_supraventricular() -> None:
    found = beats(run(np.concatenate([irregular_heart_mv(150), heart_mv(200)]), classifier=EagerClassifier()))
    later = [beat for beat in found if beat.index > 165 * 360]
    assert {beat.label for beat in later if beat.index < 200 * 360} == {"N"}
    assert {beat.label for beat in later[-20:-1]} == {"S"}


class EverySixth(HeightClassifier):
    """Calls each sixth beat V, and none that is high."""

    def classify(self, inputs: Mapping[str, Float32Array]) -> FloatArray:
        self.shown.append(dict(inputs))
        return np.array((0.1, 0.9) if len(self.shown) % 6 == 0 else (0.9, 0.1))


def test_a_beat_that_the_model_alone_calls_ventricular_is_judged_with_the_others_of_its_shape() -> None:
    classifier = EverySixth()
    labels = [beat.label for beat in beats(run(heart_mv(60), classifier=classifier))]
    assert len(classifier.shown) > 60
    assert set(labels) - {UNCLASSIFIED} == {"N"}


def test_a_beat_of_another_shape_is_judged_alone() -> None:
    strange = round((0.5 + 20 * 0.8) * 360)
    samples_mv = heart_mv(30)
    samples_mv[strange - 30 : strange + 31] *= 3
    found = beats(run(samples_mv))
    assert [abs(beat.index - strange) < 36 for beat in found if beat.label == "V"] == [True]


def test_a_beat_at_either_end_is_told_but_not_shown_to_the_model() -> None:
    classifier = HeightClassifier()
    found = beats(run(heart_mv(10)[100:3500], classifier=classifier))  # R peaks 80 after the start, 152 before the end
    assert found[0].label == UNCLASSIFIED
    assert found[0].r_mv is None
    assert found[-1].label == UNCLASSIFIED
    assert len(classifier.shown) == len(found) - 2


def test_an_inverted_lead_gives_the_same_r_peaks() -> None:
    upright, inverted = beats(run(heart_mv(20))), beats(run(-heart_mv(20)))
    assert [beat.index for beat in upright] == [beat.index for beat in inverted]
    assert inverted[5].r_mv == pytest.approx(-upright[5].r_mv, rel=0.02)


@pytest.mark.parametrize("amplitude", [0.2, 1.0, 4.0])
def test_amplitudes_from_0_2_to_5_mv_are_followed(amplitude: float) -> None:
    assert len(beats(run(amplitude * heart_mv(30)))) == 37


def test_a_gap_has_its_length_and_no_interval_crosses_it() -> None:
    samples_mv = heart_mv(40)
    samples_mv[7000:7500] = np.nan
    events = run(samples_mv)
    assert [event for event in events if isinstance(event, Gap)] == [Gap(index=7000, length=500)]
    found = beats(events)
    assert not [beat for beat in found if 7000 <= beat.index < 7500]
    after = next(beat for beat in found if beat.index >= 7500)
    assert after.rr_ms is None
    assert after.index - 7500 < 360 * 0.8


def lose(samples_mv: np.ndarray, starts: np.ndarray, length: int = 1) -> np.ndarray:
    lost = samples_mv.copy()
    lost[(starts[:, np.newaxis] + np.arange(length)).ravel()] = np.nan
    return lost


def inside(event: Beat, gaps: list[Gap]) -> bool:
    return any(gap.index <= event.index < gap.index + gap.length for gap in gaps)


@pytest.mark.parametrize("rate_hz", [360, 500])
def test_single_lost_samples_are_told_and_cost_neither_beats_nor_the_heart_rate(rate_hz: int) -> None:
    whole = heart_mv(60, rate_hz)
    starts = np.flatnonzero(np.random.default_rng(1).random(len(whole)) < 0.01)
    events = run(lose(whole, starts), rate_hz=rate_hz)
    gaps = [event for event in events if isinstance(event, Gap)]
    assert sum(gap.length for gap in gaps) == pytest.approx(len(starts) * 360 / rate_hz, rel=0.4)
    found, expected = beats(events), beats(run(whole, rate_hz=rate_hz))
    assert [beat.index for beat in found] == pytest.approx([beat.index for beat in expected], abs=2)
    assert not [beat for beat in found if inside(beat, gaps)]
    assert all(beat.rr_ms is not None for beat in found[1:])
    assert [beat.label for beat in found].count(UNCLASSIFIED) == [beat.label for beat in expected].count(UNCLASSIFIED)
    late = [event for event in events if isinstance(event, Vitals) and event.index > 20 * 360]
    assert all(vitals.heart_rate_bpm == pytest.approx(75, abs=1) for vitals in late)
    assert any(isinstance(event, AlarmEvent) and event.kind == "samples_lost" for event in events)


def test_an_r_peak_that_was_lost_is_told_beside_the_gap() -> None:
    whole = heart_mv(30)
    peaks = (360 * (0.5 + 0.8 * np.arange(2, 35))).astype(int)
    events = run(lose(whole, peaks - 1, 3))
    gaps = [event for event in events if isinstance(event, Gap)]
    assert [gap.length for gap in gaps] == [3] * len(peaks)
    found = [beat for beat in beats(events) if peaks[0] - 36 < beat.index < peaks[-1] + 36]
    assert len(found) == len(peaks)
    assert not [beat for beat in found if inside(beat, gaps)]
    assert np.abs([beat.index for beat in found] - peaks).max() <= 3


@pytest.mark.parametrize(("length", "bridged"), [(1, True), (3, True), (9, True), (10, False)])
def test_only_a_gap_of_at_most_25_ms_is_bridged(*, length: int, bridged: bool) -> None:
    events = run(lose(heart_mv(20), np.array([3500]), length))
    assert [event for event in events if isinstance(event, Gap)] == [Gap(3500, length)]
    after = next(beat for beat in beats(events) if beat.index > 3500)
    assert (after.rr_ms is not None) is bridged


def test_a_signal_that_is_mostly_lost_gives_no_heart_rate() -> None:
    events = run(lose(heart_mv(30), np.arange(0, 10_790, 5), 3))
    assert not [event for event in events if isinstance(event, Vitals) and event.heart_rate_bpm is not None]


def stopping_mv(length_s: int, stops_s: float) -> FloatArray:
    """A heart of which P waves alone are left."""
    time_s = np.arange(length_s * 360) / 360
    p_waves = 0.1 * np.exp(-((((time_s - 0.3) % 0.8 - 0.4) / 0.04) ** 2))
    noise = 0.01 * np.random.default_rng(2).normal(size=len(time_s))
    return np.asarray(np.where(time_s < stops_s, heart_mv(length_s), p_waves + noise))


def asystoles_s(events: list[Event]) -> list[float]:
    """When an asystole was told."""
    return [
        event.index / 360
        for event in events
        if isinstance(event, AlarmEvent) and event.kind == "asystole" and event.state is AlarmState.OPENED
    ]


def test_a_heart_that_stops_is_told_although_a_sample_is_lost_each_second() -> None:
    samples_mv = stopping_mv(40, 20)
    events = run(lose(samples_mv, np.arange(100, len(samples_mv), 360)))
    assert asystoles_s(events) == [pytest.approx(24, abs=1)]


def test_a_heart_that_stops_in_its_first_beats_is_told() -> None:
    assert asystoles_s(run(stopping_mv(20, 4))) == [pytest.approx(8, abs=1)]


def test_an_electrode_just_put_on_is_not_taken_for_a_heart_that_stops() -> None:
    time_s = np.arange(30 * 360) / 360
    events = run(heart_mv(30) + 10.0 * np.exp(-time_s / 0.4) * (time_s > 0.5))
    assert asystoles_s(events) == []
    found = np.array([event.index for event in events if isinstance(event, Beat) and event.index > 3 * 360])
    assert len(found) > 25
    assert np.diff(found).max() < 1.5 * 360


def test_a_stream_that_ends_in_lost_samples_says_so() -> None:
    samples_mv = heart_mv(20)
    samples_mv[6000:] = np.nan
    assert Gap(index=6000, length=1200) in run(samples_mv)


def test_lost_samples_are_never_shown_as_a_heart_rate() -> None:
    samples_mv = heart_mv(60)
    samples_mv[7200:] = np.nan
    late = [event for event in run(samples_mv) if isinstance(event, Vitals) and event.index > 10_000]
    assert late
    assert all(vitals.heart_rate_bpm is None for vitals in late)


def test_with_the_electrode_off_no_beat_is_found_and_an_alarm_says_why() -> None:
    samples_mv = heart_mv(60)
    events = run(samples_mv, electrode_off={0: False, 7200: True, 14_400: False})
    assert not [beat for beat in beats(events) if 7200 <= beat.index < 14_400]
    assert [beat for beat in beats(events) if beat.index > 14_400]
    assert any(isinstance(event, AlarmEvent) and event.kind == "electrode_off" for event in events)
    assert not any(isinstance(event, AlarmEvent) and event.kind == "asystole" for event in events)


def test_a_flat_line_gives_no_beat_and_no_vitals_that_look_healthy() -> None:
    events = run(np.concatenate((heart_mv(20), np.full(7200, 0.1))))
    assert not [beat for beat in beats(events) if beat.index > 7200 + 36]
    last = [event for event in events if isinstance(event, Vitals)][-1]
    assert last.heart_rate_bpm is None
    assert last.faults == ("flat",)


def test_beats_in_bad_signal_are_told_but_unclassified() -> None:
    samples_mv = heart_mv(60)
    samples_mv[10_000:14_000] += 0.5 * np.random.default_rng(1).normal(size=4000)
    bad = [beat for beat in beats(run(samples_mv)) if 11_000 <= beat.index < 13_500]
    assert bad
    assert {beat.label for beat in bad} == {UNCLASSIFIED}


def test_given_r_peaks_stand_in_for_the_detector() -> None:
    peaks = [round(360 * (0.5 + 0.8 * k)) for k in range(1, 20, 2)]  # every second beat
    pipeline = Pipeline(rate_hz=360, settings=RhythmSettings(), detector=AnnotatedPeaks(peaks))
    events = pipeline.push(SampleBlock(0, heart_mv(20))) + pipeline.finish()
    assert [beat.index for beat in beats(events)] == pytest.approx(peaks, abs=2)


def test_a_block_from_the_past_is_refused() -> None:
    pipeline = Pipeline(rate_hz=360, settings=RhythmSettings())
    pipeline.push(SampleBlock(100, np.zeros(10)))
    with pytest.raises(ValueError, match="before"):
        pipeline.push(SampleBlock(105, np.zeros(10)))


@settings(max_examples=25, deadline=None)
@given(
    rate_hz=st.sampled_from([128, 250, 360, 500]),
    cuts=st.lists(st.integers(0, 6000), max_size=60).map(sorted),
    holes=st.lists(st.tuples(st.integers(0, 6000), st.one_of(st.integers(1, 12), st.integers(1, 400))), max_size=12),
    off=st.one_of(st.none(), st.tuples(st.integers(1, 3000), st.integers(3001, 6000))),
    seed=st.integers(0, 100),
)
def test_the_events_are_identical_for_every_cutting(
    rate_hz: int, cuts: list[int], holes: list[tuple[int, int]], off: tuple[int, int] | None, seed: int
) -> None:
    samples_mv = heart_mv(6000 / rate_hz, rate_hz, rr_s=0.6 + seed / 250, seed=seed)
    dice = np.random.default_rng(seed)
    for start in dice.integers(0, 5900, seed // 8).tolist():  # pulses with a tail, and samples that are false
        height_mv, length = dice.uniform(-40, 40), int(dice.integers(1, 5))
        samples_mv[start : start + length] += height_mv
        if seed % 2:
            samples_mv[start + length :] -= height_mv / 8 * np.exp(-np.arange(6000 - start - length) / 0.02 / rate_hz)
    for start, length in holes:
        samples_mv[start : start + length] = np.nan
    changes = {off[0]: True, off[1]: False} if off else {}
    whole = run(samples_mv, rate_hz=rate_hz, electrode_off=changes)
    assert run(samples_mv, cuts, rate_hz=rate_hz, electrode_off=changes) == whole
    if not changes:
        assert run_jumping(samples_mv, cuts, rate_hz=rate_hz) == whole


@pytest.mark.parametrize("length", [1, 7, 36, 360])
def test_the_events_are_identical_for_blocks_of_one_length(length: int) -> None:
    samples_mv = heart_mv(30)
    samples_mv[5000:5100] = np.nan
    assert run(samples_mv, list(range(0, len(samples_mv), length))) == run(samples_mv)


@pytest.mark.parametrize("offset", range(18))
def test_a_decision_uses_only_what_had_arrived_wherever_the_beats_lie_on_its_grid(offset: int) -> None:
    samples_mv = np.concatenate([np.zeros(offset), strange_every_third_mv(100)])
    whole = run(samples_mv)
    assert sum(isinstance(event, AlarmEvent) for event in whole) >= 3  # they tell the moment of the decision
    assert run(samples_mv, list(range(0, len(samples_mv), 18))) == whole


@pytest.mark.parametrize(("length", "seconds"), [(1, 60), (7, 300), (36, 300), (360, 300)])
def test_a_real_record_gives_identical_events_for_blocks_of_one_length(
    recordings: Path, shipped_model: Path, length: int, seconds: int
) -> None:
    source = open_recording(recordings / "mitdb" / "208")
    samples_mv = np.concatenate([block.samples_mv for block in source.blocks()])[: seconds * 360]
    whole = run(samples_mv, classifier=load_classifier(shipped_model))
    assert {beat.label for beat in beats(whole)} >= {"N", "V"}
    cut = run(samples_mv, list(range(0, len(samples_mv), length)), classifier=load_classifier(shipped_model))
    assert cut == whole
