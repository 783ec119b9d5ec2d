"""`python -m reader.cli` is `ecg-reader`."""

from reader.cli import main

main()
