"""Synthetic pages for measuring a reader of pages, how long one takes to draw, and how near a reader came to them.

    python benchmarks/synthetic_paper.py draw FOLDER PAGES [--count 500]    with FOLDER/ptbxl; writes pages and truths
    python benchmarks/synthetic_paper.py speed FOLDER                       with FOLDER/ptbxl
    python benchmarks/synthetic_paper.py score PAGES RECORDS                WFDB records named after the pages

Pages show the records of fold 9 of PTB-XL that are at hand, in turn, by makers that no page for training shows and in
every layout; a third each are prints, scans and photographs. Page N has seed N: the same pages on any machine.

The score of a lead (of its strip, where it has one) is 10 log10 of the printed signal's power over the error's, at
500 Hz, after the best shift of at most 0.2 s and without the mean of either: where 0 mV lies is not printed. A sample
that was not read counts as that mean. A page without a record counts as 0 dB in all its leads.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from converter.paper import Wanted, draw_page
from converter.paper.write import write_page
from ecg.formats.registry import open_file
from ecg.recording import read_whole
from reader.intake import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.samples import FloatArray

KINDS = ("print", "scan", "photograph")
RATE_HZ = 500
MOST_SHIFT_S = 0.2
SCAN_PX_PER_MM = 200 / 25.4
TIMED = 15


def records(folder: Path) -> list[Path]:
    """The records of fold 9 that are at hand, by number; that of 500 Hz if it is there, else that of 100 Hz."""
    found = []
    with (folder / "ptbxl" / "ptbxl_database.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            names = [folder / "ptbxl" / row[column] for column in ("filename_hr", "filename_lr")]
            present = [name for name in names if name.with_suffix(".hea").is_file()]
            if row["strat_fold"] == "9" and present:
                found.append(present[0])
    return found


def draw(folder: Path, pages: Path, count: int) -> None:
    """Write pages with their truth."""
    shown = records(folder)
    pages.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        record = shown[number // len(KINDS) % len(shown)]
        page = draw_page(read_file(record).ecg, KINDS[number % len(KINDS)], number, Wanted(for_measuring=True))
        write_page(page, pages / f"page-{number:03d}", record.name)
    print(f"{count} pages of {len(shown)} records in {pages}")


def speed(folder: Path) -> None:
    """Processor time to draw a page at 200 dpi, in this process."""
    shown = [read_file(record).ecg for record in records(folder)[:TIMED]]
    for kind in KINDS:
        times_s = []
        for number, ecg in enumerate(shown):
            start = time.process_time()
            draw_page(ecg, kind, number, pixels_per_mm=SCAN_PX_PER_MM)
            times_s.append(time.process_time() - start)
        print(f"{kind}: median {np.median(times_s):.2f} s, longest {max(times_s):.2f} s of {len(times_s)}")


def printed(truth: Path) -> Iterator[tuple[str, FloatArray, FloatArray]]:
    """Each printed lead of a page, its times (s) and samples (mV); that of the strip where there is one."""
    cells = {cell["lead"]: number for number, cell in enumerate(json.loads(truth.read_text())["cells"])}
    with np.load(truth.with_suffix(".npz")) as arrays:
        for lead, number in cells.items():
            yield lead, arrays[f"times_s_{number}"], arrays[f"samples_mv_{number}"]


def decibel(times_s: FloatArray, samples_mv: FloatArray, read_mv: FloatArray) -> float:
    """How well one lead was read; `read_mv` begins with the page, at 500 Hz, and is NaN where nothing was read."""
    grid = np.arange(round(times_s[0] * RATE_HZ), round(times_s[-1] * RATE_HZ))
    true_mv = np.interp(grid / RATE_HZ, times_s, samples_mv)
    true_mv -= true_mv.mean()
    most = round(MOST_SHIFT_S * RATE_HZ)
    padded = np.pad(read_mv, (most, max(0, int(grid[-1]) + 1 - len(read_mv)) + most), constant_values=np.nan)
    errors = []
    for shift in range(2 * most + 1):
        part = padded[grid + shift]
        known = np.isfinite(part)
        centred = np.where(known, part - (part[known].mean() if known.any() else 0), 0)
        errors.append(float(np.mean((centred - true_mv) ** 2)))
    return float(10 * np.log10(np.mean(true_mv**2) / max(min(errors), 1e-12)))


def score(pages: Path, read: Path) -> None:
    """Tell the scores by kind: median and 10th percentile over the leads of all pages, and how many pages were read."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    count: defaultdict[str, list[bool]] = defaultdict(list)
    for truth in sorted(pages.glob("*.truth.json")):
        kind = json.loads(truth.read_text())["kind"]
        record = read / truth.name.removesuffix(".truth.json")
        is_read = record.with_suffix(".hea").is_file()
        count[kind].append(is_read)
        recording = read_whole(open_file(record)) if is_read else None
        rows = {} if recording is None else {lead.name.casefold(): row for row, lead in enumerate(recording.leads)}
        for lead, times_s, samples_mv in printed(truth):
            is_there = recording is not None and lead.casefold() in rows
            read_mv = recording.samples_mv[rows[lead.casefold()]] if is_there else None
            found[kind].append(0.0 if read_mv is None else decibel(times_s, samples_mv, read_mv))
    for kind, values in found.items():
        median, tenth = np.percentile(values, [50, 10])
        print(
            f"{kind}: {sum(count[kind])} of {len(count[kind])} pages read; {median:.1f} dB, 10 % below {tenth:.1f} dB"
        )


def main() -> None:
    """Run one of the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("draw", "speed", "score"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=500)
    arguments = parser.parse_args()
    wanted = 1 if arguments.part == "speed" else 2
    if len(arguments.folders) != wanted:
        parser.error(f"{arguments.part} takes {wanted} folder(s)")
    if arguments.part == "draw":
        draw(*arguments.folders, arguments.count)
    elif arguments.part == "speed":
        speed(*arguments.folders)
    else:
        score(*arguments.folders)


if __name__ == "__main__":
    main()
