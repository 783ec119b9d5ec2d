"""Log lines on stderr: with a priority for the systemd journal, with the time for a terminal."""

from __future__ import annotations

import logging
import os
import sys

__all__ = ["set_up"]

# syslog(3): the journal reads a leading <n> as the priority.
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}


class _JournalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        priority = _PRIORITIES.get(record.levelno, 6)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def set_up(*, level: int = logging.INFO) -> None:
    """Send the log of `edge` to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    if "JOURNAL_STREAM" in os.environ:  # the journal adds time and name itself
        handler.setFormatter(_JournalFormatter("%(message)s"))
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
    log = logging.getLogger("edge")
    log.handlers = [handler]
    log.setLevel(level)
    log.propagate = False
