"""Messages as examples: a minute of the simulator through the monitor's own pipeline and encoder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState
from ecg.alarms.service import AlarmService
from ecg.protocol.commands import Answer, Command
from ecg.protocol.encoder import encode, host_message, info_message, reply_message
from ecg.protocol.message import Message, status_message
from ecg.protocol.payloads import HostState, Info
from ecg.protocol.schemas import MESSAGES
from ecg.protocol.topics import Topics
from ecg.samples import SAMPLE_RATE_HZ
from edge import __version__
from edge.config import HomeAssistantSettings, Settings
from edge.inference import load_classifier
from edge.mqtt.homeassistant import discovery
from edge.pipeline import Pipeline
from edge.service.reporter import Reporter
from edge.simulator.source import Simulator
from edge.storage.strips import StripCutter

__all__ = ["DEVICE", "INFO", "messages"]

DEVICE: Final = "bed-3"
START: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
SCENARIO: Final = "normal:30,vt:9,normal:45"

INFO: Final = Info(
    version=__version__,
    python="3.13.5",
    source="ads1292 CJMCU-1292 module",
    nominal_rate_hz=500.0,
    rate_hz=499.71,
    model=load_classifier("").card.name,
    model_version=load_classifier("").card.version,
    model_sha256=load_classifier("").card.flatbuffer_sha256,
    model_file="resecanet-aami5.tflite",
    labels=load_classifier("").labels,
)


def _utc(index: int) -> datetime:
    return START + timedelta(seconds=index / SAMPLE_RATE_HZ)


@cache
def messages() -> dict[str, Message]:
    """One message of each kind, by the last part of its topic: a monitor's life around a ventricular tachycardia."""
    source = Simulator(scenario=SCENARIO, heart_rate_bpm=72.0, noise_uv=15.0, seed=1)
    settings = Settings()
    pipeline = Pipeline(rate_hz=source.rate_hz, settings=settings.rhythm, classifier=load_classifier(""))
    alarms = AlarmService(settings.alarms, UUID("2f0c1c5e-6d3f-4a7e-9b51-0c6f5d1f0b11"))
    reporter = Reporter(alarms, _utc)
    topics = Topics(DEVICE)
    cutter = StripCutter(rate_hz=source.rate_hz, before_s=2, after_s=2, utc_of_index=_utc)
    found: dict[str, Message] = {}
    for block in source.blocks():
        cutter.push(block)
        for event in pipeline.push(block):
            if isinstance(event, AlarmEvent):
                if event.kind is not AlarmKind.VENTRICULAR_TACHYCARDIA:  # the run that it is told as at first
                    continue
                if event.state is AlarmState.OPENED:
                    cutter.request(alarms.uuid(event), event)
            for notice in reporter.report(event):
                message = encode(notice, DEVICE)
                if message.topic != topics.vitals or b"heart_rate_bpm" in message.payload:
                    found.setdefault(message.topic, message)
        if block.first_index > 80 * source.rate_hz:
            break
    later = _utc(80 * SAMPLE_RATE_HZ)
    strip = next(cutter.due())
    command = Command(verb="ack", payload=b"", source="mqtt", received_s=0.0)
    answer = Answer(ok=True, text="Acknowledged: ventricular_tachycardia.", result={"alarms": [strip.uuid]}, id="7")
    others = [
        status_message(DEVICE, online=True),
        info_message(INFO, START, DEVICE),
        encode(strip, DEVICE),
        host_message(
            HostState(
                uptime_s=80.0,
                lost_s=0.0,
                recording="on",
                undelivered=0,
                temperature_c=48.3,
                storage_free_mb=24310.5,
                clock_set=True,
            ),
            later,
            DEVICE,
        ),
        reply_message(command, answer, later, DEVICE),
    ]
    found |= {message.topic: message for message in others}
    root = f"{topics.root}/"
    by_name = {topic.removeprefix(root).partition("/")[0]: message for topic, message in found.items()}
    by_name["discovery"] = discovery(HomeAssistantSettings(), DEVICE, INFO, has_battery=False)
    return {name: by_name[name] for name in ("status", *MESSAGES, "discovery")}
