"""Training: batches, settings, the run folder, and the smaller fits."""
