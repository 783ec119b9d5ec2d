"""A small beat model made by hand, and how a file is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from ecg.errors import ExitCode, InputError
from ecg.model_file.container import read, write
from ecg.model_file.loading import load_model

sys.path.insert(0, str(Path(__file__).parent))  # for `import handmade_model`

from handmade_model import Parts, dense_model, make_card, make_parts

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def parts() -> Parts:
    """A sound model, its card and golden beats."""
    return make_parts(make_card(), dense_model())


@pytest.fixture(scope="session")
def refusal_of() -> Callable[[Path], str]:
    """Give a function that gives the one line with which a file is refused."""

    def refusal(path: Path) -> str:
        with pytest.raises(InputError) as caught:
            load_model(read(path))
        message = str(caught.value)
        assert "\n" not in message
        assert str(path) in message
        assert caught.value.exit_code == ExitCode.USAGE
        return message

    return refusal


@pytest.fixture
def refusal_with(parts: Parts, refusal_of: Callable[[Path], str], tmp_path: Path) -> Callable[..., str]:
    """Give a function that gives the refusal of a file whose card has other fields."""

    def refusal(**changes: Any) -> str:
        path = tmp_path / "changed.tflite"
        write(path, parts.flatbuffer, msgspec.structs.replace(parts.card, **changes), parts.golden)
        return refusal_of(path)

    return refusal
