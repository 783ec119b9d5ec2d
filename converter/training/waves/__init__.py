"""Training of the network that tells P, QRS and T apart."""
