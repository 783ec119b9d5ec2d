"""What minutes, hours and days amount to: beats by class, heart rate, HRV, burdens."""
