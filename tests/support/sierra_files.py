"""Writes Philips Sierra XML, without the code under test."""

from __future__ import annotations

import base64
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

__all__ = ["base64_text", "off_by", "sierra", "xli"]


def sierra(
    text: str, leads: Sequence[str], *, samples: int, rate: str = "250", resolution: str = "5",
    start: dt.datetime | None = None, attributes: str = 'dataencoding="Base64" compression="XLI"', before: str = "",
) -> str:  # fmt: skip
    """A document of version 1.04 with its samples as text."""
    taken = "" if start is None else f'date="{start:%Y-%m-%d}" time="{start:%H:%M:%S}"'
    duration = round(samples * 1000 / float(rate)) if float(rate) else 0
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{before}<restingecgdata xmlns="http://www3.medical.philips.com">'
        f"<documentinfo><documentversion>1.04</documentversion></documentinfo><dataacquisition {taken}>"
        f"<signalcharacteristics><samplingrate>{rate}</samplingrate><resolution>{resolution}</resolution>"
        "<signalsigned>True</signalsigned></signalcharacteristics></dataacquisition><patient><lastname>Nobody</lastname>"
        f'</patient><waveforms><parsedwaveforms {attributes} numberofleads="{len(leads)}" '
        f'leadlabels="{" ".join(leads)}" '
        f'durationperchannel="{duration}" samplespersecond="{rate}" resolution="{resolution}">{text}</parsedwaveforms>'
        "</waveforms></restingecgdata>\n"
    )


def base64_text(data: bytes) -> str:
    """Bytes as lines of text."""
    return base64.encodebytes(data).decode("ascii")


def off_by(leads: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """What is stored of the limb leads: I and II, and how far the others are off what follows from these."""

    def half(number: int) -> int:  # towards zero, as C does
        return -(-number // 2) if number < 0 else number // 2

    one, two, three = leads["I"], leads["II"], leads["III"]
    stored = {name: list(numbers) for name, numbers in leads.items()}
    stored["III"] = [b - a - c for a, b, c in zip(one, two, three, strict=True)]
    doubled = {
        "aVR": [-(a + b) for a, b in zip(one, two, strict=True)],
        "aVL": [a - c for a, c in zip(one, three, strict=True)],
        "aVF": [b + c for b, c in zip(two, three, strict=True)],
    }
    for name, numbers in doubled.items():
        stored[name] = [half(number) - real for number, real in zip(numbers, leads[name], strict=True)]
    return stored


def xli(leads: Sequence[Sequence[int]]) -> bytes:
    """Samples in the coding XLI: a part for each lead of at least three."""
    parts = []
    for samples in leads:
        differences = [2 * b - a - c for a, b, c in zip(samples, samples[1:], samples[2:], strict=False)]
        numbers = [*samples[:2], *(64 + each for each in differences[1:]), 64]
        high = bytes(number >> 8 & 0xFF for number in numbers)
        low = bytes(number & 0xFF for number in numbers)
        coded = _lzw(high + low)
        parts.append(struct.pack("<ihh", len(coded), 1, differences[0]) + coded)
    return b"".join(parts)


def _lzw(data: bytes) -> bytes:
    """Codes of 10 bits. Code 1023 ends them."""
    known = {bytes([each]): each for each in range(256)}
    codes, word = [], b""
    for each in data:
        longer = word + bytes([each])
        if longer in known:
            word = longer
            continue
        codes.append(known[word])
        if len(known) < 1023:
            known[longer] = len(known)
        word = bytes([each])
    codes += [known[word], 1023]
    bits = "".join(f"{code:010b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
