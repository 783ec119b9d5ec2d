"""The gallery: plays go through the whole pipeline, and the verdict is what a caregiver would say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ecg.alarms.kinds import AlarmKind
from ecg.errors import InputError
from ecg.formats.registry import open_recording
from edge.gallery import choose, play_all, save_play
from edge.gallery.page import page, results_in
from edge.gallery.run import play_one
from edge.inference import TFLiteClassifier, load_classifier
from edge.simulator.situations import SITUATIONS
from edge.simulator.situations.expectation import check
from edge.simulator.situations.expected_alarms import Alarmed
from edge.simulator.situations.expected_beats import Beats, HeartRate, Labels, NoHeartRate
from edge.simulator.situations.strip import TrueBeat
from edge.simulator.situations.telling import Span, Telling, ToldAlarm, ToldBeat, ToldVitals, Truth

PAGE = Path(__file__).parents[3] / "docs" / "situations.md"
ALWAYS_RIGHT = (
    "sinus",
    "sinus_bradycardia",
    "sinus_tachycardia",
    "left_bundle_branch_block",
    "bigeminy",
    "asystole",
    "coarse_vf",
    "complete_block_wide_escape",
    "paced_both",
    "pulses_in_asystole",
    "exertion",
    "tremor_0_3_to_0_5",
    "false_samples",
    "asystole_samples_lost",
    "electrode_off",
)
"""Situations of which the first plays must be told right at any time."""

ARREST = Alarmed("arrest", (AlarmKind.ASYSTOLE,), 6)
PHASES = (Span("sinus", 0, 40), Span("arrest", 40, 80))
TRUTH = Truth(PHASES, tuple(TrueBeat(float(second), "N") for second in range(40)))


@pytest.fixture(scope="module")
def classifier() -> TFLiteClassifier:
    return load_classifier()


def telling(*alarms: ToldAlarm, beats: tuple[ToldBeat, ...] = (), vitals: tuple[ToldVitals, ...] = ()) -> Telling:
    return Telling(alarms=alarms, beats=beats, vitals=vitals, rhythms=())


def asystole(opened_s: float, closed_s: float | None = None, reason: str | None = None) -> ToldAlarm:
    return ToldAlarm(AlarmKind.ASYSTOLE, opened_s, closed_s, reason)


@pytest.mark.parametrize("name", ALWAYS_RIGHT)
def test_what_is_told_right_today_is_told_right_tomorrow(name: str, classifier: TFLiteClassifier) -> None:
    for play in range(2):
        verdict = play_one(name, play, seed=1, classifier=classifier)
        assert verdict.right, verdict


def test_an_alarm_in_time_that_stays_is_right() -> None:
    assert check([ARREST], telling(asystole(44)), TRUTH) == []


def test_an_alarm_that_comes_late_or_never_or_closes_is_wrong() -> None:
    assert "no asystole 6 s after" in check([ARREST], telling(), TRUTH)[0]
    assert "asystole at 50.0 s" in check([ARREST], telling(asystole(50)), TRUTH)[0]
    assert "closed as over at 60.0 s" in check([ARREST], telling(asystole(44, 60, "over")), TRUTH)[0]


def test_an_alarm_that_another_takes_over_without_a_break_is_right() -> None:
    either = Alarmed("arrest", (AlarmKind.ASYSTOLE, AlarmKind.VENTRICULAR_FLUTTER), 6)
    later = ToldAlarm(AlarmKind.VENTRICULAR_FLUTTER, 60, None, None)
    assert check([either], telling(asystole(44, 60, "superseded"), later), TRUTH) == []


def test_a_high_alarm_that_nobody_expects_is_wrong() -> None:
    false = ToldAlarm(AlarmKind.VENTRICULAR_TACHYCARDIA, 20, 30, "over")
    assert "false" in check([ARREST], telling(asystole(44), false), TRUTH)[0]


def test_a_rate_is_right_within_ten_per_cent_or_five_bpm() -> None:
    def told(bpm: float | None) -> list[str]:
        return check([HeartRate("sinus")], telling(vitals=(ToldVitals(20, bpm, None),)), TRUTH)

    assert told(60) == told(65.5) == []
    assert "heart rate 70 for 60" in told(70)[0]
    assert "heart rate told in 0 of 1" in told(None)[0]


def test_a_rate_without_a_beat_is_wrong() -> None:
    said = telling(vitals=(ToldVitals(60, 70.0, None),))
    assert "without a beat" in check([NoHeartRate("arrest")], said, TRUTH)[0]


def test_missed_and_invented_beats_are_counted() -> None:
    told = tuple(ToldBeat(second + shift, "N") for second in range(0, 40, 2) for shift in (0.0, 0.5))
    complaints = check([Beats("sinus")], telling(beats=told), TRUTH)
    assert "beats of sinus missed" in complaints[0]
    assert "beats of sinus invented" in complaints[1]


def test_labels_are_counted_in_their_phase() -> None:
    told = tuple(ToldBeat(second, "V" if second % 2 else "N") for second in range(40))
    assert check([Labels("sinus", ("V",), at_most=0.6)], telling(beats=told), TRUTH) == []
    assert "beats of sinus are V" in check([Labels("sinus", ("V",), at_most=0.1)], telling(beats=told), TRUTH)[0]


def test_workers_tell_the_same_as_one_process() -> None:
    alone = list(play_all(["sinus"], plays=2, seed=3))
    assert list(play_all(["sinus"], plays=2, seed=3, workers=2)) == alone


def test_an_unknown_situation_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'asystole'"):
        choose(["asystol"])
    assert choose([]) == list(SITUATIONS)


def test_a_play_is_written_as_a_record_that_can_be_read(tmp_path: Path) -> None:
    header = save_play("asystole", 0, seed=1, folder=tmp_path)
    source = open_recording(header.with_suffix(""), "0")
    assert source.length == round(SITUATIONS["asystole"].length_s * source.rate_hz)
    assert header.with_suffix(".atr").exists()


def test_the_page_of_the_documentation_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    results = results_in(text)
    assert set(results) == set(SITUATIONS)
    assert page(results) == text, "run: ecg-edge situations --plays 20 --page docs/situations.md"


def test_the_command_prints_json_and_ends_with_one_where_something_was_wrong() -> None:
    command = [sys.executable, "-m", "edge.cli", "situations", "sinus", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (play,) = json.loads(done.stdout)
    assert play["situation"] == "sinus"
    assert play["right"] is True
