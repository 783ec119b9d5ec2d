"""The AD8232 (Analog Devices) behind an MCP3208 or MCP3008 (Microchip, datasheets DS21298 and DS21295).

`adc` encodes and decodes conversions, `chip` talks to the hardware, `interpolation` resamples the conversions to
360 Hz, and `sampler` times and checks them.
"""
