"""Reads ECGs in DICOM."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

from ecg.errors import InputError
from ecg.formats.dates import compact_utc
from ecg.formats.dicom.file import read_waveforms
from ecg.formats.dicom.groups import Group, read_group
from ecg.formats.whole_file import Contents, WholeFileReader

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

__all__ = ["DicomReader"]

_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.9."
_ECG: Final = {
    f"{_STORAGE}1.1": "12-lead ECG",
    f"{_STORAGE}1.2": "general ECG",
    f"{_STORAGE}1.3": "ambulatory ECG",
    f"{_STORAGE}1.4": "general 32-bit ECG",
}
_OTHER: Final = {
    f"{_STORAGE}2.1": "a haemodynamic waveform", f"{_STORAGE}3.1": "an electrophysiology of the heart",
    f"{_STORAGE}4.1": "a voice", f"{_STORAGE}4.2": "a sound", f"{_STORAGE}5.1": "an arterial pulse",
    f"{_STORAGE}6.1": "a respiration", f"{_STORAGE}6.2": "a respiration", f"{_STORAGE}7.1": "an EEG",
    f"{_STORAGE}7.2": "an EMG", f"{_STORAGE}7.3": "an EOG", f"{_STORAGE}7.4": "an EEG of sleep",
    f"{_STORAGE}8.1": "a body position", "1.2.840.10008.5.1.4.1.1.104.1": "a PDF document",
}  # fmt: skip
_MOST_GROUPS: Final = 64


class DicomReader(WholeFileReader):
    """An ECG in DICOM. Of several groups of channels the rhythm is read: the longest that is not derived."""

    def _decode(self, path: Path) -> Contents:
        found, is_little = read_waveforms(path)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _contents(found, path, is_little=is_little)
        except (InputError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - pydicom decodes values when they are asked for, and raises anything
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(f"{path}: not a readable DICOM waveform ({reason}); export it again") from None


def _contents(found: Any, path: Path, *, is_little: bool) -> Contents:
    kind = str(found.get("SOPClassUID") or "")
    items = list(found.get("WaveformSequence") or [])
    if kind in _OTHER:
        raise InputError(f"{path}: {_OTHER[kind]} in DICOM, no ECG; give a 12-lead, general or ambulatory ECG")
    if not items:
        raise InputError(f"{path}: DICOM without a waveform; export the ECG as a waveform, not as a picture")
    if len(items) > _MOST_GROUPS:
        raise ValueError(f"{len(items)} groups of channels")
    groups = [read_group(item, is_little=is_little) for item in items]
    chosen = max(groups, key=lambda group: (not group.is_derived, group.duration_s, group.samples))
    if chosen.is_derived:
        raise InputError(f"{path}: only {_told(chosen)}, no rhythm; export the ECG with its rhythm")
    if not chosen.samples:
        raise ValueError(f"it holds none of {chosen.promised} samples")
    remarks = [f"its group {_told(group)} is not read" for group in groups if group is not chosen]
    if kind not in _ECG:
        remarks.append("its class is no ECG that is known here; it is read as one")
    missing = chosen.promised - chosen.samples
    label = chosen.label.casefold()
    return Contents(
        signals=chosen.signals,
        format=f"DICOM {_ECG.get(kind, 'waveform')}{f' ({label})' if label else ''}",
        start_utc=_start(found),
        remarks=remarks,
        ends_early=f"ends after {chosen.samples} of {chosen.promised} samples" if missing > 0 else "",
    )


def _told(group: Group) -> str:
    return f"{group.label.casefold() or 'without a name'} of {group.duration_s:.1f} s"


def _start(found: Any) -> datetime | None:
    """When the ECG was taken. A time without a zone is taken for UTC; a date alone is none."""
    zone = str(found.get("TimezoneOffsetFromUTC") or "")
    for text in (
        str(found.get("AcquisitionDateTime") or ""),
        f"{found.get('ContentDate') or ''}{found.get('ContentTime') or ''}",
        f"{found.get('StudyDate') or ''}{found.get('StudyTime') or ''}",
    ):
        if len(text.strip()) > len("YYYYMMDD") and (start := compact_utc(text, zone)) is not None:
            return start
    return None
