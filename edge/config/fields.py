"""The parts of a settings section: its subsections, its keys, and the type that checks each key's value."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from ecg.validation import TYPE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.setting import Setting

__all__ = ["LARGEST", "Field", "keys", "sections_and_fields", "toml_value"]

LARGEST: Final = 1_000_000_000
"""Upper limit of every number, so that none overflows when it is converted to samples."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One key of a section.

    Attributes:
        kind: its type, without limits.
        setting: its description and its limits.
    """

    kind: Any
    setting: Setting

    @property
    def checked_type(self) -> Any:
        """The type with its limits, for `msgspec.convert`."""
        setting = self.setting
        most = LARGEST if setting.at_most is None else setting.at_most
        if setting.over is not None:
            meta = msgspec.Meta(gt=setting.over, le=most)
        elif setting.at_least is not None:
            meta = msgspec.Meta(ge=setting.at_least, le=most)
        else:
            meta = msgspec.Meta(pattern=setting.pattern, min_length=setting.min_length)
        return Annotated[self.kind, meta]

    @property
    def choices(self) -> str:
        """The allowed values of a `Literal`, as TOML; empty for other types."""
        return " or ".join(map(toml_value, get_args(self.kind))) if get_origin(self.kind) is Literal else ""

    @property
    def expected(self) -> str:
        """What the key takes, in words."""
        setting = self.setting
        if self.choices:
            return self.choices
        words = TYPE_NAMES[self.kind.__name__]
        if setting.pattern is not None:
            return f"{words} ({setting.description.removesuffix('.')})"
        if setting.min_length:
            return f"{words} that is not empty"
        most = "" if setting.at_most is None else f" to {setting.at_most}"
        if setting.over is not None:
            return f"{words} over {setting.over}{most and f', at most {setting.at_most}'}"
        if setting.at_least is not None:
            return f"{words} from {setting.at_least}{most or ' up'}"
        return words

    @property
    def comment(self) -> str:
        """Its description and its allowed values."""
        setting = self.setting
        values = self.choices
        if setting.over is not None:
            values = f"over {setting.over}"
            if setting.at_most is not None:
                values += f", at most {setting.at_most}"
        elif setting.at_least is not None:
            values = f"{setting.at_least} or more"
            if setting.at_most is not None:
                values = f"{setting.at_least} to {setting.at_most}"
        if not values:
            return setting.description
        return f"{setting.description.removesuffix('.')} ({values})"


def sections_and_fields(kind: type) -> tuple[dict[str, type], dict[str, Field]]:
    """Split the fields of a section into subsections and keys."""
    sections: dict[str, type] = {}
    fields: dict[str, Field] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if dataclasses.is_dataclass(hint):
            assert isinstance(hint, type)
            sections[name] = hint
        else:
            base, setting = get_args(hint)
            fields[name] = Field(base, setting)
    return sections, fields


def keys(kind: type, prefix: str = "") -> Iterator[str]:
    """List every dotted key of a section, including the names of its subsections."""
    sections, fields = sections_and_fields(kind)
    yield from (prefix + name for name in fields)
    for name, section in sections.items():
        yield prefix + name
        yield from keys(section, f"{prefix}{name}.")


def toml_value(value: Any) -> str:
    """Format a value as TOML. Strings are written as JSON, whose escapes TOML shares."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
