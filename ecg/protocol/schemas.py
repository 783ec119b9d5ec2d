"""JSON Schemas (2020-12) of messages and commands, made from the types that the daemon itself uses.

The daemon does without; the documentation and whoever writes a receiver take them from here.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ecg.protocol import commands, payloads

__all__ = ["COMMANDS", "MESSAGES", "command_schemas", "message_schemas"]

MESSAGES: Final[dict[str, tuple[type[payloads.Body], tuple[str, ...]]]] = {
    "info": (payloads.Info, ("info/1",)),
    "vitals": (payloads.VitalsPayload, ("vitals/1",)),
    "beats": (payloads.BeatsPayload, ("beats/1",)),
    "event": (payloads.AlarmEntry, ("event/2",)),
    "alarms": (payloads.AlarmsPayload, ("alarms/2",)),
    "strip": (payloads.StripPayload, ("strip/1",)),
    "summary": (payloads.SummaryPayload, tuple(f"summary.{period}/2" for period in ("minute", "hour", "day"))),
    "machine": (payloads.HostState, ("machine/1",)),
    "reply": (payloads.ReplyPayload, ("reply/1",)),
}
"""Name, type, and what stands in `schema`. A type that does not begin with `Payload`'s fields is sent behind them."""

COMMANDS: Final[dict[str, type[commands.Request]]] = {
    "ack": commands.Ack,
    "snooze": commands.Snooze,
    "mute": commands.Mute,
    "mark": commands.Mark,
    "status": commands.StatusRequest,
    "selftest": commands.SelftestRequest,
    "strip": commands.StripRequest,
}


def message_schemas() -> dict[str, dict[str, Any]]:
    """Give the schema of each message that the device sends, but for the plain text of `status`."""
    found = {}
    for name, (kind, versions) in MESSAGES.items():
        schema, head = _schema(kind), _schema(payloads.Payload)
        schema["title"] = name
        schema["properties"] = head["properties"] | schema["properties"]
        schema["properties"]["schema"] |= {"enum": list(versions)}
        schema["required"] = [*head["required"], *(key for key in schema["required"] if key not in head["required"])]
        found[name] = schema
    return found


def command_schemas() -> dict[str, dict[str, Any]]:
    """Give the schema of each command that the device takes."""
    return {verb: _schema(kind) | {"title": f"cmd/{verb}"} for verb, kind in COMMANDS.items()}


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a type, with its own fields at the top."""
    found = _tidy(msgspec.json.schema(kind))
    parts = found["$defs"]
    own: dict[str, Any] = parts.pop(found["$ref"].rpartition("/")[2])
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **own}
    return schema | {"$defs": parts} if parts else schema


def _tidy(node: Any) -> Any:
    """Take out null, which is never sent, and all but the first paragraph of a docstring."""
    if isinstance(node, list):
        return [_tidy(each) for each in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _tidy(value) for key, value in node.items()}
    if {"type": "null"} in tidy.get("anyOf", ()):
        del tidy["default"]
        kinds = [kind for kind in tidy.pop("anyOf") if kind != {"type": "null"}]
        tidy |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if isinstance(tidy.get("description"), str):
        tidy["description"] = tidy["description"].partition("\n\n")[0]
    return tidy
