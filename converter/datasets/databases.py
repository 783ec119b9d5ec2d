"""The public databases that models are trained on: who made them, and on what terms."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DATABASES", "Database", "database"]


class Database(NamedTuple):
    """A database of PhysioNet: its title, licence, and how it asks to be cited."""

    title: str
    licence: str
    citation: str


_PHYSIONET = "Goldberger AL et al., PhysioBank, PhysioToolkit, and PhysioNet, Circulation 101(23):e215-e220, 2000"

DATABASES: dict[str, Database] = {
    "mitdb": Database(
        "MIT-BIH Arrhythmia Database",
        "ODC-By 1.0",
        f"Moody GB, Mark RG, The impact of the MIT-BIH Arrhythmia Database, IEEE EMB 20(3):45-50, 2001; {_PHYSIONET}",
    ),
    "svdb": Database(
        "MIT-BIH Supraventricular Arrhythmia Database",
        "ODC-By 1.0",
        "Greenwald SD, Improved detection and classification of arrhythmias in noise-corrupted electrocardiograms "
        f"using contextual information, PhD thesis, Harvard-MIT, 1990; {_PHYSIONET}",
    ),
    "cinc2017": Database(
        "AF Classification from a Short Single Lead ECG Recording, PhysioNet/CinC Challenge 2017",
        "ODC-By 1.0",
        "Clifford GD et al., AF classification from a short single lead ECG recording: the PhysioNet/Computing in "
        f"Cardiology Challenge 2017, Computing in Cardiology 44, 2017; {_PHYSIONET}",
    ),
}


def database(name: str) -> Database:
    """What is known of a data set; a user's own has no title but its name, and terms only its owner knows."""
    return DATABASES.get(name, Database(name, "not known", ""))
