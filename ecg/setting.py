"""What a field of settings is, said once beside its type: its sentence for people, and the values that it takes.

A section of settings is a frozen dataclass that needs the standard library alone; whoever reads settings from a file
turns this into checks, and into the comments of the default file.
"""

from dataclasses import dataclass

__all__ = ["Setting"]


@dataclass(frozen=True, slots=True)
class Setting:
    """Metadata of one field: `Annotated[float, Setting("No beat for so long.", over=0)]`.

    Attributes:
        description: one sentence; a unit stands in the field's name.
        over: the number must be larger.
        at_least, at_most: the number must lie between, both included.
        pattern: the text must match this regular expression.
        min_length: letters that the text must have.
    """

    description: str
    over: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    pattern: str | None = None
    min_length: int | None = None
