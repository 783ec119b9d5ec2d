"""Files that hold an ECG: WFDB, EDF+ and CSV, read and written."""
