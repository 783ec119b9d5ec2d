"""What the monitor tells of recordings: the digests of its messages and annotations, to compare two versions of it.

    python benchmarks/same_telling.py RECORDINGS --keep before.json       # with the code of before
    python benchmarks/same_telling.py RECORDINGS --against before.json    # with the code of today

Each record of `mitdb`, `svdb` and `vfdb` in the folder RECORDINGS is replayed with the default settings, which fix the
device's id; the times of a replay are those of the recording. Another tree is measured with PYTHONPATH=TREE.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DATABASES = ("mitdb", "svdb", "vfdb")
PROCESSES = 2
COMMAND = (sys.executable, "-c", "from edge.cli import main; main()")


def telling(record: Path) -> dict[str, str]:
    """Replay a record and give the SHA-256 of what was written."""
    with tempfile.TemporaryDirectory() as folder:
        events, annotations = Path(folder) / "events.jsonl", Path(folder) / "annotations"
        arguments = ("replay", str(record), "--events", str(events), "--annotations", str(annotations))
        subprocess.run((*COMMAND, *arguments), check=True, capture_output=True)
        files = {"events": events, "annotations": annotations / f"{record.name}.edge"}
        return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()}


def main() -> int:
    """Compare, or keep what is to be compared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--keep", type=Path, help="write the digests there")
    parser.add_argument("--against", type=Path, help="compare with the digests there")
    asked = parser.parse_args()
    headers = [header for name in DATABASES for header in sorted((asked.recordings / name).glob("*.hea"))]
    with ThreadPoolExecutor(PROCESSES) as pool:
        told = pool.map(telling, [header.with_suffix("") for header in headers])
        found = {f"{header.parent.name}/{header.stem}": digests for header, digests in zip(headers, told, strict=True)}
    if asked.keep is not None:
        asked.keep.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if asked.against is None:
        print(f"{len(found)} records replayed")
        return 0
    before = json.loads(asked.against.read_text(encoding="utf-8"))
    differing = sorted(name for name in before.keys() | found.keys() if before.get(name) != found.get(name))
    print(f"{len(found)} records replayed, {len(differing)} differ: {', '.join(differing) or 'all byte-identical'}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
