"""The AD8232 (Analog Devices) behind an MCP3208 or MCP3008 (Microchip, datasheets DS21298 and DS21295).

`adc` is pure data, `chip` talks, `grid` brings conversions of any moments onto a uniform grid, `sampler` times, reads
and watches.
"""
