"""Does the int8 file do what the float model does, and does every runtime do the same with it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from converter.export.agreement import Agreement, compare
from converter.release.runtimes import RuntimeComparison, compare_runtimes
from ecg.model_file.container import read
from ecg.model_file.loading import load_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from converter.datasets.annotations import IntArray
    from ecg.samples import Float32Array

__all__ = ["ACCURACY_TOLERANCE_POINTS", "Verification", "report", "verify"]

ACCURACY_TOLERANCE_POINTS: Final = 0.5


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found.

    Attributes:
        path: the model file.
        flatbuffer_sha256: its digest.
        agreement: float against int8.
        runtimes: the int8 file under each pair of runtimes.
    """

    path: str
    flatbuffer_sha256: str
    agreement: Agreement
    runtimes: tuple[RuntimeComparison, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """A sentence for each check that failed; empty where all passed."""
        found = []
        points = self.agreement.accuracy_difference_points
        if abs(points) > ACCURACY_TOLERANCE_POINTS:
            found.append(
                f"The int8 model's accuracy is {points:+.2f} points from the float model's; "
                f"at most {ACCURACY_TOLERANCE_POINTS} are allowed."
            )
        found += [
            f"{pair.one} and {pair.other} differ on {pair.differing_beats} of {pair.beats} beats, by up to "
            f"{pair.largest_difference_steps} steps of 1/256, and in {pair.differing_labels} labels."
            for pair in self.runtimes
            if not pair.passed
        ]
        return tuple(found)


def verify(path: Path, model: Any, inputs: Mapping[str, Float32Array], truth: IntArray) -> Verification:
    """Compare a model file with the float model that it was made of, and runtimes with each other.

    Args:
        path: the model file.
        model: the Keras model.
        inputs: beats by name of the input, shape (beats, *shape of the input).
        truth: shape (beats,), number of each beat's label among the card's labels.

    Raises:
        InputError: the file is refused, or there is no beat to verify with.
    """
    model_file = read(path)
    agreement = compare(model, load_model(model_file), inputs, truth)
    return Verification(
        path=str(path),
        flatbuffer_sha256=model_file.card.flatbuffer_sha256,
        agreement=agreement,
        runtimes=compare_runtimes(model_file, inputs),
    )


def report(verification: Verification) -> str:
    """A verification as lines for a person."""
    agreement = verification.agreement
    one, other = agreement.float_model, agreement.int8_model
    points = agreement.accuracy_difference_points
    lines = [
        f"{verification.path} ({verification.flatbuffer_sha256[:12]}), {agreement.beats} beats",
        f"accuracy      float {one.accuracy:.2%}, int8 {other.accuracy:.2%} ({points:+.2f} points)",
        f"macro F1      float {one.macro_f1:.4f}, int8 {other.macro_f1:.4f}",
        f"same label    {agreement.label_agreement:.2%} of beats",
        f"probability   at most {agreement.largest_difference_steps} steps of 1/256 apart",
    ]
    for pair in verification.runtimes:
        same = "identical" if not pair.differing_beats else f"{pair.differing_beats} beats differ"
        steps = ""
        if pair.differing_beats:
            steps = (
                f", by up to {pair.largest_difference_steps} steps of 1/256, {pair.differing_labels} with another label"
            )
        lines.append(f"{pair.one} and {pair.other}: {same}{steps} ({pair.beats} beats)")
    return "\n".join((*lines, *verification.failures))
