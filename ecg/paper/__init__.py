"""The ECG on paper: grid, trace and letters as a picture."""
