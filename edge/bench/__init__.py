"""Bench work: measurements of a front end, the self-test with its report, and recordings with a live trace."""
