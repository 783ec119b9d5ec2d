"""What must be known after a restart is on disk, and its loss stops nothing."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING

import pytest

from edge.errors import InputError
from edge.storage.state import StateStore

if TYPE_CHECKING:
    from pathlib import Path


def test_a_value_is_there_after_a_restart(tmp_path: Path) -> None:
    with StateStore(tmp_path) as store:
        store.put("alarms", {"a": 1})
        store.put("alarms", {"a": 2})
        store.put("hour", [1, 2])
    with StateStore(tmp_path) as store:
        assert store.get("alarms", dict[str, int]) == {"a": 2}
        assert store.get("hour", list[int]) == [1, 2]
        assert store.get("day", list[int]) is None


def test_a_value_that_cannot_be_understood_counts_as_absent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with StateStore(tmp_path) as store:
        store.put("alarms", "of another version")
        assert store.get("alarms", dict[str, int]) is None
    assert "begins anew" in caplog.text


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"not a database" * 1000)
    with StateStore(tmp_path) as store:
        store.put("alarms", 1)
    assert list(tmp_path.glob("state.damaged-*.sqlite"))


def test_a_state_that_is_in_use_is_refused(tmp_path: Path) -> None:
    with StateStore(tmp_path), pytest.raises(InputError, match=r"storage\.directory"):
        StateStore(tmp_path)


def test_a_disk_that_fails_is_told_once_and_recovers(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with StateStore(tmp_path) as store:
        store._database.execute("PRAGMA max_page_count = 3")  # SQLITE_FULL, as on a full disk
        for _ in range(3):
            store.put("alarms", "x" * 100_000)
        assert caplog.text.count("cannot be kept") == 1
        store.put("alarms", "short")
        assert store.get("alarms", str) == "short"
    with sqlite3.connect(tmp_path / "state.sqlite") as database:
        assert database.execute("SELECT COUNT(*) FROM state").fetchone() == (1,)
    database.close()
