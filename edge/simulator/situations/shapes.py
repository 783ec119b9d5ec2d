"""Shapes of beats as sums of lobes, and how they are drawn.

A lobe is a Gaussian (McSharry 2003), a raised cosine, or a hyperbolic secant with longer tails: three families, so that
nothing is fitted to one of them. Standards draw triangles. The forms are named as cardiologists name them (qRs, rS, QS,
rsR'). Durations of the QRS complex are those of Surawicz et al., AHA/ACCF/HRS recommendations part III, Circulation
119:e235, 2009: below 110 ms narrow, from 120 ms on wide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ecg.samples import FloatArray
    from edge.simulator.rhythms.draws import Range
    from edge.simulator.situations.dice import Dice

__all__ = ["Form", "Lobe", "Shape", "bend", "draw_narrow", "draw_p_wave", "draw_wide", "mixed"]

Bend = Literal["gauss", "cosine", "sech", "triangle"]
Form = Literal["narrow", "left_block", "right_block", "pre_excited"]

REACH: Final = 5.0
"""Widths of a lobe around its centre that are drawn."""


class Lobe(NamedTuple):
    """A hump of `height` (mV, or a share) at `centre_s` from the R peak; `width_s` is as a Gaussian's deviation."""

    height: float
    centre_s: float
    width_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The waves of one kind of beat in mV.

    Attributes:
        qrs: lobes around the R peak.
        t_wave: lobes as they are at an interval of 1 s; they move with its square root (Bazett 1920).
        bend: family of all the lobes.
        width_s: of the QRS complex, about from its beginning to its end.
    """

    qrs: tuple[Lobe, ...]
    t_wave: tuple[Lobe, ...]
    bend: Bend
    width_s: float

    def scaled(self, factor: float) -> Shape:
        """The same shape, higher, lower or upside down."""
        return replace(self, qrs=_times(self.qrs, factor), t_wave=_times(self.t_wave, factor))

    def t_wave_after(self, rr_s: float) -> tuple[Lobe, ...]:
        """The T wave at an interval of `rr_s`."""
        scale = sqrt(min(max(rr_s, 0.22), 1.4))
        return tuple(Lobe(height, centre_s * scale, width_s * scale) for height, centre_s, width_s in self.t_wave)


def bend(kind: Bend, z: FloatArray) -> FloatArray:
    """A lobe of height 1 at `z` widths from its centre; all kinds are about 2.4 widths wide at half height."""
    if kind == "gauss":
        return np.asarray(np.exp(-0.5 * z * z))
    if kind == "cosine":
        return np.where(np.abs(z) < 2.4, 0.5 + 0.5 * np.cos(np.pi * z / 2.4), 0.0)
    if kind == "triangle":
        return np.maximum(1 - np.abs(z) / 2.4, 0)
    return np.asarray(1 / np.cosh(1.12 * z))


def _times(lobes: tuple[Lobe, ...], factor: float) -> tuple[Lobe, ...]:
    return tuple(lobe._replace(height=factor * lobe.height) for lobe in lobes)


# Height, centre and width as shares of the largest height and of the duration of the QRS complex.
_NARROW: Final[dict[str, tuple[Lobe, ...]]] = {
    "R": (Lobe(1, 0, 0.14),),
    "qRs": (Lobe(-0.11, -0.30, 0.09), Lobe(1, 0, 0.12), Lobe(-0.22, 0.33, 0.11)),
    "Rs": (Lobe(1, 0, 0.125), Lobe(-0.4, 0.32, 0.11)),
    "qR": (Lobe(-0.2, -0.28, 0.10), Lobe(1, 0, 0.125)),
    "rS": (Lobe(0.3, -0.28, 0.10), Lobe(-1, 0, 0.125)),
    "QS": (Lobe(-1, 0, 0.14),),
    "notched R": (Lobe(1, 0, 0.11), Lobe(0.45, 0.24, 0.10)),
}
_WIDE: Final[dict[str, tuple[Lobe, ...]]] = {
    "R": (Lobe(1, 0, 0.19),),
    "notched R": (Lobe(1, 0, 0.16), Lobe(0.6, 0.32, 0.16)),
    "qR": (Lobe(-0.3, -0.34, 0.11), Lobe(1, 0, 0.16)),
    "RS": (Lobe(1, 0, 0.15), Lobe(-0.6, 0.36, 0.16)),
    "rS": (Lobe(0.3, -0.34, 0.11), Lobe(-1, 0, 0.16)),
    "QS": (Lobe(-1, 0, 0.19),),
    "notched QS": (Lobe(-1, 0, 0.16), Lobe(-0.55, 0.32, 0.15)),
}
_LEFT_BLOCK = ("notched R", "R", "QS", "rS")
_PRE_EXCITED: Final = (Lobe(0.28, -0.36, 0.12), Lobe(1, 0, 0.11), Lobe(-0.2, 0.24, 0.08))
_RIGHT_BLOCK: Final = (Lobe(0.35, -0.45, 0.09), Lobe(-0.45, -0.24, 0.10), Lobe(1, 0, 0.16))


def draw_narrow(
    dice: Dice,
    height_mv: float,
    *,
    t_share: Range = (0.12, 0.4),
    width_s: Range = (0.07, 0.105),
    st_mv: float = 0.0,
    late: float = 1.0,
) -> Shape:
    """A beat conducted by the bundle: narrow, with a T wave in the direction of the QRS complex most of the time.

    Args:
        dice: of the play.
        height_mv: of its largest lobe.
        t_share: height of its T wave as a share of that.
        width_s: duration of its QRS complex.
        st_mv: by which ST stands above the baseline, up to the T wave.
        late: by which QT is longer than usual.
    """
    duration_s = dice.between(width_s)
    qrs = _draw(dice, _NARROW[dice.one_of(tuple(_NARROW))], height_mv, duration_s)
    t_mv = dice.between(t_share) * min(height_mv, 1.2)
    direction = _direction(qrs) if dice.chance(0.85) else -_direction(qrs)
    t_wave = _t_wave(dice, direction * t_mv, late=late)
    if st_mv:
        st_lobes = tuple(Lobe(0.55 * st_mv, centre_s, 0.035) for centre_s in (0.085, 0.135, 0.185, 0.23))
        t_wave = (*st_lobes, *_t_wave(dice, abs(t_mv), late=late))
    return Shape(qrs=qrs, t_wave=t_wave, bend=_bend(dice), width_s=duration_s)


def draw_wide(
    dice: Dice,
    height_mv: float,
    *,
    form: Form | None = None,
    width_s: Range = (0.13, 0.18),
    t_share: Range = (0.2, 0.5),
) -> Shape:
    """A beat that spreads from cell to cell: wide, with ST and T against the direction of the QRS complex."""
    duration_s = dice.between(width_s)
    lobes: tuple[Lobe, ...]
    if form == "right_block":
        lobes = _RIGHT_BLOCK
    elif form == "pre_excited":
        lobes = _PRE_EXCITED
    else:
        lobes = _WIDE[dice.one_of(_LEFT_BLOCK if form == "left_block" else tuple(_WIDE))]
    qrs = _draw(dice, lobes, height_mv, duration_s)
    t_mv = -_direction(qrs) * dice.between(t_share) * height_mv
    return Shape(qrs=qrs, t_wave=_t_wave(dice, t_mv, late=1.13), bend=_bend(dice), width_s=duration_s)


def draw_p_wave(dice: Dice, height_mv: float) -> tuple[Lobe, ...]:
    """A P wave of two halves, centred at its own peak; about 100 ms wide."""
    apart_s = dice.between((0.008, 0.02))
    width_s = dice.between((0.015, 0.022))
    share = dice.between((0.4, 0.6)) * 1.15
    return (Lobe(share * height_mv, -apart_s, width_s), Lobe((1.15 - share) * height_mv, apart_s, width_s))


def mixed(first: Shape, second: Shape, share: float) -> Shape:
    """A fusion beat: both shapes at once, `share` of it the second."""
    one, other = first.scaled(1 - share), second.scaled(share)
    return replace(one, qrs=one.qrs + other.qrs, t_wave=one.t_wave + other.t_wave)


def _bend(dice: Dice) -> Bend:
    families: tuple[Bend, ...] = ("gauss", "gauss", "cosine", "sech")
    return dice.one_of(families)


def _draw(dice: Dice, lobes: tuple[Lobe, ...], height_mv: float, duration_s: float) -> tuple[Lobe, ...]:
    return tuple(
        Lobe(
            height_mv * lobe.height * (1 if abs(lobe.height) == 1 else dice.between((0.6, 1.4))),
            duration_s * lobe.centre_s * dice.between((0.9, 1.1)),
            duration_s * lobe.width_s * dice.between((0.9, 1.1)),
        )
        for lobe in lobes
    )


def _direction(qrs: tuple[Lobe, ...]) -> float:
    return 1.0 if sum(lobe.height * lobe.width_s for lobe in qrs) >= 0 else -1.0


def _t_wave(dice: Dice, height_mv: float, *, late: float = 1.0) -> tuple[Lobe, ...]:
    """A T wave that rises more slowly than it falls."""
    centre_s = dice.between((0.27, 0.33)) * late
    return (Lobe(0.6 * height_mv, centre_s - 0.045, 0.05), Lobe(0.55 * height_mv, centre_s, 0.034))
