"""Opening sources by their settings."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ecg.errors import InputError
from ecg.formats.registry import open_recording
from edge.config import ReplaySettings, SimulatorSettings, SourceSettings
from edge.frontends import open_source
from edge.frontends.playback import LoopedRecording
from tests.support.sources import samples_of
from tests.support.wfdb_files import write_record

if TYPE_CHECKING:
    from pathlib import Path

ADC = np.arange(-1000, 1000).reshape(-1, 2)


def test_settings_name_a_recording_and_its_signal(tmp_path: Path) -> None:
    replay = ReplaySettings(record=str(write_record(tmp_path, ADC)), channel="V5")
    source = open_source(SourceSettings(kind="replay", replay=replay))

    assert (source.name, source.rate_hz, source.length) == ("r V5", Fraction(360), 1000)
    assert samples_of(source) == pytest.approx(ADC[:, 1] / 200)


def test_settings_name_a_scenario() -> None:
    source = open_source(SourceSettings(simulator=SimulatorSettings(scenario="af")))

    assert (source.name, source.rate_hz, source.length) == ("simulator af", Fraction(500), None)


def test_a_missing_recording_setting_is_named() -> None:
    with pytest.raises(InputError, match=r"set source\.replay\.record"):
        open_source(SourceSettings(kind="replay"))


def test_a_loop_continues_counting(tmp_path: Path) -> None:
    replay = ReplaySettings(record=str(write_record(tmp_path, ADC)), loop=True)
    source = open_source(SourceSettings(kind="replay", replay=replay))
    blocks = list(islice(source.blocks(), 5))

    assert source.length is None
    assert [block.first_index for block in blocks] == [0, 1000, 2000, 3000, 4000]
    assert all(block.samples_mv.tolist() == blocks[0].samples_mv.tolist() for block in blocks)


def test_a_loop_stops_at_damage(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="damaged"):
        list(LoopedRecording(open_recording(write_record(tmp_path, ADC, checksum_error=1))).blocks())
