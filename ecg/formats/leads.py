"""What the name of a signal tells about it: an ECG lead, or something else that is measured in volts."""

from __future__ import annotations

import re

__all__ = ["is_ecg", "is_other", "short_name"]

_PREFIX = re.compile(
    r"^(?:(?:ecg|ekg|lead|leads|ableitung|d[eé]rivation|derivaci[oó]n|derivazione|afleiding|kanal|channel|ch)[\s_:.-]+)+"
)
_LEAD = re.compile(
    r"m?l?i{1,3}|d[1-3]|di{1,3}|a\s?v\s?[rlf]|v\d?[1-9]?r?|v[xyz]|mv[1-6]|mcl?\s?[1-6]|cm[2-6v]|cc5|cs[23]|es|as|ai|"
    r"la-?ra|ll-?ra|ll-?la|nehb\s?[daj]"
)
_WORD = re.compile(r"(?<![a-z])(?:ecg|ekg)|electrocard|elektrokard|(?:ecg|ekg)(?![a-z])")
_OTHER = re.compile(
    r"\beeg|\bemg|\beog|\becog|\bseeg|\beda\b|\bgsr\b|\bppg\b|pleth|\bresp|\babp\b|\bart\b|\bcvp\b|\bpap\b|\bicp\b|\bbp\b|"
    r"sp?[ao]2|\bflow\b|airflow|thor|abdo|\bchin\b|\bleg\b|snor|\btemp|\bacc|\bgyr|\bmag\b|\bsound|\bmic\b|posit|"
    r"\blight\b|event|marker|trigger|status|annotation|\bpulse\b|^hr$|battery|"
    r"^(?:fp|af|f|fc|ft|c|cp|t|tp|p|po|o|pg|a|m)(?:\d{1,2}|z)\s*-\s*\S+$|^(?:fp|af|f|fc|ft|t|tp|p|po|o|cp)(?:\d{1,2}|z)$"
)


def short_name(name: str) -> str:
    """The name of a lead without the words around it, in lower case: `ii` for `ECG II`, `Lead II` and `lead_ii`."""
    plain = name.strip().casefold()
    return _PREFIX.sub("", plain) or plain


def is_ecg(name: str) -> bool:
    """Whether a signal with this name is an ECG lead."""
    plain = name.strip().casefold()
    if _WORD.search(plain):
        return True
    return not is_other(name) and bool(_LEAD.fullmatch(short_name(name)))


def is_other(name: str) -> bool:
    """Whether a signal with this name is surely no ECG lead, such as an EEG."""
    plain = name.strip().casefold()
    return bool(_OTHER.search(plain)) and not _WORD.search(plain)
