"""Writes the life of each alarm into the log: one line when it opens, is raised again, is acknowledged, and closes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ecg.alarms.kinds import AlarmState, Priority
from ecg.alarms.notices import AlarmNotice
from ecg.protocol.message import rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecg.notices import Notice

__all__ = ["AlarmLog"]

_LEVELS: Final = {Priority.HIGH: logging.CRITICAL, Priority.MEDIUM: logging.WARNING, Priority.LOW: logging.INFO}
"""Level of a line about an alarm that rings, by its priority; the journal shows it as its own priority."""

_log = logging.getLogger(__name__)


class AlarmLog:
    """A listener that logs alarms. What the patient said stays out of the log."""

    def take(self, notices: Sequence[Notice]) -> None:
        """Log what happened to alarms; an update is no line of its own."""
        for notice in notices:
            if isinstance(notice, AlarmNotice):
                self._log_notice(notice)

    @staticmethod
    def _log_notice(notice: AlarmNotice) -> None:
        alarm = notice.alarm
        name = f"{alarm.kind.value} ({alarm.priority.value} priority, {alarm.uuid})"
        snoozed = "" if notice.snoozed_until is None else f", snoozed until {rfc3339(notice.snoozed_until)}"
        if alarm.state is AlarmState.OPENED:
            _log.log(_LEVELS[alarm.priority], "Alarm opened: %s since %s%s.", name, rfc3339(alarm.onset), snoozed)
        elif alarm.state is AlarmState.ESCALATED:
            _log.log(_LEVELS[alarm.priority], "Alarm escalated: %s, %d times so far.", name, alarm.escalations)
        elif alarm.state is AlarmState.ACKNOWLEDGED:
            _log.info("Alarm acknowledged: %s by %s.", name, ascii(alarm.acknowledged_by or "somebody"))
        elif alarm.state is AlarmState.CLOSED:
            _log.info("Alarm closed: %s, reason: %s.", name, alarm.evidence.get("reason", "unknown"))
