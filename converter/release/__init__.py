"""Model files for devices: made, checked, signed, installed."""
