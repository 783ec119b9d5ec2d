"""The ECG on paper: grid and trace as a picture."""
