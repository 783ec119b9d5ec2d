"""The learning curve of a model of superclasses: the same run over shares of the patients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from converter.datasets.superclasses import CLASSES
from converter.datasets.twelve_leads import LEARNED_FOLDS
from converter.evaluation.learning_curve import extrapolate
from converter.evaluation.tables import Table
from converter.training.superclass_run import SuperclassRun
from converter.training.superclass_settings import LABELS
from converter.training.superclasses import examples_of, train

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from converter.datasets.twelve_leads import TwelveLeadSet
    from converter.training.superclass_run import TrainedOn
    from converter.training.superclass_settings import SuperclassSettings

__all__ = ["LEAST_STEPS", "SHARES", "WHOLE", "curve", "table"]

SHARES: Final = (0.1, 0.25, 0.5, 1.0)
WHOLE: Final = 17_418
"""Recordings of folds 1 to 8 of the whole of PTB-XL."""
LEAST_STEPS: Final = 400
"""Steps of each network at least: fewer recordings are shown more often, or the curve would show how short a training
is."""


def curve(
    settings: SuperclassSettings,
    recordings: TwelveLeadSet,
    data: TrainedOn,
    out: Path,
    *,
    whole: Path | None = None,
    shares: Sequence[float] = SHARES,
    least_steps: int = LEAST_STEPS,
) -> dict[str, Any]:
    """Train at each share of the patients, and read the curve at the whole of PTB-XL.

    What is judged are all recordings of folds 1 to 8, each by the network that did not learn from its fold; fold 9 is
    told beside it.

    Args:
        settings: of the model.
        recordings: of folds 1 to 9.
        data: what they are.
        out: folder of the runs, one for each share.
        whole: run folder of the finished model, which is the last point; None: it is trained here too.
        shares: in rising order.
        least_steps: of each network.

    Raises:
        InputError: a folder holds another run.
    """
    learned = recordings.folds(*LEARNED_FOLDS)
    points = []
    for share in shares:
        folder = whole if share == 1.0 and whole is not None else out / f"{share:g}"
        run = SuperclassRun(folder)
        results = train(_at(settings, share, len(learned), least_steps), recordings, data, folder)
        with np.load(run.predictions_path) as arrays:
            said = dict(zip(arrays["ecg_id"].tolist(), arrays["log_odds"].astype(np.float64), strict=True))
        points.append((results, np.array([said[number] for number in learned.ecg_id.tolist()])))
    each_learns = 1 - 1 / settings.parts
    found = extrapolate(
        [round(each_learns * results["recordings_learned"]) for results, _ in points],
        [log_odds for _, log_odds in points],
        examples_of(learned).targets > 0.5,
        learned.patient,
        wanted=round(each_learns * WHOLE),
        means_of=len(CLASSES),
    )
    names = (*LABELS, "mean")
    result = {
        "points": [
            {
                "share": share,
                "recordings": results["recordings_learned"],
                "unseen_auc": results["unseen_auc"],
                "told_auc": results["told_auc"],
            }
            for share, (results, _) in zip(shares, points, strict=True)
        ],
        "whole": {
            "recordings": WHOLE,
            "unseen_auc": {name: list(spread) for name, spread in zip(names, found.figures, strict=True)},
            "exponents": dict(zip(names, found.exponents, strict=True)),
        },
    }
    (out / "curve.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    return result


def table(found: Mapping[str, Any], title: str) -> Table:
    """The curve for people."""
    names = (*LABELS, "mean")
    rows = []
    for point in found["points"]:
        unseen = [point["unseen_auc"][name] for name in LABELS]
        unseen.append(float(np.mean(unseen[: len(CLASSES)])))
        told = [point["told_auc"][name][0] for name in ("MI-or-STTC", "mean")]
        rows.append((f"{point['recordings']:,}", *(f"{value:.3f}" for value in (*unseen, *told))))
    whole = found["whole"]
    spreads = ["{:.3f} ({:.3f} to {:.3f})".format(*whole["unseen_auc"][name]) for name in names]
    rows.append((f"{whole['recordings']:,}, by the line", *spreads, "-", "-"))
    return Table(
        title,
        ("recordings", *names, "fold 9: MI-or-STTC", "mean"),
        rows,
        ["AUC on folds 1 to 8, each recording by a network that did not learn from its fold; mean over the five"],
    )


def _at(settings: SuperclassSettings, share: float, recordings: int, least_steps: int) -> SuperclassSettings:
    """The settings at a share of the recordings."""
    steps = math.ceil(share * recordings * (1 - 1 / settings.parts) / settings.batch)
    epochs = max(settings.epochs, math.ceil(least_steps / steps))
    return msgspec.structs.replace(settings, learned_share=share, epochs=epochs if share < 1 else settings.epochs)
