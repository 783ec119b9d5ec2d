"""CSV files, read and written."""
