"""The Markdown beside a model file says what the file's own card says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from converter.export.model_card import render
from converter.zoo import resecanet
from ecg.model_file.card import InputSpec
from ecg.model_file.container import read

if TYPE_CHECKING:
    from pathlib import Path

BEFORE_CALIBRATION = {"- The probabilities are not calibrated."}
"""What cards said that were written before any model was calibrated."""


@pytest.mark.parametrize("name", resecanet.ARCHITECTURES)
def test_the_markdown_that_ships_comes_out_of_the_model_file_that_ships(name: str, shipped_model: Path) -> None:
    path = shipped_model.with_name(f"{name}.tflite")
    text = render(read(path).card, path.stat().st_size, architecture=resecanet.DESCRIPTION)
    shipped = path.with_suffix(".md").read_text(encoding="utf-8").splitlines()
    assert text.splitlines() == [line for line in shipped if line not in BEFORE_CALIBRATION]


def test_a_model_for_another_task_has_no_rate_no_beat_and_no_normalisation_where_it_needs_none(
    shipped_model: Path,
) -> None:
    card = msgspec.structs.replace(
        read(shipped_model).card,
        task="paper-image",
        labels=("normal", "infarction"),
        inputs=(InputSpec(name="image", shape=(112, 224, 1), unit="brightness"),),
        sample_rate_hz=None,
        window=None,
        normalisation=None,
        rhythm_features=(),
        results=None,
    )
    text = render(card, 1000, architecture="small network")
    assert "A small network that tells what an ECG shows from a picture of it on paper, in int8." in text
    assert "| `infarction` | infarction |" in text
    assert not [word for word in ("sample rate", "R peak", "| normalisation", "rhythm features") if word in text]
