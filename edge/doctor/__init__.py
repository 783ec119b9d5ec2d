"""`ecg-edge doctor`: checks the device from the outside in, and names each problem, its likely cause and a remedy.

`checks` lists the checks, `run_checks` runs them, `exit_code` follows from their results. Each check is a function that
returns a `Finding`.
"""

from edge.doctor.checklist import checks
from edge.doctor.results import Area, Finding, Outcome, Result, exit_code
from edge.doctor.runner import Check, run_checks

__all__ = ["Area", "Check", "Finding", "Outcome", "Result", "checks", "exit_code", "run_checks"]
