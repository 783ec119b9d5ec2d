"""Which sentences tell of the same fault."""

from __future__ import annotations

from ecg.alarms.causes import same_fault


def test_a_value_that_was_read_does_not_make_another_fault() -> None:
    assert same_fault("the ID register reads 0xFF: no chip") == same_fault("the ID register reads 0x3a: no chip")
    assert same_fault("read b'\\x00A'; check") == same_fault('read b"\'\\t"; check')


def test_other_words_are_another_fault() -> None:
    assert same_fault("MISO stays high") != same_fault("MISO stays low")
    assert same_fault(None) is None
