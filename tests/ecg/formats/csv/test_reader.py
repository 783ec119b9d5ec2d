"""CSV files: what the columns are, what a gap is, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.registry import open_file, open_recording
from tests.support.sources import samples_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write_text(text: str) -> Path:
        path = tmp_path / "r.csv"
        path.write_text(text)
        return path

    return write_text


@pytest.mark.parametrize(
    ("text", "channel", "expected_mv"),
    [
        ("# rate_hz: 250\n0.5\n-0.25\n", "0", [0.5, -0.25]),
        ("# rate: 250 Hz\necg_mv\n0.5\n", "0", [0.5]),
        ("# rate_hz: 250\necg_uv\n500\n", "0", [0.5]),
        ("# rate_hz: 250\nMLII (mV),V5 (uV)\n1,500\n", "V5", [0.5]),
        ("# rate_hz: 250\nMLII (mV),V5 (uV)\n1,500\n", "V5 (uV)", [0.5]),
        ("# rate_hz: 250\nMLII [µV];V5\n1;0.5\n", "1", [0.5]),
        ("# rate_hz: 250\nlead_V\tlead_II\n0.5\t1\n", "lead_v", [0.5]),
        ("# rate_hz: 250\nsample,MLII\n0,0.5\n1,0.25\n", "0", [0.5, 0.25]),
        ("# rate_hz: 250\n'Elapsed time','MLII','V5'\n'seconds','mV','uV'\n0.000,1,500\n", "V5", [0.5]),
        ('\ufeff# rate_hz: 250\n"ecg"\n"0.5"\n', "ecg", [0.5]),
        ("# rate_hz: 250\n# patient: none\n0.5\n# a remark\n0.25\n\n\n", "0", [0.5, 0.25]),
    ],
)
def test_columns_units_and_delimiters(text: str, channel: str, expected_mv: list[float], write: Any) -> None:
    source = open_recording(write(text), channel)

    assert source.rate_hz == 250
    assert samples_of(source) == pytest.approx(np.array(expected_mv))


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "N/A", "null", "inf"])
def test_an_empty_cell_is_a_lost_sample(cell: str, write: Any) -> None:
    samples = samples_of(open_recording(write(f"# rate_hz: 250\nx,ecg\n1,0.5\n1,{cell}\n1,0.25\n"), "ecg"))

    assert samples == pytest.approx(np.array([0.5, np.nan, 0.25]), nan_ok=True)


@pytest.mark.parametrize("rate", [128, 250, 257, 300, 360, 500, 1000])
@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("time", lambda seconds: f"{seconds:.6f}"),
        ("time_s", lambda seconds: f"{seconds:.3f}"),
        ("time_ms", lambda seconds: f"{1000 * seconds:.0f}"),
        ("t (ms)", lambda seconds: f"{1000 * seconds:.3f}"),
        ("elapsed", lambda seconds: f"{int(seconds // 60)}:{seconds % 60:06.3f}"),
        ("timestamp", lambda seconds: (datetime(2024, 5, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()),
        ("timestamp", lambda seconds: f"{1714521600 + seconds:.4f}"),
    ],
)
def test_the_time_column_tells_the_rate_and_what_was_lost(rate: int, header: str, cell: Any, write: Any) -> None:
    kept = [n for n in range(6000) if n != 4200 and not 5000 <= n < 5100]
    rows = "".join(f"{cell(n / rate)},{n % 7}\n" for n in kept)
    source = open_recording(write(f"{header},ecg\n{rows}"))
    samples = samples_of(source)

    assert source.rate_hz == rate
    assert np.flatnonzero(~np.isnan(samples)).tolist() == kept
    assert samples[kept].tolist() == [n % 7 for n in kept]
    started = datetime(2024, 5, 1, tzinfo=UTC) if header == "timestamp" else None
    assert source.start_utc == started


def test_a_fractional_rate_is_kept(write: Any) -> None:
    rows = "".join(f"{n / 62.5:.6f},0\n" for n in range(500))

    assert open_recording(write(f"time,ecg\n{rows}")).rate_hz == Fraction(125, 2)


def test_sample_numbers_tell_what_was_lost(write: Any) -> None:
    source = open_recording(write("# rate_hz: 250\nsample,ecg\n100,1\n101,2\n105,3\n"))

    assert samples_of(source) == pytest.approx(np.array([1, 2, np.nan, np.nan, np.nan, 3]), nan_ok=True)


def test_the_rate_of_the_comment_wins_over_the_times(write: Any) -> None:
    rows = "".join(f"{n / 360:.6f},0\n" for n in range(100))

    assert open_recording(write(f"# rate_hz: 359.5\ntime,ecg\n{rows}")).rate_hz == Fraction(719, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no data"),
        ("# rate_hz: 250\n", "holds no data"),
        ("time,ecg\n", "a header and no data"),
        ("0.5\n0.25\n", r"rate is not known; give it with --rate, or put a line like '# rate_hz: 360'"),
        ("# rate_hz: fast\n0.5\n", "line 1: no sampling rate"),
        ("# rate_hz: 0\n0.5\n", "line 1: no sampling rate"),
        ("# rate_hz: 250\nflow (L/s)\n0.5\n", "flow in L/s"),
        ("time,ecg\n1,0.5\n", "sampling rate is not known"),
    ],
)
def test_a_file_without_what_is_needed_is_refused(text: str, message: str, write: Any) -> None:
    with pytest.raises(InputError, match=message) as caught:
        open_recording(write(text))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        open_recording(tmp_path / "none.csv")


def test_an_unknown_column_is_answered_with_those_that_there_are(write: Any) -> None:
    with pytest.raises(InputError, match=r"no signal 'II'.*0 = ecg, 1 = flow"):
        open_recording(write("time,ecg,flow\n0,1,2\n"), "II")


def read(path: Path, *channels: str) -> tuple[Any, list[str]]:
    """The samples of a file, with NaN for lost ones, and the remarks on it."""
    reader = open_file(path, list(channels) or None)
    return reader.read().samples_mv, reader.remarks


def test_text_in_a_few_rows_costs_those_samples_and_is_told(write: Any) -> None:
    rows = [f"{n}" for n in range(1, 101)]
    rows[40], rows[60] = "oops", "3.4.5"
    samples, remarks = read(write("# rate_hz: 250\necg_mv\n" + "\n".join(rows)))

    assert np.flatnonzero(np.isnan(samples[0])).tolist() == [40, 60]
    assert samples[0, 99] == 100
    assert remarks == ["2 rows taken as lost samples, the first at line 43: 'oops' is no number"]


def test_a_row_with_too_few_cells_is_told_with_its_text(write: Any) -> None:
    samples, remarks = read(write("# rate_hz: 250\na,ecg_mv\n1,0.5\n1\n1,0.25\n"), "ecg")

    assert samples[0] == pytest.approx(np.array([0.5, np.nan, 0.25]), nan_ok=True)
    assert remarks == ["1 row taken as lost samples, the first at line 4: '1' is no number"]


def test_a_file_of_text_is_given_up_early(write: Any) -> None:
    blocks = open_recording(write("# rate_hz: 250\n" + "1\n" * 5000 + "lorem ipsum\n" * 100_000)).blocks()

    assert len(next(blocks).samples_mv) == 2500
    assert len(next(blocks).samples_mv) == 2500
    next(blocks)
    with pytest.raises(InputError, match=r"line 5002: 'lorem ipsum' is no number, nor are 2499 more of 7500 rows"):
        next(blocks)


def test_a_file_without_numbers_is_refused(write: Any) -> None:
    with pytest.raises(InputError, match="holds no table of numbers"):
        open_recording(write("# rate_hz: 1\n1\n" + "lorem ipsum\n" * 100))


def test_a_column_without_a_number_is_refused(write: Any) -> None:
    with pytest.raises(InputError, match="no number in column b"):
        list(open_recording(write("# rate_hz: 1\na,b\n1,\n2,\n"), "b").blocks())


@pytest.mark.parametrize(
    ("row", "line", "where"),
    [
        ("0.5,1", 102, "1 place"),
        ("1e12,1", 102, "1 place"),
        ("700000,1", 102, "1 place"),
        ("0.5,1\n0.3,1", 102, "2 places"),
        ("0.5,1\n4000,1", 102, "2 places"),
    ],
)
def test_impossible_times_are_no_gaps_and_are_told(row: str, line: int, where: str, write: Any) -> None:
    rows = "".join(f"{n / 100:.3f},0\n" for n in range(100))
    samples, remarks = read(write(f"time,ecg_mv\n{rows}{row}\n"))

    assert samples.shape == (1, 100 + len(row.splitlines()))
    assert remarks == [f"line {line}: time steps back or leaps too far (in {where}); read on without a gap"]


def test_a_pause_of_hours_is_a_gap(write: Any) -> None:
    rows = "".join(f"{n / 100 + (n >= 50) * 10_000:.3f},0\n" for n in range(100))
    samples, remarks = read(write(f"time,ecg_mv\n{rows}"))

    assert (samples.shape, remarks) == ((1, 1_000_100), [])


def test_one_damaged_time_is_replaced_by_a_likely_one(write: Any) -> None:
    rows = [f"{n / 100:.3f},{n % 2}" for n in range(100)]
    rows[50] = "9999999,0"
    samples, remarks = read(write("time,ecg_mv\n" + "\n".join(rows)))

    assert (samples.shape, remarks) == ((1, 100), [])


@settings(deadline=None)
@given(
    content=st.binary(max_size=300),
    prefix=st.sampled_from([b"", b"# rate_hz: 250\n", b"time,ecg\n0,1\n0.1,2\n0.2,1\n"]),
)
def test_any_bytes_are_read_or_refused(content: bytes, prefix: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(prefix + content)
    try:
        for block in open_recording(path).blocks():
            assert len(block.samples_mv)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 (both ways are right)


def test_columns_of_text_are_told_and_not_read(write: Any) -> None:
    rows = "".join(f"{n},{n / 2},{'sinus' if n % 3 else ''},\n" for n in range(50))
    reader = open_file(write(f"# rate_hz: 250\nI (mV),II (mV),rhythm,mark\n{rows}"))

    assert [(each.name, each.unit, each.is_lead) for each in reader.channels] == [
        ("I", "mV", True),
        ("II", "mV", True),
        ("rhythm", "text", False),
        ("mark", "text", False),
    ]
    assert reader.read().samples_mv.tolist() == [list(range(50)), [n / 2 for n in range(50)]]


def test_a_row_that_is_damaged_in_several_columns_counts_once(write: Any) -> None:
    samples, remarks = read(write("# rate_hz: 250\nI,II\n1,2\nx,y\n3,\n5,6\n"))

    assert samples == pytest.approx(np.array([[1, np.nan, 3, 5], [2, np.nan, np.nan, 6]]), nan_ok=True)
    assert "1 row taken as lost samples, the first at line 4: 'x' is no number" in remarks
