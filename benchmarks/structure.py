"""The shape of the code in figures: sizes of files and classes, modules at the root, what an import loads, circles.

    python benchmarks/structure.py                      # this checkout
    python benchmarks/structure.py FOLDER/mne           # any package, to compare with

Lines are those of the file, blank ones and docstrings included. A class's attributes are the names that its methods
assign to `self`.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
PACKAGES = ("ecg", "edge", "converter")
LARGEST = 5
IMPORTS = (
    "ecg.samples",
    "ecg.alarms.service",
    "ecg.protocol",
    "ecg.protocol.decoder",
    "ecg.protocol.encoder",
    "edge.signal.pan_tompkins",
    "edge.rhythm.monitor",
    "edge.pipeline",
)


@dataclass(frozen=True)
class ClassSize:
    """A class: where it stands, its lines, and how many attributes its methods assign."""

    name: str
    lines: int
    attributes: int


def class_sizes(path: Path, package: Path) -> list[ClassSize]:
    """Give the classes of a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            assigned = {
                each.attr
                for each in ast.walk(node)
                if isinstance(each, ast.Attribute)
                and isinstance(each.ctx, ast.Store)
                and isinstance(each.value, ast.Name)
                and each.value.id == "self"
            }
            name = f"{path.relative_to(package.parent)}:{node.name}"
            found.append(ClassSize(name, (node.end_lineno or node.lineno) - node.lineno + 1, len(assigned)))
    return found


def show_package(package: Path) -> None:
    """Print the sizes of a package."""
    files = sorted(package.rglob("*.py"))
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    written = [count for count in lines.values() if count]
    classes = [each for path in files for each in class_sizes(path, package)]
    root = len(list(package.glob("*.py")))
    p90 = quantiles(written, n=10)[-1]
    print(f"\n{package.name}: {len(files)} files, {sum(written)} lines, {root} modules at its root (with __init__)")
    print(f"  lines of a file: median {median(written):.0f}, p90 {p90:.0f}, max {max(written)}")
    for path in sorted(files, key=lambda path: -lines[path])[:LARGEST]:
        print(f"    {lines[path]:6} {path.relative_to(package.parent)}")
    print("  longest classes, and those with the most attributes:")
    for each in sorted(classes, key=lambda each: -each.lines)[:LARGEST]:
        print(f"    {each.lines:6} lines {each.name}")
    for each in sorted(classes, key=lambda each: -each.attributes)[:LARGEST]:
        print(f"    {each.attributes:6} attributes {each.name}")


def show_imports() -> None:
    """Print what an import loads, in a fresh interpreter."""
    print("\nmodules loaded by an import, without the standard library:")
    script = (
        "import sys; before = set(sys.modules); import {name}; new = set(sys.modules) - before;"
        "own = [n for n in new if n.partition('.')[0] in ('ecg', 'edge', 'reader', 'console', 'converter')];"
        "others = {{n.partition('.')[0] for n in new}} - set(sys.stdlib_module_names)"
        " - {{'ecg', 'edge', 'converter'}};"
        "print(len(new), sum(n.startswith('ecg') for n in own), sum(n.startswith('edge') for n in own),"
        " ' '.join(sorted(o for o in others if not o.startswith('_'))) or 'nothing')"
    )
    for name in IMPORTS:
        command = [sys.executable, "-c", script.format(name=name)]
        told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split(maxsplit=3)
        print(f"  {name}: {told[0]} in all; {told[1]} of ecg, {told[2]} of edge; from outside: {told[3].strip()}")


def main() -> None:
    """Print it all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="*", type=Path, help="default: this project's")
    asked = parser.parse_args()
    for package in asked.packages or [ROOT / name for name in PACKAGES]:
        show_package(package.resolve())
    if not asked.packages:
        show_imports()


if __name__ == "__main__":
    main()
