"""Pins of buzzer, LEDs and button: none that the front end or its SPI bus uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecg.errors import InputError
from edge.config import AnnunciatorSettings, ButtonSettings, Settings, SourceSettings, render
from edge.frontends.pins import refuse_taken_pins

if TYPE_CHECKING:
    from pathlib import Path

FREE = AnnunciatorSettings(buzzer_pin=5, red_pin=6, green_pin=13)


def with_pin(kind: Any, key: str, pin: int) -> Settings:
    source = SourceSettings(kind=kind)
    if key == "pin":
        return Settings(source=source, button=ButtonSettings(pin=pin))
    return Settings(source=source, annunciator=AnnunciatorSettings(**{key: pin}))


@pytest.mark.parametrize("key", ["buzzer_pin", "red_pin", "green_pin", "pin"])
@pytest.mark.parametrize(
    ("kind", "pin", "what"),
    [
        ("ads1292", 17, "DRDY"),
        ("ads1292", 22, "START"),
        ("ads1292", 27, "RESET"),
        ("ads1292", 8, "CE0"),
        ("ads1292", 7, "CE1"),
        ("ads1292", 9, "MISO"),
        ("ads1292", 10, "MOSI"),
        ("ads1292", 11, "SCLK"),
        ("ad8232", 23, "LO_PLUS"),
        ("ad8232", 24, "LO_MINUS"),
        ("ad8232", 25, "SDN"),
        ("ad8232", 8, "CE0"),
        ("simulator", 17, "DRDY"),
        ("simulator", 8, "CE0"),
    ],
)
def test_a_pin_of_the_front_end_or_of_its_bus_is_refused(*, kind: str, key: str, pin: int, what: str) -> None:
    section = "button" if key == "pin" else "annunciator"
    with pytest.raises(InputError, match=rf"(?s)1 mistake.*{section}\.{key}: GPIO {pin} is {what} of the front end"):
        refuse_taken_pins(with_pin(kind, key, pin), name="edge.toml")


@pytest.mark.parametrize("kind", ["ads1292", "ad8232", "simulator"])
def test_the_pins_of_the_wiring_page_are_free(kind: Any) -> None:
    settings = Settings(source=SourceSettings(kind=kind), annunciator=FREE, button=ButtonSettings(pin=26))
    refuse_taken_pins(settings, name="edge.toml")
    refuse_taken_pins(Settings(source=SourceSettings(kind=kind)), name="edge.toml")


def test_a_line_of_another_front_end_is_free() -> None:
    refuse_taken_pins(with_pin("ad8232", "buzzer_pin", 17), name="edge.toml")
    refuse_taken_pins(with_pin("ads1292", "buzzer_pin", 23), name="edge.toml")


def test_config_check_and_run_refuse_such_a_pin(tmp_path: Path) -> None:
    from edge.cli.commands import check, run

    path = tmp_path / "edge.toml"
    path.write_text(render(with_pin("ads1292", "buzzer_pin", 17)))
    with pytest.raises(InputError, match="GPIO 17 is DRDY"):
        check(path)
    with pytest.raises(InputError, match="GPIO 17 is DRDY"):
        run(path, source="")
