"""Settings: one typed tree, read from TOML. All mistakes are reported at once, each with its key and the nearest one.

The sections of the rhythm rules and of the alarms are in `edge.rhythm.settings` and `ecg.alarms.settings`.
"""

from edge.config.loading import load, load_found, parse
from edge.config.rendering import render, render_in_force
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
    "load_found",
    "parse",
    "render",
    "render_in_force",
]
