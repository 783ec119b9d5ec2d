"""How many events a second go through the outbox: each one alone on disk before the next, then through the broker."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from lab import DEVICE, start_broker, wait_until
from wire import Tap

from ecg.protocol.message import Message, Urgency
from edge.config import MqttSettings
from edge.mqtt.client import MqttClient
from edge.storage.outbox import Outbox

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["throughput"]


def throughput(folder: Path, *, count: int, seed: int) -> None:
    """Write and deliver `count` events of 500 bytes; the seed makes no difference."""
    del seed
    topic = f"ecg/{DEVICE}/event"
    events = [
        Message(topic, b"%06d" % number + b"." * 494, qos=1, durable=True, urgency=Urgency.ALARM)
        for number in range(count)
    ]
    began_s = time.perf_counter()
    with (folder / "bare").open("wb", buffering=0) as file:
        for _ in range(count):
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
    bare_s = time.perf_counter() - began_s
    with Outbox(folder / "alone", max_bytes=1_000_000_000) as outbox:
        began_s = time.perf_counter()
        for event in events:
            outbox.put([event])
        wrote_s = time.perf_counter() - began_s
        began_s = time.perf_counter()
        while batch := outbox.next(10):
            outbox.remove([pending.id for pending in batch])
        removed_s = time.perf_counter() - began_s
    broker = start_broker(folder)
    tap = Tap(broker.port)
    with Outbox(folder / "sent", max_bytes=1_000_000_000) as outbox:
        client = MqttClient(MqttSettings(host="127.0.0.1", port=tap.port), DEVICE, outbox)
        client.start()
        wait_until(client.connected.is_set, "the client connects")
        began_s = time.perf_counter()
        for event in events:
            client.send(event)
        wait_until(lambda: not len(outbox), "everything is delivered", timeout_s=600)
        through_s = time.perf_counter() - began_s
        client.stop(5)
    broker.stop()
    order = [each.payload for each in tap.confirmed("/event")] == [event.payload for event in events]
    print(
        f"this disk, at the same time: 4096 bytes written and synced {count / bare_s:.0f} times a second\n"
        f"{count} events of 500 bytes, each synced on its own: {count / wrote_s:.0f} a second; removed in tens: "
        f"{count / removed_s:.0f} a second\n"
        f"  written, sent, confirmed by mosquitto and removed: {count / through_s:.0f} a second, in order: {order}"
    )
