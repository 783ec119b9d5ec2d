"""Training: what a batch holds, what a run leaves, and that an interrupted run goes on as if nothing had been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter import backend
from converter.datasets.beats import AS_RECORDED, BeatSet
from converter.datasets.protocol_beats import Provenance
from converter.simulation.simulated_beats import shown
from converter.training.batches import TrainingSet, augment, beat_odds, class_weights, draw_epoch, epoch_batches
from converter.training.run_folder import RunFolder
from converter.training.settings import DEFAULTS, Augmentation, TrainingSettings, read_settings
from ecg.errors import InputError
from edge.inference.inputs import RHYTHM_FEATURES
from models import DIRECTORY

# Keras calls a NumPy interface of TensorFlow's variables that NumPy 2 deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

SETTINGS = TrainingSettings(
    model="resecanet-aami5",
    protocol="random",
    normalisation="template",
    epochs=3,
    batch=32,
    learning_rate=1e-3,
    average_decay=0.9,
    augmentation=Augmentation(shift_samples=3, gain_sigma=0.1, flip_probability=0.1, noise=0.02, rhythm_jitter=0.02),
)
PROVENANCE = Provenance(datasets={"mitdb": "0" * 64}, beats="1" * 64)


def synthetic_beats(count: int = 240) -> BeatSet:
    """Normal beats narrow, ventricular ones wide, atrial ones early: easy to tell apart."""
    rng = np.random.default_rng(5)
    symbol = np.array(["N", "N", "V", "A"] * (count // 4))
    width = np.where(symbol == "V", 25.0, 6.0)[:, np.newaxis]
    waveform = np.exp(-0.5 * ((np.arange(259) - 99) / width) ** 2)
    waveform = waveform + 0.05 * rng.standard_normal((count, 259))
    rhythm = 0.05 * rng.standard_normal((count, 10))
    rhythm[symbol == "A", 0] -= 0.5
    return BeatSet(
        {
            "waveform": np.repeat(waveform[:, :, np.newaxis], 2, axis=2).astype(np.float32),
            "rhythm": rhythm.astype(np.float32),
        },
        symbol,
        np.arange(count, dtype=np.int64) * 300,
        np.full(count, "mitdb/100"),
        np.zeros(count, dtype=np.int64),
        np.full(count, AS_RECORDED),
    )


def normal_signal(count: int) -> BeatSet:
    """Normal beats of one signal, with inputs as the monitor builds them."""
    window = np.exp(-0.5 * ((np.arange(259) - 99) / 6.0) ** 2)
    beats = shown(np.tile(window, (count + 1, 1)), np.full(count + 1, 0.8))
    return BeatSet(
        {name: np.stack([inputs[name] for inputs in beats]) for name in ("waveform", "rhythm")},
        np.full(count, "N"),
        np.arange(count, dtype=np.int64) * 288,
        np.full(count, "mitdb/101"),
        np.zeros(count, dtype=np.int64),
        np.full(count, AS_RECORDED),
    )


def batch_of(count: int, channels: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {
        "waveform": rng.standard_normal((count, 259, channels)).astype(np.float32),
        "rhythm": rng.standard_normal((count, 10)).astype(np.float32),
    }


def test_without_augmentation_beats_stay_as_they_are() -> None:
    inputs = batch_of(8)
    varied = augment(inputs, Augmentation(), np.random.default_rng(1))
    for name, values in inputs.items():
        np.testing.assert_array_equal(varied[name], values)


def test_augmentation_leaves_the_training_set_itself_alone() -> None:
    inputs = batch_of(8)
    before = {name: values.copy() for name, values in inputs.items()}
    augment(inputs, SETTINGS.augmentation, np.random.default_rng(1))
    for name, values in inputs.items():
        np.testing.assert_array_equal(values, before[name])


def test_a_part_of_the_beats_is_shown_without_the_opinion_of_the_interval_network() -> None:
    rhythm = np.random.default_rng(2).uniform(0.1, 1.0, (400, len(RHYTHM_FEATURES))).astype(np.float32)
    inputs = {"waveform": np.zeros((400, 259, 2), np.float32), "rhythm": rhythm}
    varied = augment(inputs, Augmentation(opinion_dropout=0.2), np.random.default_rng(1))["rhythm"]
    is_opinion = np.array([name == "ln_odds_early" or name.startswith("rhythm_") for name in RHYTHM_FEATURES])
    is_dropped = (varied != rhythm).any(axis=1)
    assert 40 < is_dropped.sum() < 120
    assert not varied[is_dropped][:, is_opinion].any()
    np.testing.assert_array_equal(varied[:, ~is_opinion], rhythm[:, ~is_opinion])


def test_a_flip_turns_the_beat_and_its_template_over_together() -> None:
    inputs = batch_of(200)
    varied = augment(inputs, Augmentation(flip_probability=0.5), np.random.default_rng(1))["waveform"]
    flipped = np.array([np.array_equal(new, -old) for new, old in zip(varied, inputs["waveform"], strict=True)])
    kept = np.array([np.array_equal(new, old) for new, old in zip(varied, inputs["waveform"], strict=True)])
    assert (flipped | kept).all()
    assert 60 < flipped.sum() < 140


def test_a_shift_moves_the_r_peak_by_no_more_than_asked() -> None:
    inputs = {"waveform": np.zeros((100, 259, 1), np.float32)}
    inputs["waveform"][:, 99] = 1.0
    peaks = augment(inputs, Augmentation(shift_samples=5), np.random.default_rng(1))["waveform"][:, :, 0].argmax(axis=1)
    assert peaks.min() >= 94
    assert peaks.max() <= 104
    assert len(set(peaks.tolist())) > 5


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.floats(0, 1))
def test_class_weights_keep_the_size_of_the_loss_and_favour_the_rare(classes: list[int], power: float) -> None:
    numbers = np.array(classes)
    weights = class_weights(numbers, 5, power)
    assert weights[numbers].mean() == pytest.approx(1.0, rel=1e-4)
    beats = np.bincount(numbers, minlength=5)
    present = [number for number in range(5) if beats[number]]
    for one in present:
        for other in present:
            if beats[one] <= beats[other]:
                assert weights[one] >= weights[other] * (1 - 1e-5)


def test_an_epoch_of_no_number_of_beats_is_each_beat_once() -> None:
    drawn = draw_epoch(np.full(100, 0.01), None, np.random.default_rng(1))
    assert sorted(drawn.tolist()) == list(range(100))


def test_beats_of_a_class_that_a_signal_has_many_of_are_drawn_more_rarely() -> None:
    beats = synthetic_beats(240)  # 120 N, 60 V and 60 A, of one signal
    classes = beats.classes(("N", "S", "V", "F", "Q"))
    odds = beat_odds(beats, classes, 30)
    assert odds[classes == 0].sum() / odds[classes == 1].sum() == pytest.approx(2 / np.sqrt(2))
    drawn = draw_epoch(odds, 20_000, np.random.default_rng(1))
    share = (classes[drawn] == 0).mean()
    assert share == pytest.approx(odds[classes == 0].sum(), abs=0.02)
    np.testing.assert_allclose(beat_odds(beats, classes, None), 1 / 240)


def test_two_signals_are_counted_apart() -> None:
    one = synthetic_beats(240)
    other = BeatSet(one.inputs, one.symbol, one.index, one.record, np.ones(240, np.int64), one.augmentation)
    classes = one.classes(("N", "S", "V", "F", "Q"))
    both = beat_odds(BeatSet.join([one, other]), np.concatenate([classes, classes]), 30)
    np.testing.assert_allclose(2 * both[:240], beat_odds(one, classes, 30))


def test_simulated_beats_are_drawn_by_their_share_and_leave_the_class_weights_alone() -> None:
    beats = normal_signal(400)
    settings = msgspec.structs.replace(
        SETTINGS, epoch_beats=5_000, loss_weight_power=0.5, simulated_share=0.25, signal_class_beats=100
    )
    training_set = TrainingSet.of(beats, ("N", "S", "V", "F", "Q"), settings)
    plain = TrainingSet.of(beats, ("N", "S", "V", "F", "Q"), msgspec.structs.replace(settings, simulated_share=0.0))
    np.testing.assert_array_equal(training_set.weights, plain.weights)
    np.testing.assert_allclose(training_set.odds[:400], 0.75 * plain.odds)
    assert training_set.odds[400:].sum() == pytest.approx(0.25)
    assert {len(values) for values in training_set.inputs.values()} == {
        len(training_set.odds),
        len(training_set.classes),
    }
    drawn = draw_epoch(training_set.odds, settings.epoch_beats, np.random.default_rng(1))
    assert (drawn >= 400).mean() == pytest.approx(0.25, abs=0.03)


def test_the_same_epoch_of_the_same_seed_has_the_same_batches() -> None:
    training_set = TrainingSet.of(synthetic_beats(80), ("N", "S", "V", "F", "Q"), SETTINGS)

    def waveforms(epoch: int) -> np.ndarray:
        count, batches = epoch_batches(training_set, SETTINGS, epoch)
        drawn = list(batches)
        assert len(drawn) == count == 3
        return np.concatenate([batch.inputs["waveform"] for batch in drawn])

    np.testing.assert_array_equal(waveforms(1), waveforms(1))
    assert not np.array_equal(waveforms(1), waveforms(2))


def test_each_model_of_the_zoo_has_default_settings_that_read_back(tmp_path: Path) -> None:
    for settings in DEFAULTS.values():
        path = tmp_path / "settings.json"
        path.write_bytes(msgspec.json.encode(settings))
        assert read_settings(path, TrainingSettings) == settings


def test_the_models_that_ship_were_trained_by_the_default_settings() -> None:
    shipped = [read_settings(DIRECTORY / f"{model}.settings.json", TrainingSettings) for model in sorted(DEFAULTS)]
    assert shipped == [DEFAULTS[model] for model in sorted(DEFAULTS)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('model = "resecanet-aami5"', "missing required field"),
        ('model = "m"\nprotocol = "other"\nnormalisation = "beat"', "protocol"),
        ('model = "m"\nprotocol = "random"\nnormalisation = "beat"\nepoch = 3', "epoch"),
        (
            'model = "m"\nprotocol = "random"\nnormalisation = "beat"\nepoch_beats = 9\nsimulated_share = 0.1',
            'simulated_share needs normalisation = "template"',
        ),
        ('model = "m"\nprotocol = "random"\nnormalisation = "template"\nsimulated_share = 0.1', "epoch_beats"),
        ("model = ", "invalid value"),
    ],
)
def test_a_mistake_in_a_settings_file_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_settings(path, TrainingSettings)


def test_a_folder_with_another_run_is_not_written_over(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run").open(SETTINGS, PROVENANCE)
    other = msgspec.structs.replace(SETTINGS, seed=2)
    with pytest.raises(InputError, match=r"other settings: seed \(1 there, 2 now\)"):
        RunFolder(tmp_path / "run").open(other, PROVENANCE)
    with pytest.raises(InputError, match="other data"):
        RunFolder(tmp_path / "run").open(SETTINGS, Provenance(datasets={}, beats="1"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run from its beginning to its end."""
    backend.load()
    from converter.training.train import train

    folder = tmp_path_factory.mktemp("whole")
    train(SETTINGS, synthetic_beats(), PROVENANCE, folder)
    return folder


def test_a_run_that_was_killed_goes_on_to_the_same_result(whole: Path, tmp_path: Path) -> None:
    from converter.training.train import train

    beats = synthetic_beats()
    killed = tmp_path / "killed"
    script = (
        "import sys; from pathlib import Path; from test_train import *; backend.load(); "
        "from converter.training.train import train; train(SETTINGS, synthetic_beats(), PROVENANCE, Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(killed)], env=environment, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not RunFolder(killed).progress_path.is_file():
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    finished = len(RunFolder(killed).progress().rows)
    assert 0 < finished < SETTINGS.epochs

    resumed = train(SETTINGS, beats, PROVENANCE, killed)
    rows, expected = RunFolder(killed).progress().rows, RunFolder(whole).progress().rows
    assert [row.epoch for row in rows] == [0, 1, 2]
    for row, other in zip(rows, expected, strict=True):
        assert row.loss == pytest.approx(other.loss, rel=1e-3)
        assert row.validation_loss == pytest.approx(other.validation_loss, rel=1e-2)
    assert resumed["test"] == RunFolder(whole).metrics()["test"]


def test_a_finished_run_leaves_all_that_a_report_needs(whole: Path) -> None:
    from converter.training.trained_model import load_trained

    beats = synthetic_beats()
    results = RunFolder(whole).metrics()
    assert {path.name for path in whole.iterdir()} == {
        "model.weights.h5",
        "confusion_matrix.png",
        "data.json",
        "learning_curves.png",
        "metrics.json",
        "predictions.npz",
        "progress.json",
        "settings.json",
    }
    assert results["beats"]["test"] == {"N": 12, "S": 6, "V": 6, "F": 0, "Q": 0}
    with np.load(whole / "predictions.npz") as predictions:
        model = load_trained(RunFolder(whole), beats)
        numbers = [beats.index.tolist().index(index) for index in predictions["index"].tolist()]
        again = model.predict_on_batch({name: values[numbers] for name, values in beats.inputs.items()})
        np.testing.assert_allclose(again, predictions["probabilities"], atol=1e-5)
        right = (predictions["truth"] == predictions["predicted"]).mean()
    assert results["test"]["accuracy"] == pytest.approx(right)
