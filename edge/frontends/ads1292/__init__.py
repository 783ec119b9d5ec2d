"""The ADS1291, ADS1292 and ADS1292R (Texas Instruments, datasheet SBAS502): registers, frames, start-up, sampling.

`registers`, `register_set` and `frame` are pure data. `chip` talks to the hardware. `sampler` turns DRDY edges and
frames into samples; `edge_indexer` finds each edge's sample number.
"""
