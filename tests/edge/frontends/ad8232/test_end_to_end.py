"""From the electrodes through the simulated AD8232, the driver and the whole pipeline to beats, vitals and alarms."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated.electrodes import Recording
from simulated.outcome import beats_of, compare, events_of, simulated_patient

from ecg.alarms.kinds import AlarmEvent, AlarmKind
from ecg.events import Vitals
from ecg.formats.registry import open_recording
from ecg.samples import SampleBlock
from edge.config import Ad8232Settings

if TYPE_CHECKING:
    from pathlib import Path

START_S = 4.0
"""When the recording begins at the electrodes: the front end is running by then."""


@pytest.mark.parametrize(
    ("record", "board", "seconds"),
    [("100", "ad8232-mcp3208", 240), ("119", "ad8232-mcp3208", 120), ("100", "ad8232-mcp3008", 60)],
)
def test_a_recording_through_the_front_end_gives_the_beats_of_its_replay(
    *, bench: Any, recordings: Path, record: str, board: str, seconds: int
) -> None:
    source = open_recording(recordings / "mitdb" / record)
    samples_mv = np.concatenate([block.samples_mv for block in source.blocks()])[: 360 * (seconds + 10)]
    samples_mv -= np.median(samples_mv)  # what the board's high-pass filter does
    expected = beats_of(events_of(source.rate_hz, [SampleBlock(0, samples_mv)]))
    gain = 400.0  # the complexes of record 119 are 3 mV high
    electrodes = Recording.of(samples_mv, 360.0, START_S)
    stand = bench(Ad8232Settings(board=board, gain=gain), electrodes_mv=electrodes, jitter_ms=2.0)
    stand.run(START_S + seconds)
    assert stand.faults == stand.warnings == []
    found = beats_of(events_of(360, stand.blocks))
    # The replay begins in the recording, the front end before it: the first seconds differ.
    same = compare(found, expected, stand, start_s=START_S, from_s=10, to_s=seconds - 3)
    assert same.worst_ms < 10
    assert same.agreement >= 0.995
    assert abs(same.surplus) <= 1


def test_an_electrode_that_is_off_is_one_alarm_and_no_beat(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient(), jitter_ms=1.0)
    stand.run(40, (20.0, lambda: stand.break_it(electrodes_off=1)), (28.0, stand.break_it))
    events = events_of(360, stand.blocks, classify=False)
    assert {event.kind for event in events if isinstance(event, AlarmEvent)} == {AlarmKind.ELECTRODE_OFF}
    offset_s = stand.blocks[-1].end_s - stand.began_ns / 1e9 - (stand.blocks[-1].first_index + 36) / 360
    moments_s = [offset_s + beat.index / 360 for beat in beats_of(events)]
    assert not [each for each in moments_s if 20.1 < each < 29.4]
    assert [each for each in moments_s if each > 29.5]


def test_an_outage_is_reported_with_its_cause_and_monitoring_resumes(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient())
    stand.run(50, (15.0, lambda: stand.break_it(stuck_miso=0xFF)), (25.0, stand.break_it))
    events = events_of(360, stand.blocks, classify=False)
    alarms = [event for event in events if isinstance(event, AlarmEvent)]
    assert {alarm.kind for alarm in alarms} == {AlarmKind.NO_SAMPLES}
    assert "MISO stays high" in str(alarms[0].evidence["cause"])
    vitals = [event for event in events if isinstance(event, Vitals)]
    during = [each for each in vitals if 19 < each.index / 360 < 25]
    assert during
    assert all(each.faults == ("no_samples",) and each.heart_rate_bpm is None for each in during)
    assert vitals[-1].heart_rate_bpm == pytest.approx(75, abs=8)


def test_an_output_that_does_not_move_is_an_alarm_with_its_cause(bench: Any) -> None:
    stand = bench(electrodes_mv=simulated_patient(), jitter_ms=1.0)
    stand.run(50, (20.0, lambda: stand.break_it(output_v=1.5)))
    alarms = [event for event in events_of(360, stand.blocks, classify=False) if isinstance(event, AlarmEvent)]
    told = next(alarm for alarm in alarms if alarm.kind is AlarmKind.POOR_SIGNAL)
    assert "output does not move at all" in str(told.evidence["cause"])
    assert {alarm.kind for alarm in alarms} <= {AlarmKind.POOR_SIGNAL, AlarmKind.ASYSTOLE}  # at first it may be either


@pytest.mark.parametrize("adc", ["mcp3208", "mcp3008"])
def test_a_fault_of_random_replies_is_one_sentence_without_a_byte_of_them(*, bench: Any, adc: str) -> None:
    stand = bench(Ad8232Settings(board=f"ad8232-{adc}"))
    noise = random.Random(adc)
    stand.spi.tamper = lambda answer: noise.randbytes(len(answer))
    stand.run(45)
    (cause,) = {text for _, text in stand.faults}
    assert cause.startswith(f"the replies are not those of an {adc.upper()}; ")
    alarms = [event for event in events_of(360, stand.blocks, classify=False) if isinstance(event, AlarmEvent)]
    assert len(set(stand.details)) > 3
    assert all(detail.startswith("0x") for detail in stand.details)
    assert len(alarms) <= 2  # its opening, and its end with the stream
    assert {alarm.kind for alarm in alarms} == {AlarmKind.NO_SAMPLES}


def test_random_bytes_end_in_a_named_fault_and_never_in_a_beat(bench: Any) -> None:
    random_replies = 0

    @settings(max_examples=16, derandomize=True)
    @given(
        seed=st.integers(0, 2**32),
        share=st.sampled_from([0.1, 0.5, 1.0]),
        begins_s=st.sampled_from([0.0, 3.0]),
    )
    def check(*, seed: int, share: float, begins_s: float) -> None:
        stand = bench(electrodes_mv=lambda _: (0.0, 0.0))
        noise = random.Random(seed)

        def tamper(answer: bytes) -> bytes:
            nonlocal random_replies
            if stand.now_s < begins_s or noise.random() > share:
                return answer
            random_replies += 1
            return noise.randbytes(len(answer))

        stand.spi.tamper = tamper
        stand.run(12)
        assert beats_of(events_of(360, stand.blocks, classify=False)) == []
        assert stand.faults or stand.warnings

    check()
    assert random_replies >= 10_000


@pytest.mark.parametrize("bit", [6, 8, 9, 10, 11])
def test_a_bit_that_flips_in_a_conversion_is_no_beat(*, bench: Any, bit: int) -> None:
    stand = bench(electrodes_mv=simulated_patient(), jitter_ms=1.0)
    replies = 0

    def tamper(answer: bytes) -> bytes:
        nonlocal replies
        replies += 1
        if replies % 1409 or stand.now_s < 12:
            return answer
        return (int.from_bytes(answer, "big") ^ 1 << bit).to_bytes(len(answer), "big")

    stand.spi.tamper = tamper
    stand.run(50)
    events = events_of(360, stand.blocks)
    assert len(beats_of(events)) == pytest.approx(75 * 48 / 60, abs=4)
    assert not [beat for beat in beats_of(events) if beat.label == "V"]
    vitals = [event for event in events if isinstance(event, Vitals) and event.index > 20 * 360]
    assert all(each.heart_rate_bpm == pytest.approx(75, abs=8) for each in vitals)
