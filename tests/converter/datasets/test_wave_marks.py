"""Marks of waves as they stand in the files."""

from __future__ import annotations

from converter.datasets.wave_marks import MarkedWave, waves_of
from ecg.formats.wfdb.annotations import Annotation


def annotations(text: str) -> list[Annotation]:
    """An annotation every ten samples."""
    return [Annotation(10 * number, symbol) for number, symbol in enumerate(text)]


def test_waves_have_their_begin_peak_and_end() -> None:
    assert waves_of(annotations("(p)(N)(t)")) == (
        MarkedWave("P", 0, 10, 20),
        MarkedWave("QRS", 30, 40, 50),
        MarkedWave("T", 60, 70, 80),
    )


def test_what_is_not_marked_is_not_known() -> None:
    assert waves_of(annotations("(N)t)u)")) == (MarkedWave("QRS", 0, 10, 20), MarkedWave("T", None, 30, 40))
    assert waves_of(annotations("N)(t")) == (MarkedWave("QRS", None, 0, 10), MarkedWave("T", 20, 30, None))


def test_a_wave_with_two_peaks_is_one() -> None:
    assert waves_of(annotations("(tt)")) == (MarkedWave("T", 0, 10, 30),)


def test_any_beat_is_a_qrs_complex() -> None:
    assert [wave.kind for wave in waves_of(annotations("(V)(B)(Q)"))] == ["QRS", "QRS", "QRS"]
