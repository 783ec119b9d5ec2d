"""The ECG on paper, true to scale: a page is described once, in mm, and written as PNG, SVG or PDF."""
