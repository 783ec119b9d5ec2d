"""From a file to an ECG of twelve leads, with what had to be assumed and what is doubtful about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.registry import open_file
from ecg.formats.units import mv_per_unit
from ecg.samples import SampleBlock
from reader.digitise.file import is_page
from reader.intake.assignment import assign
from reader.intake.limb_leads import contradiction, derive
from reader.intake.scale import is_clipped, is_flat, scale, without_stuck
from reader.intake.window import Windows
from reader.rhythm.best_lead import filter_leads, judge_leads
from reader.twelve_leads import LEADS, LIMB_LEADS, TwelveLeads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from ecg.formats.reader import Reader
    from reader.intake.assignment import Assignment
    from reader.intake.scale import Scaled
    from reader.intake.window import Window
    from reader.rhythm.filtered_lead import FilteredLead

__all__ = ["FileEcg", "read_file"]

LOWEST_HZ, HIGHEST_HZ = 50, 20_000
"""Rates that the monitor's pipeline takes."""

_COARSE_HZ: Final = 100
"""A lower rate than that of the coarser half of PTB-XL: no network has seen one."""

_UNITLESS: Final = "mV"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FileEcg:
    """What was read of a file.

    Attributes:
        ecg: the whole recording, or the best 10 s of one that is longer.
        route: format of the file.
        remarks: what was assumed, damaged or is doubtful, one sentence each.
        start_utc: when it began; None where the file does not tell.
        duration_s: length of the whole recording.
        start_s: where `ecg` begins in it.
        filtered: each lead with a signal behind the monitor's filters.
        quality: of each of these leads.
        whole_lead: gives one lead of the whole recording anew; None where `ecg` is all of it.
    """

    ecg: TwelveLeads
    route: str
    remarks: tuple[str, ...]
    start_utc: datetime | None
    duration_s: float
    start_s: float
    filtered: Mapping[str, FilteredLead]
    quality: Mapping[str, float]
    whole_lead: Callable[[str], Iterator[SampleBlock]] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A window made into an ECG."""

    first_index: int
    ecg: TwelveLeads
    scaled: Scaled
    filtered: Mapping[str, FilteredLead]
    quality: Mapping[str, float]
    stuck_s: Mapping[str, float]

    @property
    def score(self) -> float:
        """Mean quality of the leads; a lead without a signal counts as 0."""
        leads = len(self.ecg.recorded)
        return sum(self.quality[lead] for lead in self.ecg.recorded if lead in self.quality) / leads


def read_file(path: Path, options: ReadOptions | None = None) -> FileEcg:
    """Read an ECG from a file of any format.

    Args:
        path: the file, a WFDB record, or a folder or archive with one recording in it.
        options: what a person told about the file.

    Raises:
        InputError: the file cannot be read, holds no ECG, or is too short or too long; the message says what to do.
    """
    options = options or ReadOptions()
    if is_page(path):
        return _from_page(path)
    reader, is_unit_known = _open(path, options)
    if not LOWEST_HZ <= reader.rate_hz <= HIGHEST_HZ:
        raise InputError(
            f"{path}: {float(reader.rate_hz):g} Hz is no rate at which an ECG can be read ({LOWEST_HZ} Hz to "
            f"{HIGHEST_HZ // 1000} kHz); give the true one with --rate"
        )
    assignment = assign([lead.name for lead in reader.leads], str(path))
    unit = reader.leads[0].unit if is_unit_known else None
    windows = Windows(reader, str(path))
    best: _Candidate | None = None
    for window in windows:
        candidate = _candidate(window, reader, assignment, unit)
        if best is None or candidate.score > best.score:
            best = candidate
    assert best is not None  # Windows gives one, or raises
    if not best.ecg.present:
        raise InputError(f"{path}: {_why_nothing(best.ecg)}; check the recording and its electrodes")
    derived = filter_leads(best.ecg, best.ecg.derived)
    whole = None
    if windows.length > best.ecg.length:
        whole = partial(_whole_lead, path, _told(options, is_unit_known=is_unit_known), assignment, best)
    return FileEcg(
        ecg=best.ecg,
        route=reader.route,
        remarks=_remarks(reader, assignment, best),
        start_utc=reader.start_utc,
        duration_s=float(windows.length / reader.rate_hz),
        start_s=float(best.first_index / reader.rate_hz),
        filtered={**best.filtered, **derived},
        quality={**best.quality, **judge_leads(derived)},
        whole_lead=whole,
    )


def _from_page(path: Path) -> FileEcg:
    from reader.intake.page import ROUTE, read_page  # noqa: PLC0415 - costs the packages for pictures

    ecg, remarks = read_page(path)
    filtered = filter_leads(ecg, ecg.recorded)
    return FileEcg(
        ecg=ecg,
        route=ROUTE,
        remarks=remarks,
        start_utc=None,
        duration_s=ecg.duration_s,
        start_s=0.0,
        filtered=filtered,
        quality=judge_leads(filtered),
        whole_lead=None,
    )


def _open(path: Path, options: ReadOptions) -> tuple[Reader, bool]:
    """Open a file, and tell whether the unit of its leads is known: numbers in no known unit are read all the same."""
    try:
        reader = open_file(path, options=options)
    except InputError as refused:
        if options.unit:
            raise
        try:
            return open_file(path, options=replace(options, unit=_UNITLESS)), False
        except InputError:
            raise refused from None
    known = bool(options.unit) or not reader.assumes_mv
    return reader, known and all(mv_per_unit(lead.unit) is not None for lead in reader.leads)


def _told(options: ReadOptions, *, is_unit_known: bool) -> ReadOptions:
    """The options with which the file was opened."""
    return options if is_unit_known or options.unit else replace(options, unit=_UNITLESS)


def _candidate(window: Window, reader: Reader, assignment: Assignment, unit: str | None) -> _Candidate:
    signals = np.array([window.samples_mv[number] for number in assignment.signals.values()])
    scaled = scale(signals, reader.rate_hz, unit=unit)
    samples_mv = np.full((len(LEADS), signals.shape[1]), np.nan)
    flat = []
    stuck_s = {}
    for lead, row in zip(assignment.signals, scaled.samples_mv, strict=True):
        moving = without_stuck(row, reader.rate_hz)
        if is_flat(moving, reader.rate_hz):
            flat.append(lead)
            moving = row
        elif stuck := int(np.count_nonzero(np.isnan(moving) & ~np.isnan(row))):
            stuck_s[lead] = float(stuck / reader.rate_hz)
        samples_mv[LEADS.index(lead)] = -moving if lead in assignment.inverted else moving
    derived: tuple[str, ...] = ()
    if assignment.is_lead_known and assignment.are_electrodes_standard:
        known = [lead for lead in assignment.signals if lead in LIMB_LEADS and lead not in flat]
        derived = derive(samples_mv, known, keep=tuple(assignment.signals))
    ecg = TwelveLeads(
        samples_mv=samples_mv,
        rate_hz=reader.rate_hz,
        recorded=tuple(assignment.signals),
        derived=derived,
        flat=tuple(flat),
        is_calibrated=scaled.is_calibrated,
        is_lead_known=assignment.is_lead_known,
    )
    filtered = filter_leads(ecg, ecg.recorded)
    return _Candidate(window.first_index, ecg, scaled, filtered, judge_leads(filtered), stuck_s)


def _why_nothing(ecg: TwelveLeads) -> str:
    if not np.isfinite(ecg.samples_mv).any():
        return "every sample is lost"
    return "no lead has a signal (all are flat)" if len(ecg.recorded) > 1 else "its lead has no signal (it is flat)"


def _remarks(reader: Reader, assignment: Assignment, found: _Candidate) -> tuple[str, ...]:
    ecg = found.ecg
    remarks = [remark for remark in reader.remarks if "taken for mV" not in remark]
    remarks += assignment.remarks
    if found.scaled.remark:
        remarks.append(found.scaled.remark)
    if ecg.rate_hz < _COARSE_HZ:
        remarks.append(f"{float(ecg.rate_hz):g} Hz are few: the bounds of waves are coarse")
    if ecg.flat:
        remarks.append(f"no signal in {', '.join(ecg.flat)}: check the electrodes")
    if found.stuck_s:
        longest_s = max(found.stuck_s.values())
        remarks.append(f"{', '.join(found.stuck_s)}: up to {longest_s:.3g} s stay at one value and count as lost")
    clipped = [lead for lead in ecg.recorded if lead not in ecg.flat and is_clipped(ecg.lead_mv(lead), ecg.rate_hz)]
    if clipped:
        remarks.append(f"{', '.join(clipped)} {'stays' if len(clipped) == 1 else 'stay'} at a limit of the converter")
    limb = [lead for lead in ecg.recorded if lead in LIMB_LEADS and lead not in (*ecg.flat, *clipped)]
    if ecg.is_lead_known and assignment.are_electrodes_standard:
        said = contradiction(ecg.samples_mv, limb, float(ecg.rate_hz))
        remarks += [said] if said else []
    return tuple(dict.fromkeys(remarks))


def _whole_lead(
    path: Path, options: ReadOptions, assignment: Assignment, found: _Candidate, lead: str
) -> Iterator[SampleBlock]:
    """One lead of the whole recording, recorded or derived, scaled as the window was."""
    reader = open_file(path, options=options)
    for block in reader.blocks():
        samples_mv = np.full((len(LEADS), block.samples_mv.shape[1]), np.nan)
        for name, number in assignment.signals.items():
            sign = -1 if name in assignment.inverted else 1
            samples_mv[LEADS.index(name)] = sign * found.scaled.factor * block.samples_mv[number]
        if lead in found.ecg.derived:
            known = [name for name in found.ecg.recorded if name in LIMB_LEADS and name not in found.ecg.flat]
            derive(samples_mv, known, keep=found.ecg.recorded)
        yield SampleBlock(block.first_index, samples_mv[LEADS.index(lead)])
