"""Thresholds of the rhythm rules."""

from dataclasses import dataclass
from typing import Annotated

from ecg.setting import Setting

__all__ = ["RhythmSettings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RhythmSettings:
    """Thresholds of every alarm rule."""

    asystole_s: Annotated[float, Setting("No beat for so long, with good signal.", over=0)] = 4.0
    pause_s: Annotated[float, Setting("An interval without a beat as long as this is a pause.", over=0)] = 2.5
    extreme_bradycardia_bpm: Annotated[float, Setting("Slower than this ...", over=0)] = 40.0
    extreme_bradycardia_beats: Annotated[int, Setting("... over so many beats.", at_least=1)] = 5
    extreme_tachycardia_bpm: Annotated[float, Setting("Faster than this ...", over=0)] = 140.0
    extreme_tachycardia_beats: Annotated[int, Setting("... over so many beats.", at_least=1)] = 17
    bradycardia_bpm: Annotated[float, Setting("Slower than this for sustained_s.", over=0)] = 50.0
    tachycardia_bpm: Annotated[float, Setting("Faster than this for sustained_s.", over=0)] = 110.0
    sustained_s: Annotated[float, Setting("Hold time of brady- and tachycardia.", over=0)] = 15.0
    rate_hysteresis_bpm: Annotated[
        float, Setting("A rate alarm closes only this far on the good side of its threshold.", over=0)
    ] = 5.0
    ventricular_tachycardia_beats: Annotated[int, Setting("So many ventricular beats in a row ...", at_least=1)] = 5
    ventricular_tachycardia_bpm: Annotated[float, Setting("... faster than this.", over=0)] = 100.0
    ventricular_flutter_s: Annotated[
        float, Setting("Waves without separate beats for so long are ventricular flutter ...", over=0)
    ] = 4.0
    ventricular_flutter_bpm: Annotated[
        float, Setting("... as fast as this, else ventricular tachycardia ...", over=0)
    ] = 180.0
    ventricular_flutter_certainty: Annotated[
        float, Setting("... when this probable over three judgements.", at_least=0.5, at_most=0.999)
    ] = 0.97
    ventricular_run_beats: Annotated[int, Setting("So many ventricular beats in a row are a run.", at_least=1)] = 3
    atrial_fibrillation_s: Annotated[float, Setting("Irregular for so long before the alarm opens.", over=0)] = 30.0
    atrial_fibrillation_irregularity: Annotated[
        float,
        Setting(
            "Share of RR intervals, 0 to 1, that must be irregular; more where P waves are seen or their order tells "
            "of another rhythm.",
            over=0,
        ),
    ] = 0.385
    ectopic_pattern_repeats: Annotated[
        int, Setting("So many couplets are bigeminy, so many triplets trigeminy.", at_least=2)
    ] = 3
    ectopic_pattern_s: Annotated[
        float, Setting("Bigeminy or trigeminy for so long before the alarm opens.", over=0)
    ] = 10.0
    frequent_pvcs_per_hour: Annotated[
        int, Setting("So many ventricular beats within an hour, which slides, are frequent.", at_least=1)
    ] = 30
    frequent_pvcs_hysteresis_per_hour: Annotated[
        int, Setting("That alarm closes only with so many fewer in the hour.", at_least=0)
    ] = 5
    frequent_pvcs_s: Annotated[float, Setting("Frequent for so long before the alarm opens.", over=0)] = 10.0
    patient_event_s: Annotated[float, Setting("An event that the patient marks is active for so long.", over=0)] = 30.0
    electrode_off_s: Annotated[float, Setting("An electrode off for so long before the alarm opens.", over=0)] = 1.0
    poor_signal_s: Annotated[float, Setting("Poor signal for so long before the alarm opens.", over=0)] = 10.0
    no_samples_s: Annotated[float, Setting("No samples for so long: nothing is being watched.", over=0)] = 2.0
    samples_lost_s: Annotated[
        float, Setting("So much signal lost within a minute, in shorter pieces, before the alarm opens.", over=0)
    ] = 0.1
    close_s: Annotated[
        float, Setting("Hysteresis: what an alarm tells of must be gone for so long before it closes.", over=0)
    ] = 5.0
    episode_close_s: Annotated[
        float,
        Setting("The same for what comes and goes: rates, pauses, runs, bigeminy, trigeminy, fibrillation.", over=0),
    ] = 60.0
