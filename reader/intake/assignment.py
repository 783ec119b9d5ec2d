"""Which signals of a file stand for which of the twelve leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecg.errors import InputError
from ecg.formats.leads import is_ecg, is_other
from reader.intake.lead_names import are_counted, standard_lead
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reader.intake.lead_names import NamedLead

__all__ = ["Assignment", "assign"]

_NAMED_AT_MOST: Final = 8
_UNKNOWN_ROW: Final = "II"
"""Where a lead stands that is not known: II is the lead of most recordings of one lead."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is read of a file.

    Attributes:
        signals: number of the signal for each lead that there is, in the order of the file.
        inverted: leads whose signal stands upside down in the file.
        is_lead_known: False where one signal is read whose lead is not known; it stands for lead II.
        are_electrodes_standard: False where a lead comes from electrodes on the trunk, such as MLII.
        remarks: what was assumed, and which signals are not read.
    """

    signals: dict[str, int]
    inverted: tuple[str, ...] = ()
    is_lead_known: bool = True
    are_electrodes_standard: bool = True
    remarks: tuple[str, ...] = ()


def assign(names: Sequence[str], path: str) -> Assignment:
    """Tell the leads of a file by the names of its signals.

    Twelve signals without names, or with names that only count, are taken in the standard order. Where no name is that
    of a standard lead, the first signal that may be an ECG is read as one lead of which nobody knows which it is.

    Args:
        names: of all signals that are voltages.
        path: of the file, for messages.

    Raises:
        InputError: no signal is an ECG, or more than twelve have no name of a lead.
    """
    if names and all(name.strip() and is_other(name) and not is_ecg(name) for name in names):
        raise InputError(f"{path}: no signal is an ECG ({_listed(names)}); give a recording of an ECG")
    if len(names) == len(LEADS) and are_counted(names):
        order = "I, II, III, aVR, aVL, aVF, V1 to V6"
        remark = f"its twelve signals do not name their leads: taken in the standard order, {order}"
        return Assignment(dict(zip(LEADS, range(len(LEADS)), strict=True)), remarks=(remark,))
    found = {} if are_counted(names) else _standard(names)
    if not found:
        return _unknown(names, path)
    signals: dict[str, int] = {}
    inverted, remarks = [], []
    exact = True
    for number, lead in found.items():
        if lead.lead in signals:
            remarks.append(f"lead {lead.lead} is there twice: {names[number]} is not read")
            continue
        signals[lead.lead] = number
        exact = exact and lead.is_exact
        if lead.is_inverted:
            inverted.append(lead.lead)
            remarks.append(f"{names[number]} is turned over into {lead.lead}")
        if not lead.is_exact:
            remarks.append(f"{names[number]} stands for lead {lead.lead}: its electrodes lie on the trunk")
    others = [name for number, name in enumerate(names) if number not in found]
    if others:
        remarks.append(f"not read, as they are none of the twelve leads: {_listed(others)}")
    return Assignment(signals, tuple(inverted), are_electrodes_standard=exact, remarks=tuple(remarks))


def _standard(names: Sequence[str]) -> dict[int, NamedLead]:
    """The signals that are standard leads, by number. C3 and C4 beside an EEG are electrodes of the EEG."""
    beside_eeg = any(is_other(name) for name in names)
    found = {number: lead for number, name in enumerate(names) if (lead := standard_lead(name)) is not None}
    if beside_eeg and all(names[number].strip().casefold().startswith("c") for number in found):
        return {}
    return found


def _unknown(names: Sequence[str], path: str) -> Assignment:
    may_be = [number for number, name in enumerate(names) if not is_other(name) or is_ecg(name)]
    if not may_be:
        raise InputError(f"{path}: no signal is an ECG ({_listed(names) or 'none'}); give a recording of an ECG")
    first = next((number for number in may_be if is_ecg(names[number])), may_be[0])
    if len(names) > len(LEADS) and not is_ecg(names[first]):
        raise InputError(
            f"{path}: none of its {len(names)} signals is a lead of an ECG by its name ({_listed(names)}); "
            "name them I, II, III, aVR, aVL, aVF, V1 to V6"
        )
    name = names[first].strip()
    called = f"its lead is not known ({name})" if name and not are_counted([name]) else "its lead is not known"
    among = (
        "" if len(names) == 1 else f"the first of {len(names)} signals is read, none of which names a standard lead; "
    )
    return Assignment({_UNKNOWN_ROW: first}, is_lead_known=False, remarks=(f"{among}{called}: read as a single lead",))


def _listed(names: Sequence[str]) -> str:
    listed = [name.strip() or "unnamed" for name in names[:_NAMED_AT_MOST]]
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(listed + ([f"and {more} more"] if more > 0 else []))
