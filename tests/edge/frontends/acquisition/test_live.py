"""The acquisition process in real time: its samples arrive; whatever ends it is named, and it is restarted."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from edge.config import Ads1292Settings, SourceSettings
from edge.frontends import open_source
from edge.frontends.acquisition.live import LiveSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecg.samples import SampleBlock

PATIENCE_S = 30.0


def child() -> int:
    """The acquisition process that this process has started."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(") ")[2].split()[:2]
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and state != "Z" and b"acquisition.process" in command:
            return int(stat.parent.name)
    pytest.fail("no acquisition process")


class Watch:
    """Reads a source's blocks until a condition holds."""

    def __init__(self, source: Any) -> None:
        self.blocks: list[SampleBlock] = []
        self._iterator: Iterator[SampleBlock] = source.blocks()

    def until(self, seen: Callable[[SampleBlock], bool]) -> SampleBlock:
        deadline_s = time.monotonic() + PATIENCE_S
        for block in self._iterator:
            assert time.monotonic() < deadline_s, "waited in vain"
            if self.blocks:
                before = self.blocks[-1]
                assert block.first_index >= before.first_index + len(before.samples_mv)
            self.blocks.append(block)
            if seen(block):
                return block
        pytest.fail("a live source does not end")

    def samples(self, seconds: float = 1.0) -> None:
        """Wait for some seconds of signal; a busy host may lose and report a sample now and then."""
        seen = 0

        def enough(block: SampleBlock) -> bool:
            nonlocal seen
            seen += int(np.isfinite(block.samples_mv).sum())
            return seen >= seconds * 500

        self.until(enough)

    def fault(self, cause: str) -> None:
        block = self.until(lambda block: block.fault is not None and cause in block.fault)
        assert np.isnan(block.samples_mv).all()

    def close(self) -> None:
        self._iterator.close()  # type: ignore[attr-defined]


@pytest.fixture
def watch(front_end: Any) -> Iterator[Watch]:
    del front_end
    watch = Watch(open_source(SourceSettings(kind="ads1292")))
    yield watch
    watch.close()


def test_samples_come_from_a_separate_process_with_the_time_of_their_edges(watch: Watch) -> None:
    watch.samples()
    process = child()
    for number in (signal.SIGINT, signal.SIGTERM):  # as a terminal or systemd sends them to the whole group
        os.kill(process, number)
    watch.samples(2.0)
    assert child() == process  # its end is the daemon's to decide
    whole = watch.blocks
    assert all(np.isfinite(block.samples_mv).all() for block in whole)
    assert max(np.concatenate([block.samples_mv for block in whole])) == pytest.approx(1.0, abs=0.05)
    elapsed_s = whole[-1].end_s - whole[0].end_s  # type: ignore[operator]
    counted = whole[-1].first_index + len(whole[-1].samples_mv) - whole[0].first_index - len(whole[0].samples_mv)
    assert counted / elapsed_s == pytest.approx(502.5, rel=2e-3)
    watch.close()
    assert not Path(f"/proc/{process}").exists()  # it ends with its reader


def test_a_killed_process_is_named_and_restarted(watch: Watch) -> None:
    watch.samples()
    os.kill(child(), signal.SIGKILL)
    watch.fault("was killed")
    watch.samples()


def test_a_process_that_hangs_is_named_and_restarted(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.frontends.acquisition.live.HANG_TIMEOUT_S", 2.5)
    monkeypatch.setattr("edge.frontends.acquisition.live.EXIT_TIMEOUT_S", 0.2)
    watch.samples()
    os.kill(child(), signal.SIGSTOP)
    watch.fault("does not answer")
    watch.samples()


def test_a_process_is_not_blamed_for_a_delayed_daemon(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.frontends.acquisition.live.HANG_TIMEOUT_S", 1.0)
    watch.samples(0.2)
    process = child()
    for _ in range(3):
        time.sleep(1.5)
        watch.samples(0.2)
    assert child() == process
    assert all(block.fault is None or "does not answer" not in block.fault for block in watch.blocks)


def test_an_ad8232_is_sampled_by_the_same_process(front_end: Any) -> None:
    front_end.set(kind="ad8232")
    source = open_source(SourceSettings(kind="ad8232"))
    assert (source.name, source.rate_hz) == ("ad8232 AD8232 board with an MCP3208", 360)
    watch = Watch(source)
    watch.samples(2.0)
    believed = [block.samples_mv for block in watch.blocks if block.electrode_off is False]
    assert np.nanmax(np.concatenate(believed)) == pytest.approx(1.0, abs=0.15)
    front_end.set(faults={"electrodes_off": 1})
    watch.until(lambda block: block.electrode_off is True)
    front_end.set(faults={"stuck_miso": 0})
    watch.fault("MISO stays low")
    front_end.set(faults={})
    watch.until(lambda block: block.electrode_off is False and bool(np.isfinite(block.samples_mv).any()))
    watch.close()


def test_missing_hardware_is_a_fault_and_does_not_end_the_source(front_end: Any, tmp_path: Path) -> None:
    del front_end
    board = tmp_path / "board.toml"
    board.write_text(
        'front_end = "ads1292"\ndescription = "none"\nspi_bus = 7\nspi_device = 1\nspi_hz = 1000000\n'
        "drdy = 17\necg_channel = 2\n"
    )
    watch = Watch(open_source(SourceSettings(kind="ads1292", ads1292=Ads1292Settings(board=str(board)))))
    watch.fault("the SPI device /dev/spidev7.1 is not there; put `dtparam=spi=on`")
    watch.close()


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        ((sys.executable, "-c", "raise SystemExit(9)"), "ended with status 9"),
        (("/nowhere/python",), "cannot be started"),
    ],
)
def test_a_process_that_cannot_run_is_named(command: tuple[str, ...], cause: str) -> None:
    watch = Watch(LiveSource(SourceSettings(), name="ads1292", rate_hz=500, command=command))
    watch.fault(cause)
    watch.close()
