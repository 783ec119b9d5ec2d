"""Writes a reading as a FHIR bundle to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.files import new_file
from reader.fhir.bundle import bundle_of

if TYPE_CHECKING:
    from pathlib import Path

    from reader.reading import Reading
    from reader.twelve_leads import TwelveLeads

__all__ = ["write_bundle"]


def write_bundle(path: Path, reading: Reading, ecg: TwelveLeads) -> None:
    """Write the bundle of a reading.

    Raises:
        InputError: the package `fhir.resources` is missing, or the file cannot be written.
    """
    bundle = bundle_of(reading, ecg)
    with new_file(path) as file:
        file.write(bundle.encode() + b"\n")
