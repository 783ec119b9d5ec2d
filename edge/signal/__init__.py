"""The signal path: resampling to 360 Hz, filters, signal quality, Pan-Tompkins, segmentation.

Pure arithmetic on arrays, exact in whole quantisation steps: no file, socket, clock or thread.
"""
