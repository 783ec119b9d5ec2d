"""The daemon stays light: what costs a Pi its memory is never imported."""

from __future__ import annotations

import subprocess
import sys

HEAVY = "scipy tensorflow keras wfdb pandas matplotlib neurokit2 pywt sklearn converter typer amqtt edfio PIL reportlab"
PROGRAM = f"""
import sys
from fractions import Fraction
import numpy as np
import edge.service.daemon, edge.service.replay, edge.storage.export
import ecg.paper.picture, ecg.formats.wfdb.writer, ecg.formats.csv.writer
from edge.rhythm.settings import RhythmSettings
from edge.simulator.source import Simulator
from edge.inference import load_classifier
from edge.pipeline import Pipeline
source = Simulator(scenario="normal:5,pvc:10", heart_rate_bpm=70.0, noise_uv=15.0, seed=1)
pipeline = Pipeline(rate_hz=source.rate_hz, settings=RhythmSettings(), classifier=load_classifier())
events, blocks = [], source.blocks()
while len(events) < 30:
    events += pipeline.push(next(blocks))
print([name for name in {HEAVY.split()} if name in sys.modules])
"""


def test_nothing_heavy_is_loaded_while_the_monitor_works() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_the_acquisition_process_does_without_numpy() -> None:
    program = (
        "import sys, edge.frontends.acquisition.process, edge.frontends.ads1292.sampler; "
        "print([name for name in ('numpy', 'typer', 'paho', 'edge.service.daemon') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
