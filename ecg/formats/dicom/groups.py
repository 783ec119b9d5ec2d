"""The groups of channels of a DICOM waveform (PS3.3, C.10.9): their numbers, and what these are worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ecg.formats.lead_ids import lead_name, standard_name
from ecg.formats.numbers import parse_fraction
from ecg.formats.whole_file import Signal
from ecg.formats.words import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Group", "read_group"]

_INTERPRETATIONS: Final = {
    ("SB", 8): "i1", ("UB", 8): "u1", ("SS", 16): "i2", ("US", 16): "u2", ("SL", 32): "i4", ("UL", 32): "u4",
}  # fmt: skip
_MOST_CHANNELS: Final = 256
_MOST_SKEW: Final = 60_000
"""Samples: a minute at 1000 Hz. The skew of a converter is less than one sample."""

_SCP_LEAD: Final = re.compile(r"5\.6\.3-9-(\d{1,3})")
_MDC_LEAD: Final = re.compile(r"2:(\d{1,3})")
_LEAD_WORDS: Final = re.compile(r"^\s*lead\s+|\s*\(.*\)\s*$", re.IGNORECASE)
_UNITS: Final = {"mm[Hg]": "mmHg"}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of channels that were sampled together.

    Attributes:
        label: such as `RHYTHM`; may be empty.
        is_derived: whether it was made of other samples, as a median beat is.
        rate_hz: sampling rate; None if the file does not tell.
        promised: samples of a channel as the file tells.
        signals: a channel each.
        samples: of a channel, as many as there are.
    """

    label: str
    is_derived: bool
    rate_hz: Fraction | None
    promised: int
    signals: tuple[Signal, ...]
    samples: int

    @property
    def duration_s(self) -> float:
        """Length; 0 without a rate."""
        return float(self.samples / self.rate_hz) if self.rate_hz else 0.0


def read_group(item: Any, *, is_little: bool) -> Group:
    """Read an item of the waveform sequence.

    Args:
        item: the item, a data set of pydicom.
        is_little: whether its numbers are little-endian.

    Raises:
        ValueError: its numbers are coded in a way that is not read, or there are none; the message goes behind the name
            of the file.
    """
    channels = _whole(item, "NumberOfWaveformChannels")
    promised = _whole(item, "NumberOfWaveformSamples")
    bits = _whole(item, "WaveformBitsAllocated")
    interpretation = one_line(str(item.get("WaveformSampleInterpretation", "")), 16)
    kind = _INTERPRETATIONS.get((interpretation, bits))
    if not 0 < channels <= _MOST_CHANNELS:
        raise ValueError(f"it promises {channels} channels")
    if kind is None:
        raise ValueError(f"its samples are coded as {interpretation or 'nothing'} in {bits} bits")
    dtype = np.dtype(("<" if is_little else ">") + kind)
    raw = item.get("WaveformData")
    data = raw if isinstance(raw, bytes) else b""
    frame = channels * dtype.itemsize
    samples = min(promised, len(data) // frame)
    table = np.frombuffer(data, dtype, samples * channels).reshape(samples, channels)
    missing = _missing(item.get("WaveformPaddingValue"), dtype)
    rate_hz = _fraction(item, "SamplingFrequency")
    definitions = list(item.get("ChannelDefinitionSequence") or [])[:channels]
    skews = [_skew(each, rate_hz) for each in definitions] or [0]
    signals = [
        _signal(definition, table[:, place], place, rate_hz=rate_hz, missing=missing, first=skews[place] - min(skews))
        for place, definition in enumerate(definitions)
    ]
    if len(signals) < channels:
        raise ValueError(f"it defines {len(signals)} of {channels} channels")
    return Group(
        label=one_line(str(item.get("MultiplexGroupLabel") or ""), 32),
        is_derived=str(item.get("WaveformOriginality", "")).upper() == "DERIVED",
        rate_hz=rate_hz,
        promised=promised,
        signals=tuple(signals),
        samples=samples,
    )


def _signal(
    definition: Any,
    numbers: NDArray[np.generic],
    place: int,
    *,
    rate_hz: Fraction | None,
    missing: int | None,
    first: int,
) -> Signal:
    sensitivity = _fraction(definition, "ChannelSensitivity")
    correction = _fraction(definition, "ChannelSensitivityCorrectionFactor")
    units = _first(definition, "ChannelSensitivityUnitsSequence")
    unit = "" if units is None else one_line(str(units.get("CodeValue") or ""), 32)
    step = None
    if sensitivity:
        step = float(sensitivity) * (1.0 if correction is None else float(correction)) or None
    return Signal(
        name=_name(definition, place),
        numbers=numbers,
        unit=_UNITS.get(unit, unit),
        step=step,
        zero=float(_fraction(definition, "ChannelBaseline") or 0) if step else 0.0,
        first=first,
        rate_hz=rate_hz,
        missing=missing,
        bits=8 * numbers.dtype.itemsize,
    )


def _name(definition: Any, place: int) -> str:
    """The lead by its code, else by its words."""
    source = _first(definition, "ChannelSourceSequence")
    if source is not None:
        scheme, code = str(source.get("CodingSchemeDesignator", "")), str(source.get("CodeValue", "")).strip()
        pattern = {"SCPECG": _SCP_LEAD, "MDC": _MDC_LEAD}.get(scheme.strip())
        match = pattern.fullmatch(code) if pattern else None
        if match and not (name := lead_name(int(match[1]))).startswith("lead "):
            return name
    for words in (
        "" if source is None else str(source.get("CodeMeaning") or ""),
        str(definition.get("ChannelLabel") or ""),
    ):
        name = one_line(_LEAD_WORDS.sub("", words), 32)
        if name:
            return standard_name(name)
    return f"channel {place}"


def _skew(definition: Any, rate_hz: Fraction | None) -> int:
    """How many samples later than the others a channel begins.

    Raises:
        ValueError: so many that it is no skew.
    """
    skew = _fraction(definition, "ChannelSampleSkew")
    if skew is None:
        skew = (_fraction(definition, "ChannelTimeSkew") or Fraction(0)) * (rate_hz or 0)
    if abs(skew) > _MOST_SKEW:
        raise ValueError(f"a channel begins {float(skew):.0f} samples after the others")
    return round(skew)


def _first(item: Any, keyword: str) -> Any:
    """The first item of a sequence; None without one."""
    sequence = item.get(keyword)
    return sequence[0] if sequence else None


def _fraction(item: Any, keyword: str) -> Fraction | None:
    """A decimal; None where there is none, or several."""
    value = item.get(keyword)
    return None if value is None else parse_fraction(str(value))


def _whole(item: Any, keyword: str) -> int:
    """A whole number; 0 where there is none, or several."""
    value = item.get(keyword)
    return value if isinstance(value, int) else 0


def _missing(padding: object, dtype: np.dtype[Any]) -> int | None:
    """The number that marks lost samples. A 0 is none: it is a voltage too, and some write it without meaning it."""
    if not isinstance(padding, bytes) or len(padding) < dtype.itemsize:
        return None
    return int(np.frombuffer(padding, dtype, 1)[0]) or None
