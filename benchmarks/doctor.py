"""How soon `ecg-edge doctor` names each fault of a simulated front end, one after the other.

python benchmarks/doctor.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CHIPS = Path(__file__).parents[1] / "tests" / "support" / "chips"
sys.path.insert(0, str(CHIPS))

from simulated.front_end_file import FrontEndFile  # noqa: E402 (found by the line above)

FAULTS: dict[str, dict[str, Any]] = {
    "MISO stuck at 0x00": {"faults": {"stuck_miso": 0x00}},
    "MISO stuck at 0xFF": {"faults": {"stuck_miso": 0xFF}},
    "one bit flipped in each 9th answer": {"faults": {"flip_every": 9}},
    "wrong chip (ADS1191)": {"identity": 0x50},
    "reference shorted": {"faults": {"reference_shorted": True}},
    "half-rate clock": {"faults": {"clock": 0.5}},
    "DRDY cut": {"faults": {"drdy_cut": True}},
    "each 40th DRDY missed": {"faults": {"miss_every": 40}},
    "electrode off": {"faults": {"electrodes_off": 0b0100}},
    "line busy": {"busy": {"22": "spi1-1cs"}},
    "device node missing": {"spi_errno": 2},
    "healthy": {},
    "AD8232: MISO stuck at 0x00": {"kind": "ad8232", "faults": {"stuck_miso": 0x00}},
    "AD8232: MISO stuck at 0xFF": {"kind": "ad8232", "faults": {"stuck_miso": 0xFF}},
    "AD8232: one bit flipped in each 50th reply": {"kind": "ad8232", "faults": {"flip_every": 50}},
    "AD8232: electrode off": {"kind": "ad8232", "faults": {"electrodes_off": 1}},
    "AD8232: output at its lower limit": {"kind": "ad8232", "faults": {"output_v": 0.03}},
    "AD8232: SDN cut": {"kind": "ad8232", "faults": {"sdn_cut": True}},
    "AD8232: healthy": {"kind": "ad8232"},
}

OF_MACHINE = {"boot config", "groups"}
"""Whatever they find is no fault of the simulated front end."""


def main() -> None:
    """Print a table."""
    print("| fault | named by | after, since its check began | since the start |\n|---|---|---|---|")
    for fault, front_end in FAULTS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = FrontEndFile(Path(folder))
            file.set(**front_end)
            source = front_end.get("kind", "ads1292")
            command = [sys.executable, "-m", "edge.cli", "doctor", "--source", source, "--json"]
            answer = subprocess.run(command, capture_output=True, check=False, env=os.environ | file.environment)
        results = json.loads(answer.stdout)
        hardware = [
            n for n, each in enumerate(results) if each["area"] == "hardware" and each["check"] not in OF_MACHINE
        ]
        failing = [n for n in hardware if results[n]["outcome"] in {"failed", "warning"}]
        last = failing[0] if failing else hardware[-1]
        named = results[last]["check"] if failing else "nothing: all hardware checks"
        before_s = sum(each["seconds"] for each in results[: last + 1])
        took_s = f"{results[last]['seconds']:.1f} s" if failing else ""
        print(f"| {fault} | {named} | {took_s} | {before_s:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
