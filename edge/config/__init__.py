"""Settings: one typed tree, read from TOML; every mistake is reported at once with its key and the nearest valid one.

The sections of the rhythm rules and of the alarms are `edge.rhythm.settings` and `ecg.alarms.settings`.
"""

from edge.config.loading import load, parse
from edge.config.rendering import render
from edge.config.sections import (
    Ad8232Settings,
    Ads1292Settings,
    AnnunciatorSettings,
    ButtonSettings,
    DeviceSettings,
    HomeAssistantSettings,
    HostSettings,
    ModelSettings,
    MqttSettings,
    ReplaySettings,
    Settings,
    SimulatorSettings,
    SourceSettings,
    StorageSettings,
)

__all__ = [
    "Ad8232Settings",
    "Ads1292Settings",
    "AnnunciatorSettings",
    "ButtonSettings",
    "DeviceSettings",
    "HomeAssistantSettings",
    "HostSettings",
    "ModelSettings",
    "MqttSettings",
    "ReplaySettings",
    "Settings",
    "SimulatorSettings",
    "SourceSettings",
    "StorageSettings",
    "load",
    "parse",
    "render",
]
