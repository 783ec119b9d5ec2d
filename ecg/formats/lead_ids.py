"""Numbers of leads: SCP-ECG (EN 1064:2020, section 3), DICOM (CID 3001) and ISO/IEEE 11073-10102 share them."""

from __future__ import annotations

from typing import Final

__all__ = ["lead_name", "standard_name"]

_RIGHT: Final = tuple(f"V{number}R" for number in range(2, 8))
_CHEST: Final = tuple(f"V{number}" for number in range(1, 8))
_FIRST: Final = (
    "I", "II", *_CHEST, *_RIGHT, "X", "Y", "Z", "CC5", "CM5", "LA", "RA", "LL",
    "fI", "fE", "fC", "fA", "fM", "fF", "fH",
)  # fmt: skip
_NAMES: Final = (
    "", *_FIRST, *(f"d{name}" for name in _FIRST), "III", "aVR", "aVL", "aVF", "-aVR", "V8", "V9", "V8R", "V9R",
    "D", "A", "J", "Defib", "Extern", "A1", "A2", "A3", "A4",
)  # fmt: skip
_STANDARD: Final = {name.casefold(): name for name in _NAMES if not name.startswith("d") and name}
"""Without the derived leads: `DI` is lead I in many languages."""


def lead_name(number: int) -> str:
    """The name of a lead: `aVR` for 62; `lead 200` for a number without a name. A `d` in front means derived."""
    known = 0 < number < len(_NAMES)
    return _NAMES[number] if known else f"lead {number}"


def standard_name(name: str) -> str:
    """A name in the standard spelling: `aVR` for `AVR`. Names that the standards do not know stay as they are."""
    plain = name.strip()
    return _STANDARD.get(plain.casefold(), plain)
