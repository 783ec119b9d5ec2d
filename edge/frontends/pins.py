"""Which GPIO lines the front end takes. Buzzer, LEDs and button must have others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecg.errors import InputError
from edge.frontends.boards import load_board

if TYPE_CHECKING:
    from edge.config import Settings

__all__ = ["refuse_taken_pins"]


def refuse_taken_pins(settings: Settings, *, name: str) -> None:
    """Refuse a pin of the buzzer, the LEDs or the button that the front end's board or its SPI bus uses.

    With a simulator or a recording as the source it is the board of the ADS1292 settings: the pins are to stay right
    when a front end is fitted.

    Args:
        settings: what is checked.
        name: of the settings file, for the error message.

    Raises:
        InputError: with one line for each such pin, or because the board file is wrong.
    """
    source = settings.source
    board_name = source.ad8232.board if source.kind == "ad8232" else source.ads1292.board
    try:
        board = load_board(board_name)
    except InputError:
        if source.kind in {"ads1292", "ad8232"}:
            raise
        return
    pins = {
        "annunciator.buzzer_pin": settings.annunciator.buzzer_pin,
        "annunciator.red_pin": settings.annunciator.red_pin,
        "annunciator.green_pin": settings.annunciator.green_pin,
        "button.pin": settings.button.pin,
    }
    taken = board.lines()
    mistakes = [
        f"{key}: GPIO {pin} is {taken[pin]} of the front end's board {board_name}; take another pin"
        for key, pin in pins.items()
        if pin in taken
    ]
    if mistakes:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise InputError("\n  ".join([f"{name}: {count} in the settings", *mistakes]))
