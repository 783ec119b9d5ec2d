"""Causes of faults: which sentences tell of the same one."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["same_fault"]

_VARYING: Final = re.compile(r"""b'[^']*'|b"[^"]*"|\w*\d\w*""")
"""Bytes as Python shows them, and each word with a digit in it: a number, a register's value, an address."""


def same_fault(cause: str | None) -> str | None:
    """What stays the same in a fault's sentence; two causes with the same answer are the same fault.

    A driver may quote what it read, and a wire that floats answers something else each time.
    """
    return None if cause is None else _VARYING.sub("#", cause)
