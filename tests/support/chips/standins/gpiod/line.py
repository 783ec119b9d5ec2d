"""The constants of `gpiod.line`."""

from __future__ import annotations

from enum import Enum


class Value(Enum):
    INACTIVE = 0
    ACTIVE = 1


class Direction(Enum):
    AS_IS = 1
    INPUT = 2
    OUTPUT = 3


class Bias(Enum):
    AS_IS = 1
    PULL_UP = 4


class Edge(Enum):
    NONE = 1
    FALLING = 3
