"""Work at the bench: what a front end measures of itself, the report of a self-test, recordings with a live scope."""
