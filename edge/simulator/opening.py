"""Opens what the simulator is asked to play: a scenario of steps, or a textbook situation by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.simulator.scenarios import is_scenario, parse_scenario
from edge.simulator.situations import SITUATIONS
from edge.simulator.situations.endless import EndlessSituation
from edge.simulator.source import Simulator

if TYPE_CHECKING:
    from ecg.source import Source

__all__ = ["length_s", "open_simulator"]


def open_simulator(scenario: str, *, heart_rate_bpm: float, noise_uv: float, seed: int) -> Source:
    """The simulator; a situation has its own rates and noise. A name that is both is the scenario's.

    Raises:
        InputError: there is no such scenario or situation.
    """
    situation = None if is_scenario(scenario) else SITUATIONS.get(scenario)
    if situation is not None:
        return EndlessSituation(situation, seed=seed)
    return Simulator(scenario=scenario, heart_rate_bpm=heart_rate_bpm, noise_uv=noise_uv, seed=seed)


def length_s(scenario: str) -> float:
    """How long it takes to play it once.

    Raises:
        InputError: there is no such scenario or situation.
    """
    situation = None if is_scenario(scenario) else SITUATIONS.get(scenario)
    return sum(seconds for _, seconds in parse_scenario(scenario)) if situation is None else situation.length_s
