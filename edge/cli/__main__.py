"""`python -m edge.cli` is `ecg-edge`."""

from edge.cli.main import main

main()
