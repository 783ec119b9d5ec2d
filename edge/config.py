"""Settings: one typed tree, read from TOML; every mistake is reported at once with its key and the nearest valid one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

__all__ = [
    "DeviceSettings",
    "MqttSettings",
    "ReplaySettings",
    "RhythmSettings",
    "Settings",
    "SimulatorSettings",
    "SourceSettings",
    "StorageSettings",
]

Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every section: keyword-only, immutable, unknown keys are mistakes."""


class DeviceSettings(Section):
    """Who this monitor is."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "ecg-edge"
    """A pseudonym, never a person's name; part of every topic."""


class ReplaySettings(Section):
    """A recording as the source."""

    record: str = ""
    """Path of a WFDB record (with or without .hea), an EDF+ or a CSV file."""
    channel: str = "0"
    """Signal by name or number."""
    speed: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """Times real time; 0 = as fast as possible."""
    loop: bool = False


class SimulatorSettings(Section):
    """A synthetic ECG as the source."""

    scenario: str = "demo"
    """A named scenario, or steps like "normal:30,pvc:20,af:60" (kind:seconds)."""
    heart_rate_bpm: Annotated[float, msgspec.Meta(ge=20, le=250)] = 72.0
    noise_uv: Annotated[float, msgspec.Meta(ge=0, le=2000)] = 15.0
    """Broadband noise, RMS."""
    seed: int = 1
    speed: Annotated[float, msgspec.Meta(ge=0)] = 1.0


class SourceSettings(Section):
    """Where samples come from."""

    kind: Literal["replay", "simulator"] = "simulator"
    replay: ReplaySettings = ReplaySettings()
    simulator: SimulatorSettings = SimulatorSettings()


class ModelSettings(Section):
    """Which classifier the beats are shown to."""

    path: str = ""
    """A model file; empty = the model that ships with this version."""


class RhythmSettings(Section):
    """Thresholds of every alarm rule, as in the design's alarm table."""

    asystole_s: Positive = 4.0
    pause_s: Positive = 2.5
    extreme_bradycardia_bpm: Positive = 40.0
    extreme_bradycardia_beats: Count = 5
    extreme_tachycardia_bpm: Positive = 140.0
    extreme_tachycardia_beats: Count = 17
    bradycardia_bpm: Positive = 50.0
    tachycardia_bpm: Positive = 110.0
    sustained_s: Positive = 15.0
    """Hold time of brady- and tachycardia."""
    rate_hysteresis_bpm: Positive = 5.0
    """A rate alarm closes only this far on the good side of its threshold."""
    ventricular_tachycardia_beats: Count = 5
    ventricular_tachycardia_bpm: Positive = 100.0
    ventricular_run_beats: Count = 3
    atrial_fibrillation_s: Positive = 30.0
    """Irregular for so long before the alarm opens."""
    electrode_off_s: Positive = 1.0
    poor_signal_s: Positive = 10.0
    close_s: Positive = 5.0
    """Hysteresis: what an alarm tells of must be gone for so long before it closes."""


class MqttSettings(Section):
    """The broker."""

    host: str = "localhost"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 1883
    tls: bool = False
    ca_file: str = ""
    """CA certificate; empty = the system's."""
    username: str = ""
    password_file: str = ""
    """A file that holds only the password."""
    keepalive_s: Annotated[int, msgspec.Meta(ge=5, le=3600)] = 30


class StorageSettings(Section):
    """What is kept on this machine."""

    directory: str = "/var/lib/ecg-edge"
    outbox_max_mb: Positive = 64.0


class Settings(Section):
    """The whole tree."""

    device: DeviceSettings = DeviceSettings()
    source: SourceSettings = SourceSettings()
    model: ModelSettings = ModelSettings()
    rhythm: RhythmSettings = RhythmSettings()
    mqtt: MqttSettings = MqttSettings()
    storage: StorageSettings = StorageSettings()


def load(path: Path) -> Settings:
    """Read settings from a TOML file."""
    return msgspec.toml.decode(path.read_bytes(), type=Settings)
