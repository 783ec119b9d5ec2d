"""The network that tells P, QRS and T apart at each sample of a lead: a U-Net of one dimension.

After Ronneberger, Fischer and Brox 2015 (U-Net); for the delineation of ECGs: Moskalenko, Zolotykh and Osipov 2019.
Deviations: fewer channels, residual blocks with two convolutions, and dilated convolutions at the bottom, which see
several heartbeats.
"""

from __future__ import annotations

from typing import Any, Final

import keras

from reader.measure.preparation import WINDOW_SAMPLES

__all__ = ["DESCRIPTION", "LABELS", "NAME", "build"]

NAME: Final = "delineation"
DESCRIPTION: Final = "U-Net of one dimension"
LABELS: Final = ("P", "QRS", "T", "none")

CHANNELS: Final = (8, 16, 24, 32, 48)
"""At 250, 125, 62.5, 31.25 and 15.6 Hz."""
KERNEL: Final = 7
STEM_KERNEL: Final = 9
DILATIONS: Final = (1, 2, 4)
"""At the bottom, where a sample is 64 ms: these see 2.7 s around it."""
BATCH_NORM_MOMENTUM: Final = 0.97
LARGEST: Final = 6.0
"""Where activations are cut: their 256 steps are then fine enough for the slopes at the bounds of waves."""


def build(samples: int = WINDOW_SAMPLES) -> Any:
    """An untrained `keras.Model`: input `leads` (samples, 1), output (samples, 4), a softmax.

    Args:
        samples: at 250 Hz, a multiple of 16; the weights are the same for all.
    """
    leads = keras.Input((samples, 1), name="leads")
    x = _convolve(leads, CHANNELS[0], STEM_KERNEL, "stem")
    skips = []
    for number, width in enumerate(CHANNELS[:-1]):
        x = _block(x, width, f"down{number}")
        skips.append(x)
        x = keras.layers.MaxPooling1D(2, name=f"down{number}_pool")(x)
    for dilation in DILATIONS:
        x = _block(x, CHANNELS[-1], f"bottom{dilation}", dilation)
    for number, skip in reversed(list(enumerate(skips))):
        x = keras.layers.UpSampling1D(2, name=f"up{number}_repeat")(
            _convolve(x, CHANNELS[number], 1, f"up{number}_narrow")
        )
        x = keras.layers.Concatenate(name=f"up{number}_join")([x, skip])
        x = _convolve(x, CHANNELS[number], KERNEL, f"up{number}")
    logits = keras.layers.Conv1D(len(LABELS), 1, name="logits")(x)
    return keras.Model(leads, keras.layers.Softmax(name="probabilities")(logits), name=NAME)


def _block(x: Any, width: int, name: str, dilation: int = 1) -> Any:
    """Two convolutions and a way around them, which is a convolution of length 1 where the width changes."""
    shortcut = x if x.shape[-1] == width else _convolve(x, width, 1, f"{name}_shortcut", is_active=False)
    y = _convolve(x, width, KERNEL if dilation == 1 else 3, f"{name}_1", dilation)
    y = _convolve(y, width, KERNEL if dilation == 1 else 3, f"{name}_2", dilation, is_active=False)
    return keras.layers.ReLU(LARGEST, name=f"{name}_relu")(keras.layers.Add(name=f"{name}_add")([shortcut, y]))


def _convolve(x: Any, width: int, kernel: int, name: str, dilation: int = 1, *, is_active: bool = True) -> Any:
    y = keras.layers.Conv1D(width, kernel, padding="same", dilation_rate=dilation, use_bias=False, name=name)(x)
    y = keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(y)
    return keras.layers.ReLU(LARGEST, name=f"{name}_active")(y) if is_active else y
