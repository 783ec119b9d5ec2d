"""The daemon that runs on the Raspberry Pi: samples in, beats, alarms and summaries out."""

__version__ = "0.1.0"
