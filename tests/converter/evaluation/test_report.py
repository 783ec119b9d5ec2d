"""The page on accuracy, rebuilt from small recordings: what was measured stands on it, what was not is said."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from converter.datasets.catalogue import Catalogue
from converter.evaluation.report import write_report
from converter.evaluation.split_leakage import leakage_section
from ecg.errors import InputError
from edge.inference import load_classifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge.inference import TFLiteClassifier

    WriteRecord = Callable[..., None]

# TensorFlow, that makes the model, calls interfaces that newer Python packages deprecate.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


@pytest.fixture
def recordings(tmp_path: Path, write_heartbeats: WriteRecord) -> Path:
    for record in ("100", "101", "103"):
        write_heartbeats(tmp_path / "recordings" / "mitdb", record, symbols="NNNVNNNNAN" * 8)
    return tmp_path / "recordings"


@pytest.fixture
def model(exported: Path) -> TFLiteClassifier:
    return load_classifier(exported)


def written(recordings: Path, model: TFLiteClassifier, out: Path) -> str:
    page = write_report(recordings, out, catalogue=Catalogue(out / "data"), light=model, published=model)
    return page.read_text(encoding="utf-8")


def test_the_page_holds_its_figures_and_pictures_and_says_what_was_not_measured(
    recordings: Path, model: TFLiteClassifier, tmp_path: Path
) -> None:
    text = written(recordings, model, tmp_path / "docs")
    figures = json.loads((tmp_path / "docs" / "accuracy" / "accuracy.json").read_text())
    assert figures["R peaks"]["r_peaks"]["mitdb, signal 1, whole"]["beats"] == 240
    assert figures["Beats"]["beats"]["whole"]["V"]["beats"] == 16  # 100 and 103 are in DS2, 101 is not
    for picture in re.findall(r"\]\((accuracy/\w+\.png)\)", text):
        assert (tmp_path / "docs" / picture).stat().st_size > 1000
    assert "beats_confusion.png" in text
    assert "`svdb`: not among the recordings" in text
    assert "Not measured: `nstdb`" in text
    assert "`cinc2017` is not among the recordings" in text
    assert "Other detectors were not measured" in text
    assert "the size of the leakage is not known here" in text


def test_every_table_of_figures_names_data_and_labels(
    recordings: Path, model: TFLiteClassifier, tmp_path: Path
) -> None:
    text = written(recordings, model, tmp_path / "docs")
    titles = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(titles) > 10
    for title in titles:
        if not title.startswith(("### An alarm is true", "### Delays")):
            assert re.search(r"mitdb", title), title
            assert "labels from" in title, title


def test_the_same_recordings_give_the_same_bytes(recordings: Path, model: TFLiteClassifier, tmp_path: Path) -> None:
    for out in ("one", "two"):
        written(recordings, model, tmp_path / out)
    names = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("accuracy*/*"))
    assert names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    assert (tmp_path / "one" / "accuracy.md").read_bytes() == (tmp_path / "two" / "accuracy.md").read_bytes()


def test_without_mitdb_there_is_no_page(model: TFLiteClassifier, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no mitdb"):
        written(tmp_path, model, tmp_path / "docs")


def test_the_leakage_is_the_difference_of_the_two_protocols_in_points() -> None:
    def side(accuracy: float, sensitivity: float | None) -> dict[str, Any]:
        classes = {"V": {"sensitivity": sensitivity, "predictivity": 0.5}}
        return {"beats": 100, "accuracy": accuracy, "macro_f1": 0.9, "labels": ["V"], "classes": classes}

    rows = leakage_section(side(0.99, 0.98), side(0.90, 0.70), "model").tables[0].rows
    cells = {row[0]: row[1:] for row in rows}
    assert cells["accuracy %"] == ["99.00", "90.00", "+9.00"]
    assert cells["V Se %"] == ["98.00", "70.00", "+28.00"]
    alone = leakage_section(side(0.99, None), None, "model").tables[0]
    assert {row[0]: row[1:] for row in alone.rows}["V Se %"] == ["-", "-"]
    assert "not known here" in alone.notes[0]
