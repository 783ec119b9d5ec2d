"""Front ends, recordings and the simulator, each a `Source` of sample blocks.

`open_source` opens the one that the settings name. The acquisition process imports this package: keep it light.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecg.source import Source
    from edge.config import SourceSettings

__all__ = ["open_source"]

_log = logging.getLogger(__name__)


def open_source(settings: SourceSettings) -> Source:
    """Open the source that the settings name.

    Raises:
        InputError: the recording cannot be opened, the scenario is unknown, or a board or register set is wrong.
    """
    if settings.kind == "simulator":
        from edge.simulator.opening import open_simulator  # noqa: PLC0415 (only the source in use is loaded)

        simulator = settings.simulator
        return open_simulator(
            simulator.scenario,
            heart_rate_bpm=simulator.heart_rate_bpm,
            noise_uv=simulator.noise_uv,
            seed=simulator.seed,
        )
    if settings.kind == "ads1292":
        from edge.frontends.acquisition.live import LiveSource  # noqa: PLC0415 (only the source in use is loaded)
        from edge.frontends.ads1292.sampler import Configuration  # noqa: PLC0415 (only the source in use is loaded)

        configuration = Configuration(settings.ads1292)
        return LiveSource(
            settings, name=f"ads1292 {configuration.board.description}", rate_hz=configuration.registers.config1.rate_hz
        )
    if settings.kind == "ad8232":
        from edge.frontends.acquisition.live import LiveSource  # noqa: PLC0415 (only the source in use is loaded)
        from edge.frontends.ad8232.interpolation import OUTPUT_RATE_HZ  # noqa: PLC0415 (only the source in use is loaded)
        from edge.frontends.ad8232.sampler import configured_board  # noqa: PLC0415 (only the source in use is loaded)

        return LiveSource(
            settings, name=f"ad8232 {configured_board(settings.ad8232).description}", rate_hz=OUTPUT_RATE_HZ
        )
    from ecg.formats.options import ReadOptions  # noqa: PLC0415 (only the source in use is loaded)
    from ecg.formats.registry import open_file  # noqa: PLC0415 (only the source in use is loaded)
    from ecg.recording import OneLead  # noqa: PLC0415 (only the source in use is loaded)
    from edge.frontends.playback import LoopedRecording  # noqa: PLC0415 (only the source in use is loaded)

    replay = settings.replay
    options = ReadOptions.parse(rate=replay.rate, unit=replay.unit, time_column=replay.time_column)
    reader = open_file(replay.record, [replay.channel], options)
    _log.info("%s", "; ".join([reader.understood, *reader.remarks]))
    recording = OneLead(reader)
    return LoopedRecording(recording) if settings.replay.loop else recording
