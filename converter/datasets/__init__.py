"""Recordings, their annotations, what is mixed into them, and the labelled beats that are cut from them.

`catalogue` knows what is on this machine, `cutting` runs the monitor's own code, `protocols` divides the beats.
"""
