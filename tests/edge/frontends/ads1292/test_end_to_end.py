"""From the electrodes through the simulated chip, the driver and the whole pipeline to beats, vitals and alarms."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated.ads1292r import Faults
from simulated.electrodes import Recording
from simulated.outcome import beats_of, compare, events_of, simulated_patient

from ecg.alarms.kinds import AlarmEvent, AlarmKind, AlarmState
from ecg.events import Vitals
from ecg.formats.registry import open_recording
from ecg.samples import Gap, SampleBlock
from edge.frontends.ads1292.frame import FRAME_BYTES

if TYPE_CHECKING:
    from pathlib import Path


START_S = 4.0
"""When the recording begins at the electrodes: the chip is running by then."""


@pytest.mark.parametrize(("record", "clock_error", "seconds"), [("100", 0.01, 240), ("119", -0.01, 120)])
def test_a_recording_through_the_chip_gives_the_beats_of_its_replay(
    *, bench: Any, recordings: Path, record: str, clock_error: float, seconds: int
) -> None:
    source = open_recording(recordings / "mitdb" / record)
    samples_mv = np.concatenate([block.samples_mv for block in source.blocks()])[: 360 * (seconds + 10)]
    expected = beats_of(events_of(source.rate_hz, [SampleBlock(0, samples_mv)]))
    electrodes = Recording.of(samples_mv, 360.0, START_S, decimated_hz=500 * (1 + clock_error))
    stand = bench(electrodes_mv=electrodes, clock_error=clock_error)
    stand.run(START_S + seconds)
    assert stand.faults == stand.warnings == []
    assert stand.rate_hz == pytest.approx(500 * (1 + clock_error), rel=1e-5)
    # The replay begins in the recording, the chip before it: they get to know the patient by other beats.
    found = beats_of(events_of(500, stand.blocks))
    same = compare(found, expected, stand, start_s=START_S, from_s=30, to_s=seconds - 3)
    assert same.worst_ms < 10
    assert same.agreement >= 0.995
    assert abs(same.surplus) <= 1


def test_vitals_and_alarm_report_an_outage_while_it_lasts_and_monitoring_resumes(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient())
    stand.run(
        60,
        (20.0, lambda: stand.chip.unplug(stand.clock.now_ns())),
        (35.0, lambda: stand.chip.plug(stand.clock.now_ns())),
    )
    events = events_of(500, stand.blocks, classify=False)
    alarms = [event for event in events if isinstance(event, AlarmEvent)]
    opened = next(alarm for alarm in alarms if alarm.kind is AlarmKind.NO_SAMPLES)
    assert opened.state is AlarmState.OPENED
    assert 20 <= opened.index / 360 < 25
    assert "no chip answers" in str(opened.evidence["cause"])
    closed = next(alarm for alarm in alarms if alarm.kind is AlarmKind.NO_SAMPLES and alarm.index > 35 * 360)
    while closed.state is not AlarmState.CLOSED:
        closed = alarms[alarms.index(closed) + 1]
    assert {alarm.kind for alarm in alarms} == {AlarmKind.NO_SAMPLES}
    vitals = [event for event in events if isinstance(event, Vitals)]
    during = [each for each in vitals if 24 < each.index / 360 < 36]
    assert len(during) >= 2
    assert all(each.faults == ("no_samples",) and each.heart_rate_bpm is None for each in during)
    after = [each for each in vitals if each.index / 360 > 50]
    assert all(each.faults == () and each.heart_rate_bpm == pytest.approx(75, abs=8) for each in after)
    assert not [beat for beat in beats_of(events) if 20.5 < beat.index / 360 < 35]


def test_the_alarm_of_an_electrode_that_is_off_names_the_right_leg(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient())
    stand.run(30, (20.0, lambda: setattr(stand.chip.faults, "electrodes_off", 0b1_0000)))
    alarms = [event for event in events_of(500, stand.blocks, classify=False) if isinstance(event, AlarmEvent)]
    assert {alarm.kind for alarm in alarms} == {AlarmKind.ELECTRODE_OFF}
    assert "the right-leg drive (RL) is off" in str(alarms[0].evidence["cause"])


def test_a_register_that_changed_is_an_alarm_with_its_cause(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient())
    stand.run(60, (12.0, lambda: stand.chip.registers.__setitem__(7, 0)))
    alarms = [event for event in events_of(500, stand.blocks, classify=False) if isinstance(event, AlarmEvent)]
    assert [(alarm.kind, alarm.state) for alarm in alarms] == [
        (AlarmKind.SAMPLES_LOST, AlarmState.OPENED),
        (AlarmKind.SAMPLES_LOST, AlarmState.CLOSED),
    ]
    assert "LOFF_SENS of the chip changed unbidden and was written anew" in str(alarms[0].evidence["cause"])


def test_a_fault_of_random_replies_has_few_sentences_and_no_byte_of_them(bench: Any) -> None:
    stand = bench()
    noise = random.Random(24)
    stand.spi.tamper = lambda answer: noise.randbytes(len(answer))
    stand.run(60)
    causes = {text for _, text in stand.faults}
    assert "the ID register reads differently each time" in next(iter(stand.faults))[1]
    assert len(causes) <= 3  # by chance an ID is right, and the registers are wrong


def test_each_cause_of_an_outage_is_reported_once_and_all_else_waits() -> None:
    lost = np.full(500, np.nan)
    causes = ["the wire fell off", "the wire fell off", "no chip answers", "the wire fell off"] * 3
    blocks = [SampleBlock(500 * n, lost, fault=cause) for n, cause in enumerate(causes)]
    alarms = [event for event in events_of(500, blocks, classify=False) if isinstance(event, AlarmEvent)]
    told = [(alarm.state, alarm.evidence.get("cause")) for alarm in alarms]
    assert told[:2] == [(AlarmState.OPENED, "the wire fell off"), (AlarmState.UPDATED, "no chip answers")]
    assert {alarm.kind for alarm in alarms} == {AlarmKind.NO_SAMPLES}
    assert len([alarm for alarm in alarms if "withheld" in alarm.evidence]) == 2


def test_lasting_clipping_is_reported_with_its_cause(bench: Any) -> None:
    stand = bench(electrodes_mv=lambda time_s: (0.0, 500.0 if time_s > 10 else 0.0))
    stand.run(30)
    alarms = [event for event in events_of(500, stand.blocks, classify=False) if isinstance(event, AlarmEvent)]
    told = [alarm for alarm in alarms if alarm.kind is AlarmKind.NO_SAMPLES]
    assert "clipped" in str(told[0].evidence["cause"])
    assert told[0].index / 360 < 15


def test_an_electrode_that_is_off_is_one_alarm(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient())
    stand.run(40, (20.0, lambda: setattr(stand.chip, "faults", Faults(electrodes_off=0b1000))))
    alarms = [event for event in events_of(500, stand.blocks, classify=False) if isinstance(event, AlarmEvent)]
    assert {alarm.kind for alarm in alarms} == {AlarmKind.ELECTRODE_OFF}


def test_random_bytes_end_in_a_named_fault_and_never_in_a_beat(bench: Any) -> None:
    random_frames = 0

    @settings(max_examples=24, derandomize=True)
    @given(
        seed=st.integers(0, 2**32),
        share=st.sampled_from([0.1, 0.5, 1.0]),
        only_frames=st.booleans(),
        begins_s=st.sampled_from([0.0, 3.0]),
    )
    def check(*, seed: int, share: float, only_frames: bool, begins_s: float) -> None:
        stand = bench(electrodes_mv=lambda _: (0.0, 0.0))

        noise = random.Random(seed)

        def tamper(answer: bytes) -> bytes:
            nonlocal random_frames
            is_frame = len(answer) == FRAME_BYTES
            if stand.now_s < begins_s or (only_frames and not is_frame) or noise.random() > share:
                return answer
            random_frames += is_frame
            return noise.randbytes(len(answer))

        stand.spi.tamper = tamper
        stand.run(12)
        assert beats_of(events_of(500, stand.blocks, classify=False)) == []
        assert stand.faults or stand.warnings

    check()
    assert random_frames >= 10_000


@pytest.mark.parametrize("bit", [8, 11, 14, 17, 20, 22, 23])
def test_a_bit_that_flips_in_a_sample_is_no_beat(*, bench: Any, bit: int) -> None:
    stand = bench(electrodes_mv=simulated_patient())
    frames = 0

    def tamper(answer: bytes) -> bytes:
        nonlocal frames
        frames += len(answer) == FRAME_BYTES
        if len(answer) != FRAME_BYTES or frames % 977 or stand.now_s < 12:
            return answer
        return (int.from_bytes(answer, "big") ^ 1 << bit).to_bytes(FRAME_BYTES, "big")

    stand.spi.tamper = tamper
    stand.run(50)
    events = events_of(500, stand.blocks)
    assert len(beats_of(events)) == pytest.approx(75 * 48 / 60, abs=4)
    assert not [beat for beat in beats_of(events) if beat.label == "V"]
    vitals = [event for event in events if isinstance(event, Vitals) and event.index > 20 * 360]
    assert all(each.heart_rate_bpm == pytest.approx(75, abs=8) for each in vitals)
    assert all(each.pacing_pulses_per_min is None for each in vitals)
    if bit > 14:
        assert [event for event in events if isinstance(event, Gap)]
