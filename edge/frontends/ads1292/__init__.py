"""The ADS1291, ADS1292 and ADS1292R (Texas Instruments, datasheet SBAS502): registers, frames, start-up, sampling.

`registers` and `frame` are pure data; `chip` talks; `sampler` turns DRDY edges and frames into numbered samples.
"""
