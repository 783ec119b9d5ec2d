"""Which format a recording has, by its suffix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecg.formats.registry import open_recording, record_name
from tests.support.sources import samples_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("path", "name"), [("a/100", "100"), ("a/100.hea", "100"), ("b/x.CSV", "x"), ("x.edf", "x"), ("a/s1.2", "s1.2")]
)
def test_a_records_name(path: str, name: str) -> None:
    assert record_name(path) == name


def test_a_csv_file_is_known_by_its_suffix(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("# rate_hz: 100\nI\tII\n1\t2\n")

    assert samples_of(open_recording(path, "II")).tolist() == [2]
