"""What a page says of a reading, in two voices: terms for the clinician, plain words for the patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from ecg.model_file.card import AnswerFigures, ModelCard
    from reader.explain.explain import Explained
    from reader.measure.measurements import Measurements
    from reader.page.texts import Texts
    from reader.reading import Reading

__all__ = ["Bar", "Fact", "ForClinician", "ForPatient", "Risk", "for_clinician", "for_patient", "risk_of"]

Risk = Literal["low", "moderate", "high"]

MODERATE_FROM, HIGH_ABOVE = 0.3, 0.6
"""Bounds of the colours: those of the earlier systems, which their users know."""

_FINDINGS: Final = {"mi": "MI", "sttc": "STTC", "cd": "CD", "hyp": "HYP"}
"""Findings, and their labels in a model's card."""

_INTERVALS: Final = (
    ("heart_rate_bpm", "bpm", 0),
    ("pr_ms", "ms", 0),
    ("qrs_ms", "ms", 0),
    ("qt_ms", "ms", 0),
    ("qtcf_ms", "ms", 0),
    ("jt_ms", "ms", 0),
    ("axis_deg", "\N{DEGREE SIGN}", 0),
    ("sokolow_lyon_mv", "mV", 2),
    ("cornell_mv", "mV", 2),
)
_POOR: Final = 0.5
_AUC_WORDS: Final = ((0.6, "none"), (0.7, "poor"), (0.8, "acceptable"), (0.9, "good"))


@dataclass(frozen=True, slots=True)
class Fact:
    """Something measured: its name and its value, or why it is not known."""

    name: str
    value: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The probability of a finding.

    Attributes:
        name: of the finding.
        probability: 0 to 1.
        percent: the same in words.
        risk: None for a normal ECG, which is no risk.
        risk_word: in the page's language; empty without a risk.
        figures: of the model for this finding, in words; empty where it was not tested.
    """

    name: str
    probability: float
    percent: str
    risk: Risk | None
    risk_word: str
    figures: str


@dataclass(frozen=True, slots=True)
class ForClinician:
    """In the terms of a clinician.

    Attributes:
        rhythm: name, or that it is not told and why; the heartbeats.
        facts: measured.
        bars: probabilities of findings.
        why: by which waves the model tells each finding, and whether that holds.
        warning: why the probabilities do not count, or that there are none; empty if they count.
        unreadable: leads that were not, or hardly, readable.
        doubts: what was assumed, damaged or is doubtful.
        model: the model's name, what it was tested on, and its limits.
    """

    rhythm: tuple[str, ...]
    facts: tuple[Fact, ...]
    bars: tuple[Bar, ...]
    why: tuple[str, ...]
    warning: str
    unreadable: tuple[str, ...]
    doubts: tuple[str, ...]
    model: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForPatient:
    """In plain words.

    Attributes:
        heart: rate and rhythm.
        found: what stands out, behind the sentence that introduces it; only that sentence if nothing does.
        advice: what this means, and when to call for help.
    """

    heart: tuple[str, ...]
    found: tuple[tuple[str, tuple[str, ...]], ...]
    advice: tuple[str, ...]


def risk_of(probability: float) -> Risk:
    """The colour of a probability, as a word."""
    if probability < MODERATE_FROM:
        return "low"
    return "moderate" if probability <= HIGH_ABOVE else "high"


def for_clinician(
    reading: Reading, card: ModelCard | None, texts: Texts, heat: Explained | None = None
) -> ForClinician:
    """Say it in a clinician's terms.

    Args:
        reading: of a file that was read.
        card: of the model that answered; None where none did.
        texts: of the page's language.
        heat: that is drawn.
    """
    return ForClinician(
        rhythm=_rhythm(reading, texts),
        facts=_facts(reading.measurements, texts),
        bars=_bars(reading, card, texts),
        why=_why(reading, texts, heat),
        warning=_warning(reading, texts),
        unreadable=_unreadable(reading, texts),
        doubts=reading.remarks,
        model=_model(card, texts),
    )


def _rhythm(reading: Reading, texts: Texts) -> tuple[str, ...]:
    if reading.rhythm is None:
        name = f"{texts('page', 'not_told')}: {reading.unknown.get('rhythm', '')}"
    else:
        name = texts.find("rhythm", reading.rhythm) or reading.rhythm
    count = sum(reading.beats.values())
    if reading.rhythm_lead and reading.lead_known:
        return name, texts("page", "beats", count=count, lead=reading.rhythm_lead)
    return name, texts("page", "beats_anywhere", count=count)


def _facts(measured: Measurements | None, texts: Texts) -> tuple[Fact, ...]:
    if measured is None:
        return ()
    facts = []
    for key, unit, digits in _INTERVALS:
        name = texts("measure", key)
        value = getattr(measured, key)
        if value is not None:
            space = "" if unit == "\N{DEGREE SIGN}" else " "
            facts.append(Fact(name, f"{texts.number(value, digits)}{space}{unit}", is_known=True))
        elif (reason := measured.unknown.get(key)) and key != "jt_ms":
            facts.append(Fact(name, texts("page", "unknown", reason=reason), is_known=False))
    st = [
        f"{lead} {'+' if of.st_j60_mv >= 0 else ''}{texts.number(of.st_j60_mv, 2)}"
        for lead, of in measured.leads.items()
        if of.st_j60_mv is not None
    ]
    if st:
        facts.append(Fact(texts("measure", "st"), f"{'  '.join(st)} mV", is_known=True))
    return tuple(facts)


def _bars(reading: Reading, card: ModelCard | None, texts: Texts) -> tuple[Bar, ...]:
    if reading.superclasses is None:
        return ()
    found = [("norm", "NORM", reading.superclasses.norm)]
    found += [(key, label, getattr(reading.superclasses, key)) for key, label in _FINDINGS.items()]
    if reading.mi_or_ischaemia is not None:
        found.append(("mi_or_ischaemia", "MI-or-STTC", reading.mi_or_ischaemia))
    figures = card.answers.answers if card is not None and card.answers is not None else {}
    bars = []
    for key, label, probability in found:
        risk = None if key == "norm" else risk_of(probability)
        bars.append(
            Bar(
                name=texts("finding", key),
                probability=probability,
                percent=texts("page", "probability", percent=texts.number(100 * probability, 0)),
                risk=risk,
                risk_word="" if risk is None else texts("risk", risk),
                figures=_auc(figures.get(label), texts),
            )
        )
    return tuple(bars)


def _auc(figures: AnswerFigures | None, texts: Texts) -> str:
    if figures is None or figures.auc is None or figures.auc_95 is None:
        return ""
    auc = figures.auc
    word = next((word for below, word in _AUC_WORDS if auc < below), "excellent")
    low, high = figures.auc_95
    return texts(
        "page",
        "auc",
        value=texts.number(auc, 2),
        low=texts.number(low, 2),
        high=texts.number(high, 2),
        word=texts("auc", word),
    )


def _why(reading: Reading, texts: Texts, heat: Explained | None) -> tuple[str, ...]:
    keys = {label: key for key, label in _FINDINGS.items()}
    said = []
    for each in reading.explanations:
        finding = texts("finding", keys[each.finding])
        if each.unreliable is not None:
            said.append(texts("page", "why_unreliable", finding=finding, reason=each.unreliable))
        elif each.told_by:
            said.append(texts("page", "why_finding", finding=finding, places=each.told_by, lead=each.most_active_lead))
    if heat is not None:
        said.append(texts("page", "heat", finding=texts("finding", keys[heat.explanation.finding])))
    return tuple(said)


def _warning(reading: Reading, texts: Texts) -> str:
    if reading.superclasses is None:
        return texts("page", "no_model", reason=reading.unknown.get("superclasses", ""))
    return "" if reading.abstained is None else texts("page", "abstains", reason=reading.abstained)


def _unreadable(reading: Reading, texts: Texts) -> tuple[str, ...]:
    found = [f"{lead}: {texts('page', 'no_signal')}" for lead in reading.flat_leads]
    found += [
        f"{lead}: {texts('page', 'quality', score=texts.number(score, 2))}"
        for lead, score in reading.quality.items()
        if score < _POOR and lead not in reading.flat_leads
    ]
    return tuple(found)


def _model(card: ModelCard | None, texts: Texts) -> tuple[str, ...]:
    if card is None:
        return ()
    said = [f"{card.name} {card.version}"]
    if card.answers is not None:
        said.append(texts("page", "limit_claim", tested_on=card.answers.tested_on))
    return *said, texts("page", "limit_data")


def for_patient(reading: Reading, texts: Texts) -> ForPatient:
    """Say it in plain words.

    Args:
        reading: of a file that was read.
        texts: of the page's language.
    """
    rate = None if reading.measurements is None else reading.measurements.heart_rate_bpm
    rhythm = None if reading.rhythm is None else texts.find("rhythm_plain", reading.rhythm)
    heart = [
        texts("plain", "rate_unknown") if rate is None else texts("plain", "rate", rate=texts.number(rate, 0)),
        rhythm or texts("plain", "rhythm_unknown"),
    ]
    if _unreadable(reading, texts):
        heart.append(texts("plain", "poor"))
    return ForPatient(
        heart=tuple(heart), found=_found(reading, texts), advice=(texts("plain", "means"), texts("plain", "act"))
    )


def _found(reading: Reading, texts: Texts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if reading.superclasses is None or reading.abstained is not None:
        return ((texts("plain", "abstains"), ()),)
    risks: dict[Risk, list[str]] = {"low": [], "moderate": [], "high": []}
    for key in _FINDINGS:
        risks[risk_of(getattr(reading.superclasses, key))].append(texts("finding_plain", key))
    groups = [("found", risks["high"]), ("perhaps", risks["moderate"])]
    said = tuple((texts("plain", intro), tuple(lines)) for intro, lines in groups if lines)
    return said or ((texts("plain", "nothing"), ()),)
