"""What tests and benchmarks share: a broker, daemons, caregivers, a device to install on, simulated chips."""
