"""The public databases that models are trained on: who made them, on what terms, and what to know of their records."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DATABASES", "Database", "database"]


class Database(NamedTuple):
    """A database of PhysioNet.

    Attributes:
        title: its own.
        licence: of the recordings.
        citation: how it asks to be cited.
        labels_from: where the labels of its beats come from; empty: somebody annotated each beat.
        one_person: records that come from the same person, each group sorted.
        limits: what a model's figures do not tell because it learned from this database, a sentence each.
    """

    title: str
    licence: str
    citation: str
    labels_from: str = ""
    one_person: tuple[tuple[str, ...], ...] = ()
    limits: tuple[str, ...] = ()


_PHYSIONET = "Goldberger AL et al., PhysioBank, PhysioToolkit, and PhysioNet, Circulation 101(23):e215-e220, 2000"

DATABASES: dict[str, Database] = {
    "mitdb": Database(
        "MIT-BIH Arrhythmia Database",
        "ODC-By 1.0",
        f"Moody GB, Mark RG, The impact of the MIT-BIH Arrhythmia Database, IEEE EMB 20(3):45-50, 2001; {_PHYSIONET}",
        one_person=(("201", "202"),),
    ),
    "svdb": Database(
        "MIT-BIH Supraventricular Arrhythmia Database",
        "ODC-By 1.0",
        "Greenwald SD, Improved detection and classification of arrhythmias in noise-corrupted electrocardiograms "
        f"using contextual information, PhD thesis, Harvard-MIT, 1990; {_PHYSIONET}",
    ),
    "ptbxl": Database(
        "PTB-XL, a large publicly available electrocardiography dataset",
        "CC BY 4.0",
        "Wagner P et al., PTB-XL, a large publicly available electrocardiography dataset, Scientific Data 7:154, 2020; "
        f"{_PHYSIONET}",
    ),
    "cinc2017": Database(
        "AF Classification from a Short Single Lead ECG Recording, PhysioNet/CinC Challenge 2017",
        "ODC-By 1.0",
        "Clifford GD et al., AF classification from a short single lead ECG recording: the PhysioNet/Computing in "
        f"Cardiology Challenge 2017, Computing in Cardiology 44, 2017; {_PHYSIONET}",
        labels_from="what follows from the label of the whole recording",
        limits=(
            (
                "The beats of cinc2017 bear no label: what they are follows from that of the recording, normal or "
                "fibrillation (`converter/datasets/short_recordings.py`), and a few may be something else."
            ),
        ),
    ),
    "ludb": Database(
        "Lobachevsky University Electrocardiography Database",
        "ODC-By 1.0",
        "Kalyakulina AI et al., LUDB: A New Open-Access Validation Tool for Electrocardiogram Delineation Algorithms, "
        f"IEEE Access 8:186181-186190, 2020; {_PHYSIONET}",
    ),
    "qtdb": Database(
        "QT Database",
        "ODC-By 1.0",
        "Laguna P et al., A Database for Evaluation of Algorithms for Measurement of QT and Other Waveform Intervals "
        f"in the ECG, Computers in Cardiology 24:673-676, 1997; {_PHYSIONET}",
    ),
}


def database(name: str) -> Database:
    """What is known of a data set; a user's own has no title but its name, and terms only its owner knows."""
    return DATABASES.get(name, Database(name, "not known", ""))
