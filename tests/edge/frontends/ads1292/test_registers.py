"""Registers and register sets: every byte is decoded, or refused with the name of the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated.ads1292r import DEFAULTS, FORCED_ONES, WRITABLE

from ecg.errors import InputError
from edge.frontends.ads1292.register_set import load_register_set
from edge.frontends.ads1292.registers import REGISTERS, ChannelSettings, Config2, Mux
from firmware_config import DIRECTORY

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = ["ads1291-ecg", "ads1292r-ecg", "ads1292-two-lead", "ads1292r-test-signal", "ads1292r-shorted-input"]


@given(name=st.sampled_from(sorted(REGISTERS)), byte=st.integers(0, 255))
def test_a_byte_is_read_and_written_back_or_refused_with_the_name_of_its_register(name: str, byte: int) -> None:
    _, kind = REGISTERS[name]
    reserved_code = {"CONFIG1": byte & 7 == 7, "RLD_SENS": byte >> 6 == 1}.get(name, False)
    if name.startswith("CH"):
        reserved_code = byte >> 4 & 7 == 7 or byte & 15 > max(Mux)
    address, _ = REGISTERS[name]
    fixed = ~(WRITABLE[address] | kind.READ_ONLY) & 0xFF
    if reserved_code or byte & fixed != FORCED_ONES[address]:
        with pytest.raises(InputError, match=f"^{name}: .*datasheet"):
            kind.from_byte(byte, name)
    else:
        assert kind.from_byte(byte, name).to_byte() == byte


def test_the_values_after_a_reset_are_those_of_the_chip() -> None:
    for address, kind in REGISTERS.values():
        assert DEFAULTS[address] == kind.RESET
        assert FORCED_ONES[address] == kind.ONES


@pytest.mark.parametrize(
    ("register", "byte", "message"),
    [
        ("CONFIG1", 0b0000_0111, "CONFIG1: data rate code 7 is reserved"),
        ("CONFIG1", 0b0100_0010, "CONFIG1: bit 6 must be 0"),
        ("CONFIG2", 0b0110_0000, "CONFIG2: bit 7 must be 1"),
        ("CONFIG2", 0b1010_0100, "CONFIG2: bit 2 must be 0"),
        ("LOFF", 0b0000_0000, "LOFF: bit 4 must be 1"),
        ("CH1SET", 0b0111_0000, "CH1SET: gain code 7 is reserved"),
        ("CH2SET", 0b0000_1100, "CH2SET: input code 12 is reserved"),
        ("RLD_SENS", 0b0110_1100, "RLD_SENS: chop code 1 is reserved"),
        ("LOFF_SENS", 0b1000_0000, "LOFF_SENS: bit 7 must be 0"),
        ("RESP1", 0b0000_0000, "RESP1: bit 1 must be 1"),
        ("RESP2", 0b0000_0010, "RESP2: bit 0 must be 1"),
        ("GPIO", 0b0001_1100, "GPIO: bit 4 must be 0"),
        ("GPIO", 256, "GPIO: 256 is not a byte"),
    ],
)
def test_what_the_datasheet_forbids_is_refused_by_name(register: str, byte: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"set.toml: {message}"):
        load_register_set(str(write_set(tmp_path, {register: byte})))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"CONFIG1": 0x82}, "SINGLE_SHOT"),
        ({"CONFIG2": 0xC0}, "every sample reads 0x7FFFFF"),
        ({"CONFIG2": 0xA0}, "an electrode that falls off is never reported"),
        ({"CONFIG2": "on"}, "CONFIG2: expected an integer"),
        ({"CONFIG3": 0x00}, "CONFIG3: no such register"),
        ({"GPIO": None}, "GPIO: missing"),
    ],
)
def test_values_that_together_give_no_ecg_are_refused(
    changes: dict[str, int | str | None], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        load_register_set(str(write_set(tmp_path, changes)))


def test_chips_without_respiration_need_other_values(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"RESP_FREQ \(bit 2\) must be 1 on the ADS1292"):
        load_register_set(str(write_set(tmp_path, {}, chips='["ADS1292"]')))
    with pytest.raises(InputError, match="RESP1: must be 0x02"):
        load_register_set(str(write_set(tmp_path, {"RESP2": 0x07, "RESP1": 0x82}, chips='["ADS1291"]')))
    with pytest.raises(InputError, match="'ADS1298' is not known"):
        load_register_set(str(write_set(tmp_path, {}, chips='["ADS1298"]')))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_set_loads_and_explains_every_bit(name: str) -> None:
    loaded = load_register_set(name)
    assert loaded.config1.rate_hz == 500
    lines = (DIRECTORY / f"{name}.toml").read_text().splitlines()
    for number, line in enumerate(lines):
        if " = 0b" not in line:
            continue
        register, _, value = line.partition(" = 0b")
        comments = []
        for before in reversed(lines[:number]):
            if not before.startswith("#"):
                if before.startswith("CH1SET"):
                    continue  # both channels share one explanation
                break
            comments.insert(0, before.removeprefix("# "))
        explained = "".join(
            part.split()[0] for comment in comments for piece in comment.split(" | ") for part in piece.split(", ")
            if set(part.split()[0]) <= {"0", "1"}
        )  # fmt: skip
        assert explained == value.replace("_", ""), register


def test_an_unknown_set_is_answered_with_the_shipped_ones() -> None:
    with pytest.raises(InputError, match="no register set 'ads1292r-egc'; choose one of ads1291-ecg, ads1292-two-"):
        load_register_set("ads1292r-egc")


def test_the_step_is_that_of_the_datasheet() -> None:
    ecg = load_register_set("ads1292r-ecg")
    assert ecg.mv_per_count(2) * 1e6 == pytest.approx(48.08, abs=0.01)
    assert ecg.with_gain(2, 12).mv_per_count(2) * 1e6 == pytest.approx(24.04, abs=0.01)
    assert ecg.channel(1) == ChannelSettings(powered_down=True, mux=Mux.SHORTED)
    assert Config2(reference_4v=True).reference_v == 4.033


@pytest.mark.parametrize("content", [b"\xff", b"registers = 1", b"[registers", b"chips = []\n[registers]\n[more]"])
def test_a_file_that_is_not_a_register_set_is_a_one_line_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "set.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"set\.toml: "):
        load_register_set(str(path))


def write_set(folder: Path, changes: dict[str, int | str | None], chips: str = '["ADS1292R"]') -> Path:
    """The shipped ECG set with other values."""
    loaded = load_register_set("ads1292r-ecg")
    values: dict[str, int | str | None] = {name: loaded.register(name).to_byte() for name in REGISTERS}
    lines = [f"chips = {chips}", "[registers]"]
    for name, value in (values | changes).items():
        if value is not None:
            lines.append(f"{name} = {value!r}")
    path = folder / "set.toml"
    path.write_text("\n".join(lines))
    return path
