"""Waveforms of DICOM (PS3.3, A.34): twelve-lead, general and ambulatory ECG."""
