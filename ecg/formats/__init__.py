"""Files that hold an ECG: WFDB, EDF+ and CSV, read and written; MATLAB, SCP-ECG, aECG, Sierra and DICOM, read."""
