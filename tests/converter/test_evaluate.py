"""Judging a model file: counts add up, and nothing of the learned part is reported on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter import product_path
from converter.annotations import read_beats
from converter.catalogue import check_folder
from converter.cutting import CutCache
from converter.evaluate import evaluate
from converter.protocols import PROTOCOLS
from edge.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from converter.catalogue import Dataset

    WriteRecord = Callable[..., None]

# TensorFlow, that makes the model, calls interfaces that newer Python packages deprecate.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


@pytest.fixture
def dataset(tmp_path: Path, write_heartbeats: WriteRecord) -> Dataset:
    for record in ("100", "101", "103"):  # 101 is in DS1: learned from, not reported on
        write_heartbeats(tmp_path / "mitdb", record, symbols="NNNVNNNNAN" * 8)
    return check_folder(tmp_path / "mitdb", "mitdb")


def test_the_inter_patient_report_counts_every_reference_beat_of_its_records_once(
    exported: Path, dataset: Dataset, tmp_path: Path
) -> None:
    found = evaluate(exported, PROTOCOLS["inter-patient"], dataset, CutCache(tmp_path / "cache")).figures
    assert found["records"] == ["100", "103"]
    assert found["cut_beats"]["reference_beats"] == 160
    assert found["cut_beats"]["beats"] == found["cut_beats"]["cut_beats"] == np.sum(found["cut_beats"]["confusion"])
    reference_rows = np.array(found["product_path"]["confusion"])[:5]
    assert reference_rows.sum(axis=1).tolist() == [128, 16, 16, 0, 0]
    assert found["product_path"]["detection"]["gross"]["sensitivity"] > 0.95
    assert set(found["product_path"]["by_record"]) == {"100", "103"}


def test_the_random_report_is_on_a_tenth_of_all_records_beats_alone(
    exported: Path, dataset: Dataset, tmp_path: Path
) -> None:
    found = evaluate(exported, PROTOCOLS["random"], dataset, CutCache(tmp_path / "cache")).figures
    assert found["records"] == ["100", "101", "103"]
    assert found["cut_beats"]["reference_beats"] == 240
    assert found["cut_beats"]["beats"] == 19 + 2 + 2
    assert "product_path" not in found


def test_a_report_is_left_as_json_markdown_and_pictures_that_name_data_and_split(
    exported: Path, dataset: Dataset, tmp_path: Path
) -> None:
    found = evaluate(exported, PROTOCOLS["inter-patient"], dataset, CutCache(tmp_path / "cache"))
    found.write(tmp_path / "report")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "cut_beats.png",
        "evaluation.json",
        "evaluation.md",
        "product_path.png",
    ]
    assert json.loads((tmp_path / "report" / "evaluation.json").read_text())["protocol"] == "inter-patient"
    text = (tmp_path / "report" / "evaluation.md").read_text()
    for table in found.tables:
        assert f"## {table.title}" in text
        assert "DS2 of mitdb, first channel" in table.title
        assert "labels from .atr" in table.title


def test_a_file_that_is_no_model_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"model\.tflite is refused"):
        evaluate(path, PROTOCOLS["random"], dataset, CutCache(tmp_path / "cache"))


def test_the_annotation_files_of_a_replay_score_as_their_beats_stand(dataset: Dataset, tmp_path: Path) -> None:
    records = [record.name for record in dataset.records]
    folder = tmp_path / "mitdb"
    product_path.replay_records(folder, records, tmp_path / "edge", classifier=None)
    for score in product_path.score_records(folder, records, tmp_path / "edge"):
        found = read_beats(tmp_path / "edge" / score.record, "edge", rate_hz=360)
        assert set(found.symbol.tolist()) == {"Q"}  # nothing classified them
        assert score.matrix[:, 4].sum() == len(found.index)
        assert score.detection.true + score.detection.missed == 80


def test_a_record_that_cannot_be_replayed_is_named(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mitdb" / "103.dat").unlink()
    with pytest.raises(InputError, match="record 103"):
        product_path.replay_records(tmp_path / "mitdb", ["100", "103"], tmp_path / "edge", classifier=None)
    assert dataset.name == "mitdb"
