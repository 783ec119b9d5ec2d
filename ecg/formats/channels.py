"""How a signal of a recording is named, and what its unit is worth in mV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["choose_channel", "mv_per_unit"]

_MV_PER_UNIT = {"mv": 1.0, "uv": 1e-3, "nv": 1e-6, "v": 1e3}


def choose_channel(names: Sequence[str], wanted: str, recording: str) -> int:
    """Number of the signal that a person asked for, by name (case does not matter) or by number from 0 on.

    A name wins over a number, and of equal names the first.

    Args:
        names: names of the recording's signals.
        wanted: what the person wrote.
        recording: name of the recording, for the message.

    Raises:
        InputError: there is no such signal; the message lists those that there are.
    """
    lowered = [name.casefold() for name in names]
    if wanted.casefold() in lowered:
        return lowered.index(wanted.casefold())
    if wanted.isdecimal() and int(wanted) < len(names):
        return int(wanted)
    present = ", ".join(f"{number} = {name or 'unnamed'}" for number, name in enumerate(names)) or "none"
    raise InputError(f"{recording}: no signal {wanted!r}; choose one with --channel by name or number: {present}")


def mv_per_unit(unit: str) -> float | None:
    """What one `unit` is in mV (V, mV, uV or nV, the micro sign in either spelling); None for what is no voltage."""
    plain = unit.strip().replace("\u00b5", "u").replace("\u03bc", "u")
    return _MV_PER_UNIT.get(plain.casefold())
