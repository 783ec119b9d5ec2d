"""The signal path: resampling to 360 Hz, filters, signal quality, Pan-Tompkins, segmentation.

Pure arithmetic on arrays, exact on a fixed grid: no file, socket, clock or thread.
"""
