"""Digitises real printouts and reports what their leads say about each other, for either half of the pictures.

    python benchmarks/paper_printouts.py FOLDER [--half 0|1]

FOLDER has `half/` and `labels.csv` of Khan and Hussain 2020 (Mendeley Data), each picture once. Halves are every other
picture in the order of their names; copies of a picture are one picture there.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from reader.digitise.file import digitise
from reader.digitise.overlay import Drawn
from reader.digitise.steps import PageNotUnderstoodError

CHECKS = ("einthoven_db", "goldberger_db", "twice_db")
MOST_PRINTED = 0.95


def main() -> None:
    """Digitise the pictures and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    given = parser.parse_args()
    paths = sorted((given.folder / "half").iterdir())
    for half in (0, 1) if given.half is None else (given.half,):
        _report(half, paths[half::2])


def _report(half: int, paths: list[Path]) -> None:
    whole, seconds = 0, []
    checks: dict[str, list[float]] = {name: [] for name in CHECKS}
    for path in paths:
        began = time.process_time()
        try:
            page = digitise(path, Drawn())
        except PageNotUnderstoodError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            continue
        finally:
            seconds.append(time.process_time() - began)
        whole += min(page.printed.values()) >= MOST_PRINTED
        for name in CHECKS:
            if (value := page.check[name]) is not None:
                checks[name].append(value)
    print(
        f"half {half}: {len(paths)} pages, {100 * whole / len(paths):.1f} % with {MOST_PRINTED:.0%} of each lead read"
    )
    for name, values in checks.items():
        low, middle = np.percentile(values, (10, 50))
        spread = f"median {middle:.1f}, 10th percentile {low:.1f}, least {min(values):.1f}"
        print(f"    {name:14} {len(values)} pages, {spread}")
    print(f"    {np.median(seconds):.2f} s of processor time a page, {max(seconds):.2f} s at most")


if __name__ == "__main__":
    main()
