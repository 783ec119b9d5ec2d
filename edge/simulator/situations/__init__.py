"""Textbook situations: what happens, what is right to tell of it, and the dice for shape, rate, height and noise."""

from edge.simulator.situations.situation import Play, Situation, compose
from edge.simulator.situations.textbook import FAMILIES

__all__ = ["FAMILIES", "SITUATIONS", "Play", "Situation", "compose"]

SITUATIONS: dict[str, Situation] = {each.name: each for family in FAMILIES.values() for each in family}
"""All situations by name."""
