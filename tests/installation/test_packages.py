"""install.sh copies a complete monitor."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("ecg", "edge", "models", "firmware_config")
PROGRAM = f"""
import sys
import edge.cli
from edge.service import daemon
from edge.inference import load_classifier
load_classifier("")
ours = {{name: module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] in {OURS}}}
print([name for name, file in ours.items() if not file.startswith(sys.argv[1])])
"""


def test_the_installed_copy_of_the_monitor_is_complete(tmp_path: Path) -> None:
    found = re.search(r'cp -R (.*) "\$build/"', (ROOT / "install.sh").read_text())
    assert found is not None
    for name in found[1].split():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))

    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, sys.argv[1])\n{PROGRAM}", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
