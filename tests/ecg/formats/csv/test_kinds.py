"""The same ten seconds in the ways in which programs of many countries write a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.registry import open_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE_HZ = 250
COUNT = 10 * RATE_HZ
PHASE = np.arange(COUNT) % 200
SIGNAL_MV = np.round(1.1 * np.exp(-((PHASE - 100) ** 2) / 20) - 0.2 + 0.05 * np.sin(np.arange(COUNT)), 4)
"""A spike each 0.8 s, and something between them."""

NOON = datetime(2026, 1, 5, 11, 59, 55)  # noqa: DTZ001 - the zone is what the tables leave out


def comma(number: float) -> str:
    return f"{number:.4f}".replace(".", ",")


def moment(index: int, pattern: str, start: datetime = NOON) -> str:
    """The time of a sample, to the ms where the pattern ends with it."""
    text = (start + timedelta(seconds=index / RATE_HZ)).strftime(pattern)
    return text[:-3] if pattern.endswith("%f") else text


def clock_set(index: int, hours: int, start: datetime) -> str:
    """A local time that is set by some hours after 5 s."""
    shifted = start + timedelta(seconds=index / RATE_HZ, hours=hours if index >= 5 * RATE_HZ else 0)
    return shifted.isoformat(sep=" ", timespec="milliseconds")


OCTOBER = datetime(2026, 10, 25, 2, 59, 55)  # noqa: DTZ001
MARCH = datetime(2026, 3, 29, 1, 59, 55)  # noqa: DTZ001

READ: dict[str, tuple[str, Callable[[int, float], str]]] = {
    "German": ("Zeit [s];EKG [mV]\r", lambda i, mv: f"{comma(i / 250)};{comma(mv)}\r"),
    "French": ("Temps (s);D\u00e9rivation II (mV)", lambda i, mv: f"{comma(i / 250)};{comma(mv)}"),
    "Spanish": ("Tiempo (s)\tDerivaci\u00f3n I (mV)", lambda i, mv: f"{comma(i / 250)}\t{comma(mv)}"),
    "a trailing delimiter": ("time,ecg_mv,", lambda i, mv: f"{i / 250:.3f},{mv},"),
    "spaces": ("time ecg_mv", lambda i, mv: f"  {i / 250:.3f}   {mv:8.4f}"),
    "rdsamp -v": ("       time      MLII\n      (sec)      (mV)", lambda i, mv: f"  {i / 250:.3f}   {mv:8.4f}"),
    "sep=": ("\ufeffsep=;\ntime;ecg (mV)", lambda i, mv: f"{i / 250:.3f};{mv}"),
    "quoted": ('"time","ecg mV"', lambda i, mv: f'"{i / 250:.3f}","{mv}"'),
    "quoted decimal commas": ('"time","ecg mV"', lambda i, mv: f'"{comma(i / 250)}","{comma(mv)}"'),
    "the time last": ("ecg_mv,time", lambda i, mv: f"{mv},{i / 250:.3f}"),
    "am and pm": ("Time,ecg_mv", lambda i, mv: f"{moment(i, '%m/%d/%Y %I:%M:%S.%f')} {moment(i, '%p')},{mv}"),
    "twelve hours": ("Time,ecg_mv", lambda i, mv: f"{moment(i + 3600 * 250, '%I:%M:%S.%f')},{mv}"),
    "German date": ("Datum/Uhrzeit;EKG mV", lambda i, mv: f"{moment(i, '%d.%m.%Y %H:%M:%S,%f')};{comma(mv)}"),
    "date and time apart": (
        "Date,Time,ecg_mv",
        lambda i, mv: f"{moment(i, '%Y-%m-%d')},{moment(i, '%H:%M:%S.%f')},{mv}",
    ),
    "a zone": ("timestamp,ecg_mv", lambda i, mv: f"{moment(i, '%Y-%m-%dT%H:%M:%S.%f')}+02:00,{mv}"),
    "whole seconds": ("time,ecg_mv", lambda i, mv: f"{moment(i, '%H:%M:%S')},{mv}"),
    "packets": ("time,ecg_mv", lambda i, mv: f"{moment(i // 73 * 73, '%Y-%m-%d %H:%M:%S.%f')},{mv}"),
    "s since 1970": ("timestamp,ecg_mv", lambda i, mv: f"{1767614400 + i // 250},{mv}"),
    "us since 1970": ("timestamp,ecg_mv", lambda i, mv: f"{1767614400000000 + 4000 * i},{mv}"),
    "ns since 1970": ("timestamp,ecg_mv", lambda i, mv: f"{1767614400000000000 + 4000000 * i},{mv}"),
    "ms": ("time,ecg_mv", lambda i, mv: f"{4 * i},{mv}"),
    "hours": ("time (h),ecg_mv", lambda i, mv: f"{i / 900000:.9f},{mv}"),
    "minutes and seconds": ("Time,ecg_mv", lambda i, mv: f"{moment(i, '%M:%S.%f')},{mv}"),
    "the hour that comes twice": ("time,ecg_mv", lambda i, mv: f"{clock_set(i, -1, OCTOBER)},{mv}"),
    "the hour that is left out": ("time,ecg_mv", lambda i, mv: f"{clock_set(i, 1, MARCH)},{mv}"),
    "microvolts": ("Milliseconds,Voltage (microvolts)", lambda i, mv: f"{4 * i},{1000 * mv:.1f}"),
    "V": ("time,ecg (V)", lambda i, mv: f"{i / 250:.3f},{mv / 1000:.7f}"),
    "a row of units": ("time;ecg\ns;uV", lambda i, mv: f"{i / 250:.3f};{1000 * mv:.1f}"),
    "other columns": ("time,temp (\u00b0C),ecg (mV),acc_x (g)", lambda i, mv: f"{i / 250:.3f},36.5,{mv},0.1"),
    "LabChart": ("Interval=\t0.004 s\nChannelTitle=\tECG\nUnit=\tmV", lambda i, mv: f"{i / 250:.3f}\t{mv}"),
    "Apple in German": (
        "Name,X\nAbtastrate,250 Hertz\n\nAbleitung,Ableitung I\nEinheit,\u00b5V\n",
        lambda _, mv: comma(1000 * mv),
    ),
    "no header": ("", lambda i, mv: f"{i / 250:.3f},{mv}"),
    "sample numbers": ("# rate_hz: 250\n", lambda i, mv: f"{i},{mv}"),
    "several times": (
        "Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]",
        lambda i, mv: (
            f"{moment(i // 73 * 73, '%Y-%m-%dT%H:%M:%S.%f')};{599618164000000000 + 4000000 * i};{4.0 * i};"
            f"{1000 * mv:.1f}"
        ),
    ),
}


def write(folder: Path, head: str, row: Callable[[int, float], str], encoding: str = "utf-8") -> Path:
    path = folder / "r.csv"
    rows = "".join(f"{row(index, mv)}\n" for index, mv in enumerate(SIGNAL_MV.tolist()))
    path.write_bytes((f"{head}\n{rows}" if head else rows).encode(encoding))
    return path


@pytest.mark.parametrize("kind", READ)
def test_the_samples_and_the_rate_are_the_same(kind: str, tmp_path: Path) -> None:
    reader = open_file(write(tmp_path, *READ[kind]), [""])
    recording = reader.read()

    assert reader.rate_hz == RATE_HZ
    np.testing.assert_allclose(recording.samples_mv[0], SIGNAL_MV, atol=1e-3)
    assert recording.gaps == ()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_every_coding_is_read(encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path, "Zeit (s);EKG (\u00b5V)", lambda i, mv: f"{i / 250:.3f};{1000 * mv:.1f}", encoding)

    np.testing.assert_allclose(open_file(path).read().samples_mv[0], SIGNAL_MV, atol=1e-3)


ASKED: dict[str, tuple[str, Callable[[int, float], str], str]] = {
    "no rate": ("ecg_mv", lambda _, mv: f"{mv}", "rate is not known.* --rate"),
    "sample numbers": ("", lambda i, mv: f"{i},{mv}", "rate is not known.* --rate"),
    "a time that counts": ("time,ecg_mv", lambda i, mv: f"{i},{mv}", "no unit, and rise by 1 a row.* --rate"),
    "an unknown unit of time": (
        "time (ticks),ecg_mv",
        lambda i, mv: f"{7 * i},{mv}",
        "'ticks', which is not .* --rate",
    ),
    "numbers that are no mV": (
        "time,ecg",
        lambda i, mv: f"{i / 250},{1000 * mv:.0f}",
        "no unit, .* no ECG in mV .* --unit",
    ),
    "numbers that are V": (
        "time,ecg",
        lambda i, mv: f"{i / 250},{mv / 1000:.7f}",
        "no unit, .* no ECG in mV .* --unit",
    ),
    "steps": ("time,ecg (adu)", lambda i, mv: f"{i / 250},{200 * mv:.0f}", "in adu.* --unit"),
    "an unknown unit": ("time,ecg (foo)", lambda i, mv: f"{i / 250},{mv}", "in foo.* --unit"),
    "a long unknown unit": ("time,ecg (celsius)", lambda i, mv: f"{i / 250},{mv}", "in celsius.* --unit"),
    "a longer one in square brackets": (
        "time,ecg [converter]",
        lambda i, mv: f"{i / 250},{mv}",
        "in converter.* --unit",
    ),
    "commas for both": (
        "time,ecg",
        lambda i, mv: f"{comma(i / 250)},{comma(mv)}",
        "decimal signs too; write a decimal point",
    ),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_ambiguous_is_asked_for(kind: str, tmp_path: Path) -> None:
    head, row, message = ASKED[kind]

    with pytest.raises(InputError, match=message) as caught:
        open_file(write(tmp_path, head, row), [""])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        ("", lambda i, mv: f"{i},{mv}", {"rate": "250"}),
        ("time (ticks),ecg_mv", lambda i, mv: f"{7 * i},{mv}", {"rate": "250"}),
        ("time,ecg", lambda i, mv: f"{i / 250},{1000 * mv:.1f}", {"unit": "uV"}),
        ("time,ecg (adu)", lambda i, mv: f"{i / 250},{2000 * mv:.1f}", {"unit": "2000/mV"}),
        ("a,b,ecg_mv", lambda i, mv: f"{9 * i},{4 * i},{mv}", {"time_column": "b"}),
        ("a,b,ecg_mv", lambda i, mv: f"{9 * i},{4 * i},{mv}", {"time_column": "none", "rate": "250"}),
    ],
)
def test_what_is_told_is_taken(
    head: str, row: Callable[[int, float], str], told: dict[str, str], tmp_path: Path
) -> None:
    reader = open_file(write(tmp_path, head, row), None if not head else ["ecg"], ReadOptions.parse(**told))

    assert reader.rate_hz == RATE_HZ
    np.testing.assert_allclose(reader.read().samples_mv[0], SIGNAL_MV, atol=1e-3)


def test_a_rate_that_the_times_deny_is_told(tmp_path: Path) -> None:
    reader = open_file(write(tmp_path, "# rate_hz: 500\ntime,ecg_mv", lambda i, mv: f"{i / 250:.3f},{mv}"))

    assert reader.read().gaps == ()
    assert reader.remarks == ["500 Hz by the lines above the table, but 250 Hz by its times, which are not followed"]


def test_what_was_understood_is_one_line(tmp_path: Path) -> None:
    reader = open_file(write(tmp_path, *READ["German"]), [""])

    assert reader.understood == "r: CSV (semicolons, decimal comma), EKG in mV, 250 Hz by column Zeit"


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("# rate_hz: 250\n" + "1," * 200_000)

    with pytest.raises(InputError, match="a line of more than 65536 characters"):
        open_file(path)
