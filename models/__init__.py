"""The model files that ship, each with its model card beside it."""

from pathlib import Path

DIRECTORY = Path(__file__).parent
