"""What the pages hold that is made from the code: settings, alarms, topics, fields of messages, examples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec
import wiring
from examples import DEVICE, messages

from ecg.alarms.kinds import PRIORITIES, AlarmKind
from ecg.protocol.schemas import COMMANDS, command_schemas, message_schemas
from ecg.protocol.wording import SENTENCES
from edge.config import Settings, render
from reader.reading import reading_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MADE"]

CUT: Final = 120
"""Letters of a long string that an example shows."""

COMMAND_EXAMPLES: Final = {
    "ack": ['{"by": "night nurse"}', '{"kind": "pause"}', '{"uuid": "9f6b0c1e-7c1d-5f0e-8d5c-5a0f4e6f2b11"}'],
    "snooze": ['{"kind": "frequent_pvcs", "minutes": 30}', '{"kind": "frequent_pvcs", "minutes": 0}'],
    "mute": ['{"minutes": 5}', '{"minutes": 0}'],
    "mark": ['{"text": "dizzy"}'],
    "status": ["{}"],
    "selftest": ["{}"],
    "strip": [
        '{"last_s": 30}',
        '{"event": "9f6b0c1e-7c1d-5f0e-8d5c-5a0f4e6f2b11"}',
        '{"from": "2026-05-01T12:00:00Z", "to": "2026-05-01T12:01:00Z"}',
    ],
}


def settings() -> str:
    """Every setting with its default, a table for each section: `ecg-edge config default`, in other words."""
    return "\n".join(_settings())


def _settings() -> Iterator[str]:
    comments: list[str] = []
    headed = False
    for line in render(Settings()).splitlines():
        if line.startswith("# "):
            comments.append(line.removeprefix("# "))
        elif line.startswith("["):
            yield f"\n## `{line}` {{#{line.strip('[]').replace('.', '-')}}}\n\n{comments.pop()}\n"
            headed = False
        elif line:
            if not headed:
                yield "| key | default | what |\n|---|---|---|"
                headed = True
            key, _, value = line.partition(" = ")
            yield f"| `{key}` | `{value}` | {_cell(comments.pop())} |"


def alarm(kind: str) -> str:
    """What the monitor itself says of a kind of alarm."""
    known = AlarmKind(kind)
    return f"*{SENTENCES[known]}* Priority **{PRIORITIES[known]}**."


def topics() -> str:
    """How each message is delivered."""
    lines = ["| topic | QoS | retained | expires | kept until delivered |", "|---|---|---|---|---|"]
    for name, message in messages().items():
        kind = message.topic.removeprefix(f"ecg/{DEVICE}/")
        anchor = f"[`{'strip/<uuid>' if name == 'strip' else kind}`](#{name})"
        expiry = "never" if message.expiry_s is None else f"after {message.expiry_s} s"
        retained, durable = ("yes" if each else "no" for each in (message.retain, message.durable))
        if name != "discovery":
            lines.append(f"| {anchor} | {message.qos} | {retained} | {expiry} | {durable} |")
    return "\n".join(lines)


def fields(name: str) -> str:
    """The fields of a message, and of the objects inside it."""
    schema = message_schemas()[name]
    tables = [_fields(schema, leave_out=("schema", "device"))]
    for part, inner in schema.get("$defs", {}).items():
        if "properties" in inner:
            tables.append(f"**{part}**: {inner['description']}\n\n{_fields(inner)}")
    return f"{schema['description']} [JSON Schema](schemas/{name}.json)\n\n" + "\n\n".join(tables)


def _fields(schema: dict[str, Any], leave_out: tuple[str, ...] = ()) -> str:
    lines = ["| field | type | always there | what |", "|---|---|---|---|"]
    for name, field in schema["properties"].items():
        if name not in leave_out:
            there = "yes" if name in schema["required"] else ""
            lines.append(f"| `{name}` | {_kind(field)} | {there} | {_cell(field.get('description', ''))} |")
    return "\n".join(lines)


def _kind(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_kind(field['items'])}"
    if field.get("format") == "date-time":
        return "time"
    return str(field.get("type", "object"))


def reading(name: str) -> str:
    """A table of the fields of a part of a reading."""
    lines = ["| field | what |", "|---|---|"]
    part = reading_schema()["$defs"][name]
    lines += [f"| `{key}` | {_cell(field.get('description', ''))} |" for key, field in part["properties"].items()]
    return "\n".join(lines)


def values(name: str) -> str:
    """The values that an enumeration takes."""
    part = message_schemas()["event"]["$defs"][name]
    return ", ".join(f"`{value}`" for value in part["enum"])


def example(name: str) -> str:
    """A message as it goes over the wire, indented; long strings are cut."""
    message = messages()[name]
    if name == "status":
        return f'```text title="{message.topic}"\n{message.payload.decode()}\n```'
    content = json.loads(message.payload)
    body = json.dumps(_shortened(content), indent=2, ensure_ascii=False)
    return f'```json title="{message.topic}"\n{body}\n```'


def _shortened(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _shortened(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_shortened(value) for value in content]
    return f"{content[:CUT]}..." if isinstance(content, str) and len(content) > CUT else content


def commands() -> str:
    """Each command with examples that the daemon takes."""
    lines = ["| topic | payload, for example | what it does | schema |", "|---|---|---|---|"]
    schemas = command_schemas()
    for verb, kind in COMMANDS.items():
        for payload in COMMAND_EXAMPLES[verb]:
            msgspec.json.decode(payload, type=kind)
        shown = "<br>".join(f"`{payload}`" for payload in COMMAND_EXAMPLES[verb])
        lines.append(f"| `cmd/{verb}` | {shown} | {schemas[verb]['description']} | [{verb}](schemas/cmd-{verb}.json) |")
    return "\n".join(lines)


def entities() -> str:
    """What Home Assistant shows."""
    lines = ["| entity | kind | unit |", "|---|---|---|"]
    for part in json.loads(messages()["discovery"].payload)["components"].values():
        if "name" in part:
            unit = part.get("unit_of_measurement", "")
            lines.append(f"| {part['name']} | {part['platform'].replace('_', ' ')} | {unit} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


MADE: Final[dict[str, Callable[..., str]]] = {
    "alarm": alarm,
    "commands": commands,
    "entities": entities,
    "example": example,
    "fields": fields,
    "reading": reading,
    "settings": settings,
    "topics": topics,
    "values": values,
    "wires": wiring.table,
}
