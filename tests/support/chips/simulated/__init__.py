"""Simulated chips at the byte level, on a virtual clock or in real time."""
