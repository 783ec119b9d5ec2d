"""What is measured: the bounds of P, QRS and T, intervals, axes, ST levels and heights."""
