"""The same recording in every format, written without the code under test."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support import aecg_files, dicom_files, scp_files, sierra_files
from tests.support.wfdb_files import pack_samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

RATE_HZ = 250
START = dt.datetime(2024, 5, 1, 10, 20, 30, tzinfo=dt.UTC)
SAMPLES = 25 * RATE_HZ
ADC: NDArray[np.int64] = np.rint(
    200 * np.array([np.sin(np.arange(SAMPLES) / 40), 0.5 + np.cos(np.arange(SAMPLES) / 30), np.ones(SAMPLES)])
).astype(np.int64)
"""Of the signals II and V5, 200 steps a mV, and PRES, in mmHg; shape (3, n)."""


def write_wfdb(folder: Path) -> Path:
    """A record of two files: the pressure lies in its own."""
    lines = [f"r 3 {RATE_HZ} {SAMPLES} 10:20:30 01/05/2024"]
    for name, file, unit, adc in zip(("II", "V5", "PRES"), "aab", ("mV", "mV", "mmHg"), ADC, strict=True):
        lines.append(f"{file}.dat 16 200/{unit} 12 0 {adc[0]} {(int(adc.sum()) + 32768) % 65536 - 32768} 0 {name}")
    (folder / "r.hea").write_text("\n".join([*lines, ""]))
    (folder / "a.dat").write_bytes(pack_samples(16, ADC[:2].T.reshape(-1).tolist()))
    (folder / "b.dat").write_bytes(pack_samples(16, ADC[2].tolist()))
    return folder / "r"


def write_edf(folder: Path) -> Path:
    """A file in uV; the pressure has its own rate."""
    edfio = pytest.importorskip("edfio", reason="edfio comes with the extra [edf]")
    signals = [
        edfio.EdfSignal(5.0 * adc, RATE_HZ, label=name, physical_dimension="uV", physical_range=(-163_840, 163_835))
        for name, adc in zip(("II", "V5"), ADC[:2], strict=True)
    ]
    signals.append(
        edfio.EdfSignal(
            np.ones(25 * 50), 50, label="PRES", physical_dimension="mmHg", physical_range=(-163.84, 163.835)
        )
    )
    about = edfio.Recording(startdate=START.date())
    edfio.Edf(signals, recording=about, starttime=START.time()).write(folder / "r.edf")
    return folder / "r.edf"


def write_csv(folder: Path) -> Path:
    """A table with times, text beside some samples, and a pressure."""
    rows = [f"timestamp,II (mV),V5_uv,PRES (mmHg),note\n# rate_hz: {RATE_HZ}\n"]
    for sample, (mlii, v5, pressure) in enumerate(ADC.T.tolist()):
        moment = START + dt.timedelta(seconds=sample / RATE_HZ)
        note = '"N"' if sample % RATE_HZ == 0 else ""
        rows.append(f"{moment.isoformat()},{mlii / 200},{v5 * 5},{pressure / 200},{note}\n")
    (folder / "r.csv").write_text("".join(rows))
    return folder / "r.csv"


def write_scp(folder: Path) -> Path:
    """A record with Huffman codes of second differences; the pressure has no place in it."""
    leads = [scp_files.huffman(scp_files.second_differences(adc.tolist())) for adc in ADC[:2]]
    sections = {
        2: scp_files.DEFAULT_TABLE,
        3: scp_files.lead_section({2: (1, SAMPLES), 7: (1, SAMPLES)}),
        6: scp_files.rhythm_section(leads, step_nv=5000, interval_us=4000, differences=2),
    }
    (folder / "r.scp").write_bytes(scp_files.record(sections, start=START))
    return folder / "r.scp"


def write_aecg(folder: Path) -> Path:
    """An annotated ECG with a pressure."""
    leads = [
        aecg_files.lead("MDC_ECG_LEAD_II", ADC[0].tolist()),
        aecg_files.lead("MDC_ECG_LEAD_V5", ADC[1].tolist()),
        aecg_files.lead("PRES", ADC[2].tolist(), unit="mm[Hg]", scale="0.005"),
    ]
    text = aecg_files.aecg([aecg_files.series([aecg_files.sequence_set(leads)])], start=START)
    (folder / "r.xml").write_text(text, encoding="utf-8")
    return folder / "r.xml"


def write_sierra(folder: Path) -> Path:
    """A document with samples in XLI; the pressure has no place in it."""
    text = sierra_files.base64_text(sierra_files.xli(ADC[:2].tolist()))
    document = sierra_files.sierra(text, ["II", "V5"], samples=SAMPLES, start=START)
    (folder / "r.xml").write_text(document, encoding="utf-8")
    return folder / "r.xml"


def write_dicom(folder: Path) -> Path:
    """A twelve-lead ECG with two leads and a pressure."""
    pytest.importorskip("pydicom", reason="pydicom comes with the extra [reader]")
    channels = [
        dicom_files.channel("II", code="5.6.3-9-2"),
        dicom_files.channel("V5"),
        dicom_files.channel("PRES", unit="mm[Hg]", sensitivity="0.005"),
    ]
    return dicom_files.save(folder / "r.dcm", dicom_files.dataset([dicom_files.group(ADC, channels)], start=START))


@dataclass(frozen=True)
class Kind:
    """A format under test.

    Attributes:
        name: of the format.
        write: writes the recording into a folder; gives what a reader opens.
        suffix: of what a reader opens.
        length: of the recording as the file tells it.
        stored: whether leads have the scale of the file.
        has_pressure: whether the format has a place for signals that are no ECG.
    """

    name: str
    write: Callable[[Path], Path]
    suffix: str
    length: int | None
    stored: bool
    has_pressure: bool = True


KINDS = (
    Kind("WFDB", write_wfdb, ".hea", SAMPLES, stored=True),
    Kind("EDF+", write_edf, ".edf", SAMPLES, stored=True),
    Kind("CSV", write_csv, ".csv", None, stored=False),
    Kind("SCP-ECG", write_scp, ".scp", SAMPLES, stored=True, has_pressure=False),
    Kind("HL7 aECG", write_aecg, ".xml", SAMPLES, stored=True),
    Kind("Philips Sierra", write_sierra, ".xml", SAMPLES, stored=True, has_pressure=False),
    Kind("DICOM", write_dicom, ".dcm", SAMPLES, stored=True),
)


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each format in turn."""
    found: Kind = request.param
    return found


@pytest.fixture(scope="session")
def original(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording as a file of that format, alone in its folder; not to be changed."""
    return kind.write(tmp_path_factory.mktemp("original"))


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(original.parent, tmp_path / "copy")
    return tmp_path / "copy" / original.name


@pytest.fixture(scope="session")
def expected_mv() -> NDArray[np.float64]:
    """The leads of the recording, shape (2, n)."""
    return ADC[:2] / 200


@pytest.fixture(scope="session")
def formats(recordings: Path) -> Path:
    """The files that other makers' software wrote; tests that need them skip without."""
    folder = recordings / "formats"
    if not (folder / "scp").is_dir():
        pytest.skip(f"no formats/ in {recordings}: name the folder that holds it in ECG_EDGE_RECORDINGS")
    return folder
