"""Tags: they stay on the page and do not overlap."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ecg.paper.drawing import Box, Rectangle, Text
from ecg.paper.font import font
from ecg.paper.tags import LEVEL_MM, Tag, TagRow

WIDTH_MM = 270.0
TRACE = Box(25, 105, 250, 30)

tags = st.lists(st.builds(Tag, x_mm=st.floats(0, WIDTH_MM), text=st.text(min_size=1, max_size=120)), max_size=40)


def texts(row: TagRow) -> list[Text]:
    return [item for item in row.draw(10, 100, TRACE) if isinstance(item, Text)]


@given(tags=tags)
def test_tags_stay_in_their_row_and_do_not_overlap(tags: list[Tag]) -> None:
    row = TagRow(tags, 0, WIDTH_MM)
    placed = [(text.x_mm, text.x_mm + font().width_mm(text.text, text.size_mm), text) for text in texts(row)]
    for left, right, text in placed:
        assert left >= 10 - 1e-9
        assert right <= 10 + WIDTH_MM + 1e-9
        assert 100 - row.height_mm <= text.y_mm - text.size_mm
        assert text.y_mm <= 100
    for (left, right, text), (other_left, other_right, other) in combinations(placed, 2):
        apart = right <= other_left or other_right <= left or abs(text.y_mm - other.y_mm) >= LEVEL_MM - 1e-9
        assert apart


@given(tags=tags)
def test_every_tag_is_written_or_counted(tags: list[Tag]) -> None:
    row = TagRow(tags, 0, WIDTH_MM)
    written = texts(row)
    if len(written) < len(tags):
        assert written[-1].text == f"and {len(tags) - len(written) + 1} more"
    else:
        assert len(written) == len(tags)


def test_tags_of_one_moment_stand_one_above_the_other() -> None:
    row = TagRow([Tag(50, "VT opened 18:55:26"), Tag(50, "V run closed 18:55:26")], 0, WIDTH_MM)
    assert row.levels == 2


def test_a_tag_that_fits_stands_beside_its_mark() -> None:
    (text,) = texts(TagRow([Tag(50, "VT opened 18:55:26")], 0, WIDTH_MM))
    assert text.x_mm == 10 + 51


def test_no_mark_crosses_a_text_without_paper_behind_it() -> None:
    row = TagRow([Tag(268, "VT closed 18:55:26"), Tag(260, "AF opened 18:55:25")], 0, WIDTH_MM)
    kinds = [type(item) for item in row.draw(0, 100, TRACE)]
    assert kinds.index(Rectangle) == len(kinds) // 3  # all marks come first
