"""Which of the twelve leads a signal is, by its name."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NamedLead", "are_counted", "standard_lead"]


class NamedLead(NamedTuple):
    """What a name says.

    Attributes:
        lead: one of `reader.twelve_leads.LEADS`.
        is_inverted: the signal is the lead upside down, as -aVR is in the order of Cabrera.
        is_exact: False where the electrodes lie elsewhere, as those of MLII on the trunk.
    """

    lead: str
    is_inverted: bool = False
    is_exact: bool = True


_LEAD_WORDS: Final = (
    r"mdc ecg lead|leads?|ableitung|abl|derivation|derivacion|derivacao|derivazione|deriv|afleiding|avledning|"
    r"odprowadzenie|einthoven|goldberger|wilson|brustwandableitung|brustwand|extremitat|limb|chest|precordial|augmented"
)
_OTHER_WORDS: Final = r"mdc ecg|ecg|ekg|channel|chan|ch|kanal|canal|signal|sig"
_BEFORE: Final = re.compile(rf"(?:(?P<lead>{_LEAD_WORDS})|{_OTHER_WORDS})(?: - | |-)?")
_AFTER: Final = re.compile(r"(?:[ -]+(?:mv|uv|v|raw|filtered|filt|lead|ecg|ekg))+$|-+$")
_BRACKETS: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]|\{[^}]*\}")
_DASHES: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{NON-BREAKING HYPHEN}": "-"})
_ROMAN: Final = {"1": "I", "2": "II", "3": "III", "i": "I", "ii": "II", "iii": "III"}
_LIMB: Final = re.compile(r"(?P<named>d|l)?[ -]?(?:(?P<roman>iii|ii|i)|(?P<digit>[123]))")
_MODIFIED: Final = re.compile(r"ml[ -]?(iii|ii|i|1|2|3)")
_AUGMENTED: Final = re.compile(r"a[ -]?v[ -]?([rlf])")
_CHEST: Final = re.compile(r"[vc][ -]?0?([1-6])")
_ELECTRODES: Final = re.compile(r"(la|ra|ll|lf|l|r|f) ?- ?(la|ra|ll|lf|l|r|f)")
_PLACES: Final = {"la": "l", "ra": "r", "ll": "f", "lf": "f"}
_PAIRS: Final = {("l", "r"): "I", ("f", "r"): "II", ("f", "l"): "III"}
_NUMBERED: Final = re.compile(
    r"(?P<stem>ch|chan|channel|kanal|canal|col|column|sig|signal|leads?|ecg|ekg|ableitung|data|trace|)"
    r"[ -]?(?P<number>\d{1,2})"
)
_MOST_NAMED: Final = 3
"""`Lead 1` to `Lead 3` are I to III; where more are counted, it is channels that are counted."""


def standard_lead(name: str) -> NamedLead | None:
    """Which lead a signal of this name is.

    Any spelling does: `aVR`, `AVR`, `a_vr`, `-aVR`, `MDC_ECG_LEAD_AVR`, `Lead II (Einthoven)`, `Ableitung III`, `DII`,
    `D2`, `C4` (IEC) for V4, `LA-RA` for I. A modified limb lead of a Holter recorder (`MLII`) stands for the limb lead.
    A number alone names none: `ECG1` is the first channel, and not lead I.

    Returns:
        None for what is no lead, and for leads beside the twelve, such as V7 or CM5.
    """
    plain = _plain(name)
    inverted = plain.startswith("-")
    plain = _AFTER.sub("", plain.lstrip("- "))
    if match := _ELECTRODES.fullmatch(plain):
        one, other = (_PLACES.get(each, each) for each in match.groups())
        if lead := _PAIRS.get((one, other)):
            return NamedLead(lead, inverted)
        lead = _PAIRS.get((other, one))
        return NamedLead(lead, not inverted) if lead else None
    counts = False  # whether a number is that of a lead
    while match := _BEFORE.match(plain):
        counts = counts or match["lead"] is not None
        plain = plain[match.end() :]
    inverted = inverted or plain.startswith("-")
    lead, is_exact = _of(_AFTER.sub("", plain.lstrip("- ")), counts=counts)
    return NamedLead(lead, inverted, is_exact) if lead else None


def _of(plain: str, *, counts: bool) -> tuple[str, bool]:
    """The lead that a name without further words is, and whether it is just that; empty for none."""
    if (match := _LIMB.fullmatch(plain)) and (match["roman"] or match["named"] or counts):
        return _ROMAN[match["roman"] or match["digit"]], True
    if match := _MODIFIED.fullmatch(plain):
        return _ROMAN[match[1]], False
    if match := _AUGMENTED.fullmatch(plain):
        return f"aV{match[1].upper()}", True
    match = _CHEST.fullmatch(plain)
    return (f"V{match[1]}", True) if match else ("", True)


def are_counted(names: Sequence[str]) -> bool:
    """Whether names say nothing, or only count the signals: `0` to `11`, `ch1` to `ch12`, `Lead 1` to `Lead 12`.

    `I`, `II` and `III` count nothing, nor do `V1` to `V6` or `Lead 1` to `Lead 3`.
    """
    if not any(name.strip() for name in names):
        return True
    found = [_NUMBERED.fullmatch(" ".join(name.casefold().replace("_", " ").split())) for name in names]
    matches = [match for match in found if match is not None]
    if len(matches) < len(names) or len({match["stem"] for match in matches}) > 1:
        return False
    numbers = [int(match["number"]) for match in matches]
    if numbers != list(range(numbers[0], numbers[0] + len(names))):
        return False
    return len(names) > _MOST_NAMED or standard_lead(names[0]) is None


def _plain(name: str) -> str:
    """A name in lower case, without accents, brackets and punctuation."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name)).casefold().translate(_DASHES)
    folded = "".join(each for each in folded if not unicodedata.combining(each))
    return " ".join(re.sub(r"[\s_.:,;/\\|]+", " ", _BRACKETS.sub(" ", folded)).split())
