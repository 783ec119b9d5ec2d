"""Opening recordings, by settings and by suffix."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.registry import open_recording, record_name
from edge.config import ReplaySettings, SimulatorSettings, SourceSettings
from edge.frontends import open_source
from edge.frontends.replay import Loop

if TYPE_CHECKING:
    from pathlib import Path

ADC = np.arange(-1000, 1000).reshape(-1, 2)


def test_settings_name_a_recording_and_its_signal(write_record: Any, samples_of: Any) -> None:
    replay = ReplaySettings(record=str(write_record(ADC)), channel="V5")
    source = open_source(SourceSettings(kind="replay", replay=replay))

    assert (source.name, source.rate_hz, source.length) == ("r V5", Fraction(360), 1000)
    assert samples_of(source) == pytest.approx(ADC[:, 1] / 200)


def test_settings_name_a_scenario() -> None:
    source = open_source(SourceSettings(simulator=SimulatorSettings(scenario="af")))

    assert (source.name, source.rate_hz, source.length) == ("simulator af", Fraction(500), None)


def test_no_recording_named_is_told() -> None:
    with pytest.raises(InputError, match=r"set source\.replay\.record"):
        open_source(SourceSettings(kind="replay"))


def test_a_loop_goes_on_counting(write_record: Any) -> None:
    replay = ReplaySettings(record=str(write_record(ADC)), loop=True)
    source = open_source(SourceSettings(kind="replay", replay=replay))
    blocks = list(islice(source.blocks(), 5))

    assert source.length is None
    assert [block.first_index for block in blocks] == [0, 1000, 2000, 3000, 4000]
    assert all(block.samples_mv.tolist() == blocks[0].samples_mv.tolist() for block in blocks)


def test_a_loop_stops_at_damage(write_record: Any) -> None:
    with pytest.raises(InputError, match="damaged"):
        list(Loop(open_recording(write_record(ADC, checksum_error=1))).blocks())


@pytest.mark.parametrize(
    ("path", "name"), [("a/100", "100"), ("a/100.hea", "100"), ("b/x.CSV", "x"), ("x.edf", "x"), ("a/s1.2", "s1.2")]
)
def test_a_records_name(path: str, name: str) -> None:
    assert record_name(path) == name


def test_a_csv_file_is_known_by_its_suffix(tmp_path: Path, samples_of: Any) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("# rate_hz: 100\nI\tII\n1\t2\n")

    assert samples_of(open_recording(path, "II")).tolist() == [2]
