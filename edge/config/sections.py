"""The sections of the settings file, each a frozen dataclass whose fields say what they are and what they take."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from ecg.alarms.settings import AlarmSettings
from ecg.setting import Setting
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
    """Who this monitor is."""

    id: Annotated[
        str,
        Setting(
            "A pseudonym, never a person's name; part of every topic. Letters, digits, - and _, at most 64.",
            pattern=r"^[A-Za-z0-9_-]{1,64}\Z",
        ),
    ] = "ecg-edge"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplaySettings:
    """A recording as the source."""

    record: Annotated[str, Setting("Path of a WFDB record (with or without .hea), an EDF+ or a CSV file.")] = ""
    channel: Annotated[str, Setting("Signal by name or number.")] = "0"
    speed: Annotated[float, Setting("Times real time; 0 = as fast as possible.", at_least=0)] = 1.0
    loop: Annotated[bool, Setting("Begin again at the end.")] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatorSettings:
    """A synthetic ECG as the source, to try an installation without a patient."""

    scenario: Annotated[str, Setting('A named scenario, or steps like "normal:30,pvc:20,af:60" (kind:seconds).')] = (
        "demo"
    )
    heart_rate_bpm: Annotated[float, Setting("Rate of the normal rhythm.", at_least=20, at_most=250)] = 72.0
    noise_uv: Annotated[float, Setting("Broadband noise, RMS.", at_least=0, at_most=2000)] = 15.0
    seed: Annotated[int, Setting("The same seed gives the same ECG.", at_least=0)] = 1
    speed: Annotated[float, Setting("Times real time; 0 = as fast as possible.", at_least=0)] = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ads1292Settings:
    """An ADS1291, ADS1292 or ADS1292R on SPI as the source."""

    board: Annotated[str, Setting("How it is wired: a board of firmware_config/, or the path of such a file.")] = (
        "cjmcu-1292"
    )
    registers: Annotated[str, Setting("A register set of firmware_config/, or the path of such a file.")] = (
        "ads1292r-ecg"
    )
    channel: Annotated[Literal[0, 1, 2], Setting("Whose samples are the ECG; 0 = as the board is wired.")] = 0
    gain: Annotated[Literal[0, 1, 2, 3, 4, 6, 8, 12], Setting("Of that channel; 0 = as the register set says.")] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ad8232Settings:
    """An AD8232 board behind an MCP3208 or MCP3008 on SPI as the source."""

    board: Annotated[str, Setting("How it is wired: a board of firmware_config/, or the path of such a file.")] = (
        "ad8232-mcp3208"
    )
    gain: Annotated[
        float,
        Setting(
            "From the electrodes to the converter; 0 = as the board says. To calibrate: give it 1 mV between the "
            "electrodes (an ECG simulator's calibration pulse), and set the gain in use times the mV that are shown.",
            at_least=0,
            at_most=10_000,
        ),
    ] = 0.0
    reference_v: Annotated[
        float, Setting("The converter's VREF, as a voltmeter shows it; 0 = as the board says.", at_least=0, at_most=5.5)
    ] = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSettings:
    """Where samples come from."""

    kind: Annotated[
        Literal["replay", "simulator", "ads1292", "ad8232"], Setting("Which of the sources below is used.")
    ] = "simulator"
    ad8232: Ad8232Settings = field(default_factory=Ad8232Settings)
    ads1292: Ads1292Settings = field(default_factory=Ads1292Settings)
    replay: ReplaySettings = field(default_factory=ReplaySettings)
    simulator: SimulatorSettings = field(default_factory=SimulatorSettings)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """Which classifier the beats are shown to."""

    path: Annotated[
        str, Setting("A model file; empty = the one that `ecg-edge model use` chose, else the one that ships.")
    ] = ""
    store: Annotated[str, Setting("Folder of the models to choose from.", min_length=1)] = "/var/lib/ecg-edge-models"
    trusted_keys: Annotated[
        str,
        Setting(
            "Folder of public keys, NAME.pub; where there are any, one of them must have signed a model.", min_length=1
        ),
    ] = "/etc/ecg-edge/trusted-keys"


@dataclass(frozen=True, kw_only=True, slots=True)
class HostSettings:
    """Thresholds of the alarms of this machine: storage, battery, clock."""

    storage_free_mb: Annotated[float, Setting("Less free space than this where storage.directory is.", over=0)] = 200.0
    storage_hysteresis_mb: Annotated[float, Setting("That alarm closes only with so much more.", over=0)] = 50.0
    battery_percent: Annotated[float, Setting("Less charge than this, and not charging.", at_least=1, at_most=100)] = (
        20.0
    )
    battery_hysteresis_percent: Annotated[float, Setting("That alarm closes only with so much more.", over=0)] = 5.0
    clock_not_set_s: Annotated[float, Setting("The clock not set for so long before the alarm opens.", over=0)] = 60.0
    hold_s: Annotated[float, Setting("Hold time of the alarms of storage and battery.", over=0)] = 5.0
    close_s: Annotated[float, Setting("What an alarm tells of must be gone for so long before it closes.", over=0)] = (
        5.0
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnunciatorSettings:
    """Buzzer and LED on the Pi's pins, by BCM number; 0 = not fitted."""

    buzzer_pin: Annotated[int, Setting("An active buzzer, on when the pin is high.", at_least=0, at_most=27)] = 0
    red_pin: Annotated[int, Setting("Red LED.", at_least=0, at_most=27)] = 0
    green_pin: Annotated[int, Setting("Green LED; with the red one it makes yellow.", at_least=0, at_most=27)] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ButtonSettings:
    """The patient's event button, between a pin and ground; the Pi's own pull-up holds the pin high."""

    pin: Annotated[int, Setting("By BCM number; 0 = not fitted.", at_least=0, at_most=27)] = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class MqttSettings:
    """The broker. Without TLS everything is readable on the way: leave it off only for a broker on this machine."""

    host: Annotated[str, Setting("Name or address of the broker.", min_length=1)] = "localhost"
    port: Annotated[int, Setting("Usually 1883, with TLS 8883.", at_least=1, at_most=65535)] = 1883
    tls: Annotated[
        bool,
        Setting("Encrypt, and verify the broker's certificate; required unless the broker is on this machine."),
    ] = False
    ca_file: Annotated[
        str, Setting("CA certificate, a path or a name in /etc/ecg-edge/credentials; empty = the system's.")
    ] = ""
    username: Annotated[str, Setting("Empty = without credentials.")] = ""
    password_file: Annotated[str, Setting("A file that holds only the password; likewise.")] = ""
    cert_file: Annotated[
        str, Setting("This device's own certificate (PEM), where the broker asks for one; likewise.")
    ] = ""
    key_file: Annotated[
        str, Setting("Its private key (PEM), without a passphrase; likewise; empty = in the same file.")
    ] = ""
    keepalive_s: Annotated[int, Setting("A sign of life at least this often.", at_least=5, at_most=3600)] = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeAssistantSettings:
    """Home Assistant on the same broker: it finds this device by itself."""

    enabled: Annotated[bool, Setting("Tell it of this device; false takes that back.")] = True
    discovery_prefix: Annotated[
        str,
        Setting("As in its own settings of MQTT; no leading or trailing slash.", pattern=r"^[\w-]+(/[\w-]+)*\Z"),
    ] = "homeassistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageSettings:
    """What is kept on this machine."""

    directory: Annotated[str, Setting("Holds what was not yet delivered, and the recording.", min_length=1)] = (
        "/var/lib/ecg-edge"
    )
    outbox_max_mb: Annotated[
        float, Setting("Undelivered messages above this: summaries are dropped first.", over=0)
    ] = 64.0
    recording: Annotated[bool, Setting("Keep the whole ECG and its beats, as WFDB files in the folder recording.")] = (
        True
    )
    recording_max_mb: Annotated[
        float, Setting("A recording larger than this loses its oldest hours; 500 Hz take 90 MB a day.", over=0)
    ] = 2000.0
    recording_max_days: Annotated[float, Setting("So does what is older than this.", over=0)] = 14.0
    recording_leave_free_mb: Annotated[
        float, Setting("With less room than this on the disk, too: it is left to undelivered alarms.", at_least=0)
    ] = 200.0
    recording_sync_s: Annotated[
        float, Setting("So often it is brought onto the disk: what a power cut may cost.", at_least=0.05, at_most=8)
    ] = 5.0
    strip_before_s: Annotated[
        float, Setting("ECG sent around an alarm: so much before its onset ...", at_least=0, at_most=60)
    ] = 10.0
    strip_after_s: Annotated[float, Setting("... and so much after it.", at_least=1, at_most=60)] = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The whole tree."""

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
