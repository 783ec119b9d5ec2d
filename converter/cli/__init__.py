"""The command line `ecg-converter`: a module for each group of commands."""

from converter.cli.app import app, main

__all__ = ["app", "main"]
