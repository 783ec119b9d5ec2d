"""Writes ECGs in DICOM, by pydicom."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["EXPLICIT", "channel", "dataset", "group", "save"]

EXPLICIT = "1.2.840.10008.1.2.1"
_IMPLICIT, _BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
_TWELVE_LEADS = "1.2.840.10008.5.1.4.1.1.9.1.1"


def channel(name: str, *, unit: str = "uV", sensitivity: str = "5", code: str = "", **more: Any) -> Any:
    """The definition of a channel. `code` is that of SCP-ECG."""
    from pydicom.dataset import Dataset

    source, units, found = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = code or "x", "SCPECG", f"Lead {name}"
    units.CodeValue = unit
    found.ChannelSourceSequence = [source]
    found.ChannelSensitivity = sensitivity
    found.ChannelSensitivityUnitsSequence = [units]
    found.ChannelSensitivityCorrectionFactor = "1"
    found.ChannelBaseline = "0"
    found.ChannelSampleSkew = "0"
    for keyword, value in more.items():
        setattr(found, keyword, value)
    return found


def group(
    numbers: np.ndarray, channels: Sequence[Any], *, rate: str = "250", label: str = "RHYTHM", **more: Any
) -> Any:
    """A group of channels; `numbers` are of shape (channels, n)."""
    from pydicom.dataset import Dataset

    found = Dataset()
    found.WaveformOriginality = "ORIGINAL"
    found.NumberOfWaveformChannels, found.NumberOfWaveformSamples = numbers.shape
    found.SamplingFrequency = rate
    found.MultiplexGroupLabel = label
    found.ChannelDefinitionSequence = list(channels)
    found.WaveformBitsAllocated = 16
    found.WaveformSampleInterpretation = "SS"
    found.WaveformData = np.ascontiguousarray(numbers.T).astype("<i2").tobytes()
    for keyword, value in more.items():
        setattr(found, keyword, value)
    return found


def dataset(groups: Sequence[Any], *, kind: str = _TWELVE_LEADS, start: dt.datetime | None = None) -> Any:
    """What a file holds."""
    from pydicom.dataset import Dataset

    found = Dataset()
    found.SOPClassUID, found.SOPInstanceUID = kind, "1.2.3"
    found.PatientName = "Nobody"
    if start is not None:
        found.AcquisitionDateTime = f"{start:%Y%m%d%H%M%S}"
    if groups:
        found.WaveformSequence = list(groups)
    return found


def save(path: Path, found: Any, *, syntax: str = EXPLICIT) -> Path:
    """Write a file."""
    from pydicom.dataset import FileDataset, FileMetaDataset

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = found.SOPClassUID, found.SOPInstanceUID
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        is_implicit, is_little = syntax == _IMPLICIT, syntax != _BIG
        file = FileDataset(str(path), found, b"\0" * 128, meta, is_implicit, is_little)
        file.save_as(path, enforce_file_format=True)
    return path
