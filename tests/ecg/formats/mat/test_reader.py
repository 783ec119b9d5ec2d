"""MATLAB files without a header beside them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.registry import open_file, open_recording

if TYPE_CHECKING:
    from pathlib import Path

TOLD = ReadOptions.parse(rate="300", unit="1000/mV")
ADC = np.random.default_rng(3).integers(-3000, 3000, (2, 5000)).astype("<i2")


def version_4(adc: np.ndarray) -> bytes:
    """As WFDB's `wfdb2mat` and the Challenge of 2017 write it: 24 bytes, then the samples, column by column."""
    return struct.pack("<5i4s", 30, *adc.shape, 0, 4, b"val") + adc.T.tobytes()


def test_the_samples_of_a_lone_file_are_read_once_rate_and_unit_are_told(tmp_path: Path) -> None:
    path = tmp_path / "A1.mat"
    path.write_bytes(version_4(ADC))
    reader = open_file(path, None, TOLD)

    assert reader.rate_hz == 300
    np.testing.assert_allclose(reader.read().samples_mv, ADC / 1000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (ReadOptions(), "rate with --rate and unit with --unit"),
        (ReadOptions.parse(rate="300"), "give its unit with --unit"),
        (ReadOptions.parse(unit="mV"), "give its rate with --rate"),
    ],
)
def test_rate_and_unit_are_asked_for(options: ReadOptions, message: str, tmp_path: Path) -> None:
    path = tmp_path / "A1.mat"
    path.write_bytes(version_4(ADC))

    with pytest.raises(InputError, match=message):
        open_file(path, None, options)


@pytest.mark.parametrize("compressed", [False, True])
def test_version_5_is_read_as_scipy_writes_it(compressed: bool, tmp_path: Path) -> None:
    scipy_io = pytest.importorskip("scipy.io", reason="scipy comes with the extra [converter]")
    path = tmp_path / "a.mat"
    scipy_io.savemat(path, {"fs": 300, "ecg": ADC.T / 7, "name": "x"}, do_compression=compressed)

    np.testing.assert_allclose(open_file(path, None, TOLD).read().samples_mv, ADC / 7000)


def test_with_a_header_beside_it_it_is_a_wfdb_record(tmp_path: Path) -> None:
    (tmp_path / "A1.mat").write_bytes(version_4(ADC))
    (tmp_path / "A1.hea").write_text("A1 2 300 5000\nA1.mat 16+24 1000/mV 16 0\nA1.mat 16+24 1000/mV 16 0\n")

    assert open_recording(tmp_path / "A1.mat").rate_hz == 300
    np.testing.assert_allclose(open_file(tmp_path / "A1.mat").read().samples_mv, ADC / 1000)


@given(data=st.data())
def test_any_bytes_are_read_or_refused(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.mat"
    head = data.draw(
        st.sampled_from([b"", b"MATLAB 5.0".ljust(126) + b"IM", version_4(ADC)[:24], version_4(ADC)[:400]])
    )
    path.write_bytes(head + data.draw(st.binary(max_size=300)))
    try:
        for block in open_file(path, None, TOLD).blocks():
            assert block.samples_mv.shape[1]
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)
