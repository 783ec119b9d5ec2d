from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from converter.release import verify
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def verification(trained: Any, exported: Path) -> verify.Verification:
    return verify.verify(exported, trained.model, trained.inputs, trained.truth)


def test_a_sound_conversion_passes(verification: verify.Verification) -> None:
    assert verification.failures == ()
    assert verification.agreement.beats == 600
    assert verification.agreement.label_agreement > 0.99


def test_tensorflow_and_litert_give_the_same_bytes_under_the_same_delegate(verification: verify.Verification) -> None:
    same_delegate = [pair for pair in verification.runtimes if pair.must_be_identical]
    assert [pair.one.partition(" with")[2] for pair in same_delegate] == [" XNNPACK", "out XNNPACK"]
    assert [pair.differing_beats for pair in same_delegate] == [0, 0]


def test_another_model_fails_beat_by_beat(trained: Any, exported: Path) -> None:
    import keras

    other = keras.models.clone_model(trained.model)  # its weights are new
    found = verify.verify(exported, other, trained.inputs, trained.truth)
    assert any("points from the float model" in failure for failure in found.failures)
    assert found.agreement.label_agreement < 0.9
    assert found.failures[0] in verify.report(found)


def test_runtimes_that_differ_fail(verification: verify.Verification) -> None:
    pair = msgspec.structs.replace(verification.runtimes[0], differing_beats=1, largest_difference_steps=1)
    changed = msgspec.structs.replace(verification, runtimes=(pair,))
    assert "differ on 1 of 500 beats, by up to 1 steps" in changed.failures[0]


def test_a_verification_is_json_and_text(verification: verify.Verification) -> None:
    assert msgspec.json.decode(msgspec.json.encode(verification))["agreement"]["beats"] == 600
    assert "identical" in verify.report(verification)


def test_without_a_beat_there_is_nothing_to_verify(trained: Any, exported: Path) -> None:
    none = {name: values[:0] for name, values in trained.inputs.items()}
    with pytest.raises(InputError, match="no beat"):
        verify.verify(exported, trained.model, none, np.zeros(0, np.int64))
