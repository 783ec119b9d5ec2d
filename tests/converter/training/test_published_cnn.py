"""The baselines: their published sizes, one step of training, and that a run goes on and answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from converter.training.published_cnn import most_f1, train
from converter.training.published_settings import PublishedSettings
from converter.zoo.published_cnn import CNNS, build
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.twelve_leads import TwelveLeadSet

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

MEGABYTES = {"b-lead-ii-cnn": 82, "b-twelve-lead-cnn": 41}


@pytest.mark.parametrize("name", CNNS)
def test_with_its_own_5000_samples_a_network_has_the_size_of_its_published_file(name: str) -> None:
    assert build(CNNS[name], 5000).count_params() * 4 / 1e6 == pytest.approx(MEGABYTES[name], abs=0.9)


@pytest.mark.parametrize("name", CNNS)
def test_a_run_learns_and_tells_how_it_does_on_fold_9(name: str, infarctions: TwelveLeadSet, tmp_path: Path) -> None:
    settings = PublishedSettings(model=name, epochs=3, batch=16)
    found = train(settings, infarctions, tmp_path)
    assert found["recordings"] == {"training": 70, "validation": 10, "reported": 10}
    assert 0.5 < found["auc"] <= 1
    assert found["auc_95"][0] <= found["auc"] <= found["auc_95"][1]
    losses = msgspec.json.decode((tmp_path / "progress.json").read_bytes())["losses"]
    assert len(losses) == 3
    assert train(settings, infarctions, tmp_path) == found  # which trains nothing any more


def test_an_interrupted_run_goes_on_with_the_epoch_that_it_came_to(infarctions: TwelveLeadSet, tmp_path: Path) -> None:
    progress = {"losses": [0.7, 0.6], "learning_rate": 1e-3}
    settings = PublishedSettings(model="b-lead-ii-cnn", epochs=2, batch=16)
    train(settings, infarctions, tmp_path)
    longer = msgspec.structs.replace(settings, epochs=3)
    (tmp_path / "settings.json").write_bytes(msgspec.json.format(msgspec.json.encode(longer)) + b"\n")
    (tmp_path / "progress.json").write_bytes(msgspec.json.encode(progress))
    train(longer, infarctions, tmp_path)
    losses = msgspec.json.decode((tmp_path / "progress.json").read_bytes())["losses"]
    assert losses[:2] == [0.7, 0.6]
    assert len(losses) == 3


def test_another_run_in_the_folder_is_refused(infarctions: TwelveLeadSet, tmp_path: Path) -> None:
    settings = PublishedSettings(model="b-lead-ii-cnn", epochs=1, batch=16)
    train(settings, infarctions, tmp_path)
    with pytest.raises(InputError, match="other settings"):
        train(msgspec.structs.replace(settings, seed=2), infarctions, tmp_path)


def test_recordings_that_all_show_the_same_are_refused(infarctions: TwelveLeadSet, tmp_path: Path) -> None:
    infarctions.shows[:, 1:3] = False
    with pytest.raises(InputError, match="do not have both answers"):
        train(PublishedSettings(model="b-lead-ii-cnn"), infarctions, tmp_path)


def test_the_threshold_is_where_f1_is_most() -> None:
    truth = np.array([True, False, True, False, False])
    assert most_f1(truth, np.array([0.9, 0.8, 0.7, 0.2, 0.1])) == pytest.approx(0.7)
