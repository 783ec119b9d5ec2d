"""The demonstration: the whole monitor on a simulated heart, with a broker of its own, in one terminal.

`run_demo` does it all. What it prints has passed through MQTT; only the picture of the ECG is drawn on the way in.
"""

from edge.demo.show import run_demo

__all__ = ["run_demo"]
