"""The topic tree of one device: `ecg/<device_id>/...`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Topics"]


@dataclass(frozen=True, slots=True)
class Topics:
    """Full topic names of one device.

    Attributes:
        device_id: the device's pseudonym; the settings allow only letters, digits, `-` and `_`, so no wildcard gets in.
    """

    device_id: str

    @property
    def root(self) -> str:
        """The device's own tree, without a trailing slash."""
        return f"ecg/{self.device_id}"

    @property
    def status(self) -> str:
        """Plain `online` or `offline`, retained; also the topic of the will."""
        return f"{self.root}/status"

    @property
    def info(self) -> str:
        """Versions, front end and model, retained."""
        return f"{self.root}/info"

    @property
    def vitals(self) -> str:
        """Heart rate, rhythm and quality, each 5 s."""
        return f"{self.root}/vitals"

    @property
    def machine(self) -> str:
        """Battery, temperature, storage, lost samples, each 30 s; an extension of the design's table."""
        return f"{self.root}/machine"

    @property
    def beats(self) -> str:
        """The beats since the vitals before; an extension of the design's table, for live displays."""
        return f"{self.root}/beats"

    @property
    def event(self) -> str:
        """One message for each alarm opened, updated or closed."""
        return f"{self.root}/event"

    @property
    def alarms(self) -> str:
        """The set of alarms now active, retained."""
        return f"{self.root}/alarms"

    @property
    def commands(self) -> str:
        """What the device listens to; the last part is the verb."""
        return self.command("+")

    @property
    def reply(self) -> str:
        """Where a command is answered that names no response topic, as with MQTT 3.1.1."""
        return f"{self.root}/reply"

    def command(self, verb: str) -> str:
        """Where that command is given."""
        return f"{self.root}/cmd/{verb}"

    def strip(self, uuid: str) -> str:
        """The ECG around the event of that UUID."""
        return f"{self.root}/strip/{uuid}"

    def summary(self, period: str) -> str:
        """Summaries of a `minute`, an `hour` or a `day`."""
        return f"{self.root}/summary/{period}"
