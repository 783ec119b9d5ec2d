"""What every reader keeps: a new one joins `KINDS` in conftest.py and passes all of this."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.registry import open_file, open_recording
from ecg.recording import OneLead
from tests.support.sources import samples_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecg.samples import FloatArray

LEADS = ["II", "V5"]


def rows_of(path: Path, channels: list[str] | None = None) -> FloatArray:
    return open_file(path, channels).read().samples_mv


def test_every_signal_is_told_and_every_lead_is_read(path: Path, kind: Any) -> None:
    reader = open_file(path)

    others = [("PRES", False)] if kind.has_pressure else []
    assert [(each.name, each.is_lead) for each in reader.channels[:3]] == [("II", True), ("V5", True), *others]
    assert [each.rate_hz for each in reader.channels[:2]] == [250, 250]
    assert not any(each.is_lead for each in reader.channels[3:])
    assert [lead.name for lead in reader.leads] == LEADS
    assert all((lead.scale is not None) == kind.stored for lead in reader.leads)


def test_name_rate_length_and_start_are_told(path: Path, kind: Any) -> None:
    reader = open_file(path)

    assert (reader.name, reader.rate_hz, reader.length) == ("r", 250, kind.length)
    assert reader.start_utc == datetime(2024, 5, 1, 10, 20, 30, tzinfo=UTC)


def test_blocks_are_short_and_hold_every_sample_once(path: Path, expected_mv: FloatArray) -> None:
    blocks = list(open_file(path).blocks())

    assert all(block.samples_mv.shape[0] == 2 and block.samples_mv.shape[1] <= 10 * 250 for block in blocks)
    assert all(b.first_index == a.first_index + a.samples_mv.shape[1] for a, b in pairwise(blocks))
    assert np.concatenate([block.samples_mv for block in blocks], axis=1) == pytest.approx(expected_mv, abs=1e-9)


def test_the_whole_recording_is_read(path: Path, expected_mv: FloatArray) -> None:
    reader = open_file(path)
    recording = reader.read()

    assert recording.samples_mv == pytest.approx(expected_mv, abs=1e-9)
    assert (recording.leads, recording.rate_hz, recording.start_utc) == (reader.leads, 250, reader.start_utc)
    assert (recording.length, recording.gaps) == (expected_mv.shape[1], ())


def test_it_can_be_read_twice(path: Path) -> None:
    reader = open_file(path)

    assert (reader.read().samples_mv == reader.read().samples_mv).all()


@pytest.mark.parametrize("channels", [["II"], ["1"], ["v5", "ii"], ["1", "1"]])
def test_signals_are_chosen_by_name_or_number_in_any_order(path: Path, channels: list[str]) -> None:
    numbers = [{"ii": 0, "v5": 1, "1": 1}[channel.casefold()] for channel in channels]

    assert [lead.name for lead in open_file(path, channels).leads] == [LEADS[number] for number in numbers]
    assert (rows_of(path, channels) == rows_of(path)[numbers]).all()


@pytest.mark.parametrize("channel", ["0", "V5"])
def test_one_lead_is_the_same_however_it_is_picked(path: Path, channel: str) -> None:
    source = open_recording(path, channel)
    picked = OneLead(open_file(path), channel)
    from_memory = OneLead(open_file(path).read(), channel)

    assert source.name == picked.name == from_memory.name == f"r {LEADS[channel == 'V5']}"
    assert samples_of(source).tolist() == samples_of(picked).tolist() == samples_of(from_memory).tolist()


def test_a_signal_that_is_no_voltage_is_refused(path: Path, kind: Any) -> None:
    if not kind.has_pressure:
        pytest.skip(f"{kind.name} has no place for a signal that is no ECG")
    with pytest.raises(InputError, match="signal PRES is in mmHg, not a voltage; choose an ECG with --channel"):
        open_file(path, ["PRES"])


def test_an_unknown_signal_is_answered_with_those_that_there_are(path: Path) -> None:
    with pytest.raises(InputError, match=r"no signal 'aVL'.*0 = II, 1 = V5"):
        open_file(path, ["II", "aVL"])


def test_a_missing_file_is_named(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()
    with pytest.raises(InputError, match=rf"{path.name}") as caught:
        open_file(path)
    assert "\n" not in str(caught.value)


def read_or_refused(path: Path) -> Iterator[FloatArray]:
    """The blocks that can be read; whatever is wrong is one line."""
    try:
        yield from (block.samples_mv for block in open_file(path).blocks())
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)


def copy_of(original: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original.parent, folder)
    return folder / original.name


@settings(max_examples=40)
@given(data=st.data())
def test_a_file_cut_short_gives_what_it_has(
    data: st.DataObject, original: Path, expected_mv: FloatArray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = copy_of(original, tmp_path_factory.getbasetemp() / "cut")
    file = data.draw(st.sampled_from(sorted(path.parent.iterdir())))
    content = file.read_bytes()
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))])

    end = 0
    for samples_mv in read_or_refused(path):
        if file.suffix in {".dat", ".edf", ".scp", ".dcm"}:  # a number in text that is cut short is another number
            here = expected_mv[:, end : end + samples_mv.shape[1]]
            assert samples_mv == pytest.approx(np.where(np.isnan(samples_mv), np.nan, here), abs=1e-9, nan_ok=True)
        end += samples_mv.shape[1]
    assert end <= expected_mv.shape[1]


@settings(max_examples=60)
@given(data=st.data())
def test_damage_anywhere_is_read_or_refused(
    data: st.DataObject, original: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = copy_of(original, tmp_path_factory.getbasetemp() / "damaged")
    file = data.draw(st.sampled_from(sorted(path.parent.iterdir())))
    content = bytearray(file.read_bytes())
    head = min(len(content), 1024) - 1
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, head))] = data.draw(st.integers(0, 255))
    file.write_bytes(content)

    assert all(len(samples_mv) for samples_mv in read_or_refused(path))


@given(content=st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(content: bytes, kind: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{kind.suffix}"
    path.write_bytes(content)

    assert all(len(samples_mv) for samples_mv in read_or_refused(path))
