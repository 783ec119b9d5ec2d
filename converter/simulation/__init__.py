"""Simulated rhythms, motion, and the beats made of them."""
