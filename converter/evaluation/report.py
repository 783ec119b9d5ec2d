"""The page on accuracy, `docs/accuracy.md`: rebuilt from the committed models and the recordings by one command.

Every figure on it is measured by the command, but for two kinds that cost too much to measure each time and are read
from files beside the pictures: what other detectors find (`peers.json`, of `benchmarks/peers.py`), and how the model of
the published size does between patients (`mitbih6-inter-patient.json`, the `metrics.json` of its training run). Where
one of them, or a database, is not there, the page says so in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from converter.evaluation.chapters import CHAPTERS
from converter.evaluation.measurements import DATABASES, Measurements
from converter.evaluation.tables import markdown
from ecg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from converter.datasets.catalogue import Catalogue
    from converter.evaluation.chapters import Chapter
    from edge.inference import TFLiteClassifier

__all__ = ["write_report"]

PAGE = "accuracy.md"
FOLDER = "accuracy"
_INTRODUCTION = """\
Made by `ecg-converter report RECORDINGS`; do not edit. Beats are compared as ANSI/AAMI EC57 asks, within 150 ms, from
the annotation files of `ecg-edge replay --annotations`: own R peaks, int8 model, own rhythm calls and alarms. DS1 and
DS2 are the split of `mitdb` of de Chazal et al. 2004; no model of the product path was trained on DS2. A dash is what
cannot be told, never a zero. **Not a medical device.**"""


def write_report(
    recordings: Path, out: Path, *, catalogue: Catalogue, light: TFLiteClassifier, published: TFLiteClassifier
) -> Path:
    """Measure everything and write the page, its pictures and its figures.

    Args:
        recordings: holds `mitdb`, `svdb`, `vfdb`, `nstdb`, `cinc2017` and `ptbxl`; what is missing is said to be.
        out: folder of the page; pictures, `accuracy.json` and the files of other commands lie in `accuracy/` below it.
        catalogue: of recordings on this machine.
        light: the classifier that the product path is judged with.
        published: the model of the published size, for the comparison of protocols.

    Returns:
        The page.

    Raises:
        InputError: there is no `mitdb`, a record is refused, or the page cannot be written.
    """
    measured = Measurements(recordings, catalogue, light=light, published=published, results=out / FOLDER)
    if "mitdb" not in measured.datasets:
        raise InputError(f"{recordings} has no mitdb in it: give the folder that holds mitdb/ and the other databases")
    chapters = [chapter(measured) for chapter in CHAPTERS]
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for section in (section for chapter in chapters for section in chapter.sections):
            for picture in section.pictures:
                picture.draw(folder / picture.name)
        figures = {chapter.title: {part.name: part.figures for part in chapter.sections} for chapter in chapters}
        (folder / "accuracy.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
        page = out / PAGE
        page.write_text("\n".join([_head(measured), *map(_render, chapters)]), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from error
    return page


def _head(measured: Measurements) -> str:
    data = [
        f"- `{name}`: {len(dataset.records)} records, {dataset.hours:.1f} h, digest `{dataset.digest[:12]}`"
        for name, dataset in measured.datasets.items()
    ]
    data += [f"- `{name}`: not among the recordings" for name in DATABASES if name not in measured.datasets]
    models = [
        f"- `{model.card.name}` {model.card.version}, `{model.card.flatbuffer_sha256[:12]}`, trained by the protocol "
        f"`{model.card.training.protocol}`, seed {model.card.training.seed}"
        for model in (measured.light, measured.published)
    ]
    return "\n".join(["# Accuracy", "", _INTRODUCTION, "", *data, "", *models, ""])


def _render(chapter: Chapter) -> str:
    parts = [f"## {chapter.title}", "", chapter.text, ""]
    for section in chapter.sections:
        parts += [markdown(table, level=3) for table in section.tables]
        parts += [f"![{picture.title}]({FOLDER}/{picture.name})\n" for picture in section.pictures]
    return "\n".join(parts)
