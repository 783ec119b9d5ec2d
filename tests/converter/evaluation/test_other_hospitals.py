"""Recordings with SNOMED CT codes: what they show, and how answers compare with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from converter.datasets.snomed import SUPERCLASS_OF, superclasses
from converter.evaluation.other_hospitals import LABELS, Answer, figures, read_codes, table
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MI, LVH, SINUS, FIBRILLATION = "164865005", "164873001", "426783006", "164889003"


def header(folder: Path, name: str, comment: str) -> None:
    (folder / f"{name}.hea").write_text(f"{name} 12 500 5000\n{comment}\n")


def test_codes_show_their_superclasses() -> None:
    assert superclasses([MI, LVH]) == {"MI": True, "STTC": False, "CD": False, "HYP": True, "NORM": False}
    assert set(SUPERCLASS_OF.values()) == {"MI", "STTC", "CD", "HYP"}


def test_sinus_rhythm_alone_is_normal_and_another_rhythm_is_not_known_to_be() -> None:
    assert superclasses([SINUS])["NORM"]
    assert "NORM" not in superclasses([FIBRILLATION])
    assert "NORM" not in superclasses([SINUS, FIBRILLATION])


def test_codes_are_read_in_either_spelling_and_may_be_missing(tmp_path: Path) -> None:
    header(tmp_path, "a", "#Dx: 164865005,164873001")
    header(tmp_path, "b", "# Dx: 426783006")
    header(tmp_path, "c", "#Dx: \n#Rx: Unknown")
    header(tmp_path, "d", "#Age: 60")
    assert read_codes(tmp_path) == {"a": (MI, LVH), "b": (SINUS,), "c": (), "d": ()}


def test_answers_are_compared_with_what_is_known(tmp_path: Path) -> None:
    for name, codes in {"a": MI, "b": SINUS, "c": FIBRILLATION, "d": LVH, "e": "", "f": MI}.items():
        header(tmp_path, name, f"# Dx: {codes}")
    infarction = {"a": 0.9, "b": 0.1, "c": 0.95, "d": 0.2}

    def read(path: Path) -> Answer | str:
        if path.stem == "f":
            return "it cannot be read"
        return Answer(dict.fromkeys(LABELS, infarction[path.stem]), "poor signal" if path.stem == "c" else "")

    found = figures(tmp_path, read)
    assert found["recordings"] == 5  # e bears no code
    assert found["refused"] == {"f": "it cannot be read"}
    assert found["abstained"] == 1
    assert found["labels"]["MI"]["all"] == {"known": 4, "shown": 1, "auc": pytest.approx(2 / 3)}
    assert found["labels"]["MI"]["told"] == {"known": 3, "shown": 1, "auc": 1.0}
    assert found["labels"]["NORM"]["all"] == {"known": 3, "shown": 1, "auc": 0.0}  # of c it is not known
    assert found["labels"]["CD"]["all"]["auc"] is None
    rows = table(found, "other hospitals").rows
    assert rows[LABELS.index("MI")] == ("MI", "1 of 4", "0.667", "1 of 3", "1.000")


def test_a_folder_without_codes_is_refused(tmp_path: Path) -> None:
    header(tmp_path, "a", "#Age: 60")
    with pytest.raises(InputError, match="no header names a diagnosis"):
        figures(tmp_path, lambda _: "")
