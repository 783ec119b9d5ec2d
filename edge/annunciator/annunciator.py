"""Plays alarm patterns on buzzer and LED, on its own thread: 100 ms pulses stay exact while the main thread works."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from ecg.alarms.notices import ActiveAlarmsNotice
from edge.annunciator import patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.alarms.kinds import Priority
    from ecg.notices import Notice

__all__ = ["Annunciator", "Output"]

STOP_S = 2.0
"""Longest wait for the thread to switch everything off."""

_log = logging.getLogger(__name__)


class Output(Protocol):
    """Switches buzzer and LED; raises an OSError or RuntimeError if the hardware fails."""

    def set(self, *, buzzer: bool, light: patterns.Light) -> None:
        """Switch buzzer and LED."""

    def close(self) -> None:
        """Switch both off and release the pins."""


class Annunciator:
    """Plays the pattern of the highest priority among the active alarms.

    If the output fails, the log says so once, and monitoring continues without it.

    Args:
        output: buzzer and LED.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._changed = threading.Event()
        self._stopping = False
        self._wanted: tuple[Priority | None, Priority | None] = (None, None)
        self._thread = threading.Thread(target=self._run, name="annunciator", daemon=True)
        self._thread.start()

    def take(self, notices: Sequence[Notice]) -> None:
        """Sound and show the alarms that are active now."""
        for notice in notices:
            if isinstance(notice, ActiveAlarmsNotice):
                self.show(audible=notice.audible, visible=notice.visible)

    def show(self, *, audible: Priority | None, visible: Priority | None) -> None:
        """Sound and show these priorities from now on; an unchanged priority continues its pattern."""
        if (audible, visible) != self._wanted:
            self._wanted = (audible, visible)
            self._changed.set()

    def close(self) -> None:
        """Switch everything off."""
        self._stopping = True
        self._changed.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            self._play()
        except (OSError, RuntimeError) as error:
            _log.error("Buzzer and LED do not work (%s): alarms go out over MQTT only.", error)
        finally:
            with suppress(OSError, RuntimeError):
                self._output.close()

    def _play(self) -> None:
        audible: Priority | None = None
        visible: Priority | None = None
        sounds_since_s = shows_since_s = time.monotonic()
        previous: tuple[bool, patterns.Light] | None = None
        while not self._stopping:
            self._changed.clear()
            now_s = time.monotonic()
            wanted_audible, wanted_visible = self._wanted
            if wanted_audible is not audible:
                audible, sounds_since_s = wanted_audible, now_s
            if wanted_visible is not visible:
                visible, shows_since_s = wanted_visible, now_s
            is_on, sound_s = patterns.buzzer(audible, now_s - sounds_since_s)
            light, light_s = patterns.led(visible, now_s - shows_since_s)
            if (is_on, light) != previous:
                previous = (is_on, light)
                self._output.set(buzzer=is_on, light=light)
            self._changed.wait(min(sound_s, light_s))
