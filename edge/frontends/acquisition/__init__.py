"""Live front ends: a separate process samples them and sends `messages` through a bounded `pipe`.

`process` is that process. `live` is the source at the other end; it restarts a process that dies or hangs.
"""
