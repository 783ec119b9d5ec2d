"""One part of the daemon's work on the first seconds of a WFDB record, to be counted by whoever runs it.

    python benchmarks/arm64/cost.py signal|path|daemon mitdb/100 SECONDS

signal: the pipeline without a model; path: with the model that ships; daemon: `ecg-edge run` at speed 1, to the
end of the record, with its recording and its outbox, and a broker on port 18831 where one listens. Prints processor
time and peak memory of the process, start-up included: the difference between two lengths is the work itself.
"""

from __future__ import annotations

import platform
import resource
import sys
import tempfile
from pathlib import Path

from edge.config import Settings, load
from edge.inference import load_classifier
from edge.service import daemon
from edge.service.replay import replay


def first_seconds(record: Path, seconds: float, folder: Path) -> Path:
    """The beginning of a record of two signals in format 212, as `mitdb` has them, as a record of its own."""
    lines = record.with_suffix(".hea").read_text().splitlines()
    name, signals, rate_hz, *_ = lines[0].split()
    samples = round(seconds * float(rate_hz))
    # Without the checksum, which is the whole record's.
    described = [" ".join(line.split()[:5]) for line in lines[1 : 1 + int(signals)]]
    header = [f"{name} {signals} {rate_hz} {samples}", *described]
    (folder / f"{name}.hea").write_text("\n".join(header) + "\n")
    (folder / f"{name}.dat").write_bytes(record.with_suffix(".dat").read_bytes()[: 3 * samples])
    return folder / name


def main() -> None:
    """Command line."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    part, seconds = sys.argv[1], float(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        record = first_seconds(Path(sys.argv[2]), seconds, Path(folder))
        if part == "daemon":
            settings = Path(folder, "edge.toml")
            settings.write_text(
                f'[device]\nid = "cost-{seconds:.0f}"\n[source]\nkind = "replay"\n'
                f'[source.replay]\nrecord = "{record}"\nspeed = 1.0\n'
                f'[mqtt]\nhost = "127.0.0.1"\nport = 18831\n[storage]\ndirectory = "{folder}/state"\n'
            )
            daemon.run(load(settings))
        else:
            classifier = load_classifier() if part == "path" else None
            replay([record], settings=Settings(), classifier=classifier)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{platform.machine()} {part} {seconds:.0f} s: {usage.ru_utime + usage.ru_stime:.2f} s of processor, "
        f"peak memory {usage.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
