"""What a module needs is read from its source: the key of cut beats changes with what cuts them and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import converter
from converter.datasets.cut_cache import CUTTING
from converter.datasets.import_closure import OUR_PACKAGES, closure_digest, import_closure

ROOT = Path(converter.__file__).parents[1]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of our packages without what is no source."""
    root = tmp_path_factory.mktemp("tree")
    for package in OUR_PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__", "*.tflite"))
    return root


def key_with_changed(root: Path, name: str) -> str:
    """The key after a byte more in a file, which is then put back."""
    path = root / name
    content = path.read_bytes()
    try:
        path.write_bytes(content + b"\n")
        return closure_digest(CUTTING, root)
    finally:
        path.write_bytes(content)


def test_a_copy_of_the_code_has_the_same_key(copy: Path) -> None:
    assert closure_digest(CUTTING, copy) == closure_digest(CUTTING)


@pytest.mark.parametrize(
    "name",
    [
        "converter/datasets/cutting.py",
        "converter/datasets/motion.py",
        "converter/datasets/short_recordings.py",
        "ecg/samples.py",
        "edge/inference/__init__.py",
        "edge/inference/inputs.py",
        "edge/inference/intervals.npz",
        "edge/pipeline.py",
        "edge/rhythm/__init__.py",
        "edge/signal/coefficients.py",
    ],
)
def test_a_change_of_what_cutting_needs_changes_the_key(copy: Path, name: str) -> None:
    assert key_with_changed(copy, name) != closure_digest(CUTTING)


@pytest.mark.parametrize(
    "name",
    [
        "converter/cli/app.py",
        "converter/datasets/catalogue.py",
        "converter/evaluation/scoring.py",
        "converter/training/train.py",
        "ecg/paper/__init__.py",
        "ecg/protocol/__init__.py",
        "edge/cli/__init__.py",
        "edge/mqtt/__init__.py",
    ],
)
def test_a_change_of_anything_else_does_not(copy: Path, name: str) -> None:
    assert key_with_changed(copy, name) == closure_digest(CUTTING)


def test_each_kind_of_import_is_followed_but_what_is_there_for_types_alone(tmp_path: Path) -> None:
    sources = {
        "ecg/__init__.py": "",
        "ecg/first.py": "import edge.second\nfrom edge import third\nimport numpy\n",
        "edge/__init__.py": "from .fourth import name\n",
        "edge/second.py": "def late():\n    from edge.fifth import name\n",
        "edge/third.py": (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import edge.typed\n"
            "else:\n    import edge.untyped\nPATH = Path(__file__).with_name('weights.npz')\n"
        ),
        "edge/fourth.py": "DATA = Path(__file__).with_suffix('.json')\n",
        "edge/fifth.py": "",
        "edge/typed.py": "",
        "edge/untyped.py": "",
        "edge/unused.py": "",
        "edge/weights.npz": "",
        "edge/fourth.json": "",
        "edge/fifth.json": "",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    needed = {*sources} - {"edge/typed.py", "edge/unused.py", "edge/fifth.json"}
    assert set(import_closure("ecg.first", tmp_path)) == needed


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"no module converter\.datasets\.carving"):
        import_closure("converter.datasets.carving")
