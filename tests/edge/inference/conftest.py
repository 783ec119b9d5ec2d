"""A small beat model made by hand, as the monitor takes it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.inference.compatibility import interval_network
from edge.inference.inputs import RHYTHM_FEATURES

sys.path.insert(0, str(Path(__file__).parents[2] / "ecg" / "model_file"))  # for `import handmade_model`

from handmade_model import Parts, dense_model, make_card, make_parts, random_inputs

if TYPE_CHECKING:
    from ecg.samples import Float32Array


@pytest.fixture(scope="session")
def beats() -> dict[str, Float32Array]:
    """Inputs of 40 beats."""
    return random_inputs(40)


@pytest.fixture
def parts() -> Parts:
    """A sound model, its card and golden beats."""
    card = make_card(rhythm_features=RHYTHM_FEATURES, interval_network=interval_network())
    return make_parts(card, dense_model())
