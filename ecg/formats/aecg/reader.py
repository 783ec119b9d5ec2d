"""Reads HL7 aECG. Of the patient and the trial nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.formats.aecg.series import ELEMENTS, read_series, told_time
from ecg.formats.whole_file import Contents, WholeFileReader
from ecg.formats.xml_tree import Element, read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["AecgReader"]

_ROOT: Final = "AnnotatedECG"
_KEPT: Final = ELEMENTS | {_ROOT, "series", "derivation", "derivedSeries"}
_MOST_DAMAGED: Final = 1 / 20


class AecgReader(WholeFileReader):
    """The rhythm of an annotated ECG: the longest series that is not made of another one."""

    def _decode(self, path: Path) -> Contents:
        root = read_xml(path, _KEPT)
        if root.name != _ROOT:
            raise InputError(f"{path}: no HL7 aECG (its root is {root.name[:64]}); give an annotated ECG")
        all_series = [read_series(each, path, is_derived=is_derived) for each, is_derived in _all_series(root)]
        found = [each for each in all_series if each.signals]
        if not found:
            raise InputError(f"{path}: no series of samples is in it; give an annotated ECG with its rhythm")
        chosen = max(found, key=lambda each: (not each.is_derived, each.duration_s))
        if chosen.is_derived:
            raise InputError(f"{path}: only a representative beat is in it; give an annotated ECG with its rhythm")
        samples = sum(len(signal.numbers) for signal in chosen.signals)
        if chosen.damaged > _MOST_DAMAGED * samples:
            raise InputError(f"{path}: {chosen.damaged} of {samples} samples are no numbers; copy it again")
        remarks = [f"{chosen.damaged} samples are no numbers, and are lost"] if chosen.damaged else []
        remarks += [
            f"its {each.kind.casefold().replace('_', ' ') or 'other'} series of {each.duration_s:.1f} s is not read"
            for each in found
            if each is not chosen
        ]
        kind = chosen.kind.casefold().replace("_", " ")
        return Contents(
            signals=chosen.signals,
            format=f"HL7 aECG ({kind})" if kind else "HL7 aECG",
            start_utc=chosen.start_utc or told_time(root),
            remarks=remarks,
        )


def _all_series(root: Element) -> Iterator[tuple[Element, bool]]:
    """The series, and whether they are derived."""
    for series in root.all("component", "series"):
        yield series, False
        for derived in series.all("derivation", "derivedSeries"):
            yield derived, True
