"""The command line `ecg-reader`."""

from reader.cli.commands import app, main

__all__ = ["app", "main"]
