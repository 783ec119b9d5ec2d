"""Checks whether a monitor is running with this storage: a running monitor keeps its outbox locked."""

from __future__ import annotations

import sqlite3
from enum import Enum, auto
from typing import TYPE_CHECKING

from ecg.errors import HardwareError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OutboxState", "outbox_state", "refuse_if_in_use"]

LOCK_TIMEOUT_S = 0.2


class OutboxState(Enum):
    """Result of opening an outbox."""

    ABSENT = auto()
    WHOLE = auto()
    IN_USE = auto()
    FORBIDDEN = auto()
    DAMAGED = auto()


def outbox_state(directory: Path) -> OutboxState:
    """Check the outbox of a storage directory without changing it and without delaying a running monitor."""
    path = directory / "outbox.sqlite"
    try:
        if not path.exists():
            return OutboxState.ABSENT
        database = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=LOCK_TIMEOUT_S)
    except (OSError, sqlite3.OperationalError):
        return OutboxState.FORBIDDEN
    try:
        (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        return OutboxState.IN_USE if "locked" in str(error) else OutboxState.FORBIDDEN
    except sqlite3.DatabaseError:
        return OutboxState.DAMAGED
    finally:
        database.close()
    return OutboxState.WHOLE if answer == "ok" else OutboxState.DAMAGED


def refuse_if_in_use(directory: Path) -> None:
    """Refuse to use the front end while a monitor has it.

    Raises:
        HardwareError: a monitor is running with this storage.
    """
    if outbox_state(directory) is OutboxState.IN_USE:
        raise HardwareError(
            f"a monitor is running and uses the front end (its outbox in {directory} is in use); "
            "stop it first: sudo systemctl stop ecg-edge"
        )
