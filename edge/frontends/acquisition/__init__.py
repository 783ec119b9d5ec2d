"""Live front ends: sampled in a process of its own, handed over through a bounded pipe, watched and started again.

`process` is that process, `handover` what passes the pipe, `live` the source at its other end.
"""
