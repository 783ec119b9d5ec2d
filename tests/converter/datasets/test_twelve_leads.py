"""PTB-XL as networks learn from it: labels, folds, and the part of which only the shapes are left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets import standardised
from converter.datasets.catalogue import check_folder
from converter.datasets.superclasses import STATEMENT_CLASSES, TABLE, read_labels
from converter.datasets.twelve_leads import DATASETS, prepared_set
from ecg.errors import InputError
from reader.classify.heights import HEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "ecg_id,patient_id,strat_fold,NORM,MI,STTC,CD,HYP"


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """Three standardised recordings, 0, 7 and 8, and the labels of these and of those of the fixture `ptbxl`."""
    folder = tmp_path / "ptbxl_more"
    folder.mkdir()
    rng = np.random.default_rng(1)
    np.save(folder / "signals.npy", (250 * rng.standard_normal((3, 1000, 12))).astype(np.int16))
    (folder / "order.csv").write_text("ecg_id\n0\n7\n8\n")
    rows = ["0,1.0,1,1,0,0,0,0", "1,2.0,9,0,1,1,0,0", "5,2.0,9,0,0,0,1,0", "7,3.0,2,0,0,0,0,1", "8,4.0,10,1,0,0,0,0"]
    (folder / TABLE).write_text("\n".join([HEAD, *rows, ""]))
    return folder


def test_recordings_of_both_kinds_become_one_set(ptbxl: Path, shapes: Path, tmp_path: Path) -> None:
    datasets = {name: check_folder(folder, name) for name, folder in zip(DATASETS, (ptbxl, shapes), strict=True)}
    whole = prepared_set(datasets, tmp_path / "cache")
    assert whole.ecg_id.tolist() == [0, 1, 5, 7]  # 2 to 4 bear no label, 8 is in fold 10
    assert whole.fold.tolist() == [1, 9, 9, 2]
    assert whole.shows[1].tolist() == [False, True, True, False, False]
    assert whole.heights[:, 0].tolist() == [1, 1, 1, 0]  # 0 is taken from where its heights are known
    assert whole.leads.shape == (4, 1000, 12)
    assert np.abs(whole.leads.std(axis=1) - 1).max() < 0.1
    again = prepared_set(datasets, tmp_path / "cache")
    assert again.digest() == whole.digest()
    assert len(whole.folds(9)) == 2


def test_labels_follow_from_the_statements_where_there_is_no_table(ptbxl: Path) -> None:
    (ptbxl / STATEMENT_CLASSES).write_text(",diagnostic_class\nNORM,NORM\nAMI,MI\nNDT,STTC\nSR,\n")
    (ptbxl / "ptbxl_database.csv").write_text(
        "ecg_id,patient_id,strat_fold,scp_codes\n1,11.0,3,\"{'AMI': 15.0, 'NDT': 0.0}\"\n2,12.0,4,\"{'SR': 0.0}\"\n"
    )
    labels = read_labels(ptbxl, "ptbxl_database.csv")
    assert labels == {1: (11, 3, (False, True, True, False, False))}


def test_a_patient_on_both_sides_is_refused(ptbxl: Path, shapes: Path, tmp_path: Path) -> None:
    (shapes / TABLE).write_text(f"{HEAD}\n0,1.0,1,1,0,0,0,0\n7,1.0,9,1,0,0,0,0\n")
    datasets = {name: check_folder(folder, name) for name, folder in zip(DATASETS, (ptbxl, shapes), strict=True)}
    with pytest.raises(InputError, match="patient 1 is in fold 9 and in another"):
        prepared_set(datasets, tmp_path / "cache")


def test_an_array_that_is_not_what_its_list_says_is_refused(shapes: Path) -> None:
    (shapes / "order.csv").write_text("ecg_id\n0\n7\n")
    with pytest.raises(InputError, match=r"names 2 recordings of \(1000, 12\) int16"):
        check_folder(shapes, "ptbxl_more")


def test_shapes_alone_have_no_heights(shapes: Path, tmp_path: Path) -> None:
    whole = prepared_set({"ptbxl_more": check_folder(shapes, "ptbxl_more")}, tmp_path / "cache")
    assert whole.ecg_id.tolist() == [0, 7]
    assert whole.heights.shape == (2, HEIGHTS)
    assert not whole.heights.any()
    assert standardised.read(shapes)[1].shape == (3, 1000, 12)
