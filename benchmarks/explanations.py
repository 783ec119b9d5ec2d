"""Explanations of the reader: do they hold, do they look where an infarction is, and how long do they take?

    python benchmarks/explanations.py FOLDER                       with FOLDER/ptbxl and FOLDER/ptbxl_more
    python benchmarks/explanations.py FOLDER --folds 1-9 --sites   known places alone

A finding is a label that the model gives a probability of 0.5 and more; readings that abstain have none. *Ahead*: the
area of the log odds is below that of random orders while the weightiest waves are taken out, and above it while they
are put in. *Known places*: an infarction with a stated site and no other site, found as MI; the share of what speaks
for it that lies in the leads of that site, against their share of the leads (chance); intervals by bootstrap over
recordings. Statements of sites are in the tables of `ptbxl` alone.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from twelve_leads import ptbxl

from edge.inference.classifier import load_classifier
from reader.classify import classify
from reader.explain.explain import explain
from reader.explain.methods import METHODS
from reader.intake import read_file
from reader.measure import KnownRhythm, measure
from reader.rhythm import tell_rhythm

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from reader.explain.explanation import Explanation

SITES = {
    "inferior": ({"IMI", "INJIN"}, {"II", "III", "aVF"}),
    "anterior": ({"AMI", "ASMI", "INJAS"}, {"V1", "V2", "V3", "V4"}),
}
"""SCP-ECG statements of PTB-XL, and the leads in which such an infarction shows."""
ANY_SITE = {
    "IMI",
    "INJIN",
    "AMI",
    "ASMI",
    "INJAS",
    "ILMI",
    "IPMI",
    "IPLMI",
    "INJIL",
    "ALMI",
    "INJAL",
    "LMI",
    "PMI",
    "INJLA",
}
LABELS = ("MI", "STTC", "CD", "HYP", "MI-or-STTC")
FINDING = 0.5
DRAWS = 2000


def main() -> None:
    """Explain findings until there are enough of them, and print what holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", default="9", metavar="N or N-M")
    parser.add_argument("--each", type=int, default=1, metavar="N", help="Every Nth recording.")
    parser.add_argument("--findings", type=int, default=10_000, help="Stop after so many.")
    parser.add_argument("--sites", action="store_true", help="Only infarctions with a stated site, as MI.")
    parser.add_argument("--minutes", type=float, default=np.inf, help="Stop after so many.")
    parser.add_argument("--method", choices=METHODS, nargs="+", default=["occlusion"])
    given = parser.parse_args()
    first, _, last = given.folds.partition("-")
    folds = range(int(first), int(last or first) + 1)

    found: dict[str, list[Explanation]] = {method: [] for method in given.method}
    shares: dict[str, dict[str, list[float]]] = {method: {site: [] for site in SITES} for method in given.method}
    times_s: dict[str, list[float]] = {method: [] for method in given.method}
    until = time.monotonic() + 60 * given.minutes
    for _, path, statements, fold in ptbxl(given.folder, given.each):
        if fold not in folds or len(found[given.method[0]]) >= given.findings or time.monotonic() > until:
            continue
        if given.sites and site_of(statements) is None:
            continue
        file = read_file(path)
        told = classify(file.ecg)
        if told.superclasses is None or told.abstained is not None or told.mi_or_ischaemia is None:
            continue
        probabilities = {**told.superclasses, "MI-or-STTC": told.mi_or_ischaemia}
        labels = [label for label in (LABELS[:1] if given.sites else LABELS) if probabilities[label] >= FINDING]
        if not labels:
            continue
        rhythm = tell_rhythm(file.ecg, file.filtered, file.quality, classifier=load_classifier())
        known = KnownRhythm(is_atrial_fibrillation=rhythm.is_atrial_fibrillation, is_paced=rhythm.has_pacemaker)
        beats = measure(file.ecg, rhythm=known).beats
        for method in given.method:
            start = time.perf_counter()
            explained = [each.explanation for each in explain(file.ecg, beats, labels, method=method)]
            times_s[method].append(time.perf_counter() - start)
            found[method] += explained
            for each in explained:
                site = site_of(statements)
                if each.finding == "MI" and site is not None:
                    _, leads = SITES[site]
                    shares[method][site].append(sum(share for lead, share in each.leads.items() if lead in leads))
    for method in given.method:
        print(f"\n{method}")
        report(found[method], shares[method], times_s[method])


def site_of(statements: AbstractSet[str] | None) -> str | None:
    """The one site of an infarction that the statements name; None: none, several, or they are not known."""
    stated = (statements or set()) & ANY_SITE
    return next((site for site, (codes, _) in SITES.items() if stated and stated <= codes), None)


def report(found: list[Explanation], shares: dict[str, list[float]], times_s: list[float]) -> None:
    """Print it."""
    deletion = np.array([each.checks.deletion < each.checks.deletion_at_random for each in found])
    insertion = np.array([each.checks.insertion > each.checks.insertion_at_random for each in found])
    agreement = np.array([each.checks.agreement for each in found])
    print(f"{len(found)} findings {dict(Counter(each.finding for each in found))} of {len(times_s)} recordings")
    print(f"ahead of random order: deletion {deletion.mean():.1%}, insertion {insertion.mean():.1%}, "
          f"both {(deletion & insertion).mean():.1%}")  # fmt: skip
    print(f"agreement of two methods: 5, 50, 95 % {np.percentile(agreement, (5, 50, 95)).round(2)}")
    print(f"unreliable: {dict(Counter(each.unreliable for each in found if each.unreliable))}")
    print(f"time: {np.median(times_s):.2f} s, 95 % {np.percentile(times_s, 95):.2f} s")
    random = np.random.default_rng(0)
    for site, values in shares.items():
        chance = len(SITES[site][1]) / 12
        if values:
            means = random.choice(values, (DRAWS, len(values))).mean(axis=1)
            low, high = np.percentile(means, (2.5, 97.5))
            print(f"{site}: {np.mean(values):.3f} ({low:.3f} to {high:.3f}), chance {chance:.3f}, n {len(values)}")


if __name__ == "__main__":
    main()
