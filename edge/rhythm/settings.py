"""Thresholds of the rhythm rules."""

from dataclasses import dataclass
from typing import Annotated

from ecg.setting import Setting

__all__ = ["RhythmSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RhythmSettings:
    """Thresholds of the rhythm alarms."""

    asystole_s: Annotated[float, Setting("Asystole: no beat for this long, with good signal.", over=0)] = 4.0
    pause_s: Annotated[float, Setting("Pause: no beat for this long.", over=0)] = 2.5
    extreme_bradycardia_bpm: Annotated[
        float, Setting("Extreme bradycardia: slower than this over extreme_bradycardia_beats.", over=0)
    ] = 40.0
    extreme_bradycardia_beats: Annotated[
        int, Setting("Beats over which the rate for extreme bradycardia is measured.", at_least=1)
    ] = 5
    extreme_tachycardia_bpm: Annotated[
        float, Setting("Extreme tachycardia: faster than this over extreme_tachycardia_beats.", over=0)
    ] = 140.0
    extreme_tachycardia_beats: Annotated[
        int, Setting("Beats over which the rate for extreme tachycardia is measured.", at_least=1)
    ] = 17
    bradycardia_bpm: Annotated[float, Setting("Bradycardia: slower than this for sustained_s.", over=0)] = 50.0
    tachycardia_bpm: Annotated[float, Setting("Tachycardia: faster than this for sustained_s.", over=0)] = 110.0
    sustained_s: Annotated[
        float, Setting("Hold time: bradycardia or tachycardia must last this long before its alarm opens.", over=0)
    ] = 15.0
    rate_hysteresis_bpm: Annotated[
        float, Setting("A rate alarm closes when the rate is this far back inside its threshold.", over=0)
    ] = 5.0
    ventricular_tachycardia_beats: Annotated[
        int, Setting("Ventricular tachycardia: at least this many ventricular beats in a row.", at_least=1)
    ] = 5
    ventricular_tachycardia_bpm: Annotated[
        float, Setting("Ventricular tachycardia: those beats are faster than this.", over=0)
    ] = 100.0
    ventricular_flutter_s: Annotated[
        float, Setting("Ventricular flutter or fibrillation: waves without separate beats for this long.", over=0)
    ] = 4.0
    ventricular_flutter_bpm: Annotated[
        float, Setting("Waves slower than this are ventricular tachycardia, not flutter.", over=0)
    ] = 180.0
    ventricular_flutter_certainty: Annotated[
        float,
        Setting(
            "Probability of such waves, over three judgements, that counts as certain.", at_least=0.5, at_most=0.999
        ),
    ] = 0.97
    ventricular_run_beats: Annotated[
        int, Setting("Ventricular run: at least this many ventricular beats in a row.", at_least=1)
    ] = 3
    atrial_fibrillation_s: Annotated[
        float, Setting("Atrial fibrillation: the rhythm is irregular for this long.", over=0)
    ] = 30.0
    atrial_fibrillation_irregularity: Annotated[
        float,
        Setting(
            "Share of RR intervals, 0 to 1, that must be irregular for atrial fibrillation. The rule demands more "
            "where it sees P waves, or where the order of the intervals suggests another rhythm.",
            over=0,
        ),
    ] = 0.385
    ectopic_pattern_repeats: Annotated[
        int, Setting("Couplets that make bigeminy, and triplets that make trigeminy.", at_least=2)
    ] = 3
    ectopic_pattern_s: Annotated[
        float, Setting("Hold time: bigeminy or trigeminy must last this long before its alarm opens.", over=0)
    ] = 10.0
    frequent_pvcs_per_hour: Annotated[
        int, Setting("Frequent PVCs: at least this many ventricular beats in the last hour.", at_least=1)
    ] = 30
    frequent_pvcs_hysteresis_per_hour: Annotated[
        int, Setting("The alarm for frequent PVCs closes at the threshold minus this.", at_least=0)
    ] = 5
    frequent_pvcs_s: Annotated[
        float, Setting("Hold time: PVCs must be frequent for this long before the alarm opens.", over=0)
    ] = 10.0
    patient_event_s: Annotated[float, Setting("Time for which a patient's event stays active.", over=0)] = 30.0
    electrode_off_s: Annotated[
        float, Setting("Hold time: an electrode must be off for this long before the alarm opens.", over=0)
    ] = 1.0
    poor_signal_s: Annotated[
        float, Setting("Hold time: the signal must be poor for this long before the alarm opens.", over=0)
    ] = 10.0
    no_samples_s: Annotated[
        float, Setting("No samples for this long: the alarm says that nothing is being watched.", over=0)
    ] = 2.0
    samples_lost_s: Annotated[
        float, Setting("Samples lost: gaps shorter than no_samples_s add up to this within a minute.", over=0)
    ] = 0.1
    close_s: Annotated[float, Setting("The cause must be gone for this long before an alarm closes.", over=0)] = 5.0
    episode_close_s: Annotated[
        float,
        Setting(
            "The same for alarms that come and go: rates, pauses, runs, bigeminy, trigeminy, atrial fibrillation.",
            over=0,
        ),
    ] = 60.0
