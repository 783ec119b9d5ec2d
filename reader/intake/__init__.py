"""From a file of any format to an ECG of twelve leads: routing, names of leads, leads that are derived, doubts."""

from reader.intake.read import FileEcg, read_file

__all__ = ["FileEcg", "read_file"]
