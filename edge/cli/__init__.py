"""The command line `ecg-edge`."""

from edge.cli.commands import app, main

__all__ = ["app", "main"]
