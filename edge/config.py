"""Settings: one typed tree, read from TOML; every mistake is reported at once with its key and the nearest valid one.

The description of each field is part of its type, so the default file that `ecg-edge config default` prints cannot
drift from what is accepted.
"""

from __future__ import annotations

import difflib
import itertools
import json
import math
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "Ad8232Settings",
    "Ads1292Settings",
    "AlarmSettings",
    "AnnunciatorSettings",
    "ButtonSettings",
    "DeviceSettings",
    "HomeAssistantSettings",
    "ModelSettings",
    "MqttSettings",
    "ReplaySettings",
    "RhythmSettings",
    "Settings",
    "SimulatorSettings",
    "SourceSettings",
    "StorageSettings",
    "TechnicalSettings",
    "load",
    "parse",
    "render",
]


LARGEST = 1_000_000_000
"""No time in s, rate or count is larger; so none overflows where it is turned into samples."""


def _text(description: str, *, pattern: str | None = None) -> msgspec.Meta:
    return msgspec.Meta(description=description, pattern=pattern)


def _over_zero(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, gt=0, le=LARGEST)


def _between(low: float, high: float, description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, ge=low, le=high)


def _at_least(low: float, description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, ge=low, le=LARGEST)


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every section: keyword-only, immutable, unknown keys are mistakes."""


class DeviceSettings(Section, frozen=True):
    """Who this monitor is."""

    id: Annotated[
        str,
        _text(
            "A pseudonym, never a person's name; part of every topic. Letters, digits, - and _, at most 64.",
            pattern=r"^[A-Za-z0-9_-]{1,64}\Z",
        ),
    ] = "ecg-edge"


class ReplaySettings(Section, frozen=True):
    """A recording as the source."""

    record: Annotated[str, _text("Path of a WFDB record (with or without .hea), an EDF+ or a CSV file.")] = ""
    channel: Annotated[str, _text("Signal by name or number.")] = "0"
    speed: Annotated[float, _at_least(0, "Times real time; 0 = as fast as possible.")] = 1.0
    loop: Annotated[bool, _text("Begin again at the end.")] = False


class SimulatorSettings(Section, frozen=True):
    """A synthetic ECG as the source, to try an installation without a patient."""

    scenario: Annotated[str, _text('A named scenario, or steps like "normal:30,pvc:20,af:60" (kind:seconds).')] = "demo"
    heart_rate_bpm: Annotated[float, _between(20, 250, "Rate of the normal rhythm.")] = 72.0
    noise_uv: Annotated[float, _between(0, 2000, "Broadband noise, RMS.")] = 15.0
    seed: Annotated[int, _at_least(0, "The same seed gives the same ECG.")] = 1
    speed: Annotated[float, _at_least(0, "Times real time; 0 = as fast as possible.")] = 1.0


class Ads1292Settings(Section, frozen=True):
    """An ADS1291, ADS1292 or ADS1292R on SPI as the source."""

    board: Annotated[str, _text("How it is wired: a board of firmware_config/, or the path of such a file.")] = (
        "cjmcu-1292"
    )
    registers: Annotated[str, _text("A register set of firmware_config/, or the path of such a file.")] = "ads1292r-ecg"
    channel: Annotated[Literal[0, 1, 2], _text("Whose samples are the ECG; 0 = as the board is wired.")] = 0
    gain: Annotated[Literal[0, 1, 2, 3, 4, 6, 8, 12], _text("Of that channel; 0 = as the register set says.")] = 0


class Ad8232Settings(Section, frozen=True):
    """An AD8232 board behind an MCP3208 or MCP3008 on SPI as the source."""

    board: Annotated[str, _text("How it is wired: a board of firmware_config/, or the path of such a file.")] = (
        "ad8232-mcp3208"
    )
    gain: Annotated[
        float,
        _between(
            0,
            10_000,
            "From the electrodes to the converter; 0 = as the board says. To calibrate: give it 1 mV between the "
            "electrodes (an ECG simulator's calibration pulse), and set the gain in use times the mV that are shown.",
        ),
    ] = 0.0
    reference_v: Annotated[
        float, _between(0, 5.5, "The converter's VREF, as a voltmeter shows it; 0 = as the board says.")
    ] = 0.0


class SourceSettings(Section, frozen=True):
    """Where samples come from."""

    kind: Annotated[
        Literal["replay", "simulator", "ads1292", "ad8232"], _text("Which of the sources below is used.")
    ] = "simulator"
    ad8232: Ad8232Settings = Ad8232Settings()
    ads1292: Ads1292Settings = Ads1292Settings()
    replay: ReplaySettings = ReplaySettings()
    simulator: SimulatorSettings = SimulatorSettings()


class ModelSettings(Section, frozen=True):
    """Which classifier the beats are shown to."""

    path: Annotated[
        str, _text("A model file; empty = the one that `ecg-edge model use` chose, else the one that ships.")
    ] = ""
    store: Annotated[str, msgspec.Meta(description="Folder of the models to choose from.", min_length=1)] = (
        "/var/lib/ecg-edge-models"
    )
    trusted_keys: Annotated[
        str,
        msgspec.Meta(
            description="Folder of public keys, NAME.pub; where there are any, one of them must have signed a model.",
            min_length=1,
        ),
    ] = "/etc/ecg-edge/trusted-keys"


class RhythmSettings(Section, frozen=True):
    """Thresholds of every alarm rule."""

    asystole_s: Annotated[float, _over_zero("No beat for so long, with good signal.")] = 4.0
    pause_s: Annotated[float, _over_zero("An interval without a beat as long as this is a pause.")] = 2.5
    extreme_bradycardia_bpm: Annotated[float, _over_zero("Slower than this ...")] = 40.0
    extreme_bradycardia_beats: Annotated[int, _at_least(1, "... over so many beats.")] = 5
    extreme_tachycardia_bpm: Annotated[float, _over_zero("Faster than this ...")] = 140.0
    extreme_tachycardia_beats: Annotated[int, _at_least(1, "... over so many beats.")] = 17
    bradycardia_bpm: Annotated[float, _over_zero("Slower than this for sustained_s.")] = 50.0
    tachycardia_bpm: Annotated[float, _over_zero("Faster than this for sustained_s.")] = 110.0
    sustained_s: Annotated[float, _over_zero("Hold time of brady- and tachycardia.")] = 15.0
    rate_hysteresis_bpm: Annotated[
        float, _over_zero("A rate alarm closes only this far on the good side of its threshold.")
    ] = 5.0
    ventricular_tachycardia_beats: Annotated[int, _at_least(1, "So many ventricular beats in a row ...")] = 5
    ventricular_tachycardia_bpm: Annotated[float, _over_zero("... faster than this.")] = 100.0
    ventricular_flutter_s: Annotated[
        float, _over_zero("Waves without separate beats for so long are ventricular flutter ...")
    ] = 4.0
    ventricular_flutter_bpm: Annotated[float, _over_zero("... as fast as this, else ventricular tachycardia ...")] = (
        180.0
    )
    ventricular_flutter_certainty: Annotated[
        float, _between(0.5, 0.999, "... when this probable over three judgements.")
    ] = 0.97
    ventricular_run_beats: Annotated[int, _at_least(1, "So many ventricular beats in a row are a run.")] = 3
    atrial_fibrillation_s: Annotated[float, _over_zero("Irregular for so long before the alarm opens.")] = 30.0
    atrial_fibrillation_irregularity: Annotated[
        float,
        _over_zero(
            "Share of RR intervals, 0 to 1, that must be irregular; more where P waves are seen or their order tells "
            "of another rhythm."
        ),
    ] = 0.385
    ectopic_pattern_repeats: Annotated[
        int, _at_least(2, "So many couplets are bigeminy, so many triplets trigeminy.")
    ] = 3
    ectopic_pattern_s: Annotated[float, _over_zero("Bigeminy or trigeminy for so long before the alarm opens.")] = 10.0
    frequent_pvcs_per_hour: Annotated[
        int, _at_least(1, "So many ventricular beats within an hour, which slides, are frequent.")
    ] = 30
    frequent_pvcs_hysteresis_per_hour: Annotated[
        int, _at_least(0, "That alarm closes only with so many fewer in the hour.")
    ] = 5
    frequent_pvcs_s: Annotated[float, _over_zero("Frequent for so long before the alarm opens.")] = 10.0
    patient_event_s: Annotated[float, _over_zero("An event that the patient marks is active for so long.")] = 30.0
    electrode_off_s: Annotated[float, _over_zero("An electrode off for so long before the alarm opens.")] = 1.0
    poor_signal_s: Annotated[float, _over_zero("Poor signal for so long before the alarm opens.")] = 10.0
    no_samples_s: Annotated[float, _over_zero("No samples for so long: nothing is being watched.")] = 2.0
    samples_lost_s: Annotated[
        float, _over_zero("So much signal lost within a minute, in shorter pieces, before the alarm opens.")
    ] = 0.1
    close_s: Annotated[
        float, _over_zero("Hysteresis: what an alarm tells of must be gone for so long before it closes.")
    ] = 5.0
    episode_close_s: Annotated[
        float,
        _over_zero("The same for what comes and goes: rates, pauses, runs, bigeminy, trigeminy, fibrillation."),
    ] = 60.0


class TechnicalSettings(Section, frozen=True):
    """Thresholds of the alarms that the machine raises, beside those of the signal."""

    storage_free_mb: Annotated[float, _over_zero("Less free space than this where storage.directory is.")] = 200.0
    storage_hysteresis_mb: Annotated[float, _over_zero("That alarm closes only with so much more.")] = 50.0
    battery_percent: Annotated[float, _between(1, 100, "Less charge than this, and not charging.")] = 20.0
    battery_hysteresis_percent: Annotated[float, _over_zero("That alarm closes only with so much more.")] = 5.0
    clock_not_set_s: Annotated[float, _over_zero("The clock not set for so long before the alarm opens.")] = 60.0
    hold_s: Annotated[float, _over_zero("Hold time of the alarms of storage and battery.")] = 5.0
    close_s: Annotated[float, _over_zero("What an alarm tells of must be gone for so long before it closes.")] = 5.0


class AlarmSettings(Section, frozen=True):
    """What becomes of an alarm once it is told."""

    escalate_min: Annotated[
        float, _over_zero("A high alarm that nobody acknowledges is raised again after so long, and again.")
    ] = 2.0
    snooze_max_min: Annotated[
        float, _over_zero("Longest time for which a kind may be snoozed or the buzzer muted.")
    ] = 60.0


class AnnunciatorSettings(Section, frozen=True):
    """Buzzer and LED on the Pi's pins, by BCM number; 0 = not fitted."""

    buzzer_pin: Annotated[int, _between(0, 27, "An active buzzer, on when the pin is high.")] = 0
    red_pin: Annotated[int, _between(0, 27, "Red LED.")] = 0
    green_pin: Annotated[int, _between(0, 27, "Green LED; with the red one it makes yellow.")] = 0


class ButtonSettings(Section, frozen=True):
    """The patient's event button, between a pin and ground; the Pi's own pull-up holds the pin high."""

    pin: Annotated[int, _between(0, 27, "By BCM number; 0 = not fitted.")] = 0


class MqttSettings(Section, frozen=True):
    """The broker. Without TLS everything is readable on the way: leave it off only for a broker on this machine."""

    host: Annotated[str, msgspec.Meta(description="Name or address of the broker.", min_length=1)] = "localhost"
    port: Annotated[int, _between(1, 65535, "Usually 1883, with TLS 8883.")] = 1883
    tls: Annotated[
        bool,
        _text("Encrypt, and verify the broker's certificate; required unless the broker is on this machine."),
    ] = False
    ca_file: Annotated[
        str, _text("CA certificate, a path or a name in /etc/ecg-edge/credentials; empty = the system's.")
    ] = ""
    username: Annotated[str, _text("Empty = without credentials.")] = ""
    password_file: Annotated[str, _text("A file that holds only the password; likewise.")] = ""
    cert_file: Annotated[
        str, _text("This device's own certificate (PEM), where the broker asks for one; likewise.")
    ] = ""
    key_file: Annotated[
        str, _text("Its private key (PEM), without a passphrase; likewise; empty = in the same file.")
    ] = ""
    keepalive_s: Annotated[int, _between(5, 3600, "A sign of life at least this often.")] = 30


class HomeAssistantSettings(Section, frozen=True):
    """Home Assistant on the same broker: it finds this device by itself."""

    enabled: Annotated[bool, _text("Tell it of this device; false takes that back.")] = True
    discovery_prefix: Annotated[
        str,
        _text("As in its own settings of MQTT; no leading or trailing slash.", pattern=r"^[\w-]+(/[\w-]+)*\Z"),
    ] = "homeassistant"


class StorageSettings(Section, frozen=True):
    """What is kept on this machine."""

    directory: Annotated[
        str, msgspec.Meta(description="Holds what was not yet delivered, and the recording.", min_length=1)
    ] = "/var/lib/ecg-edge"
    outbox_max_mb: Annotated[float, _over_zero("Undelivered messages above this: summaries are dropped first.")] = 64.0
    recording: Annotated[bool, _text("Keep the whole ECG and its beats, as WFDB files in the folder recording.")] = True
    recording_max_mb: Annotated[
        float, _over_zero("A recording larger than this loses its oldest hours; 500 Hz take 90 MB a day.")
    ] = 2000.0
    recording_max_days: Annotated[float, _over_zero("So does what is older than this.")] = 14.0
    recording_leave_free_mb: Annotated[
        float, _at_least(0, "With less room than this on the disk, too: it is left to undelivered alarms.")
    ] = 200.0
    recording_sync_s: Annotated[
        float, _between(0.05, 8, "So often it is brought onto the disk: what a power cut may cost.")
    ] = 5.0
    strip_before_s: Annotated[float, _between(0, 60, "ECG sent around an alarm: so much before its onset ...")] = 10.0
    strip_after_s: Annotated[float, _between(1, 60, "... and so much after it.")] = 20.0


class Settings(Section, frozen=True):
    """The whole tree."""

    device: DeviceSettings = DeviceSettings()
    source: SourceSettings = SourceSettings()
    model: ModelSettings = ModelSettings()
    rhythm: RhythmSettings = RhythmSettings()
    technical: TechnicalSettings = TechnicalSettings()
    alarms: AlarmSettings = AlarmSettings()
    annunciator: AnnunciatorSettings = AnnunciatorSettings()
    button: ButtonSettings = ButtonSettings()
    mqtt: MqttSettings = MqttSettings()
    homeassistant: HomeAssistantSettings = HomeAssistantSettings()
    storage: StorageSettings = StorageSettings()


def load(path: Path, *, source: str = "") -> Settings:
    """Read settings from a TOML file; `source` takes the place of `source.kind`.

    Raises:
        InputError: the file cannot be read, is no TOML, or holds mistakes; all of them are named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path}: the settings cannot be read ({error.strerror}); "
            "`ecg-edge config default > FILE` writes a file to begin with"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the settings are not UTF-8 text (byte {error.start})") from error
    return parse(text, name=str(path), source=source)


def parse(text: str, *, name: str, source: str = "") -> Settings:
    """Read settings from TOML text; `name` stands in the error messages, `source` takes the place of `source.kind`.

    Raises:
        InputError: with one line for each mistake.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from error
    if source and isinstance(data.setdefault("source", {}), dict):
        data["source"]["kind"] = source
    mistakes = list(_mistakes(Settings, data, ""))
    if not mistakes:
        settings = msgspec.convert(data, Settings)
        mistakes = list(_contradictions(settings))
        if not mistakes:
            return settings
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    raise InputError("\n  ".join([f"{name}: {count} in the settings", *mistakes]))


def render(settings: Settings, *, comments: bool = True) -> str:
    """Write settings as TOML that `parse` reads back to the same tree; with comments it documents every key."""
    return "\n".join(_render_section(settings, "", comments=comments)).strip() + "\n"


def _sections_and_fields(kind: type[Section]) -> tuple[dict[str, type[Section]], dict[str, Any]]:
    """Split the fields of a section into its subsections and its own keys with their annotated types."""
    hints = get_type_hints(kind, include_extras=True)
    sections: dict[str, type[Section]] = {}
    fields: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, Section):
            sections[name] = hint
        else:
            fields[name] = hint
    return sections, fields


def _keys(kind: type[Section], prefix: str) -> Iterator[str]:
    """Give every dotted key of a section, the subsections' names included."""
    sections, fields = _sections_and_fields(kind)
    yield from (prefix + name for name in fields)
    for name, section in sections.items():
        yield prefix + name
        yield from _keys(section, f"{prefix}{name}.")


def _mistakes(kind: type[Section], data: Mapping[str, Any], prefix: str) -> Iterator[str]:
    sections, fields = _sections_and_fields(kind)
    for name, value in data.items():
        key = prefix + name
        if name in sections:
            if isinstance(value, dict):
                yield from _mistakes(sections[name], value, f"{key}.")
            else:
                yield f"{key}: expected a section [{key}], got {_toml(value)}"
        elif name in fields:
            yield from _wrong_value(key, value, fields[name])
        else:
            yield f"{key}: unknown key{_nearest(name, prefix, [*fields, *sections])}"


def _nearest(name: str, prefix: str, siblings: list[str]) -> str:
    """Suggest the nearest key of the same section, else one of that name elsewhere, else list what is allowed here."""
    if close := difflib.get_close_matches(name, siblings, n=1):
        return f"; did you mean {prefix}{close[0]}?"
    by_last_part = {key.rpartition(".")[2]: key for key in _keys(Settings, "")}
    if close := difflib.get_close_matches(name, by_last_part, n=1, cutoff=0.8):
        return f"; did you mean {by_last_part[close[0]]}?"
    where = f"[{prefix.rstrip('.')}]" if prefix else "the top level"
    return f"; {where} takes {', '.join(siblings)}"


def _wrong_value(key: str, value: Any, kind: Any) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: expected a finite number ({value} was given)"
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason = str(error).replace("`", "")
        base = get_args(kind)[0]
        if get_origin(base) is Literal:
            reason = f"expected {' or '.join(map(_toml, get_args(base)))}"
        yield f"{key}: {reason[0].lower()}{reason[1:]} ({_toml(value)} was given)"


def _contradictions(settings: Settings) -> Iterator[str]:
    """Find values that are each allowed and together make no sense."""
    rhythm = settings.rhythm
    ascending = ("extreme_bradycardia_bpm", "bradycardia_bpm", "tachycardia_bpm", "extreme_tachycardia_bpm")
    others = [("pause_s", "asystole_s"), ("frequent_pvcs_hysteresis_per_hour", "frequent_pvcs_per_hour")]
    for low, high in [*itertools.pairwise(ascending), *others]:
        values = getattr(rhythm, low), getattr(rhythm, high)
        if values[0] >= values[1]:
            yield f"rhythm.{low}: must be below rhythm.{high} ({values[0]} and {values[1]} are set)"
    if settings.source.kind == "replay" and not settings.source.replay.record:
        yield 'source.replay.record: missing, and source.kind is "replay"'
    if settings.mqtt.password_file and not settings.mqtt.username:
        yield "mqtt.username: missing, and mqtt.password_file is given"
    if settings.mqtt.key_file and not settings.mqtt.cert_file:
        yield "mqtt.cert_file: missing, and mqtt.key_file is given"
    if settings.mqtt.cert_file and not settings.mqtt.tls:
        yield "mqtt.tls: must be true, mqtt.cert_file is given"
    pins = [pin for pin in msgspec.structs.astuple(settings.annunciator) if pin]
    if len(set(pins)) < len(pins):
        yield "annunciator: one pin is used twice"
    if settings.button.pin in pins:
        yield f"button.pin: GPIO {settings.button.pin} is one of [annunciator] too"
    if not settings.mqtt.tls and not _is_this_machine(settings.mqtt.host):
        yield f"mqtt.tls: must be true, the broker {settings.mqtt.host} is on another machine"


def _is_this_machine(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


def _render_section(section: Section, prefix: str, *, comments: bool) -> Iterator[str]:
    sections, fields = _sections_and_fields(type(section))
    for name, kind in fields.items():
        if comments:
            yield f"# {_describe(kind)}"
        yield f"{name} = {_toml(getattr(section, name))}"
    for name, kind in sections.items():
        yield ""
        if comments:
            yield f"# {kind.__doc__}"
        yield f"[{prefix}{name}]"
        yield from _render_section(getattr(section, name), f"{prefix}{name}.", comments=comments)


def _describe(kind: Any) -> str:
    """Give the description of a field and the values it takes."""
    base, *metas = get_args(kind)
    meta = next(meta for meta in metas if isinstance(meta, msgspec.Meta))
    if get_origin(base) is Literal:
        values = " or ".join(map(_toml, get_args(base)))
    elif meta.gt is not None:
        values = f"over {meta.gt}"
    elif meta.ge is not None:
        values = f"{meta.ge} to {meta.le}" if meta.le not in {None, LARGEST} else f"{meta.ge} or more"
    else:
        values = ""
    description = str(meta.description)
    return f"{description.removesuffix('.').removesuffix(' ..')} ({values})" if values else description


def _toml(value: Any) -> str:
    """Write a TOML value; strings as JSON, whose escapes TOML shares."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
