"""The simulator: it tells the truth about what it plays, and the pipeline finds that in it."""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState
from ecg.errors import InputError
from ecg.samples import Beat, SampleBlock
from edge.pipeline import Pipeline
from edge.rhythm.settings import RhythmSettings
from edge.simulator.scenarios import SCENARIOS, Kind, parse_scenario
from edge.simulator.source import ELECTRODES, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecg.events import Event

STEPS = st.lists(st.tuples(st.sampled_from(list(Kind)), st.integers(1, 12)), min_size=1, max_size=5).filter(
    lambda steps: any(kind is not Kind.LOST for kind, _ in steps)
)


def blocks_until(simulator: Simulator, end_s: float) -> Iterator[SampleBlock]:
    return takewhile(lambda block: block.first_index < end_s * simulator.rate_hz, simulator.blocks())


def events_of(scenario: str, end_s: float) -> tuple[Simulator, list[Event]]:
    simulator = Simulator(scenario=scenario)
    pipeline = Pipeline(rate_hz=simulator.rate_hz, settings=RhythmSettings())
    events = [event for block in blocks_until(simulator, end_s) for event in pipeline.push(block)]
    return simulator, events + pipeline.finish()


@settings(deadline=None, max_examples=30)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_blocks_follow_each_other_and_only_lost_steps_leave_gaps(steps: list[tuple[Kind, int]], seed: int) -> None:
    simulator = Simulator(scenario=",".join(f"{kind}:{seconds}" for kind, seconds in steps), seed=seed)
    end_s = sum(seconds for _, seconds in steps)
    present = np.zeros(end_s * 500, dtype=bool)
    for block in blocks_until(simulator, end_s):
        place = slice(block.first_index, block.first_index + len(block.samples_mv))
        assert not present[place].any()
        assert np.isfinite(block.samples_mv).all()
        present[place] = True

    expected = np.repeat([kind is not Kind.LOST for kind, _ in steps], [seconds * 500 for _, seconds in steps])
    assert np.array_equal(present, expected)


def test_the_same_seed_gives_the_same_samples_and_another_seed_others() -> None:
    first, same, other = (
        np.concatenate([block.samples_mv for block in blocks_until(Simulator(seed=seed), 120)]) for seed in (7, 7, 8)
    )

    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("scenario", "samples", "beats"),
    [
        ("demo", "0a3bdc3b587d5383", "ceb1e5b61f00a84b"),
        (
            (
                "normal:20,vf:12,af:9,noise:3,couplet:9,vt:4,pac:12,electrode_off:3,run:9,brady:9,tachy:4,pause:9,"
                "asystole:5,bigeminy:9"
            ),
            "6d4683f611801416",
            "2b46c63506e51143",
        ),
    ],
)
def test_a_scenario_is_played_the_same_in_each_version(
    scenario: str, samples: str, beats: str, rounded_digest: Callable[..., str]
) -> None:
    simulator = Simulator(scenario=scenario, seed=5)
    assert rounded_digest(*(block.samples_mv for block in islice(simulator.blocks(), 60))) == samples
    played = simulator.beats(300)
    assert rounded_digest(np.array([b.time_s for b in played]), np.array([b.symbol for b in played])) == beats


def test_the_electrodes_are_off_in_the_step_that_says_so() -> None:
    blocks = list(blocks_until(Simulator(scenario="normal:3,electrode_off:2,normal:3"), 8))

    assert [(block.first_index, block.electrode_off) for block in blocks] == [(0, False), (1500, True), (2500, False)]
    assert (blocks[1].samples_mv == ELECTRODES.rail_mv).all()


def test_the_heart_rate_is_what_was_asked_for_and_varies_like_a_heart() -> None:
    intervals_s = np.diff([beat.time_s for beat in Simulator(scenario="normal", heart_rate_bpm=60).beats(600)])

    assert np.mean(intervals_s) == pytest.approx(1.0, abs=0.02)
    assert 0.02 < np.std(intervals_s) < 0.08  # SDNN of 20 to 80 ms over ten minutes


def test_a_pvc_is_early_and_its_pause_is_compensatory() -> None:
    beats = Simulator(scenario="pvc").beats(300)
    pvcs = [n for n, beat in enumerate(beats[:-1]) if beat.symbol == "V"]

    assert len(pvcs) > 30
    for n in pvcs:
        sinus_s = np.median([beat.rr_s for beat in beats[max(0, n - 3) : n]])
        assert beats[n].rr_s < 0.75 * sinus_s
        assert beats[n].rr_s + beats[n + 1].rr_s == pytest.approx(2 * sinus_s, rel=0.25)


def test_atrial_fibrillation_is_irregular_beyond_sinus_rhythm() -> None:
    variation = {}
    for scenario in ("normal", "af"):
        intervals_s = [beat.rr_s for beat in Simulator(scenario=scenario).beats(120)][1:]
        variation[scenario] = np.std(np.diff(intervals_s)) / np.mean(intervals_s)

    assert variation["af"] > 0.2
    assert variation["normal"] < 0.1


@pytest.mark.parametrize(
    "scenario", ["normal", "pvc", "bigeminy", "couplet", "run", "pac", "af", "brady", "tachy", "pause", "vt"]
)
def test_the_detector_finds_every_beat_and_no_other(scenario: str) -> None:
    simulator, events = events_of(scenario, 60)
    found_s = [event.index / 360 for event in events if isinstance(event, Beat)]
    true_s = [beat.time_s for beat in simulator.beats(60)]

    assert found_s == pytest.approx(true_s, abs=0.03)


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        ("normal:20,asystole:8,normal:10", AlarmKind.ASYSTOLE),
        ("normal:20,pause:20", AlarmKind.PAUSE),
        ("normal:20,brady:20", AlarmKind.EXTREME_BRADYCARDIA),
        ("normal:20,tachy:20", AlarmKind.EXTREME_TACHYCARDIA),
        ("normal:20,vf:12,normal:12", AlarmKind.VENTRICULAR_FLUTTER),
        ("normal:20,af:40", AlarmKind.ATRIAL_FIBRILLATION),
        ("normal:20,electrode_off:6,normal:10", AlarmKind.ELECTRODE_OFF),
        ("normal:20,noise:20,normal:10", AlarmKind.POOR_SIGNAL),
        ("normal:20,lost:1,normal:10", AlarmKind.SAMPLES_LOST),
        ("normal:20,lost:3,normal:10", AlarmKind.NO_SAMPLES),
    ],
)
def test_a_step_opens_the_alarm_that_it_is_there_to_show_and_no_other(scenario: str, kind: AlarmKind) -> None:
    seconds = sum(seconds for _, seconds in parse_scenario(scenario))
    _, events = events_of(scenario, seconds)

    opened = {event.kind for event in events if isinstance(event, AlarmEvent) and event.state is AlarmState.OPENED}
    assert opened == {kind}


@pytest.mark.parametrize("scenario", [*SCENARIOS, *Kind])
def test_every_name_is_a_scenario(scenario: str) -> None:
    if scenario != Kind.LOST:
        assert parse_scenario(scenario)


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        ("nomal", "did you mean 'normal'"),
        ("", "there are demo, normal"),
        ("normal:20,zzz:3", "no simulator scenario 'zzz'"),
        ("normal:soon", "give its length in seconds"),
        ("normal:-1", "give its length in seconds"),
        ("normal:nan", "give its length in seconds"),
        ("normal:inf", "give its length in seconds"),
        ("lost:20", "has no sample"),
    ],
)
def test_a_bad_scenario_is_named(scenario: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_scenario(scenario)
