"""What each task asks of a card: round trips of good ones, one clear line for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import msgspec
import numpy as np
import pytest
from handmade_model import LABELS, Parts, dense_model, make_card, make_parts, model_at_each_place

from ecg.errors import InputError
from ecg.model_file.card import Calibration, InputSpec, ModelCard, TaskName, Window
from ecg.model_file.card_check import check_card
from ecg.model_file.container import pack, parse, read, write
from ecg.model_file.golden import Golden
from ecg.model_file.loading import load_model
from ecg.model_file.tasks import TASKS, output_shape

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BEAT = Window(before=99, after=159)
PAGE = InputSpec(name="image", shape=(112, 224, 1), unit="brightness")


def card_of(task: str, *inputs: InputSpec, **fields: Any) -> ModelCard:
    """Give a card of a task that knows no normalisation."""
    plain = {"sample_rate_hz": None, "window": None, "normalisation": None, "rhythm_features": ()}
    return make_card(**{**plain, "interval_network": "", "task": task, "inputs": inputs, **fields})


CARDS = {
    card.task: card
    for card in (
        make_card(),
        card_of("beat-map", InputSpec(name="map", shape=(38, 259, 1)), sample_rate_hz=360.0, window=BEAT),
        card_of("beat-image", InputSpec(name="image", shape=(64, 64, 3), unit="brightness"), labels=("normal", "VF")),
        card_of(
            "twelve-lead",
            InputSpec(name="leads", shape=(1000, 12)),
            labels=("NORM", "MI", "STTC", "CD", "HYP"),
            sample_rate_hz=100.0,
        ),
        card_of("lead", InputSpec(name="lead", shape=(2500, 1)), labels=("NORM", "other"), sample_rate_hz=250.0),
        card_of("paper-image", PAGE, labels=("normal", "infarction")),
        card_of(
            "delineation",
            InputSpec(name="leads", shape=(500, 2)),
            labels=("none", "P", "QRS", "T"),
            sample_rate_hz=250.0,
        ),
        card_of("digitisation", msgspec.structs.replace(PAGE, shape=(48, 32, 3)), labels=("paper", "grid", "trace")),
    )
}
CALIBRATION = Calibration(slope=1.0, offset=0.0)
OUTPUT_SHAPES = {
    "beat": (5,),
    "beat-map": (5,),
    "beat-image": (2,),
    "twelve-lead": (5,),
    "lead": (2,),
    "paper-image": (2,),
    "delineation": (500, 4),
    "digitisation": (48, 32, 3),
}
TASK_NAMES = get_args(TaskName)


def any_golden(card: ModelCard) -> Golden:
    """Give two examples of the right shapes."""
    rng = np.random.default_rng(1)
    inputs = {spec.name: rng.normal(size=(2, *spec.shape)).astype(np.float32) for spec in card.inputs}
    return Golden(inputs, rng.integers(-128, 128, (2, *OUTPUT_SHAPES[card.task]), dtype=np.int8))


def refusal(task: str, **changes: Any) -> str:
    with pytest.raises(InputError) as caught:
        check_card(msgspec.structs.replace(CARDS[task], **changes))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def with_input(task: str, **changes: Any) -> tuple[InputSpec, ...]:
    """Give the inputs of a task's card, the first one changed."""
    first, *others = CARDS[task].inputs
    return (msgspec.structs.replace(first, **changes), *others)


def test_each_task_is_known_and_tried_here() -> None:
    assert set(TASKS) == set(CARDS) == set(TASK_NAMES)


@pytest.mark.parametrize("task", TASK_NAMES)
def test_a_card_is_written_and_read_again(task: str, tmp_path: Path) -> None:
    card, golden = CARDS[task], any_golden(CARDS[task])
    content = pack(dense_model(), card, golden)
    found = parse(tmp_path / "a.tflite", content)
    assert msgspec.structs.replace(found.card, flatbuffer_sha256="") == card
    np.testing.assert_array_equal(found.golden.outputs, golden.outputs)
    assert output_shape(found.card) == OUTPUT_SHAPES[task]
    assert pack(found.flatbuffer, found.card, found.golden) == content


def test_a_card_without_a_task_is_that_of_a_beat_model() -> None:
    fields = msgspec.to_builtins(make_card())
    del fields["task"]
    for spec in fields["inputs"]:
        del spec["unit"]
    assert msgspec.convert(fields, ModelCard) == make_card()


def test_a_task_of_a_later_version_is_refused(refusal_with: Callable[..., str]) -> None:
    message = refusal_with(task="echo")
    assert "this version cannot read its card" in message
    assert "'echo'" in message


@pytest.mark.parametrize(
    ("task", "rate_hz", "text"),
    [
        ("beat", 250, "its sample rate is 250 Hz, and this version runs at 360 Hz"),
        ("beat", None, "its sample rate is not named, and this version runs at 360 Hz"),
        ("beat-map", 250, "its sample rate is 250 Hz, and this version runs at 360 Hz"),
        ("twelve-lead", 50, "its sample rate is 50 Hz, and this version runs at 100 to 1000 Hz"),
        ("lead", 2000, "its sample rate is 2000 Hz, and this version runs at 100 to 1000 Hz"),
        ("delineation", None, "its sample rate is not named, and this version runs at 100 to 1000 Hz"),
        ("beat-image", 360, "its sample rate is 360 Hz, and a beat-image model has none"),
        ("paper-image", 500, "its sample rate is 500 Hz, and a paper-image model has none"),
        ("digitisation", 500, "its sample rate is 500 Hz, and a digitisation model has none"),
    ],
)
def test_another_sample_rate_is_refused(task: str, rate_hz: float | None, text: str) -> None:
    assert refusal(task, sample_rate_hz=rate_hz) == text


@pytest.mark.parametrize(
    ("task", "shape", "text"),
    [
        ("beat", (200, 2), "(200, 2), and this version builds (259, 2)"),
        ("beat", (259, 1), "(259, 1), and this version builds (259, 2)"),
        ("beat-map", (32, 259, 1), "(32, 259, 1), and this version builds (38, 259, 1)"),
        ("beat-image", (64, 64), "(64, 64), and this version builds (height, width, 1 or 3)"),
        ("beat-image", (64, 64, 4), "(64, 64, 4), and this version builds (height, width, 1 or 3)"),
        ("twelve-lead", (1000, 8), "(1000, 8), and this version builds (samples, 12)"),
        ("twelve-lead", (0, 12), "(0, 12), and this version builds (samples, 12)"),
        ("lead", (2500, 2), "(2500, 2), and this version builds (samples, 1)"),
        ("lead", (2500,), "(2500,), and this version builds (samples, 1)"),
        ("paper-image", (224, 224, 2), "(224, 224, 2), and this version builds (height, width, 1 or 3)"),
        ("delineation", (500,), "(500,), and this version builds (samples, leads)"),
        ("digitisation", (48, 32), "(48, 32), and this version builds (height, width, 1 or 3)"),
    ],
)
def test_another_shape_is_refused(task: str, shape: tuple[int, ...], text: str) -> None:
    message = refusal(task, inputs=with_input(task, shape=shape))
    assert message == f'its input "{CARDS[task].inputs[0].name}" has the shape {text}'


@pytest.mark.parametrize(
    ("task", "unit", "known"),
    [
        ("beat", "mV", "1"),
        ("beat-map", "mV", "1"),
        ("beat-image", "1", "brightness"),
        ("twelve-lead", "mV", "1"),
        ("lead", "mV", "1"),
        ("paper-image", "mV", "brightness"),
        ("delineation", "mV", "1"),
        ("digitisation", "1", "brightness"),
    ],
)
def test_another_unit_is_refused(task: str, unit: str, known: str) -> None:
    message = refusal(task, inputs=with_input(task, unit=unit))
    assert message == f'its input "{CARDS[task].inputs[0].name}" is in the unit {unit}, and this version builds {known}'


@pytest.mark.parametrize("task", TASK_NAMES)
def test_an_input_that_is_not_of_the_task_is_refused(task: str) -> None:
    message = refusal(task, inputs=(*CARDS[task].inputs, InputSpec(name="accelerometer", shape=(3,))))
    assert message.startswith('it takes an input "accelerometer", and this version builds ')


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_task_s_own_input_must_be_there_once(task: str) -> None:
    first, *others = CARDS[task].inputs
    assert refusal(task, inputs=tuple(others)).endswith(f"; one is {first.name}")
    assert refusal(task, inputs=(first, first, *others)).endswith(f"; one is {first.name}")


def test_a_beat_model_without_a_template_takes_no_rhythm() -> None:
    waveform = InputSpec(name="waveform", shape=(259, 1))
    check_card(make_card(normalisation="beat", inputs=(waveform,)))
    message = refusal("beat", normalisation="beat", inputs=(waveform, CARDS["beat"].inputs[1]))
    assert message == ('it takes an input "rhythm", and this version builds waveform under the normalisation "beat"')


def test_a_normalisation_is_for_beat_models_alone() -> None:
    assert (
        refusal("beat", normalisation=None) == "its normalisation is not named, and a beat model has beat or template"
    )
    assert refusal("lead", normalisation="beat") == "its normalisation is beat, and a lead model has none"


def test_another_window_is_refused() -> None:
    message = refusal("beat", window=Window(before=100, after=200))
    assert "100 samples before the R peak and 200 after" in message
    assert "does not give the samples" in refusal("beat-map", window=None)
    assert "a twelve-lead model has none" in refusal("twelve-lead", window=BEAT)


@pytest.mark.parametrize(
    ("task", "labels", "text"),
    [
        ("beat", ("N", "S", "V", "F", "X"), "N S V F X, and this version knows N S V F Q (aami5) and N L R A V / (mit"),
        ("beat", ("P", "QRS", "T"), "P QRS T, and this version knows N S V F Q (aami5)"),
        ("beat-map", ("normal",), "normal, and this version knows N S V F Q (aami5)"),
        ("delineation", LABELS, "N S V F Q, and this version knows P QRS T (waves) and P QRS T none (waves-or-none)"),
        ("twelve-lead", (), "not named, and each output needs a label of its own"),
        ("paper-image", ("MI", "MI"), "MI MI, and each output needs a label of its own"),
    ],
)
def test_other_labels_are_refused(task: str, labels: tuple[str, ...], text: str) -> None:
    assert refusal(task, labels=labels).startswith(f"its labels are {text}")


@pytest.mark.parametrize("task", ["delineation", "digitisation"])
def test_a_model_that_answers_at_each_place_is_held_to_its_golden_examples(
    task: str, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    card = CARDS[task]
    spec = card.inputs[0]
    parts = make_parts(card, model_at_each_place(spec.name, spec.shape, labels=len(card.labels)))
    assert_golden_examples_hold(parts, tmp_path / "model.tflite", refusal_of)


@pytest.mark.parametrize("task", ["twelve-lead", "paper-image"])
def test_a_model_whose_outputs_stand_for_themselves_is_held_to_them_too(
    task: str, tmp_path: Path, refusal_of: Callable[[Path], str]
) -> None:
    card = CARDS[task]
    shapes = {spec.name: spec.shape for spec in card.inputs}
    parts = make_parts(card, dense_model(shapes, labels=len(card.labels)))
    assert_golden_examples_hold(parts, tmp_path / "model.tflite", refusal_of)


def assert_golden_examples_hold(parts: Parts, path: Path, refusal_of: Callable[[Path], str]) -> None:
    """Eight steps away is near enough, nine are not."""
    golden = parts.golden
    place = np.unravel_index(golden.outputs[1].argmax(), golden.outputs.shape[1:])
    changed = golden.outputs.copy()
    changed[1][place] -= 8
    write(path, parts.flatbuffer, parts.card, Golden(golden.inputs, changed))
    load_model(read(path))
    changed[1][place] -= 1
    write(path, parts.flatbuffer, parts.card, Golden(golden.inputs, changed))
    example = TASKS[parts.card.task].example
    count = len(golden.outputs)
    expected = f"its golden {example} 2 of {count} comes out 9 steps of 1/256 away (at most 8)"
    assert expected in refusal_of(path)


def test_a_calibration_is_of_each_output_and_of_labels_that_stand_for_themselves() -> None:
    twelve = msgspec.structs.replace(CARDS["twelve-lead"], calibration=(CALIBRATION,) * 5)
    check_card(twelve)
    for card, count in ((twelve, 4), (CARDS["beat"], 5)):
        with pytest.raises(InputError, match=f"its card calibrates {count} outputs"):
            check_card(msgspec.structs.replace(card, calibration=(CALIBRATION,) * count))
