"""The sections of the settings file. Each is a frozen dataclass; each field has a description and its limits."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from ecg.alarms.settings import AlarmSettings
from ecg.setting import Setting
from edge.config.places import state_folder
from edge.rhythm.settings import RhythmSettings

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
]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceSettings:
    """The identity of this monitor."""

    id: Annotated[
        str,
        Setting(
            "A pseudonym, never a person's name; part of every topic. At most 64 letters, digits, - and _.",
            pattern=r"^[A-Za-z0-9_-]{1,64}\Z",
        ),
    ] = "ecg-edge"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaySettings:
    """Source: a recording."""

    record: Annotated[str, Setting("Path of a WFDB record (with or without .hea), an EDF+ file or a CSV file.")] = ""
    channel: Annotated[str, Setting("Name or number of the signal; empty = the first that is an ECG.")] = ""
    rate: Annotated[str, Setting("Sampling rate in Hz, if the file does not tell it.")] = ""
    unit: Annotated[str, Setting("Unit of the samples, if the file does not tell it: mV, uV, V, 200/mV.")] = ""
    time_column: Annotated[str, Setting("Column of a CSV file that has the times: name, number or none.")] = ""
    speed: Annotated[float, Setting("Speed relative to real time; 0 = as fast as possible.", at_least=0)] = 1.0
    loop: Annotated[bool, Setting("Start again at the end of the recording.")] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatorSettings:
    """Source: a synthetic ECG, to try an installation without a patient."""

    scenario: Annotated[
        str, Setting('Name of a scenario or situation, or steps like "normal:30,pvc:20,af:60" (kind:seconds).')
    ] = "demo"
    heart_rate_bpm: Annotated[float, Setting("Heart rate in the normal rhythm.", at_least=20, at_most=250)] = 72.0
    noise_uv: Annotated[float, Setting("RMS amplitude of the broadband noise.", at_least=0, at_most=2000)] = 15.0
    seed: Annotated[int, Setting("Random seed: the same seed gives the same ECG.", at_least=0)] = 1
    speed: Annotated[float, Setting("Speed relative to real time; 0 = as fast as possible.", at_least=0)] = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ads1292Settings:
    """Source: an ADS1291, ADS1292 or ADS1292R on SPI."""

    board: Annotated[
        str, Setting("The board, which fixes the wiring: its name in firmware_config/, or the path of a board file.")
    ] = "cjmcu-1292"
    registers: Annotated[
        str, Setting("The register set: its name in firmware_config/, or the path of a register file.")
    ] = "ads1292r-ecg"
    channel: Annotated[Literal[0, 1, 2], Setting("The chip's channel that carries the ECG; 0 = the board's.")] = 0
    gain: Annotated[Literal[0, 1, 2, 3, 4, 6, 8, 12], Setting("Gain of that channel; 0 = the register set's.")] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ad8232Settings:
    """Source: an AD8232 board with an MCP3208 or MCP3008 converter on SPI."""

    board: Annotated[
        str, Setting("The board, which fixes the wiring: its name in firmware_config/, or the path of a board file.")
    ] = "ad8232-mcp3208"
    gain: Annotated[
        float,
        Setting(
            "Gain from the electrodes to the converter; 0 = the board's. To calibrate, apply 1 mV between the "
            "electrodes (an ECG simulator's calibration pulse); then set the present gain times the displayed mV.",
            at_least=0,
            at_most=10_000,
        ),
    ] = 0.0
    reference_v: Annotated[
        float, Setting("The converter's VREF, as a voltmeter shows it; 0 = the board's.", at_least=0, at_most=5.5)
    ] = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSettings:
    """The source of the samples."""

    kind: Annotated[
        Literal["replay", "simulator", "ads1292", "ad8232"], Setting("The source in use, one of the sections below.")
    ] = "simulator"
    ad8232: Ad8232Settings = field(default_factory=Ad8232Settings)
    ads1292: Ads1292Settings = field(default_factory=Ads1292Settings)
    replay: ReplaySettings = field(default_factory=ReplaySettings)
    simulator: SimulatorSettings = field(default_factory=SimulatorSettings)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """The model that classifies the beats."""

    path: Annotated[
        str, Setting("Path of a model file; empty = the one that `ecg-edge model use` chose, else the shipped one.")
    ] = ""
    store: Annotated[str, Setting("Folder of the installed models.", min_length=1)] = "/var/lib/ecg-edge-models"
    trusted_keys: Annotated[
        str,
        Setting(
            "Folder of public keys, NAME.pub. If it holds any, each model must be signed by one of them.", min_length=1
        ),
    ] = "/etc/ecg-edge/trusted-keys"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostSettings:
    """Thresholds of the alarms about this machine: storage, battery, clock."""

    # At most 1,000,000: 1 TB.
    storage_free_mb: Annotated[
        float,
        Setting(
            "Storage alarm: the disk of storage.directory has less free space than this.", over=0, at_most=1_000_000
        ),
    ] = 200.0
    # At most 1,000,000: 1 TB.
    storage_hysteresis_mb: Annotated[
        float, Setting("The storage alarm closes at the threshold plus this.", over=0, at_most=1_000_000)
    ] = 50.0
    battery_percent: Annotated[
        float,
        Setting("Battery alarm: less charge than this while not charging.", at_least=1, at_most=100),
    ] = 20.0
    # At most 99: with more, the alarm would never close.
    battery_hysteresis_percent: Annotated[
        float, Setting("The battery alarm closes at the threshold plus this.", over=0, at_most=99)
    ] = 5.0
    # At most 86,400: one day.
    clock_not_set_s: Annotated[
        float, Setting("Clock alarm: no time server has set the clock for this long.", over=0, at_most=86_400)
    ] = 60.0
    # At most 600: storage or battery may be gone by then.
    hold_s: Annotated[
        float,
        Setting("Hold time: low storage or battery must last this long before its alarm opens.", over=0, at_most=600),
    ] = 5.0
    # At most 600: a new episode within that time is told as the old one.
    close_s: Annotated[
        float, Setting("The cause must be gone for this long before its alarm closes.", over=0, at_most=600)
    ] = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnunciatorSettings:
    """Buzzer and LED on the Pi's pins, by BCM number; 0 = not fitted."""

    buzzer_pin: Annotated[int, Setting("Pin of an active buzzer, on when high.", at_least=0, at_most=27)] = 0
    red_pin: Annotated[int, Setting("Pin of the red LED.", at_least=0, at_most=27)] = 0
    green_pin: Annotated[
        int, Setting("Pin of the green LED; red and green together make yellow.", at_least=0, at_most=27)
    ] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ButtonSettings:
    """The patient's event button, between a pin and ground. The Pi's internal pull-up holds the pin high."""

    pin: Annotated[int, Setting("Pin of the button, by BCM number; 0 = not fitted.", at_least=0, at_most=27)] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class MqttSettings:
    """The MQTT broker. Without TLS anyone on the network can read the messages."""

    host: Annotated[str, Setting("Name or address of the broker.", min_length=1)] = "localhost"
    port: Annotated[int, Setting("Port: usually 1883, or 8883 with TLS.", at_least=1, at_most=65535)] = 1883
    tls: Annotated[
        bool,
        Setting("Encrypt and verify the broker's certificate; required unless the broker is on this machine."),
    ] = False
    ca_file: Annotated[
        str,
        Setting(
            "CA certificate: a path, or a file name in /etc/ecg-edge/credentials. Empty = the system's certificates."
        ),
    ] = ""
    username: Annotated[str, Setting("User name at the broker; empty = no user name and password.")] = ""
    password_file: Annotated[
        str, Setting("File that holds only the password: a path, or a file name in /etc/ecg-edge/credentials.")
    ] = ""
    cert_file: Annotated[
        str,
        Setting(
            "This device's own certificate (PEM), if the broker asks for one: "
            "a path, or a file name in /etc/ecg-edge/credentials."
        ),
    ] = ""
    key_file: Annotated[
        str,
        Setting(
            "The certificate's private key (PEM, no passphrase): a path, or a file name in /etc/ecg-edge/credentials. "
            "Empty = it is in cert_file."
        ),
    ] = ""
    keepalive_s: Annotated[
        int, Setting("MQTT keep-alive: the longest silence between client and broker.", at_least=5, at_most=3600)
    ] = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeAssistantSettings:
    """Home Assistant on the same broker. It discovers this device automatically."""

    enabled: Annotated[
        bool, Setting("Publish the discovery message; false removes the device from Home Assistant.")
    ] = True
    discovery_prefix: Annotated[
        str,
        Setting(
            "The discovery prefix in Home Assistant's MQTT settings, without leading or trailing slash.",
            pattern=r"^[\w-]+(/[\w-]+)*\Z",
        ),
    ] = "homeassistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageSettings:
    """Files on this machine: undelivered messages and the recording."""

    directory: Annotated[
        str,
        Setting(
            "Folder of the undelivered messages and the recording. Empty = /var/lib/ecg-edge for the service and root, "
            "~/.local/state/ecg-edge for another user."
        ),
    ] = ""
    outbox_max_mb: Annotated[
        float,
        Setting(
            "Most space for undelivered messages; when it is full, summaries are dropped before alarms.", at_least=1
        ),
    ] = 64.0
    recording: Annotated[
        bool, Setting("Record the whole ECG and its beats, as WFDB files in the subfolder recording.")
    ] = True
    recording_max_mb: Annotated[
        float,
        Setting("Most space for the recording; then its oldest hours are deleted. 500 Hz need 90 MB a day.", over=0),
    ] = 2000.0
    recording_max_days: Annotated[
        float, Setting("Days of ECG to keep; the oldest hours are deleted when more was recorded after them.", over=0)
    ] = 14.0
    recording_leave_free_mb: Annotated[
        float,
        Setting(
            "Free disk space to keep for undelivered alarms; with less, the recording's oldest hours are deleted.",
            at_least=0,
        ),
    ] = 200.0
    recording_sync_s: Annotated[
        float, Setting("Sync interval: the most data that a power cut can lose.", at_least=0.05, at_most=8)
    ] = 5.0
    strip_before_s: Annotated[
        float, Setting("Length of an alarm's ECG strip before the onset.", at_least=0, at_most=60)
    ] = 10.0
    strip_after_s: Annotated[
        float, Setting("Length of an alarm's ECG strip after the onset.", at_least=1, at_most=60)
    ] = 20.0

    @property
    def folder(self) -> Path:
        """The directory, or the one that stands for an empty name.

        Raises:
            InputError: it is empty, and the user has no home.
        """
        return Path(self.directory) if self.directory else state_folder()


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """All settings."""

    device: DeviceSettings = field(default_factory=DeviceSettings)
    source: SourceSettings = field(default_factory=SourceSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    rhythm: RhythmSettings = field(default_factory=RhythmSettings)
    host: HostSettings = field(default_factory=HostSettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    annunciator: AnnunciatorSettings = field(default_factory=AnnunciatorSettings)
    button: ButtonSettings = field(default_factory=ButtonSettings)
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    homeassistant: HomeAssistantSettings = field(default_factory=HomeAssistantSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
