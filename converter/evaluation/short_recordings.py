"""What the monitor makes of the short recordings of a hand-held device, see `converter.datasets.short_recordings`.

Atrial fibrillation, recording by recording: one is called A where the monitor's rhythm is atrial fibrillation at its
end. The alarm's hold time, 30 s, is as long as most recordings; here it is `HOLD_S`, so what is judged is the rule and
not the wait.

And ectopic beats and alarms where there can be none: in the recordings labelled normal.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from converter.datasets.short_recordings import LABELS, RATE_HZ, REFERENCE, is_developed, read_labels, read_recording
from converter.evaluation.stream import events_of
from converter.evaluation.tables import Section, Table, percent
from converter.progress import track
from ecg.alarms.kinds import PRIORITIES, AlarmEvent, AlarmKind, AlarmState, Priority
from ecg.events import Rhythm, RhythmChange
from ecg.samples import Beat
from edge.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ecg.samples import FloatArray
    from edge.inference import Classifier

__all__ = ["RecordingResult", "run_recording", "short_recordings_section"]

HOLD_S = 0.5
"""Hold time of the atrial fibrillation alarm in recordings of 9 to 61 s."""
_RATES = {"sensitivity": "Se %", "specificity": "Sp %", "predictivity": "+P %", "f1": "F1(A) %"}
_VENTRICULAR = (AlarmKind.VENTRICULAR_RUN, AlarmKind.VENTRICULAR_TACHYCARDIA, AlarmKind.VENTRICULAR_FLUTTER)


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """What the monitor tells of one recording.

    Attributes:
        label: of the recording.
        seconds: its length.
        is_atrial_fibrillation: whether the monitor's rhythm at its end is atrial fibrillation. The rule looks back over
            32 intervals, so that its last judgement is on most of the recording.
        beats: how many it called what.
        alarms: how many of each kind it opened.
    """

    label: str
    seconds: float
    is_atrial_fibrillation: bool
    beats: Counter[str]
    alarms: Counter[AlarmKind]


def run_recording(samples_mv: FloatArray, label: str, classifier: Classifier | None) -> RecordingResult:
    """Run the monitor over one recording, its default settings but for the hold time."""
    settings = RhythmSettings(atrial_fibrillation_s=HOLD_S)
    events = events_of(samples_mv, RATE_HZ, classifier=classifier, settings=settings)
    changes = [event.rhythm for event in events if isinstance(event, RhythmChange)]
    return RecordingResult(
        label,
        len(samples_mv) / RATE_HZ,
        changes[-1:] == [Rhythm.ATRIAL_FIBRILLATION],
        Counter(event.label for event in events if isinstance(event, Beat)),
        Counter(event.kind for event in events if isinstance(event, AlarmEvent) and event.state is AlarmState.OPENED),
    )


def short_recordings_section(folder: Path, classifier: Classifier | None) -> Section:
    """A against N and O: sensitivity, specificity, predictivity and F1; and what is called ectopic in those labelled N.

    The noisy ones are counted and not judged. What the rule was developed on and the model learned from is told apart
    from the other half.
    """
    labels = read_labels(folder)
    found = {
        name: run_recording(read_recording(folder / f"{name}.mat"), label, classifier)
        for name, label in track(list(labels.items()), "short recordings")
    }
    parts = {
        "developed on": [found[name] for name in labels if is_developed(name)],
        "other half": [found[name] for name in labels if not is_developed(name)],
        "all": list(found.values()),
    }
    atrial_fibrillation = {part: _score(own) for part, own in parts.items()}
    normal = {part: _ectopy([each for each in own if each.label == "N"]) for part, own in parts.items()}
    source = f"{folder.name}, {len(labels):,} recordings, labels from {REFERENCE}"
    tables = _atrial_fibrillation_table(atrial_fibrillation, source), _ectopy_table(normal, source)
    return Section("short_recordings", {**atrial_fibrillation, "normal": normal, "hold_s": HOLD_S}, tables)


def _atrial_fibrillation_table(figures: dict[str, dict[str, Any]], source: str) -> Table:
    rows = [
        [
            part,
            *(f"{own['called'][label]:,} of {own['recordings'][label]:,}" for label in LABELS),
            *(percent(own[rate]) for rate in _RATES),
        ]
        for part, own in figures.items()
    ]
    columns = ["", *(f"{label} ({meaning})" for label, meaning in LABELS.items()), *_RATES.values()]
    notes = [
        "How many of each label were called A; A is judged against N and O, the noisy ones are not judged",
        f"A recording is called A where that is the monitor's rhythm at its end; hold time {HOLD_S:g} s",
        "The rule was developed on one half of the recordings, by an even CRC-32 of the name",
    ]
    return Table(f"Atrial fibrillation in short recordings, {source}", columns, rows, notes)


def _ectopy_table(figures: dict[str, dict[str, Any]], source: str) -> Table:
    rows = [
        [
            part,
            f"{own['recordings']:,}",
            f"{own['beats']:,}",
            *(
                f"{own['called'][label]:,} ({percent(own['called'][label] / own['beats'] if own['beats'] else None)} %)"
                for label in "SV"
            ),
            *(f"{own['recordings_with'][label]:,}" for label in "SV"),
            f"{own['ventricular_alarms']:,}",
            f"{own['high_priority_alarms']:,} in {own['hours']:.1f} h",
        ]
        for part, own in figures.items()
    ]
    columns = [
        "",
        "recordings",
        "beats",
        "called S",
        "called V",
        "recordings with S",
        "with V",
        "ventricular alarms",
        "alarms of high priority",
    ]
    notes = [
        "In a recording labelled normal none of these should be, but for a beat that those who labelled it overlooked",
        f"Ventricular alarms: {', '.join(kind.value for kind in _VENTRICULAR)}",
        "The model learned from the half that the rule on atrial fibrillation was developed on",
    ]
    return Table(f"Ectopic beats and alarms in normal short recordings, {source}", columns, rows, notes)


def _score(recordings: Sequence[RecordingResult]) -> dict[str, Any]:
    """Counts and rates of what was called A."""
    counts = {label: sum(each.label == label for each in recordings) for label in LABELS}
    called = {
        label: sum(each.label == label and each.is_atrial_fibrillation for each in recordings) for label in LABELS
    }
    true, false = called["A"], called["N"] + called["O"]
    others = counts["N"] + counts["O"]
    return {
        "recordings": counts,
        "called": called,
        "sensitivity": true / counts["A"] if counts["A"] else None,
        "specificity": 1 - false / others if others else None,
        "predictivity": true / (true + false) if true + false else None,
        "f1": 2 * true / (counts["A"] + true + false) if counts["A"] else None,
    }


def _ectopy(recordings: Sequence[RecordingResult]) -> dict[str, Any]:
    """Counts of what was called S or V, and of alarms."""
    kinds = [kind for each in recordings for kind in each.alarms.elements()]
    return {
        "recordings": len(recordings),
        "hours": sum(each.seconds for each in recordings) / 3600,
        "beats": sum(each.beats.total() for each in recordings),
        "called": {label: sum(each.beats[label] for each in recordings) for label in "SV"},
        "recordings_with": {label: sum(each.beats[label] > 0 for each in recordings) for label in "SV"},
        "ventricular_alarms": sum(kind in _VENTRICULAR for kind in kinds),
        "high_priority_alarms": sum(PRIORITIES[kind] is Priority.HIGH for kind in kinds),
    }
