"""The five bytes of a conversion: valid replies are decoded, and all others are refused."""

from __future__ import annotations

import random

import pytest
from simulated.mcp320x import SimulatedMcp320x

from edge.frontends.ad8232.adc import ADCS

KINDS = ["mcp3208", "mcp3008"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channel", range(8))
def test_every_count_of_every_channel_is_read(kind: str, channel: int) -> None:
    adc = ADCS[kind]
    counts = {each: (each * 97 + 5) % adc.full_scale for each in range(8)}
    chip = SimulatedMcp320x(adc.bits, lambda which, _: (counts[which] + 0.5) / adc.full_scale, 1.0)
    for _ in range(300):
        reply = chip.transfer(0, adc.request(channel), hz=1_000_000, mode=0, hold_ns=0)
        assert adc.decode(reply) == counts[channel]
        counts[channel] = (counts[channel] + 11) % adc.full_scale


def test_the_request_is_that_of_the_datasheets() -> None:
    for channel in range(8):
        assert ADCS["mcp3208"].request(channel) == bytes([0x06 | channel >> 2, (channel & 3) << 6, 0, 0, 0])
        assert ADCS["mcp3008"].request(channel) == bytes([0x01, (8 | channel) << 4, 0, 0, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_one_wrong_bit_is_always_noticed(kind: str) -> None:
    adc = ADCS[kind]
    chip = SimulatedMcp320x(adc.bits, lambda *_: 0.37, 1.0)
    reply = chip.transfer(0, adc.request(0), hz=1_000_000, mode=0, hold_ns=0)
    unread = 40 - (adc.bits + 17)  # bits for which the chip is silent
    for bit in range(40):
        wrong = (int.from_bytes(reply, "big") ^ 1 << 39 - bit).to_bytes(5, "big")
        alone = bit == 23  # the last bit of the sample is the one that is not said twice
        assert (adc.decode(wrong) is None) == (bit >= unread and not alone)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_is_almost_never_a_sample(kind: str) -> None:
    dice = random.Random(5)
    taken = sum(ADCS[kind].decode(dice.randbytes(5)) is not None for _ in range(100_000))
    assert taken < 5  # 17 bits must fit


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reply", [b"\xff" * 5, b"", b"\x00" * 4])
def test_an_invalid_reply_is_not_a_sample(kind: str, reply: bytes) -> None:
    assert ADCS[kind].decode(reply) is None


def test_a_converter_of_the_other_type_is_noticed() -> None:
    for kind, other in [("mcp3208", "mcp3008"), ("mcp3008", "mcp3208")]:
        chip = SimulatedMcp320x(ADCS[other].bits, lambda *_: 0.4567, 1.0)
        replies = [chip.transfer(0, ADCS[kind].request(0), hz=1_000_000, mode=0, hold_ns=0) for _ in range(50)]
        assert all(ADCS[kind].decode(reply) is None for reply in replies)
