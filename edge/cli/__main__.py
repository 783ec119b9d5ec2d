"""`python -m edge.cli` is `ecg-edge`."""

from edge.cli import main

main()
