"""`python -m converter.cli` is `ecg-converter`."""

from converter.cli import main

main()
