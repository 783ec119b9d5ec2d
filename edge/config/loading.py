"""Reads settings from TOML, or refuses them with one line for each mistake."""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import itertools
import math
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecg.errors import InputError
from edge.config.fields import keys, sections_and_fields, toml_value
from edge.config.places import SERVICE_SETTINGS, SERVICE_STATE, find_settings
from edge.config.renamed import rename
from edge.config.sections import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from edge.config.fields import Field

__all__ = ["load", "load_found", "parse"]

_HEADER: Final = re.compile(r"\s*\[([\w.-]+)\]")
_ASSIGNMENT: Final = re.compile(r"\s*([\w.-]+)\s*=")


def load(path: Path, *, source: str = "") -> Settings:
    """Read settings from a TOML file; `source` overrides `source.kind`.

    Raises:
        InputError: the file cannot be read, is not TOML, or has mistakes; the error names all of them.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path}: the settings cannot be read ({error.strerror}); "
            "`ecg-edge config default > FILE` writes a default file"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the settings are not UTF-8 text (byte {error.start})") from error
    settings = parse(text, name=str(path), source=source)
    if path == SERVICE_SETTINGS and not settings.storage.directory:  # of the service, whoever asks
        storage = dataclasses.replace(settings.storage, directory=str(SERVICE_STATE))
        settings = dataclasses.replace(settings, storage=storage)
    return settings


def load_found(path: Path | None) -> Settings:
    """Read settings from a file, else from the user's own file, else from the service's; else the default settings.

    Raises:
        InputError: the file cannot be read, is not TOML, or has mistakes; the error names all of them.
    """
    found = find_settings() if path is None else path
    return Settings() if found is None else load(found)


def parse(text: str, *, name: str, source: str = "") -> Settings:
    """Read settings from TOML text; `name` appears in error messages, `source` overrides `source.kind`.

    Raises:
        InputError: with one line for each mistake.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: not valid TOML: {error}") from error
    if source and isinstance(data.setdefault("source", {}), dict):
        data["source"]["kind"] = source
    mistakes = [*rename(data, name=name), *_mistakes(Settings, data, "")]  # rename first: it changes data
    if not mistakes:
        settings = msgspec.convert(data, Settings)
        mistakes = list(_contradictions(settings))
        if not mistakes:
            return settings
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    lines = [f"{mistake}{_place(text, mistake.partition(': ')[0])}" for mistake in mistakes]
    raise InputError("\n  ".join([f"{name}: {count} in the settings", *lines]))


def _place(text: str, key: str) -> str:
    """Say in which line of the file a key or a section is; nothing where it is not found, as in an inline table."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = f"{header[1]}."
            found = header[1]
        elif assignment := _ASSIGNMENT.match(line):
            found = section + assignment[1]
        else:
            continue
        if found == key:
            return f" (line {number})"
    return ""


def _mistakes(kind: type, data: Mapping[str, Any], prefix: str) -> Iterator[str]:
    sections, fields = sections_and_fields(kind)
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    for name, value in data.items():
        key = prefix + name
        if name in sections:
            if isinstance(value, dict):
                yield from _mistakes(sections[name], value, f"{key}.")
            else:
                yield f"{key}: expected a section [{key}], got {toml_value(value)}"
        elif name in fields:
            yield from _wrong_value(key, value, fields[name], defaults[name])
        else:
            yield f"{key}: unknown key{_nearest(name, prefix, [*fields, *sections])}"


def _nearest(name: str, prefix: str, siblings: list[str]) -> str:
    """Suggest the nearest key of the same section, else a key of that name elsewhere, else list the allowed keys."""
    if close := difflib.get_close_matches(name, siblings, n=1):
        return f"; did you mean {prefix}{close[0]}?"
    by_last_part = {key.rpartition(".")[2]: key for key in keys(Settings)}
    if close := difflib.get_close_matches(name, by_last_part, n=1, cutoff=0.8):
        return f"; did you mean {by_last_part[close[0]]}?"
    where = f"[{prefix.rstrip('.')}]" if prefix else "the top level"
    return f"; {where} takes {', '.join(siblings)}"


def _wrong_value(key: str, value: Any, field: Field, default: Any) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: expected a finite number, got {value}"
        return
    try:
        msgspec.convert(value, field.checked_type)
    except msgspec.ValidationError:
        example = f"; for example {key.rpartition('.')[2]} = {toml_value(default)}" if default != "" else ""
        yield f"{key}: expected {field.expected}, got {toml_value(value)}{example}"


def _contradictions(settings: Settings) -> Iterator[str]:
    """Find values that are each allowed but contradict each other."""
    rhythm = settings.rhythm
    ascending = ("extreme_bradycardia_bpm", "bradycardia_bpm", "tachycardia_bpm", "extreme_tachycardia_bpm")
    others = [("pause_s", "asystole_s"), ("frequent_pvcs_hysteresis_per_hour", "frequent_pvcs_per_hour")]
    for low, high in [*itertools.pairwise(ascending), *others]:
        values = getattr(rhythm, low), getattr(rhythm, high)
        if values[0] >= values[1]:
            yield f"rhythm.{low}: must be below rhythm.{high} (found {values[0]} and {values[1]})"
    if settings.source.kind == "replay" and not settings.source.replay.record:
        yield 'source.replay.record: required because source.kind is "replay"'
    if settings.mqtt.password_file and not settings.mqtt.username:
        yield "mqtt.username: required because mqtt.password_file is set"
    if settings.mqtt.key_file and not settings.mqtt.cert_file:
        yield "mqtt.cert_file: required because mqtt.key_file is set"
    if settings.mqtt.cert_file and not settings.mqtt.tls:
        yield "mqtt.tls: must be true because mqtt.cert_file is set"
    pins = [pin for pin in dataclasses.astuple(settings.annunciator) if pin]
    if len(set(pins)) < len(pins):
        yield "annunciator: one pin is used twice"
    if settings.button.pin in pins:
        yield f"button.pin: GPIO {settings.button.pin} is also used by [annunciator]"
    if not settings.mqtt.tls and not _is_this_machine(settings.mqtt.host):
        yield f"mqtt.tls: must be true because the broker {settings.mqtt.host} is on another machine"


def _is_this_machine(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, whatever it begins with
        return False
