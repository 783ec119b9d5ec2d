"""PTB-XL: twelve leads of 10 s each, and what every recording is said to show.

Data: Wagner et al., PTB-XL, a large publicly available electrocardiography dataset, Scientific Data 7:154, 2020.
Statements for each recording stand in `ptbxl_database.csv`; no beat is annotated.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from converter.datasets.superclasses import STATEMENT_CLASSES
from converter.progress import track
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["GROUPS", "LEADS", "STATEMENTS", "PtbXlRecording", "fetch", "read_recordings"]

STATEMENTS = "ptbxl_database.csv"
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
PHYSIONET_NAME = "ptb-xl"
CERTAIN = 80.0
"""Percent: likelihood from which on the statement "normal" counts."""
SINUS = {"SR", "SBRAD", "STACH", "SARRH"}
"""Rhythm statements of the sinus node."""
ECTOPIC = {"PAC", "BIGU", "TRIGU", "SVTAC", "PSVT", "SVARR"}
"""Statements on beats and rhythms from elsewhere, not certainly the ventricles."""

VENTRICULAR, PACED, EXTRA = "ventricular premature beats", "paced", "other extra beats, or of unknown origin"
ATRIAL_FIBRILLATION, BUNDLE_BRANCH_BLOCK = "atrial fibrillation or flutter", "bundle branch block"
NORMAL, OTHER = "normal", "other findings (infarction, hypertrophy, conduction, ST-T)"
GROUPS = (VENTRICULAR, PACED, EXTRA, ATRIAL_FIBRILLATION, BUNDLE_BRANCH_BLOCK, OTHER, NORMAL)
"""Each recording is in the first that holds."""


@dataclass(frozen=True, slots=True)
class PtbXlRecording:
    """A recording that is on disk, and what it is said to show.

    Attributes:
        name: below the folder; of the 500 Hz file if it is there, else of the 100 Hz one.
        codes: SCP-ECG statements, with their likelihood in percent (0: not said).
        has_extra_beats: somebody noted extra beats.
        is_fast: it has 500 Hz.
    """

    name: str
    codes: Mapping[str, float]
    has_extra_beats: bool
    is_fast: bool

    @property
    def is_certainly_normal(self) -> bool:
        """Said to be normal in sinus rhythm, and nothing else."""
        return (
            self.codes.get("NORM", 0.0) >= CERTAIN and set(self.codes) <= {"NORM", *SINUS} and not self.has_extra_beats
        )

    @property
    def group(self) -> str:
        """Which of `GROUPS` it is in."""
        codes = set(self.codes)
        holds = {
            VENTRICULAR: "PVC" in codes,
            PACED: "PACE" in codes,
            EXTRA: bool(codes & ECTOPIC) or self.has_extra_beats,
            ATRIAL_FIBRILLATION: bool(codes & {"AFIB", "AFLT"}),
            BUNDLE_BRANCH_BLOCK: bool(codes & {"CLBBB", "CRBBB"}),
            OTHER: "NORM" not in codes,
            NORMAL: True,
        }
        return next(group for group in GROUPS if holds[group])


def read_recordings(folder: Path) -> list[PtbXlRecording]:
    """The recordings that the tables of statements name and that are on disk, sorted by name.

    Args:
        folder: of PTB-XL, or of a part of it; tables of parts may lie beside the one of the database.

    Raises:
        InputError: there are no statements, or no such recording.
    """
    found = {}
    for path in sorted({folder / STATEMENTS, *folder.glob(STATEMENTS.replace(".", "*."))}):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    for column in ("filename_hr", "filename_lr"):
                        if (folder / f"{row[column]}.hea").is_file():
                            codes, extra = ast.literal_eval(row["scp_codes"]), bool(row["extra_beats"].strip())
                            found[row[column]] = PtbXlRecording(row[column], codes, extra, column == "filename_hr")
                            break
        except OSError as error:
            raise InputError(f"{path}: the statements cannot be read ({error.strerror})") from error
        except (KeyError, ValueError, SyntaxError, AttributeError) as error:
            raise InputError(f"{path} is not a table of statements of PTB-XL ({error})") from error
    if not found:
        raise InputError(f"{folder} holds no recording that {STATEMENTS} names")
    return [found[name] for name in sorted(found)]


def fetch(folder: Path) -> None:
    """Download the tables and the recordings at 100 Hz, which have all that networks are shown; what is here is kept.

    Raises:
        Exception: whatever wfdb and its connection raise.
    """
    import wfdb  # noqa: PLC0415

    records = [name for name in wfdb.get_record_list(PHYSIONET_NAME) if name.startswith("records100/")]
    with contextlib.redirect_stdout(io.StringIO()):  # wfdb tells of each file
        wfdb.dl_files(PHYSIONET_NAME, str(folder), [STATEMENTS, STATEMENT_CLASSES])
        for record in track(records, f"fetching {PHYSIONET_NAME}"):
            wfdb.dl_database(PHYSIONET_NAME, str(folder), records=[record])
