"""The methods by which waves are weighed; see `reader.explain.attribution` and `reader.explain.gradients`."""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = ["METHODS", "Method"]

Method = Literal["occlusion", "shap", "lime", "saliency", "grad-cam", "integrated-gradients"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
