"""Writes a synthetic page and its truth: a picture, a picture of labels, and a file of lines and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from PIL import Image

from converter.paper.card import card
from converter.paper.sheet import GRID, MARK, NO_SHEET, PAPER, STRIP, TEXT, TRACE
from reader.twelve_leads import LEADS

if TYPE_CHECKING:
    from pathlib import Path

    from converter.paper.page import SyntheticPage

__all__ = ["truth_of", "write_page"]


def write_page(page: SyntheticPage, stem: Path, record: str) -> Path:
    """Write a page.

    Beside the picture (`STEM.png`, or `STEM.jpg` where the kind has JPEG) stand `STEM.labels.png`, `STEM.truth.json`,
    and `STEM.truth.npz` with `trace_px_N`, `samples_mv_N` and `times_s_N` of cell N.

    Args:
        page: the page.
        stem: path without suffix; its folder exists.
        record: the recording's name, for the truth.

    Returns:
        The path of the picture.
    """
    picture = stem.with_name(f"{stem.name}.png" if page.jpeg is None else f"{stem.name}.jpg")
    if page.jpeg is None:
        dots = page.sheet_pixels_per_mm * 25.4
        Image.fromarray(page.picture).save(picture, dpi=(dots, dots))
    else:
        picture.write_bytes(page.jpeg)
    Image.fromarray(page.labels).save(stem.with_name(f"{stem.name}.labels.png"))
    arrays: dict[str, Any] = {}
    for number, (cell, trace_px) in enumerate(zip(page.plan.cells, page.traces_px, strict=True)):
        arrays[f"trace_px_{number}"] = trace_px
        arrays[f"samples_mv_{number}"] = cell.samples_mv
        arrays[f"times_s_{number}"] = cell.times_s
    np.savez_compressed(stem.with_name(f"{stem.name}.truth.npz"), **arrays)
    content = msgspec.json.format(msgspec.json.encode(truth_of(page, record)), indent=2)
    stem.with_name(f"{stem.name}.truth.json").write_bytes(content + b"\n")
    return picture


def truth_of(page: SyntheticPage, record: str) -> dict[str, Any]:
    """What is true of a page, but for its lines and pixels, as JSON has it."""
    plan = page.plan
    return {
        "card": card().version,
        "record": record,
        "kind": page.kind,
        "seed": page.seed,
        "layout": plan.layout,
        "maker": plan.maker.name,
        "speed_mm_s": plan.speed_mm_s,
        "gain_mm_mv": plan.gain_mm_mv,
        "pulses_printed": plan.pulses_mm is not None,
        "sheet_pixels_per_mm": page.sheet_pixels_per_mm,
        "size_px": list(page.view.size),
        "cells": [
            {
                "lead": cell.lead,
                "is_strip": cell.is_strip,
                "label": (STRIP if cell.is_strip else TRACE) + LEADS.index(cell.lead),
                "box_px": np.round(page.box_px(cell), 2).tolist(),
            }
            for cell in plan.cells
        ],
        "labels": {"paper": PAPER, "grid": GRID, "text": TEXT, "mark": MARK, "no_sheet": NO_SHEET},
    }
