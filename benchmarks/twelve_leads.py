"""The reader's intake and rhythm: time and memory of a reading, R peaks, rhythm from 10 s, exchanged electrodes.

    python benchmarks/twelve_leads.py speed FILE...           whole process `ecg-reader read --json`, one file each
    python benchmarks/twelve_leads.py r-peaks FOLDER          with FOLDER/ludb
    python benchmarks/twelve_leads.py rhythm FOLDER           with FOLDER/ptbxl and FOLDER/ptbxl_more
    python benchmarks/twelve_leads.py one-lead FOLDER         with FOLDER/cinc2017
    python benchmarks/twelve_leads.py electrodes FOLDER       with FOLDER/ptbxl and FOLDER/ptbxl_more

Thresholds were chosen on the folds 1 to 8 of PTB-XL; fold 9 reports. Statements of rhythm are in the records of
`ptbxl_database*.csv` alone. Of `cinc2017` the first 10 s are read, and labels are of whole recordings.
"""

from __future__ import annotations

import argparse
import ast
import csv
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecg.formats.options import ReadOptions
from ecg.formats.wfdb.annotations import read_annotations
from edge.inference.classifier import load_classifier
from reader.intake import read_file
from reader.intake.electrodes import doubts_about_electrodes
from reader.rhythm import ToldRhythm, r_peaks, tell_rhythm
from reader.rhythm.best_lead import filter_leads, judge_leads
from reader.twelve_leads import LEADS, TwelveLeads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.intake import FileEcg

WINDOW_S = 0.15
SINUS = {"SR", "SARRH", "STACH", "SBRAD"}
NO_SINUS = {"AFIB", "AFLT", "PACE"}
RUNS = 7


def speed(files: list[Path]) -> None:
    """Wall time, processor time of both processes, and peak memory of the larger one."""
    for file in files:
        command = [sys.executable, "-m", "reader.cli", "read", str(file), "--json"]
        times, processor, memory = [], [], 0
        for _ in range(RUNS):
            start = time.perf_counter()
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            times.append(time.perf_counter() - start)
            processor.append(usage.ru_utime + usage.ru_stime)
            memory = max(memory, usage.ru_maxrss)
        print(
            f"{file.name}: {statistics.median(times):.2f} s ({min(times):.2f} at best of {RUNS}), processor "
            f"{statistics.median(processor):.2f} s, {memory / 1024:.0f} MB in the larger of two processes"
        )


def r_peak_errors(folder: Path, each: int) -> None:
    """Marked QRS complexes of `ludb` that are found, and others within the marked span."""
    marked = missed = false = 0
    for header in sorted((folder / "ludb" / "data").glob("*.hea"))[::each]:
        ecg = read_file(header).ecg
        notes = read_annotations(header.with_suffix(".ii"))
        reference = np.array([note.sample for note in notes if note.symbol == "N"])
        found = r_peaks(ecg)
        window = WINDOW_S * float(ecg.rate_hz)
        near = np.abs(reference[:, np.newaxis] - found) <= window
        within = (found >= reference[0] - window) & (found <= reference[-1] + window)
        marked += len(reference)
        missed += int((~near.any(axis=1)).sum())
        false += int((~near.any(axis=0) & within).sum())
    print(f"ludb: {marked} marked QRS complexes, {missed} missed, {false} false ({WINDOW_S * 1000:.0f} ms)")


def told(file: FileEcg) -> ToldRhythm:
    """Rhythm and median beats of a file."""
    return tell_rhythm(file.ecg, file.filtered, file.quality, classifier=load_classifier())


def ptbxl(folder: Path, each: int) -> Iterator[tuple[int, Path, set[str] | None, int | None]]:
    """Records of PTB-XL at their highest rate: number, path, statements, fold."""
    about: dict[int, dict[str, str]] = {}
    for name in ("ptbxl_database.csv", "ptbxl_database_subset.csv"):
        with (folder / "ptbxl" / name).open() as table:
            about |= {int(row["ecg_id"]): row for row in csv.DictReader(table)}
    with (folder / "ptbxl_more" / "superclasses.csv").open() as table:
        folds = {int(row["ecg_id"]): int(row["strat_fold"]) for row in csv.DictReader(table)}
    paths: dict[int, Path] = {}
    for rate in ("records100", "records500"):
        paths |= {int(path.name[:5]): path for path in (folder / "ptbxl" / rate).glob("*/*.hea")}
    for number, path in sorted(paths.items())[::each]:
        row = about.get(number)
        statements = None if row is None else set(ast.literal_eval(row["scp_codes"]))
        yield number, path, statements, folds.get(number) or (int(row["strat_fold"]) if row else None)


def rhythms(folder: Path, each: int) -> None:
    """What is told of PTB-XL, by its statements."""
    counts: Counter[tuple[str, str, str | None]] = Counter()
    for _, path, statements, fold in ptbxl(folder, each):
        if statements is None or fold is None:
            continue
        part = "fold 9" if fold == 9 else "folds 1-8"
        if "AFIB" in statements:
            kind = "atrial fibrillation"
        elif statements & NO_SINUS:
            kind = "flutter or paced"
        else:
            kind = "sinus" if statements & SINUS else "no rhythm stated"
        counts[part, kind, told(read_file(path)).name] += 1
    _show(counts)


def rhythms_in_one_lead(folder: Path, each: int) -> None:
    """What is told of `cinc2017`, by its labels."""
    counts: Counter[tuple[str, str, str | None]] = Counter()
    with next((folder / "cinc2017").glob("REFERENCE*.csv")).open() as table:
        labels = dict(csv.reader(table))
    for path in sorted((folder / "cinc2017").glob("*.mat"))[::each]:
        file = read_file(path, ReadOptions.parse(rate="300", unit="1000/mV"))
        ten = TwelveLeads(
            samples_mv=file.ecg.samples_mv[:, :3000], rate_hz=file.ecg.rate_hz, recorded=file.ecg.recorded,
            is_lead_known=False,
        )  # fmt: skip
        filtered = filter_leads(ten, ten.present)
        name = tell_rhythm(ten, filtered, judge_leads(filtered), classifier=load_classifier()).name
        counts["cinc2017", labels[path.stem], name] += 1
    _show(counts)


def _show(counts: Counter[tuple[str, str, str | None]]) -> None:
    for part, kind in dict.fromkeys((part, kind) for part, kind, _ in sorted(counts, key=str)):
        said = Counter({name: count for (p, k, name), count in counts.items() if (p, k) == (part, kind)})
        listed = ", ".join(f"{name or 'not told'} {count}" for name, count in said.most_common())
        print(f"{part}, {kind} ({said.total()}): {listed}")


def electrodes(folder: Path, each: int) -> None:
    """Suspicions in recordings as they are, and with the arms exchanged in software."""
    counts: Counter[tuple[str, str, str]] = Counter()
    order = ["I", "III", "II", "aVL", "aVR", "aVF", *LEADS[6:]]
    for _, path, _, fold in ptbxl(folder, each):
        if fold is None:
            continue
        file = read_file(path)
        rows = np.array([file.ecg.lead_mv(lead) for lead in order])
        rows[0] *= -1
        swapped = replace(file.ecg, samples_mv=rows)
        filtered = filter_leads(swapped, swapped.present)
        as_swapped = tell_rhythm(swapped, filtered, judge_leads(filtered))
        for kind, found in (("as recorded", told(file)), ("arms exchanged", as_swapped)):
            doubt = "" if found.has_pacemaker else doubts_about_electrodes(found.median_beats)
            said = "arms" if "arm electrodes" in doubt else "dextrocardia" if doubt else "nothing"
            counts["fold 9" if fold == 9 else "folds 1-8", kind, said] += 1
    for (part, kind, said), count in sorted(counts.items()):
        print(f"{part}, {kind}: {said} {count}")


MEASURED = {
    "r-peaks": r_peak_errors,
    "rhythm": rhythms,
    "one-lead": rhythms_in_one_lead,
    "electrodes": electrodes,
}


def main() -> None:
    """Run one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", *MEASURED))
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--each", type=int, default=1, metavar="N", help="Every Nth record.")
    given = parser.parse_args()
    if given.what == "speed":
        speed(given.paths)
    else:
        MEASURED[given.what](given.paths[0], given.each)


if __name__ == "__main__":
    main()
