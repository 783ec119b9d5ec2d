"""Figures and tables of rhythms: atrial fibrillation, and ventricular tachycardia, flutter and fibrillation."""

from __future__ import annotations

from dataclasses import asdict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from converter.evaluation.alarm_scoring import EPISODE_S, FOUND_WITHIN_S, found_by, is_true
from converter.evaluation.episodes import EpisodeScore, score_episodes
from converter.evaluation.records import ATRIAL_FIBRILLATION, ATRIAL_FLUTTER, VENTRICULAR_ARRHYTHMIA
from converter.evaluation.scoring import average
from converter.evaluation.tables import Section, Table, percent
from ecg.samples import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from converter.evaluation.product_path import Trial

__all__ = ["atrial_fibrillation_section", "ventricular_section"]

LEARNING = 300 * SAMPLE_RATE_HZ
ATRIAL_FIBRILLATION_S = 30.0

_RATES = (
    "sensitivity",
    "predictivity",
    "duration_sensitivity",
    "duration_predictivity",
    "duration_specificity",
)


def atrial_fibrillation_section(trial: Trial) -> Section:
    """Episodes of atrial fibrillation by the monitor's rhythm notes; nothing where the reference labels no rhythms."""
    rows = {
        "all": _atrial_fibrillation(trial, 0.0, 0),
        f"{ATRIAL_FIBRILLATION_S:g} s and more": _atrial_fibrillation(trial, ATRIAL_FIBRILLATION_S, 0),
        f"{ATRIAL_FIBRILLATION_S:g} s and more, after 5 min": _atrial_fibrillation(
            trial, ATRIAL_FIBRILLATION_S, LEARNING
        ),
    }
    notes = ["Atrial flutter is left out of predictivity and specificity (EC57)."]
    return _section("atrial_fibrillation", "Atrial fibrillation", trial, rows, notes)


def ventricular_section(trial: Trial) -> Section:
    """Episodes of ventricular tachycardia, flutter and fibrillation, and how soon an alarm told of them."""
    rows = {
        "all": _ventricular(trial, 0.0, 0),
        f"{EPISODE_S:g} s and more": _ventricular(trial, EPISODE_S, 0),
        f"{EPISODE_S:g} s and more, after 5 min": _ventricular(trial, EPISODE_S, LEARNING),
    }
    section = _section("ventricular_arrhythmia", "Ventricular tachycardia, flutter, fibrillation", trial, rows, [])
    if not section.figures:
        return section
    alarms = {"a ventricular alarm": _alarmed(trial, "ventricular_"), "any high-priority alarm": _alarmed(trial, "")}
    cells = [
        [
            name,
            f"{figures['episodes']:,}",
            f"{figures['found']:,}",
            percent(figures["sensitivity"]),
            "-" if figures["false"] is None else f"{figures['false']:,}",
            "-" if figures["false"] is None else f"{figures['false_an_hour']:.2f}",
        ]
        for name, figures in alarms.items()
    ]
    title = f"Episodes of {EPISODE_S:g} s and more found within {FOUND_WITHIN_S:g} s, {trial.scope}"
    notes = [
        "Found: an alarm of high priority opened at most 10 s after the reference's onset and was open after it",
        "False: as under alarms; a dash where some kinds cannot be judged by these annotations",
    ]
    table = Table(title, ["by", "episodes", "found", "Se %", "false alarms", "false an hour"], cells, notes)
    return Section(section.name, {**section.figures, "alarmed": alarms}, (*section.tables, table))


def _atrial_fibrillation(trial: Trial, least_s: float, start: int) -> list[EpisodeScore]:
    return [
        score_episodes(
            truth.episodes(ATRIAL_FIBRILLATION),
            finding.episodes(ATRIAL_FIBRILLATION),
            end=truth.end,
            start=start,
            least_s=least_s,
            excluded=truth.episodes(ATRIAL_FLUTTER),
        )
        for truth, finding in zip(trial.truths, trial.findings, strict=True)
        if truth.has_rhythms
    ]


def _ventricular(trial: Trial, least_s: float, start: int) -> list[EpisodeScore]:
    return [
        score_episodes(
            truth.ventricular_episodes,
            finding.episodes(VENTRICULAR_ARRHYTHMIA),
            end=truth.end,
            start=start,
            least_s=least_s,
        )
        for truth, finding in zip(trial.truths, trial.findings, strict=True)
        if truth.has_rhythms
    ]


def _alarmed(trial: Trial, kinds: str) -> dict[str, Any]:
    """Episodes that alarms of high priority found, and false alarms; of the kinds whose names begin with `kinds`."""
    least = EPISODE_S * SAMPLE_RATE_HZ
    episodes = found = 0
    verdicts: list[bool | None] = []
    hours = sum(truth.end for truth in trial.truths) / SAMPLE_RATE_HZ / 3600
    for truth, finding in zip(trial.truths, trial.findings, strict=True):
        alarms = [alarm for alarm in finding.alarms if alarm.priority == "high" and alarm.kind.startswith(kinds)]
        verdicts += [is_true(alarm, truth) for alarm in alarms]
        for onset, end in truth.ventricular_episodes:
            if end - onset >= least:
                episodes += 1
                found += bool(found_by(onset, alarms))
    return {
        "episodes": episodes,
        "found": found,
        "sensitivity": found / episodes if episodes else None,
        "false": None if None in verdicts else verdicts.count(False),
        "false_an_hour": None if None in verdicts else verdicts.count(False) / hours,
    }


def _section(
    name: str, what: str, trial: Trial, rows: Mapping[str, list[EpisodeScore]], notes: Sequence[str]
) -> Section:
    title = f"{what}, {trial.scope}"
    if not any(rows.values()):
        return Section(name, {}, (Table(title, [""], [], [f"{trial.dataset} labels no rhythms"]),))
    figures = {row: _figures(scores) for row, scores in rows.items()}
    cells = [
        [
            row,
            f"{own['reference']:,}",
            f"{own['called']:,}",
            percent(own["sensitivity"]),
            percent(own["predictivity"]),
            f"{own['reference_s'] / 60:,.1f}",
            percent(own["duration_sensitivity"]),
            percent(own["duration_predictivity"]),
            percent(own["duration_specificity"]),
            percent(own["average"]["duration_sensitivity"]),
            percent(own["average"]["duration_specificity"]),
        ]
        for row, own in figures.items()
    ]
    columns = ["episodes", "true", "told", "Se %", "+P %", "minutes", "time Se %", "time +P %", "time Sp %"]
    columns += ["mean Se %", "mean Sp %"]
    return Section(name, figures, (Table(title, columns, cells, [*notes, "Mean: of the time, average over records"]),))


def _figures(scores: Sequence[EpisodeScore]) -> dict[str, Any]:
    whole = reduce(add, scores, EpisodeScore())
    return {
        **asdict(whole),
        **{rate: getattr(whole, rate) for rate in _RATES},
        "average": {rate: average(getattr(score, rate) for score in scores) for rate in _RATES},
    }
