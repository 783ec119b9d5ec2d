"""The same recording in every format, written without the code under test."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

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
"""Of the signals MLII and V5, 200 steps a mV, and PRES, in mmHg; shape (3, n)."""


def write_wfdb(folder: Path) -> Path:
    """A record of two files: the pressure lies in its own."""
    lines = [f"r 3 {RATE_HZ} {SAMPLES} 10:20:30 01/05/2024"]
    for name, file, unit, adc in zip(("MLII", "V5", "PRES"), "aab", ("mV", "mV", "mmHg"), ADC, strict=True):
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
        for name, adc in zip(("MLII", "V5"), ADC[:2], strict=True)
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
    rows = [f"timestamp,MLII (mV),V5_uv,PRES (mmHg),note\n# rate_hz: {RATE_HZ}\n"]
    for sample, (mlii, v5, pressure) in enumerate(ADC.T.tolist()):
        moment = START + dt.timedelta(seconds=sample / RATE_HZ)
        note = '"N"' if sample % RATE_HZ == 0 else ""
        rows.append(f"{moment.isoformat()},{mlii / 200},{v5 * 5},{pressure / 200},{note}\n")
    (folder / "r.csv").write_text("".join(rows))
    return folder / "r.csv"


@dataclass(frozen=True)
class Kind:
    """A format under test.

    Attributes:
        name: of the format.
        write: writes the recording into a folder; gives what a reader opens.
        suffix: of what a reader opens.
        length: of the recording as the file tells it.
        stored: whether leads have the scale of the file.
    """

    name: str
    write: Callable[[Path], Path]
    suffix: str
    length: int | None
    stored: bool


KINDS = (
    Kind("WFDB", write_wfdb, ".hea", SAMPLES, stored=True),
    Kind("EDF+", write_edf, ".edf", SAMPLES, stored=True),
    Kind("CSV", write_csv, ".csv", None, stored=False),
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
