"""Are the beats the same on arm64 as here? Whole product path over recordings, every int8 output kept.

    python benchmarks/arm64/beats.py run FOLDER mitdb/100 [more records] [--model FILE]
    python benchmarks/arm64/beats.py compare FOLDER FOLDER

`run` does what `ecg-edge replay` does, on one machine; FOLDER gets each record's annotations (beats, rhythms, alarms),
the messages, and what went into and came out of the model. `compare` ends with 1 where two folders differ.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecg.model_file.container import read
from edge.config import Settings
from edge.inference.classifier import DEFAULT_MODEL, TFLiteClassifier
from edge.service.replay import replay
from models import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ecg.model_file.container import ModelFile


class Kept(TFLiteClassifier):
    """The daemon's classifier, which keeps the inputs and the int8 outputs of each beat."""

    def __init__(self, model_file: ModelFile) -> None:
        super().__init__(model_file)
        self.seen: list[NDArray[np.float32]] = []
        self.outputs: list[NDArray[np.int8]] = []

    def classify(self, inputs: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float64]:
        """Probabilities of the labels for one beat."""
        self.seen.append(np.concatenate([np.ravel(inputs[name]) for name in self.inputs]))
        self.outputs.append(self.classify_int8(inputs))
        return self._model.probabilities(self.outputs[-1])


def run(folder: Path, records: list[Path], model: Path) -> None:
    """One replay, all that it makes in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for record in records:
        kept = Kept(read(model))
        started_s = time.process_time()
        events = folder / f"{record.name}.jsonl"
        (result,) = replay([record], settings=Settings(), classifier=kept, annotations=folder, events=events)
        spent_s = time.process_time() - started_s
        np.savez_compressed(folder / record.name, seen=kept.seen, outputs=kept.outputs)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{platform.machine()} {result.summary}; {spent_s:.1f} s of processor, peak memory {peak_mb:.0f} MB")


def compare(one: Path, other: Path) -> bool:
    """Whether two folders hold the same, told record by record."""
    same = True
    for path in sorted(one.glob("*.npz")):
        a, b = np.load(path), np.load(other / path.name)
        if a["outputs"].shape != b["outputs"].shape:
            print(f"{path.stem}: {len(a['outputs'])} beats against {len(b['outputs'])}")
            same = False
            continue
        steps = np.abs(a["outputs"].astype(int) - b["outputs"])
        labels = a["outputs"].argmax(1) != b["outputs"].argmax(1)
        files = [f"{path.stem}.edge", f"{path.stem}.jsonl"]
        differing = [name for name in files if (one / name).read_bytes() != (other / name).read_bytes()]
        print(
            f"{path.stem}: {len(steps)} beats, {np.count_nonzero(steps.any(1))} with another int8 output "
            f"(at most {steps.max()} steps), {np.count_nonzero(labels)} with another label; model inputs differ by at "
            f"most {np.abs(a['seen'] - b['seen']).max():.1e}; differing files: {', '.join(differing) or 'none'}"
        )
        same &= not steps.any() and not differing
    return same


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "compare"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("others", type=Path, nargs="+", metavar="RECORD or FOLDER")
    parser.add_argument("--model", type=Path, default=DIRECTORY / DEFAULT_MODEL, help="default: the one that ships")
    arguments = parser.parse_args()
    if arguments.what == "run":
        run(arguments.folder, arguments.others, arguments.model)
    elif not compare(arguments.folder, arguments.others[0]):
        sys.exit(1)


if __name__ == "__main__":
    main()
