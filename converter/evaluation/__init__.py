"""The referee: how the whole product path is judged beyond single beats, and the page that says what it found.

Beats are scored by `converter.evaluation.scoring`; here are episodes, alarms, delays, noise, short recordings, and the
report.
"""
