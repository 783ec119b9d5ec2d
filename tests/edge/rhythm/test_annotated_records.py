"""The rules on the annotated beats of MIT-BIH records (DS1 only: DS2 is kept for reports)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from converter.datasets.annotations import AAMI5, read_beats
from ecg.alarms.kinds import AlarmKind, AlarmState

if TYPE_CHECKING:
    from pathlib import Path

    from tests.edge.rhythm.conftest import Watch

pytestmark = pytest.mark.recordings

Annotated = Callable[[str], list[tuple[float, str]]]

RATE = 360
LENGTH_S = 1805.0


@pytest.fixture(scope="module")
def annotated(recordings: Path) -> Annotated:
    """Give a function: record -> beats (s, AAMI class)."""
    pytest.importorskip("wfdb", reason="reading the annotations needs wfdb")

    def read(record: str) -> list[tuple[float, str]]:
        beats = read_beats(recordings / "mitdb" / record, rate_hz=RATE)
        return [(index / RATE, AAMI5[symbol]) for index, symbol in zip(beats.index, beats.symbol, strict=True)]

    return read


@pytest.mark.parametrize("record", ["205", "223", "215", "124", "106"])
def test_every_annotated_run_of_ventricular_beats_is_told(watch: Watch, annotated: Annotated, record: str) -> None:
    beats = annotated(record)
    told = watch(beats, until_s=LENGTH_S)
    alarms = [*told.alarms("ventricular_run"), *told.alarms("ventricular_tachycardia")]
    lives = [(a.onset_index / RATE - 0.1, a.index / RATE) for a in alarms if a.state is AlarmState.CLOSED]
    run: list[float] = []
    runs = []
    for moment_s, label in [*beats, (LENGTH_S, "N")]:
        if label == "V":
            run.append(moment_s)
            continue
        if len(run) >= 3:
            runs.append(run)
        run = []
    assert runs
    for run in runs:
        assert any(start <= run[0] <= end for start, end in lives), f"run at {run[0]:.1f} s of {record}"
        fast = len(run) >= 5 and 60 * (len(run) - 1) / (run[-1] - run[0]) > 100
        if fast:
            assert any(
                a.kind is AlarmKind.VENTRICULAR_TACHYCARDIA and a.onset_index / RATE - 0.1 <= run[0] <= a.index / RATE
                for a in alarms
                if a.state is AlarmState.CLOSED
            )
    episodes = [a for a in alarms if a.state is AlarmState.CLOSED and a.evidence["reason"] != "superseded"]
    assert len(episodes) <= len(runs), "alarms without a run"


def test_a_record_without_arrhythmia_raises_no_alarm(watch: Watch, annotated: Annotated) -> None:
    for record in ("101", "112", "115", "122"):
        beats = annotated(record)
        assert watch(beats, until_s=LENGTH_S, p_wave=0.3).kinds == []
