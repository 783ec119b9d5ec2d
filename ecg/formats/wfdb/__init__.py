"""WFDB files, read and written: headers, sample formats, MIT annotations, and what our events are called in them."""
