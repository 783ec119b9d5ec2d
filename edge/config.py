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

from edge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "DeviceSettings",
    "ModelSettings",
    "MqttSettings",
    "ReplaySettings",
    "RhythmSettings",
    "Settings",
    "SimulatorSettings",
    "SourceSettings",
    "StorageSettings",
    "load",
    "parse",
    "render",
]


def _text(description: str, *, pattern: str | None = None) -> msgspec.Meta:
    return msgspec.Meta(description=description, pattern=pattern)


def _over_zero(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, gt=0)


def _between(low: float, high: float, description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, ge=low, le=high)


def _at_least(low: float, description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description, ge=low)


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
    seed: Annotated[int, _text("The same seed gives the same ECG.")] = 1
    speed: Annotated[float, _at_least(0, "Times real time; 0 = as fast as possible.")] = 1.0


class SourceSettings(Section, frozen=True):
    """Where samples come from."""

    kind: Annotated[Literal["replay", "simulator"], _text("Which of the sources below is used.")] = "simulator"
    replay: ReplaySettings = ReplaySettings()
    simulator: SimulatorSettings = SimulatorSettings()


class ModelSettings(Section, frozen=True):
    """Which classifier the beats are shown to."""

    path: Annotated[str, _text("A model file; empty = the model that ships with this version.")] = ""


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
    ventricular_run_beats: Annotated[int, _at_least(1, "So many ventricular beats in a row are a run.")] = 3
    atrial_fibrillation_s: Annotated[float, _over_zero("Irregular for so long before the alarm opens.")] = 30.0
    atrial_fibrillation_irregularity: Annotated[
        float,
        _over_zero("Share of RR intervals, 0 to 1, that must be irregular; more where P waves are seen."),
    ] = 0.37
    electrode_off_s: Annotated[float, _over_zero("An electrode off for so long before the alarm opens.")] = 1.0
    poor_signal_s: Annotated[float, _over_zero("Poor signal for so long before the alarm opens.")] = 10.0
    samples_lost_s: Annotated[float, _over_zero("So much signal lost within a minute before the alarm opens.")] = 0.1
    close_s: Annotated[
        float, _over_zero("Hysteresis: what an alarm tells of must be gone for so long before it closes.")
    ] = 5.0


class MqttSettings(Section, frozen=True):
    """The broker. Without TLS everything is readable on the way: leave it off only for a broker on this machine."""

    host: Annotated[str, msgspec.Meta(description="Name or address of the broker.", min_length=1)] = "localhost"
    port: Annotated[int, _between(1, 65535, "Usually 1883, with TLS 8883.")] = 1883
    tls: Annotated[
        bool,
        _text("Encrypt, and verify the broker's certificate; required unless the broker is on this machine."),
    ] = False
    ca_file: Annotated[str, _text("CA certificate; empty = the system's.")] = ""
    username: Annotated[str, _text("Empty = without credentials.")] = ""
    password_file: Annotated[str, _text("A file that holds only the password.")] = ""
    keepalive_s: Annotated[int, _between(5, 3600, "A sign of life at least this often.")] = 30


class StorageSettings(Section, frozen=True):
    """What is kept on this machine."""

    directory: Annotated[str, msgspec.Meta(description="Holds what was not yet delivered.", min_length=1)] = (
        "/var/lib/ecg-edge"
    )
    outbox_max_mb: Annotated[float, _over_zero("Undelivered messages above this: summaries are dropped first.")] = 64.0


class Settings(Section, frozen=True):
    """The whole tree."""

    device: DeviceSettings = DeviceSettings()
    source: SourceSettings = SourceSettings()
    model: ModelSettings = ModelSettings()
    rhythm: RhythmSettings = RhythmSettings()
    mqtt: MqttSettings = MqttSettings()
    storage: StorageSettings = StorageSettings()


def load(path: Path) -> Settings:
    """Read settings from a TOML file.

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
    return parse(text, name=str(path))


def parse(text: str, *, name: str) -> Settings:
    """Read settings from TOML text; `name` stands in the error messages.

    Raises:
        InputError: with one line for each mistake.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from error
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
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason = str(error).replace("`", "")
        base = get_args(kind)[0]
        if get_origin(base) is Literal:
            reason = f"expected {' or '.join(map(_toml, get_args(base)))}"
        yield f"{key}: {reason[0].lower()}{reason[1:]} ({_toml(value)} was given)"
        return
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: expected a finite number ({value} was given)"


def _contradictions(settings: Settings) -> Iterator[str]:
    """Find values that are each allowed and together make no sense."""
    rhythm = settings.rhythm
    ascending = ("extreme_bradycardia_bpm", "bradycardia_bpm", "tachycardia_bpm", "extreme_tachycardia_bpm")
    for low, high in [*itertools.pairwise(ascending), ("pause_s", "asystole_s")]:
        values = getattr(rhythm, low), getattr(rhythm, high)
        if values[0] >= values[1]:
            yield f"rhythm.{low}: must be below rhythm.{high} ({values[0]} and {values[1]} are set)"
    if settings.source.kind == "replay" and not settings.source.replay.record:
        yield 'source.replay.record: missing, and source.kind is "replay"'
    if settings.mqtt.password_file and not settings.mqtt.username:
        yield "mqtt.username: missing, and mqtt.password_file is given"
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
        values = f"{meta.ge} to {meta.le}" if meta.le is not None else f"{meta.ge} or more"
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
