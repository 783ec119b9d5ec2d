"""The font: its widths are those that FreeType finds, and every text can be written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.paper.font import FONT_FILE, MISSING, font


def test_the_widths_are_those_that_freetype_finds() -> None:
    fonts = pytest.importorskip("PIL.ImageFont", reason="Pillow comes with the extra [paper]")
    loaded = fonts.truetype(str(FONT_FILE), 2048, layout_engine=fonts.Layout.BASIC)
    for text in [
        "VT opened 18:55:26",
        "\u00e4 \u044f \u03bb \u1ea1",
        *(each for each in font().widths if font().shown(each) == each),
    ]:
        assert font().width_mm(text, 2048) == pytest.approx(loaded.getlength(text), abs=1)


def test_what_the_font_lacks_is_a_box() -> None:
    assert font().shown("a\u6c34\U0001f494\n\u0301b\u202e") == f"a{MISSING}{MISSING} b"


@given(text=st.text(), width_mm=st.floats(5, 100))
def test_a_fitted_text_is_no_wider_than_its_room(text: str, width_mm: float) -> None:
    fitted = font().fitted(text, 3, width_mm)
    assert font().width_mm(fitted, 3) <= width_mm
    if font().width_mm(text, 3) <= width_mm:
        assert fitted == text


@given(text=st.text(), width_mm=st.floats(5, 100))
def test_lines_are_no_wider_than_their_room_and_lose_no_short_word(text: str, width_mm: float) -> None:
    lines = font().lines(text, 3, width_mm)
    assert all(font().width_mm(line, 3) <= width_mm for line in lines)
    short = [word for word in text.split() if font().width_mm(word, 3) <= width_mm]
    assert set(short) <= set(" ".join(lines).split())
