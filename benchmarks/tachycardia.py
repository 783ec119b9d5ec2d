"""Sustained ventricular tachycardia by rate, and exertion, of simulated hearts: alarms and labels.

    python benchmarks/tachycardia.py [--shapes 20] [--hearts 20] [--seed 1] [--rates 120 140 160 180 200 220 240 260]

Each heart is drawn as the gallery draws them (`edge.simulator.situations`): shapes, heights, rates, noise and the rate
of sampling; at each rate the same numbers are other hearts. Tachycardia: 40 s of sinus rhythm, then 60 s of wide beats
of one shape, P waves marching through in every other heart. Right is an alarm of ventricular tachycardia or flutter
within 5 s of its first beat, at least 95 % of its beats V, and an alarm at each moment from then on. Exertion: sinus
rhythm of 55 to 95 a minute climbs to 120 to 165 within 30 to 60 s and stays there. Right is no alarm of high priority,
and at most 1 % of the beats S.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from ecg.alarms.kinds import PRIORITIES, AlarmKind, Priority
from ecg.samples import SUPRAVENTRICULAR, UNCLASSIFIED, VENTRICULAR
from edge.gallery import listen
from edge.inference import load_classifier
from edge.simulator.situations import Situation, compose
from edge.simulator.situations.conducted import Climb, Sinus
from edge.simulator.situations.ectopic import Tachycardia
from edge.simulator.situations.expected_alarms import Alarmed
from edge.simulator.situations.situation import Phase

if TYPE_CHECKING:
    from edge.inference import TFLiteClassifier
    from edge.simulator.situations.telling import Span, Telling

RATES_BPM: Final = (120, 140, 160, 180, 200, 220, 240, 260)
WITHIN_S, VENTRICULAR_SHARE, SUPRAVENTRICULAR_SHARE = 5.0, 0.95, 0.01
ALARMS: Final = (AlarmKind.VENTRICULAR_TACHYCARDIA, AlarmKind.VENTRICULAR_FLUTTER)


def tachycardia(bpm: int, *, p_waves: bool) -> Situation:
    """Sinus rhythm, then a minute of tachycardia."""
    rhythm = Tachycardia(bpm=(bpm, bpm), p_bpm=(60, 95) if p_waves else None)
    return Situation(
        name=f"tachycardia of {bpm}",
        title="",
        sources=(),
        phases=(Phase("sinus", 40, Sinus()), Phase("tachycardia", 60, rhythm)),
        right=(Alarmed("tachycardia", ALARMS, WITHIN_S),),
    )


EXERTION: Final = Situation(
    name="exertion of hearts",
    title="",
    sources=(),
    phases=(Phase("sinus", 40, Sinus()), Phase("exertion", 120, Climb(to_bpm=(120, 165), climb_s=(30, 60)))),
    right=(),
)


def share(told: Telling, span: Span, label: str) -> float:
    """Of the labelled beats of a phase, those with a label."""
    labels = [beat.label for beat in told.beats if beat.time_s in span and beat.label != UNCLASSIFIED]
    return sum(each == label for each in labels) / max(len(labels), 1)


def play_tachycardia(classifier: TFLiteClassifier, bpm: int, shapes: int, seed: int) -> str:
    """A row of the table: all hearts at one rate."""
    late_s: list[float] = []
    shares: list[float] = []
    interrupted, wrong = 0, []
    for number in range(shapes):
        situation = tachycardia(bpm, p_waves=bool(number % 2))
        source = compose(situation, seed=seed, play=number)
        told, span = listen(source, classifier), source.truth.phase("tachycardia")
        first_s = next(beat.time_s for beat in source.truth.beats if beat.time_s in span)
        opened = [alarm.opened_s - first_s for alarm in told.alarms if alarm.kind in ALARMS and alarm.opened_s in span]
        late_s.append(min(opened, default=float("inf")))
        shares.append(share(told, span, VENTRICULAR))
        stays = Alarmed("tachycardia", ALARMS, late_s[-1] + first_s - span.start_s + 0.1)
        interrupted += bool(opened) and any(True for _ in stays.complaints(told, source.truth))
        if late_s[-1] > WITHIN_S or shares[-1] < VENTRICULAR_SHARE:
            wrong.append(str(number))
    in_time, labelled = sum(each <= WITHIN_S for each in late_s), sum(each >= VENTRICULAR_SHARE for each in shares)
    return (
        f"| {bpm} | {in_time} of {shapes} | {max(late_s):.1f} | {labelled} of {shapes} | {100 * min(shares):.0f} % "
        f"| {interrupted} | {', '.join(wrong)} |"
    )


def play_exertion(classifier: TFLiteClassifier, hearts: int, seed: int) -> str:
    """What was wrong in the hearts on exertion."""
    alarmed, most, told_s = [], 0.0, 0
    for number in range(hearts):
        source = compose(EXERTION, seed=seed, play=number)
        told, span = listen(source, classifier), source.truth.phase("exertion")
        high = [alarm.kind.value for alarm in told.alarms if PRIORITIES[alarm.kind] is Priority.HIGH]
        alarmed += [f"{number}: {', '.join(high)}"] if high else []
        supraventricular = max(share(told, span, label) for label in SUPRAVENTRICULAR)
        most, told_s = max(most, supraventricular), told_s + (supraventricular > SUPRAVENTRICULAR_SHARE)
    return (
        f"exertion, {hearts} hearts: {len(alarmed)} with an alarm of high priority {alarmed or ''}; "
        f"more than 1 % S in {told_s}, most {100 * most:.1f} %"
    )


def main() -> None:
    """Play all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", type=int, default=20)
    parser.add_argument("--hearts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rates", type=int, nargs="+", default=RATES_BPM)
    args = parser.parse_args()
    classifier = load_classifier()
    print(
        "| a minute | alarm within 5 s | latest, s | 95 % of the beats V | least V | alarm interrupted | hearts wrong |"
    )
    print("|---|---|---|---|---|---|---|")
    for bpm in args.rates:
        print(play_tachycardia(classifier, bpm, args.shapes, args.seed), flush=True)
    print(play_exertion(classifier, args.hearts, args.seed))


if __name__ == "__main__":
    main()
