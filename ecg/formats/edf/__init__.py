"""EDF and EDF+ files, read and written with edfio."""
