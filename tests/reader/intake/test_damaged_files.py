"""Whatever bytes a file has, it is read, or refused in one line with a way out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from reader.intake import read_file
from reader.rhythm import tell_rhythm
from tests.support.damage import damaged
from tests.support.ecg_files import WRITERS, normal_steps

if TYPE_CHECKING:
    from pathlib import Path

STEPS = normal_steps()


@pytest.mark.parametrize("name", WRITERS)
@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make a file of a failure smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(name: str, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / f"sound{name[0]}"
    if not path.is_dir():
        path.mkdir()
        WRITERS[name](path, STEPS)
    (sound,) = [each for each in path.iterdir() if each.suffix != ".dat"]
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    for other in path.iterdir():
        (work / other.name).write_bytes(other.read_bytes())
    (work / sound.name).write_bytes(data.draw(damaged(sound.read_bytes())))
    try:
        file = read_file(work / sound.name)
        told = tell_rhythm(file.ecg, file.filtered, file.quality, whole_lead=file.whole_lead, start_s=file.start_s)
    except InputError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 (both ways are right)
        assert "; " in str(refused)  # noqa: PT017 - the way out
        return
    assert file.ecg.present
    assert 5 <= file.duration_s <= 3600
    assert all(0 <= score <= 1 and not math.isnan(score) for score in file.quality.values())
    assert told.name or told.why_not
