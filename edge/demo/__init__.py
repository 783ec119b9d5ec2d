"""The demonstration: the whole monitor on a simulated heart, with its own broker, in one terminal.

`run_demo` prints the messages that come back through MQTT. Only the ECG strips are drawn directly from the source.
"""

from edge.demo.run import run_demo

__all__ = ["run_demo"]
