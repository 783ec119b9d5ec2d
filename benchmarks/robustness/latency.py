"""From the onset in the signal to the broker's PUBACK, in real time.

Two parts. The signal path: from the onset to the decision, in the time of the stream; of it, the rule's own hold time
(so many seconds, or so many beats up to the R peak of the last) is asked for by the settings, and the rest is the
finding of R peaks, the labels, which need 0.44 s of ECG after the R peak and the filters' delay, and the grid of 50 ms
on which decisions fall. The delivery: from the moment of the sample at which the decision fell to the PUBACK on the
wire: the block of 100 ms, the pipeline, the synced write to the outbox, the network, the broker.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from lab import configure, simulated, start_broker, start_daemon
from wire import Tap

if TYPE_CHECKING:
    from pathlib import Path

    from wire import Published

__all__ = ["latency"]

SCENARIO = (
    "normal:10,asystole:8,normal:8,vt:9,normal:8,pause:8,normal:6,run:10,normal:6,brady:30,tachy:25,normal:8,af:50,"
    "normal:8,bigeminy:16,normal:6,electrode_off:4,normal:8,noise:14,normal:10,lost:2"
)
MONITORS = 12
"""At a time, each with its own seed and broker: as many alarms of each kind as one in twelve times the time."""

HELD_S = {
    "asystole": 4.0,
    "atrial_fibrillation": 30.0,
    "bigeminy": 10.0,
    "bradycardia": 15.0,
    "electrode_off": 1.0,
    "frequent_pvcs": 10.0,
    "poor_signal": 10.0,
    "tachycardia": 15.0,
    "trigeminy": 10.0,
}
"""Hold times of the default settings."""


@dataclass(frozen=True, slots=True)
class _Opened:
    kind: str
    held_s: float  # the rule's own
    signal_s: float  # onset to decision, without the rule's own
    delivery_s: float  # decision to PUBACK


def latency(folder: Path, *, count: int, seed: int) -> None:
    """Watch for `count` minutes with twelve monitors at speed 1."""
    taps, brokers, daemons = [], [], []
    for number in range(MONITORS):
        where = folder / f"{number}"
        where.mkdir()
        brokers.append(start_broker(where))
        taps.append(Tap(brokers[-1].port))
        configure(where, port=taps[-1].port, source=simulated(SCENARIO, speed=1.0, seed=seed + number))
        daemons.append(start_daemon(where))
    time.sleep(60 * count)
    for daemon in daemons:
        daemon.stop()
    found = defaultdict(list)
    for tap in taps:
        for published in tap.confirmed("/event"):
            opened = _opened(published)
            if opened is not None:
                found[opened.kind].append(opened)
    for broker in brokers:
        broker.stop()
    print(f"onset to PUBACK, {MONITORS} monitors for {count} min at speed 1 (seed {seed}); s, median / 99th percentile")
    print("  kind                      n  rule's own   signal path beyond it    delivery         both")
    every = [opened for group in found.values() for opened in group]
    for kind, group in [*sorted(found.items()), ("all", every)]:
        print(
            f"  {kind:24} {len(group):3} {np.median([each.held_s for each in group]):8.2f}"
            f"   {_pair([each.signal_s for each in group])}"
            f"   {_pair([each.delivery_s for each in group])}"
            f"   {_pair([each.signal_s + each.delivery_s for each in group])}"
        )


def _pair(values: list[float]) -> str:
    return f"{np.median(values):8.2f} / {np.percentile(values, 99):5.2f}"


def _opened(published: Published) -> _Opened | None:
    body = json.loads(published.payload)
    if body["state"] != "opened" or body.get("onset_index") is None:
        return None
    onset_s, decided_s = (datetime.fromisoformat(body[name]).timestamp() for name in ("onset", "time"))
    held_s = _held_s(body["kind"], body["evidence"])
    assert published.confirmed_s is not None
    return _Opened(body["kind"], held_s, decided_s - onset_s - held_s, published.confirmed_s - decided_s)


def _held_s(kind: str, evidence: dict[str, Any]) -> float:
    """How long the rule asks for what it tells of, by the settings or, where beats are counted, by the beats."""
    if kind == "pause":
        return float(evidence["rr_ms"]) / 1000  # over only when a beat ends it
    if kind == "samples_lost":
        return float(evidence["lost_s"])  # how many are lost is known when one comes again
    if kind in HELD_S:
        return HELD_S[kind]
    if "threshold_certainty" in evidence:
        return float(evidence["threshold_s"])  # waves without separate beats
    if evidence.get("heart_rate_bpm") and "beats" in evidence:
        return (evidence["beats"] - 1) * 60 / float(evidence["heart_rate_bpm"])
    return 0.0
