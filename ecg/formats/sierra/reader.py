"""Reads Philips Sierra XML. Of the patient nothing is read."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.lead_ids import standard_name
from ecg.formats.numbers import parse_fraction, parse_samples
from ecg.formats.sierra.xli import decode, restore_limb_leads
from ecg.formats.whole_file import Contents, Signal, WholeFileReader
from ecg.formats.words import one_line
from ecg.formats.xml_tree import Element, read_xml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["SierraReader"]

_ROOT: Final = "restingecgdata"

_CHARACTERISTICS: Final = (
    "samplingrate", "signalresolution", "resolution", "numberchannelsvalid", "numberchannelsallocated", "signaloffset",
    "signalsigned",
)  # fmt: skip
_KEPT: Final = frozenset(
    {"documentinfo", "documentversion", "dataacquisition", "signalcharacteristics", "waveforms", "parsedwaveforms",
     *_CHARACTERISTICS}
)  # fmt: skip
_TWELVE: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_MOST_SAMPLES: Final = 1 << 24
"""Of a lead. A resting ECG has 5500."""

_MOST_LEADS: Final = 64
_PULSE_UV: Final = 1000
"""Of the calibration that devices draw behind the ECG: 1 mV, the usual one of paper (Kligfield et al. 2007)."""


class SierraReader(WholeFileReader):
    """The rhythm of a resting ECG. The calibration pulse that some devices append to it is left out."""

    def _decode(self, path: Path) -> Contents:
        root = read_xml(path, _KEPT)
        waveforms = root.first("waveforms", "parsedwaveforms")
        if root.name != _ROOT or waveforms is None:
            raise InputError(f"{path}: no waveform of Philips Sierra is in it; export the ECG with its waveforms")
        about = root.first("dataacquisition", "signalcharacteristics") or Element("signalcharacteristics", {})
        try:
            return _contents(root, waveforms, about)
        except (ValueError, binascii.Error) as error:
            raise InputError(f"{path}: not readable Philips Sierra XML ({error}); copy it again") from None


def _contents(root: Element, waveforms: Element, about: Element) -> Contents:
    rate_hz = parse_fraction(waveforms.get("samplespersecond") or about.text_of("samplingrate"))
    step_uv = parse_fraction(
        waveforms.get("resolution") or about.text_of("resolution") or about.text_of("signalresolution")
    )
    offset = parse_fraction(waveforms.get("signaloffset") or about.text_of("signaloffset")) or 0
    names = _names(waveforms, about)
    coded = _coding(waveforms)
    leads = _leads(waveforms, about, names, _promised(waveforms, rate_hz), coded)
    remarks = []
    shortest, longest = min(map(len, leads.values())), max(map(len, leads.values()))
    if shortest < longest:
        remarks.append(f"its leads have between {shortest} and {longest} samples; what is missing is lost")
    pulse = _calibration(list(leads.values()), float(step_uv or 0))
    if pulse:
        remarks.append(f"its last {pulse} samples are a calibration pulse of 1 mV, and are left out")
    version = one_line(root.text_of("documentinfo", "documentversion"), 16)
    return Contents(
        signals=[
            Signal(
                name=name,
                numbers=numbers[: longest - pulse],
                unit="uV",
                step=float(step_uv) if step_uv else None,
                zero=-float(offset * step_uv) if step_uv else 0.0,
                rate_hz=rate_hz,
            )
            for name, numbers in leads.items()
        ],
        format=f"Philips Sierra {version}".rstrip() + (f" ({coded})" if coded else ""),
        start_utc=_start(root),
        remarks=remarks,
    )


def _coding(waveforms: Element) -> str:
    """`XLI`, or empty where the samples are not compressed.

    Raises:
        ValueError: they are compressed in another way.
    """
    method = waveforms.get("compression") or waveforms.get("compressmethod")
    if waveforms.get("compressflag").casefold() == "false" or method.casefold() in {"", "none", "uncompressed"}:
        return ""
    if method.upper() != "XLI":
        raise ValueError(f"its compression {one_line(method, 32)} is not known")
    return "XLI"


def _names(waveforms: Element, about: Element) -> list[str]:
    """Names of the leads: those of the file, else the twelve standard ones.

    Raises:
        ValueError: there are none, or too many.
    """
    told = waveforms.get("leadlabels").split()
    count = waveforms.get("numberofleads") or about.text_of("numberchannelsvalid")
    count = count or about.text_of("numberchannelsallocated")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) < 4 else len(told) or len(_TWELVE)
    if not 0 < number <= _MOST_LEADS:
        raise ValueError(f"it promises {number} leads")
    named = told or list(_TWELVE)
    names = [standard_name(one_line(each, 32)) for each in named[:number]]
    names += [f"lead {place}" for place in range(len(names) + 1, number + 1)]
    if len(set(names)) < len(names):
        raise ValueError("two of its leads have the same name")
    return names


def _promised(waveforms: Element, rate_hz: Fraction | None) -> int | None:
    """Samples of a lead; None if the file does not tell.

    Raises:
        ValueError: they are too many.
    """
    duration_ms = parse_fraction(waveforms.get("durationperchannel"))
    if duration_ms is None or rate_hz is None or duration_ms <= 0 or rate_hz <= 0:
        return None
    samples = round(duration_ms * rate_hz / 1000)
    if samples > _MOST_SAMPLES:
        raise ValueError(f"it promises {samples} samples of each lead")
    return samples


def _leads(
    waveforms: Element, about: Element, names: Sequence[str], promised: int | None, coded: str
) -> dict[str, NDArray[np.generic]]:
    """The numbers of each lead.

    Raises:
        ValueError: they are damaged, or in a coding that is not known.
    """
    encoding = waveforms.get("dataencoding").casefold()
    if encoding == "base64":
        data = base64.b64decode("".join(waveforms.text.split()), validate=True)
    elif encoding in {"plain", ""} and not coded:
        data = b""
    else:
        raise ValueError(f"its encoding {one_line(encoding, 32)} is not known")
    if coded:
        parts = decode(data, len(names), _MOST_SAMPLES if promised is None else promised + 1)
        if len(parts) < len(names):
            raise ValueError(f"it ends after {len(parts)} of {len(names)} leads")
        return dict(restore_limb_leads({name: part[:promised] for name, part in zip(names, parts, strict=True)}))
    numbers: NDArray[np.generic]
    if data:
        is_signed = (waveforms.get("signalsigned") or about.text_of("signalsigned")).casefold() != "false"
        numbers = np.frombuffer(data[: len(data) // 2 * 2], "<i2" if is_signed else "<u2")
    else:
        numbers, damaged = parse_samples(waveforms.text)
        if damaged:
            raise ValueError(f"{damaged} of its samples are no numbers")
    length = len(numbers) // len(names) if promised is None else promised
    if not length or len(numbers) < length * len(names):
        raise ValueError(f"it holds {len(numbers)} of {length * len(names)} samples")
    return {name: numbers[place * length : (place + 1) * length] for place, name in enumerate(names)}


def _calibration(leads: Sequence[NDArray[np.generic]], step_uv: float) -> int:
    """Samples of a calibration pulse at the end; 0 without one.

    There all leads are equal, and some sample is 1 mV. By Einthoven's law the leads I, II and III of a person are equal
    only where all are 0.
    """
    shortest = min(map(len, leads))
    if len(leads) < 3 or not step_uv or shortest != max(map(len, leads)):
        return 0
    table = np.array(leads)
    differs = np.flatnonzero((table != table[0]).any(axis=0))
    begin = int(differs[-1]) + 1 if len(differs) else 0
    tail_uv = np.abs(table[0, begin:].astype(np.float64)) * step_uv
    return shortest - begin if begin and np.isclose(tail_uv, _PULSE_UV, rtol=0.02).any() else 0


def _start(root: Element) -> datetime | None:
    """When the ECG was taken. The zone of the time is not told; it is taken for UTC."""
    taken = root.first("dataacquisition")
    if taken is None:
        return None
    try:
        return datetime.fromisoformat(f"{taken.get('date')}T{taken.get('time')}").replace(tzinfo=UTC)
    except ValueError:
        return None
