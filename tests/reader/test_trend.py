"""Readings of one patient over time: in order, against the patient's own baseline, and silent about causes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reader.measure.measurements import Measurements
from reader.reading import Reading, refused_reading
from reader.trend import trend_of
from tests.support.ecg_files import normal_steps, write_csv, write_wfdb

if TYPE_CHECKING:
    from pathlib import Path


def reading(day: int | None, qtcf_ms: float | None, **told: object) -> Reading:
    unknown = {} if qtcf_ms is not None else {"qtcf_ms": "atrial fibrillation"}
    return Reading(
        file=f"{day}.scp",
        recorded_at=None if day is None else f"2026-03-{day:02d}T08:00:00Z",
        measurements=Measurements(qtcf_ms=qtcf_ms, heart_rate_bpm=70.0, unknown=unknown),
        **told,  # type: ignore[arg-type]
    )


def test_recordings_come_in_the_order_of_their_times_with_the_change_from_the_first() -> None:
    found = trend_of([reading(9, 455.0), reading(1, 400.0), reading(5, 470.0)])
    assert [point.file for point in found.points] == ["1.scp", "5.scp", "9.scp"]
    assert found.baseline_ms == 400.0
    assert [point.change_ms for point in found.points] == [None, 70.0, 55.0]
    assert [point.reached for point in found.points] == [(), ("450 ms", "+60 ms"), ("450 ms",)]


@pytest.mark.parametrize(
    ("qtcf_ms", "reached"), [(449.9, ()), (450.0, ("450 ms",)), (500.0, ("450 ms", "480 ms", "500 ms"))]
)
def test_steps_are_reached_from_their_value_on(qtcf_ms: float, reached: tuple[str, ...]) -> None:
    assert trend_of([reading(1, qtcf_ms)]).points[0].reached == reached


def test_the_baseline_is_the_mean_of_the_first_recordings_that_have_a_qtc() -> None:
    found = trend_of([reading(1, None), reading(2, 400.0), reading(3, 420.0), reading(4, 475.0)], baseline=2)
    assert found.baseline_ms == 410.0
    assert found.baseline_files == ("2.scp", "3.scp")
    assert [point.change_ms for point in found.points] == [None, None, None, 65.0]
    assert found.points[0].why_no_qtcf == "atrial fibrillation"


def test_what_has_no_time_or_was_refused_is_named_and_left_out() -> None:
    found = trend_of([reading(None, 400.0), refused_reading("x.scp", "x.scp: is empty"), reading(2, None)])
    assert found.left_out == {"None.scp": "the file does not tell when it was recorded", "x.scp": "x.scp: is empty"}
    assert found.baseline_ms is None
    assert found.points[0].change_ms is None


def test_the_command_follows_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "patient"
    for number, day in enumerate(("01", "05")):
        (folder / str(number)).mkdir(parents=True)
        path = write_wfdb(folder / str(number), normal_steps())
        head, *rest = path.read_text().splitlines()
        path.write_text("\n".join([f"{head} 08:00:00 {day}/03/2026", *rest, ""]))
    without_time = write_csv(tmp_path, normal_steps())
    paths = [str(folder / "1" / "r.hea"), str(folder / "0" / "r.hea"), str(without_time)]
    command = [sys.executable, "-m", "reader.cli", "trend", *paths]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert [point["recorded_at"][:10] for point in found["points"]] == ["2026-03-01", "2026-03-05"]
    assert found["points"][1]["change_ms"] == pytest.approx(0.0, abs=1.0)
    assert list(found["left_out"]) == [str(without_time)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert "Baseline:" in shown
    assert "No ECG tells damage to the heart by a treatment" in shown


def test_without_any_time_nothing_is_followed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reader.cli", "trend", str(write_csv(tmp_path, normal_steps()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "does not tell when it was recorded" in done.stderr
