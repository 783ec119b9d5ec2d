"""What a module needs of our own code: the modules that it imports, those that they import, and the data they read.

The imports are read from the source, at module level and inside functions; nothing is run. What stands under
`if TYPE_CHECKING:` is left out, since it is never loaded. A package's `__init__` counts for each module in it, as it
runs before them. A data file counts where it lies beside a module that names it, or names its suffix and has the same
stem. An import by a computed name is not seen.
"""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import Final

import converter

__all__ = ["OUR_PACKAGES", "closure_digest", "import_closure"]

OUR_PACKAGES: Final = ("converter", "ecg", "edge", "firmware_config", "models", "reader")
"""Packages whose code is followed; all of them lie in one folder."""

_FILE_NAME: Final = re.compile(r"[\w-]*\.[\w.-]+")


def closure_digest(module: str, root: Path | None = None) -> str:
    """SHA-256 over the names and the bytes of all that a module needs; arguments and errors as of `import_closure`."""
    whole = hashlib.sha256()
    for name, path in sorted(import_closure(module, root).items()):
        whole.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n".encode())
    return whole.hexdigest()


def import_closure(module: str, root: Path | None = None) -> dict[str, Path]:
    """Modules and data files that a module needs, itself included, by their path below the root.

    Args:
        module: its full name, such as `converter.datasets.cutting`.
        root: folder that holds our packages; None: the one that the running code lies in.

    Raises:
        ModuleNotFoundError: there is no such module.
    """
    root = Path(converter.__file__).parents[1] if root is None else root
    if _source(root, module) is None:
        raise ModuleNotFoundError(f"{root} holds no module {module}")
    found: dict[str, Path] = {}
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _source(root, name)
        if path is None:  # a name in a module, not a module
            continue
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        reader = _Reader(package)
        reader.visit(ast.parse(path.read_bytes(), str(path)))
        data = (path.with_name(f"{path.stem}{text}" if text[0] == "." else text) for text in reader.texts)
        for file in (path, *(file for file in data if file.is_file())):
            found[file.relative_to(root).as_posix()] = file
        needed = {name.rpartition(".")[0], *reader.imported}
        waiting += [each for each in needed if each.split(".")[0] in OUR_PACKAGES]
    return found


def _source(root: Path, module: str) -> Path | None:
    path = root.joinpath(*module.split("."))
    for source in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if source.is_file():
            return source
    return None


class _Reader(ast.NodeVisitor):
    """Collects what a module of a package imports, and the texts in it that may be names of files."""

    def __init__(self, package: str) -> None:
        self.package = package.split(".")
        self.imported: set[str] = set()
        self.texts: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        """Leave out what is there for types alone."""
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for statement in node.orelse:
                self.visit(statement)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        """`import a.b`."""
        self.imported |= {alias.name for alias in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from a.b import c` and `from .b import c`, where c may be a module."""
        above = self.package[: len(self.package) + 1 - node.level] if node.level else []
        origin = ".".join([*above, *([node.module] if node.module else [])])
        self.imported |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}

    def visit_Constant(self, node: ast.Constant) -> None:
        """A text such as `weights.npz` or `.npz`."""
        if isinstance(node.value, str) and _FILE_NAME.fullmatch(node.value):
            self.texts.add(node.value)
