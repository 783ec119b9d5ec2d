"""Board files: the shipped ones load, a mistake is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecg.errors import InputError
from edge.frontends.boards import Ad8232Board, Ads1292Board, load_board
from firmware_config import DIRECTORY

if TYPE_CHECKING:
    from pathlib import Path


def test_every_shipped_board_loads() -> None:
    boards = [load_board(path.stem) for path in sorted(DIRECTORY.glob("board-*.toml"))]
    assert {type(board) for board in boards} == {Ads1292Board, Ad8232Board}


def test_a_board_is_found_by_its_short_name() -> None:
    board = load_board("cjmcu-1292")
    assert isinstance(board, Ads1292Board)
    assert board.ecg_channel == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("start = 22", "start = 17", "start and drdy are both on GPIO 17"),
        ("spi_hz = 1_000_000", "spi_hz = 4_000_000", "spi_hz: expected a whole number of 1024000 or less"),
        ("drdy = 17", "dready = 17", "dready"),
        ("drdy = 17", "drdy = 99", "drdy: expected a whole number of 53 or less"),
        ("ecg_channel = 2", "ecg_channel = 3", "ecg_channel"),
        ('front_end = "ads1292"', 'front_end = "ads1298"', "ads1298"),
        ("drdy = 17", "drdy = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text((DIRECTORY / "board-cjmcu-1292.toml").read_text().replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        load_board(str(path))
    assert str(path) in str(caught.value)


def test_an_unknown_board_is_answered_with_the_shipped_ones() -> None:
    with pytest.raises(InputError, match="no board 'nano'; choose one of board-ad8232-mcp3008"):
        load_board("nano")
