"""The daemon and what stands around it: commands, the state of the machine, supervision."""
