"""The int8 interpreter: whichever package provides it, in one line where none does."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from ecg.errors import InputError
from ecg.model_file.runtime import open_interpreter, runtime_version


def test_the_runtime_is_named_with_its_version() -> None:
    assert runtime_version().startswith(("ai-edge-litert ", "tflite-runtime "))


def test_without_any_runtime_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, parts: Any) -> None:
    for name in ("ai_edge_litert", "tflite_runtime"):
        monkeypatch.setitem(sys.modules, f"{name}.interpreter", None)
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match="install the package"):
        open_interpreter(parts.flatbuffer)


def test_opening_a_model_writes_nothing_to_standard_error(parts: Any, capfd: pytest.CaptureFixture[str]) -> None:
    open_interpreter(parts.flatbuffer).invoke()
    assert capfd.readouterr().err == ""


def test_what_is_no_model_is_refused_in_one_line() -> None:
    with pytest.raises(InputError) as caught:
        open_interpreter(b"\x00" * 64)
    assert "\n" not in str(caught.value)


def test_the_room_of_model_files_loads_no_runtime_and_no_library_of_signatures() -> None:
    code = """
import sys
import ecg.model_file.loading
heavy = ("edge", "converter", "cryptography", "ai_edge_litert", "tflite_runtime")
print([name for name in sys.modules if name.partition(".")[0] in heavy])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
