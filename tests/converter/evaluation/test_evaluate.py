"""Judging a model file: counts add up, and nothing of the learned part is reported on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.annotations import read_beats
from converter.datasets.catalogue import check_folder
from converter.datasets.cut_cache import CutCache
from converter.datasets.protocols import PROTOCOLS
from converter.evaluation.beats import beats_section
from converter.evaluation.evaluate import evaluate
from converter.evaluation.product_path import run_trial
from ecg.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from converter.datasets.catalogue import Dataset

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
    reference_rows = np.array(found["beats"]["confusion"])[:5]
    assert reference_rows.sum(axis=1).tolist() == [128, 16, 16, 0, 0]
    assert found["r_peaks"]["whole"]["sensitivity"] > 0.95
    assert found["r_peaks"]["after 5 min"]["beats"] == 0
    assert set(found["beats"]["by_record"]) == {"100", "103"}


def test_the_random_report_is_on_a_tenth_of_all_records_beats_alone(
    exported: Path, dataset: Dataset, tmp_path: Path
) -> None:
    found = evaluate(exported, PROTOCOLS["random"], dataset, CutCache(tmp_path / "cache")).figures
    assert found["records"] == ["100", "101", "103"]
    assert found["cut_beats"]["reference_beats"] == 240
    assert found["cut_beats"]["beats"] == 19 + 2 + 2
    assert "beats" not in found


def test_without_a_protocol_every_annotated_record_of_any_data_set_is_reported_on(
    exported: Path, dataset: Dataset, tmp_path: Path
) -> None:
    found = evaluate(exported, None, dataset, CutCache(tmp_path / "cache"), channel="1").figures
    assert found["records"] == ["100", "101", "103"]
    assert found["channel"] == "1"
    assert found["r_peaks"]["whole"]["beats"] == 240
    assert "cut_beats" not in found


def test_the_beats_that_the_monitor_left_unclassified_are_counted(dataset: Dataset) -> None:
    trial = run_trial(Path(dataset.folder), ["100", "103"], classifier=None, dataset="mitdb")
    figures = beats_section(trial, "no model").figures
    detections = sum(len(finding.beats.index) for finding in trial.findings)
    assert figures["unclassified"] == {"beats": detections, "share": 1.0}


def test_a_report_is_left_as_json_markdown_and_pictures_that_name_data_and_split(
    exported: Path, dataset: Dataset, tmp_path: Path
) -> None:
    found = evaluate(exported, PROTOCOLS["inter-patient"], dataset, CutCache(tmp_path / "cache"))
    found.write(tmp_path / "report")
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "beats_by_record.png",
        "beats_confusion.png",
        "calibration.png",
        "cut_beats_confusion.png",
        "evaluation.json",
        "evaluation.md",
        "roc.png",
    ]
    assert json.loads((tmp_path / "report" / "evaluation.json").read_text())["protocol"] == "inter-patient"
    text = (tmp_path / "report" / "evaluation.md").read_text()
    for table in found.tables:
        assert f"## {table.title}" in text
        assert "DS2 of mitdb, 2 records" in table.title or table.title.startswith("An alarm is true")


def test_a_file_that_is_no_model_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"model\.tflite is refused"):
        evaluate(path, PROTOCOLS["random"], dataset, CutCache(tmp_path / "cache"))


def test_the_annotation_files_of_a_replay_score_as_their_beats_stand(dataset: Dataset, tmp_path: Path) -> None:
    records = [record.name for record in dataset.records]
    trial = run_trial(Path(dataset.folder), records, classifier=None, dataset="mitdb", annotations=tmp_path / "edge")
    for score in trial.scores():
        found = read_beats(tmp_path / "edge" / score.record, "edge", rate_hz=360)
        assert set(found.symbol.tolist()) == {"Q"}  # nothing classified them
        assert score.matrix[:, 4].sum() == len(found.index)
        assert score.detection.true + score.detection.missed == 80


def test_a_record_that_cannot_be_replayed_is_named(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "mitdb" / "103.dat").unlink()
    with pytest.raises(InputError, match="record 103"):
        run_trial(Path(dataset.folder), ["100", "103"], classifier=None, dataset="mitdb")
