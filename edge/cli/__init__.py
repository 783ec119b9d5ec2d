"""The command line `ecg-edge`."""

from edge.cli.main import app, main

__all__ = ["app", "main"]
