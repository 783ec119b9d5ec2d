"""`ecg-edge doctor`: walks from the outside in and names what is wrong, its likely cause and the thing to check.

`checks` is the list, `walk` runs it, `exit_code` sums it up; each check is a small function that gives a `Finding`.
"""

from edge.doctor.checklist import checks
from edge.doctor.results import Area, Finding, Outcome, Result, exit_code
from edge.doctor.walk import Check, walk

__all__ = ["Area", "Check", "Finding", "Outcome", "Result", "checks", "exit_code", "walk"]
