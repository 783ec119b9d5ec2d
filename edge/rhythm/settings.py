"""Thresholds of the rhythm rules."""

from dataclasses import dataclass
from typing import Annotated

from ecg.setting import Setting

__all__ = ["RhythmSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RhythmSettings:
    """Thresholds of the rhythm alarms."""

    # At most 15: consciousness is lost within 15 s without a heartbeat.
    asystole_s: Annotated[float, Setting("Asystole: no beat for this long, with good signal.", over=0, at_most=15)] = (
        4.0
    )
    # At most 15: as for asystole_s.
    pause_s: Annotated[float, Setting("Pause: no beat for this long.", over=0, at_most=15)] = 2.5
    # At most 120: no threshold of a slow rate lies above a fast one.
    extreme_bradycardia_bpm: Annotated[
        float, Setting("Extreme bradycardia: slower than this over extreme_bradycardia_beats.", over=10, at_most=120)
    ] = 40.0
    # At most 60: at 40 bpm that takes 90 s.
    extreme_bradycardia_beats: Annotated[
        int, Setting("Beats over which the rate for extreme bradycardia is measured.", at_least=1, at_most=60)
    ] = 5
    # At most 300: no faster QRS complexes are told apart.
    extreme_tachycardia_bpm: Annotated[
        float,
        Setting(
            "Extreme tachycardia: faster than this over extreme_tachycardia_beats, unless it climbed to that little by "
            "little.",
            over=0,
            at_most=300,
        ),
    ] = 140.0
    # At most 120: at 140 bpm that takes 50 s.
    extreme_tachycardia_beats: Annotated[
        int, Setting("Beats over which the rate for extreme tachycardia is measured.", at_least=1, at_most=120)
    ] = 17
    # At most 150: no threshold of a slow rate lies above a fast one.
    bradycardia_bpm: Annotated[
        float, Setting("Bradycardia: slower than this for sustained_s.", over=10, at_most=150)
    ] = 50.0
    # At most 300: as for extreme_tachycardia_bpm.
    tachycardia_bpm: Annotated[
        float, Setting("Tachycardia: faster than this for sustained_s.", over=0, at_most=300)
    ] = 110.0
    # At most 600: what lasts 10 min is sustained.
    sustained_s: Annotated[
        float,
        Setting(
            "Hold time: bradycardia or tachycardia must last this long before its alarm opens.", over=0, at_most=600
        ),
    ] = 15.0
    # At most 50: with more, an alarm would never close.
    rate_hysteresis_bpm: Annotated[
        float, Setting("A rate alarm closes when the rate is this far back inside its threshold.", over=0, at_most=50)
    ] = 5.0
    # At most 60: 30 s at 120 bpm: a sustained tachycardia.
    ventricular_tachycardia_beats: Annotated[
        int, Setting("Ventricular tachycardia: at least this many ventricular beats in a row.", at_least=1, at_most=60)
    ] = 5
    # At most 250: faster waves are ventricular flutter.
    ventricular_tachycardia_bpm: Annotated[
        float, Setting("Ventricular tachycardia: those beats are faster than this.", over=0, at_most=250)
    ] = 100.0
    # At most 15: consciousness is lost within 15 s.
    ventricular_flutter_s: Annotated[
        float,
        Setting("Ventricular flutter or fibrillation: waves without separate beats for this long.", over=0, at_most=15),
    ] = 4.0
    # At most 400: no ventricular flutter is faster.
    ventricular_flutter_bpm: Annotated[
        float, Setting("Waves slower than this are ventricular tachycardia, not flutter.", over=0, at_most=400)
    ] = 180.0
    ventricular_flutter_certainty: Annotated[
        float,
        Setting(
            "Probability of such waves, over three judgements, that counts as certain.", at_least=0.5, at_most=0.999
        ),
    ] = 0.97
    # At most 60: as for ventricular_tachycardia_beats.
    ventricular_run_beats: Annotated[
        int, Setting("Ventricular run: at least this many ventricular beats in a row.", at_least=1, at_most=60)
    ] = 3
    # At most 3,600: within the hour of a summary.
    atrial_fibrillation_s: Annotated[
        float, Setting("Atrial fibrillation: the rhythm is irregular for this long.", over=0, at_most=3600)
    ] = 30.0
    # At most 1: a share.
    atrial_fibrillation_irregularity: Annotated[
        float,
        Setting(
            "Share of RR intervals, 0 to 1, that must be irregular for atrial fibrillation. The rule demands more "
            "where it sees P waves, or where the order of the intervals suggests another rhythm.",
            over=0,
            at_most=1,
        ),
    ] = 0.385
    # At most 100: several minutes of bigeminy.
    ectopic_pattern_repeats: Annotated[
        int, Setting("Couplets that make bigeminy, and triplets that make trigeminy.", at_least=2, at_most=100)
    ] = 3
    # At most 600: as for sustained_s.
    ectopic_pattern_s: Annotated[
        float,
        Setting("Hold time: bigeminy or trigeminy must last this long before its alarm opens.", over=0, at_most=600),
    ] = 10.0
    # At most 10,000: more beats than that an hour are no PVCs.
    frequent_pvcs_per_hour: Annotated[
        int,
        Setting("Frequent PVCs: at least this many ventricular beats in the last hour.", at_least=1, at_most=10_000),
    ] = 30
    # At most 10,000: as for the threshold, which it is below.
    frequent_pvcs_hysteresis_per_hour: Annotated[
        int, Setting("The alarm for frequent PVCs closes at the threshold minus this.", at_least=0, at_most=10_000)
    ] = 5
    # At most 3,600: PVCs of the last hour are counted.
    frequent_pvcs_s: Annotated[
        float, Setting("Hold time: PVCs must be frequent for this long before the alarm opens.", over=0, at_most=3600)
    ] = 10.0
    # At most 3,600: for an hour each further press is the same event.
    patient_event_s: Annotated[
        float, Setting("Time for which a patient's event stays active.", over=0, at_most=3600)
    ] = 30.0
    # At most 60: nobody is watched from then on.
    electrode_off_s: Annotated[
        float, Setting("Hold time: an electrode must be off for this long before the alarm opens.", over=0, at_most=60)
    ] = 1.0
    # At most 300: nobody is watched from then on.
    poor_signal_s: Annotated[
        float, Setting("Hold time: the signal must be poor for this long before the alarm opens.", over=0, at_most=300)
    ] = 10.0
    # At most 600: after 10 min without a sample systemd starts the monitor anew.
    no_samples_s: Annotated[
        float, Setting("No samples for this long: the alarm says that nothing is being watched.", over=0, at_most=600)
    ] = 2.0
    # At most 60: the loss of a minute is added up.
    samples_lost_s: Annotated[
        float,
        Setting("Samples lost: gaps shorter than no_samples_s add up to this within a minute.", over=0, at_most=60),
    ] = 0.1
    # At most 600: a new episode within that time is told as the old one.
    close_s: Annotated[
        float, Setting("The cause must be gone for this long before an alarm closes.", over=0, at_most=600)
    ] = 5.0
    # At most 3,600: a new episode within that time is told as the old one.
    episode_close_s: Annotated[
        float,
        Setting(
            "The same for alarms that come and go: rates, pauses, runs, bigeminy, trigeminy, atrial fibrillation.",
            over=0,
            at_most=3600,
        ),
    ] = 60.0
