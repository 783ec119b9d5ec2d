"""Synthetic ECG paper: any ECG printed on a page, scanned or photographed, with the truth for every pixel.

    page = draw_page(ecg, "scan", seed=7, wanted=Wanted(), pixels_per_mm=7.87)

`ecg` is a `TwelveLeads`; `page.picture` is RGB, `page.labels` tells of each pixel whether it shows paper, grid, text,
marks or which lead (`converter.paper.sheet`), `page.traces_px[i]` is the line of `page.plan.cells[i]` in the picture,
whose `samples_mv` were printed. For training leave `Wanted.for_measuring` as it is: what the card keeps is left out.
"""

from converter.paper.page import SyntheticPage, draw_page
from converter.paper.plan import LAYOUTS, Wanted

__all__ = ["LAYOUTS", "SyntheticPage", "Wanted", "draw_page"]
