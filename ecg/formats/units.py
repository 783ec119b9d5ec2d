"""What a unit of a file is worth in mV."""

from __future__ import annotations

__all__ = ["mv_per_unit"]

_MV_PER_UNIT = {"mv": 1.0, "uv": 1e-3, "nv": 1e-6, "v": 1e3}


def mv_per_unit(unit: str) -> float | None:
    """What one `unit` is in mV (V, mV, uV or nV, the micro sign in either spelling); None for what is no voltage."""
    plain = unit.strip().replace("\u00b5", "u").replace("\u03bc", "u")
    return _MV_PER_UNIT.get(plain.casefold())
