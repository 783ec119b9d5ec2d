"""The ECG of a normal heart as a file of each format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from reader.twelve_leads import LEADS
from tests.support import aecg_files, dicom_files, scp_files, sierra_files
from tests.support.twelve_leads import noise, normal_samples_mv
from tests.support.wfdb_files import pack_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ecg.samples import FloatArray

__all__ = ["RATE_HZ", "STEPS_PER_MV", "WRITERS", "normal_steps", "write_csv", "write_wfdb"]

RATE_HZ: Final = 250
STEPS_PER_MV: Final = 200

_SCP_NUMBERS: Final = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)


def normal_steps(samples_mv: FloatArray | None = None) -> NDArray[np.int64]:
    """Samples in steps of 5 uV, shape (12, n); by default 10 s of a normal heart."""
    if samples_mv is None:
        clean = normal_samples_mv(rate_hz=RATE_HZ)
        samples_mv = clean + noise(clean.shape)
    return np.rint(samples_mv * STEPS_PER_MV).astype(np.int64)


def write_wfdb(
    folder: Path, steps: NDArray[np.int64], *, names: Sequence[str] = LEADS, unit: str = "mV", rate_hz: int = RATE_HZ
) -> Path:
    """A WFDB record of 16 bits."""
    lines = [f"r {len(steps)} {rate_hz} {steps.shape[1]}"]
    for name, row in zip(names, steps, strict=True):
        checksum = (int(row.sum()) + 32768) % 65536 - 32768
        lines.append(f"r.dat 16 {STEPS_PER_MV}/{unit} 16 0 {row[0]} {checksum} 0 {name}")
    (folder / "r.hea").write_text("\n".join([*lines, ""]))
    (folder / "r.dat").write_bytes(pack_samples(16, steps.T.reshape(-1).tolist()))
    return folder / "r.hea"


def write_csv(folder: Path, steps: NDArray[np.int64], *, names: Sequence[str] | None = LEADS, unit: str = "mV") -> Path:
    """A table with its rate above it; without names it has no header, and no unit."""
    header = "" if names is None else ",".join(f"{name} ({unit})" if unit else name for name in names) + "\n"
    table = "\n".join(",".join(f"{value:g}" for value in row) for row in (steps / STEPS_PER_MV).T)
    (folder / "r.csv").write_text(f"# rate_hz: {RATE_HZ}\n{header}{table}\n")
    return folder / "r.csv"


def _write_edf(folder: Path, steps: NDArray[np.int64]) -> Path:
    edfio = pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    signals = [
        edfio.EdfSignal(5.0 * row, RATE_HZ, label=f"ECG {lead}", physical_dimension="uV", physical_range=(-1e5, 1e5))
        for lead, row in zip(LEADS, steps, strict=True)
    ]
    edfio.Edf(signals).write(folder / "r.edf")
    return folder / "r.edf"


def _write_scp(folder: Path, steps: NDArray[np.int64]) -> Path:
    leads = [scp_files.huffman(scp_files.second_differences(row.tolist())) for row in steps]
    sections = {
        2: scp_files.DEFAULT_TABLE,
        3: scp_files.lead_section(dict.fromkeys(_SCP_NUMBERS, (1, steps.shape[1]))),
        6: scp_files.rhythm_section(leads, step_nv=5000, interval_us=10**6 // RATE_HZ, differences=2),
    }
    (folder / "r.scp").write_bytes(scp_files.record(sections))
    return folder / "r.scp"


def _write_aecg(folder: Path, steps: NDArray[np.int64]) -> Path:
    leads = [
        aecg_files.lead(f"MDC_ECG_LEAD_{lead.upper()}", row.tolist()) for lead, row in zip(LEADS, steps, strict=True)
    ]
    text = aecg_files.aecg([aecg_files.series([aecg_files.sequence_set(leads)])])
    (folder / "r.xml").write_text(text, encoding="utf-8")
    return folder / "r.xml"


def _write_sierra(folder: Path, steps: NDArray[np.int64]) -> Path:
    stored = sierra_files.off_by({lead: row.tolist() for lead, row in zip(LEADS, steps, strict=True)})
    text = sierra_files.base64_text(sierra_files.xli(list(stored.values())))
    document = sierra_files.sierra(text, LEADS, samples=steps.shape[1], rate=str(RATE_HZ))
    (folder / "r.xml").write_text(document, encoding="utf-8")
    return folder / "r.xml"


def _write_dicom(folder: Path, steps: NDArray[np.int64]) -> Path:
    pytest.importorskip("pydicom", reason="pydicom comes with the extra [reader]")
    channels = [dicom_files.channel(lead) for lead in LEADS]
    group = dicom_files.group(steps, channels, rate=str(RATE_HZ))
    return dicom_files.save(folder / "r.dcm", dicom_files.dataset([group]))


WRITERS: Final[dict[str, Callable[[Path, NDArray[np.int64]], Path]]] = {
    "WFDB": write_wfdb,
    "EDF+": _write_edf,
    "CSV": write_csv,
    "SCP-ECG": _write_scp,
    "HL7 aECG": _write_aecg,
    "Philips Sierra": _write_sierra,
    "DICOM": _write_dicom,
}
"""What writes twelve leads into a folder, by format."""
