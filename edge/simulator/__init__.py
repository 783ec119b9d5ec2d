"""The simulated heart: beats, rhythms and scenarios."""
