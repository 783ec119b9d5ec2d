"""What the messages say: a type for each payload, with a sentence on each field.

What is unknown is absent from the JSON, never 0. Every payload says what it is in `schema` (name and version), which
device it comes from and the moment (RFC 3339, UTC, ms) it speaks of. Where that is a moment of the signal, `index` is
its 360 Hz sample since the start of the session.

The sentences are part of the types, so that the JSON Schemas made of them (`ecg/protocol/schemas.py`) say the same.
"""

from typing import Annotated, Any, Literal

import msgspec

from ecg.alarms.kinds import AlarmKind, AlarmState, Priority
from ecg.events import Rhythm
from ecg.protocol.status import Check, Status

__all__ = [
    "AlarmEntry",
    "AlarmsPayload",
    "BeatEntry",
    "BeatsPayload",
    "Body",
    "HostState",
    "Info",
    "Payload",
    "ReplyPayload",
    "SnoozeEntry",
    "StripPayload",
    "SummaryPayload",
    "VitalsPayload",
]


def _text(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


Moment = Annotated[
    str,
    msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", extra_json_schema={"format": "date-time"}),
]
"""RFC 3339, UTC, ms."""

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all: a field that is None is left out."""


class Payload(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """What every payload begins with."""

    schema: Annotated[str, _text("Name and version of this kind of message.")]
    device: Annotated[str, _text("The device's pseudonym, `device.id` of its settings.")]
    time: Annotated[Moment, _text("The moment that the message speaks of: RFC 3339, UTC, milliseconds.")]


class VitalsPayload(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """What the monitor knows now."""

    index: Annotated[int | None, _text("That moment as a 360 Hz sample since the start of the session.")] = None
    heart_rate_bpm: Annotated[float | None, _text("Absent without recent beats and in bad signal.")] = None
    rhythm: Annotated[
        Rhythm | None,
        _text(
            "Notes as in the MIT-BIH database: N normal, AFIB atrial fibrillation, B bigeminy, T trigeminy, VT "
            "ventricular tachycardia, VFL ventricular flutter or fibrillation, ASYS no heartbeat."
        ),
    ] = None
    quality: Annotated[Share | None, _text("Of the signal, 0 unusable to 1 clean; from 0.5 on it is believed.")] = None
    faults: Annotated[
        tuple[str, ...],
        _text("What is wrong: flat, clipped, mains, muscle, baseline, motion, or no_samples; empty while nothing is."),
    ]
    electrodes: Annotated[
        Literal["on", "off"] | None, _text("Absent where the front end cannot tell; then nobody knows.")
    ] = None
    pacing_pulses_per_min: Annotated[
        float | None,
        _text(
            "Rate of a pacemaker's pulses, whether or not the heart follows them; pulses to several chambers count "
            "once. Absent where no pacemaker is seen."
        ),
    ] = None


class BeatEntry(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """One heartbeat."""

    time: Annotated[Moment, _text("Of the R peak.")]
    index: Annotated[int, _text("The same as a 360 Hz sample.")]
    label: Annotated[str, _text("A label of the model (see `info`), or `unclassified`: cut from a bad stretch.")]
    rr_ms: Annotated[float | None, _text("Since the R peak before; absent for the first, and after a gap.")] = None
    probability: Annotated[Share | None, _text("That the model gives the label; absent where unclassified.")] = None
    r_mv: Annotated[float | None, _text("Height of the R peak over the baseline.")] = None


class BeatsPayload(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """The beats since the vitals before."""

    beats: Annotated[list[BeatEntry], _text("In the order of time.")]


class AlarmEntry(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """One alarm, as it is after the last thing that happened to it."""

    uuid: Annotated[str, _text("Names the alarm in each message of its life; drop what you have seen.")]
    kind: Annotated[AlarmKind, _text("What it tells of.")]
    priority: Annotated[Priority, _text("After IEC 60601-1-8.")]
    state: Annotated[AlarmState, _text("The last thing that happened to it.")]
    onset: Annotated[Moment, _text("When what it tells of began.")]
    onset_index: Annotated[int | None, _text("The same as a 360 Hz sample; absent for alarms of the machine.")] = None
    text: Annotated[str, _text("A sentence for a person.")]
    evidence: Annotated[dict[str, Any], _text("What the decision rests on; units are in the names.")]
    unseen_since: Annotated[
        Moment | None,
        _text(
            "From then on nobody can see whether it goes on; `evidence.unseen` says why: poor_signal, electrode_off or "
            "no_samples. Absent while it is seen."
        ),
    ] = None
    acknowledged: Annotated[Moment | None, _text("When somebody said that they know; absent while nobody did.")] = None
    acknowledged_by: Annotated[str | None, _text("Who, as they call themselves, or the way they did.")] = None
    escalations: Annotated[int, _text("How often it was raised again; absent for 0.")] = 0
    snoozed_until: Annotated[Moment | None, _text("Its kind neither sounds nor escalates until then.")] = None


class SnoozeEntry(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """A kind, or the buzzer, is silent for a time."""

    kind: Annotated[AlarmKind | None, _text("Which; absent: the buzzer is muted for all.")] = None
    until: Annotated[Moment, _text("Its end.")]


class AlarmsPayload(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """The set of alarms now active."""

    alarms: Annotated[list[AlarmEntry], _text("The oldest first; empty: none is active.")]
    snoozes: Annotated[list[SnoozeEntry], _text("What is silent now; absent: nothing.")] = []


class SummaryPayload(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """A minute, an hour or a day."""

    start: Annotated[Moment, _text("Its beginning; `time` is its end.")]
    duration_s: Annotated[float, _text("How much of it the monitor ran.")]
    beats: Annotated[dict[str, int], _text("Count by label.")]
    heart_rate_min_bpm: Annotated[float | None, _text("Lowest mean over 8 intervals in a row.")] = None
    heart_rate_min_time: Annotated[Moment | None, _text("When.")] = None
    heart_rate_mean_bpm: Annotated[float | None, _text("Mean.")] = None
    heart_rate_max_bpm: Annotated[float | None, _text("Highest mean over 8 intervals in a row.")] = None
    heart_rate_max_time: Annotated[Moment | None, _text("When.")] = None
    sdnn_ms: Annotated[float | None, _text("Standard deviation of the normal-to-normal intervals.")] = None
    rmssd_ms: Annotated[float | None, _text("Root mean square of the differences of successive ones.")] = None
    pnn50: Annotated[Share | None, _text("Share of successive ones that differ by more than 50 ms.")] = None
    longest_rr_ms: Annotated[float | None, _text("Longest interval between beats.")] = None
    longest_rr_time: Annotated[Moment | None, _text("When.")] = None
    ectopic_burden: Annotated[Share | None, _text("Share of premature beats among those with a class.")] = None
    ventricular_burden: Annotated[Share | None, _text("Share of ventricular beats among those with a class.")] = None
    atrial_fibrillation_s: Annotated[float | None, _text("Time in atrial fibrillation.")] = None
    atrial_fibrillation_burden: Annotated[float | None, _text("Its share of the good signal.")] = None
    good_signal_s: Annotated[float, _text("Time with a signal that can be believed.")]
    good_signal_share: Annotated[Share | None, _text("Its share.")] = None
    lost_s: Annotated[float, _text("Samples lost.")]


class StripPayload(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the ECG: mV = samples * mv_per_step + offset_mv."""

    uuid: Annotated[str, _text("Of the alarm that it belongs to, or of the request.")]
    index: Annotated[
        int | None, _text("Of the first sample, at 360 Hz; absent for what a former session recorded.")
    ] = None
    rate_hz: Annotated[float, _text("Sample rate.")]
    mv_per_step: Annotated[float, _text("Scale.")]
    offset_mv: Annotated[float, _text("What 0 stands for.")]
    missing: Annotated[int, _text("Stands for a lost sample.")]
    samples: Annotated[bytes, _text("int16, low byte first, in base64.")]


class ReplyPayload(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to a command."""

    command: Annotated[str, _text("The verb.")]
    ok: Annotated[bool, _text("Whether it was carried out; if not, nothing has changed.")]
    text: Annotated[str, _text("A sentence for a person; of a refusal the reason.")]
    id: Annotated[str | None, _text("The command's own.")] = None
    alarms: Annotated[list[str] | None, _text("To `ack` and `mark`: UUIDs of the alarms concerned.")] = None
    until: Annotated[Moment | None, _text("To `snooze` and `mute`: the end of the silence.")] = None
    topic: Annotated[str | None, _text("To `strip`: where the ECG was published.")] = None
    status: Annotated[Status | None, _text("To `status`: how things are.")] = None
    passed: Annotated[bool | None, _text("To `selftest`: whether no check failed.")] = None
    checks: Annotated[list[Check] | None, _text("To `selftest`: each thing that was looked at.")] = None
    not_tested: Annotated[tuple[str, ...] | None, _text("To `selftest`: what was left out.")] = None


class Info(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """What a caregiver's console may want to know about the device."""

    version: Annotated[str, _text("Of this software.")]
    python: Annotated[str, _text("Version of the interpreter.")]
    source: Annotated[str, _text("Name of the front end.")]
    nominal_rate_hz: Annotated[float, _text("Its sample rate by its settings or header.")]
    rate_hz: Annotated[
        float | None, _text("Its true sample rate, by this machine's clock; absent until it is known.")
    ] = None
    model: Annotated[str | None, _text("Name of the classifier; absent without one.")] = None
    model_version: Annotated[str | None, _text("Of the classifier.")] = None
    model_sha256: Annotated[str | None, _text("Digest of its flatbuffer.")] = None
    model_file: Annotated[str | None, _text("Name of its file.")] = None
    model_signed_by: Annotated[
        str | None,
        _text("The trusted key that signed it; absent where no key is trusted, and for the one that ships."),
    ] = None
    labels: Annotated[tuple[str, ...] | None, _text("The classes that it tells apart.")] = None
    pacemaker: Annotated[
        bool | None, _text("True while a pacemaker's pulses are seen; absent otherwise: it may be there all the same.")
    ] = None


class HostState(_Part, frozen=True, kw_only=True, omit_defaults=True):
    """How the machine is, beside the heart."""

    uptime_s: Annotated[float, _text("Since the monitor started.")]
    lost_s: Annotated[
        float, _text("Samples lost since then, in s of signal; those of an outage are counted when it is over.")
    ]
    recording: Annotated[Literal["on", "off", "stopped"], _text("`off` by the settings; `stopped` is a fault.")]
    undelivered: Annotated[int, _text("Messages that wait for the broker.")]
    battery_percent: Annotated[float | None, _text("Charge of the machine's own battery.")] = None
    battery_charging: Annotated[bool | None, _text("Whether it is being charged.")] = None
    temperature_c: Annotated[float | None, _text("Of the processor.")] = None
    storage_free_mb: Annotated[float | None, _text("Where the monitor keeps its files.")] = None
    clock_set: Annotated[bool | None, _text("Whether a time server has set the clock.")] = None
    selftest: Annotated[
        Literal["passed", "failed"] | None, _text("How the last one ended; absent before the first since the start.")
    ] = None


Body = (
    Info
    | VitalsPayload
    | BeatsPayload
    | AlarmEntry
    | AlarmsPayload
    | StripPayload
    | SummaryPayload
    | HostState
    | ReplyPayload
)
"""The payload of a message. `Info`, `AlarmEntry` and `HostState` are sent behind the fields of `Payload`."""
