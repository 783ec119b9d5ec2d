"""The methods by which waves are weighed; see `reader.explain.attribution`."""

from __future__ import annotations

from typing import Final, Literal

__all__ = ["METHODS", "Method"]

Method = Literal["occlusion", "shap", "lime"]
METHODS: Final[tuple[Method, ...]] = ("occlusion", "shap", "lime")
