"""Metadata of a settings field, beside its type: its description and its limits.

A section of settings is a frozen dataclass that needs only the standard library. The code that reads settings files
turns the metadata into checks and into the comments of the default file.
"""

from dataclasses import dataclass

__all__ = ["Setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """Metadata of one field: `Annotated[float, Setting("Pause: no beat for this long.", over=0)]`.

    Attributes:
        description: what the field means; its unit is in its name.
        over: exclusive lower limit of a number.
        at_least, at_most: inclusive limits of a number.
        pattern: regular expression that a text must match.
        min_length: fewest characters of a text.
    """

    description: str
    over: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    pattern: str | None = None
    min_length: int | None = None
