"""HL7 aECG, written without the code under test."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.errors import InputError
from ecg.formats.options import ReadOptions
from ecg.formats.registry import open_file
from tests.support.aecg_files import aecg, lead, sequence_set, series
from tests.support.damage import damaged, read_or_refused

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.reader import Reader

START = dt.datetime(2024, 5, 1, 10, 20, 30, tzinfo=dt.UTC)
DIGITS = list(range(-20, 30))
ONE, TWO = "MDC_ECG_LEAD_I", "MDC_ECG_LEAD_II"


def opened(folder: Path, text: str, options: ReadOptions | None = None) -> Reader:
    path = folder / "r.xml"
    path.write_text(text, encoding="utf-8")
    return open_file(path, None, options)


def of(*leads: str, **times: str) -> str:
    """A document of one rhythm."""
    return aecg([series([sequence_set(list(leads), **times)])])


def test_leads_have_the_names_of_the_standard(tmp_path: Path) -> None:
    names = ["III", "AVR", "AVL", "AVF", "V1", "V3R", "MCL1"]
    reader = opened(tmp_path, of(*(lead(f"MDC_ECG_LEAD_{name}", DIGITS) for name in names)))

    assert [each.name for each in reader.leads] == ["III", "aVR", "aVL", "aVF", "V1", "V3R", "MCL1"]


@pytest.mark.parametrize(
    ("told", "expected_mv"),
    [
        ({"scale": "5", "unit": "uV", "origin": "0"}, 0.005 * np.array(DIGITS)),
        ({"scale": "2.5", "unit": "uV", "origin": "100"}, 0.1 + 0.0025 * np.array(DIGITS)),
        ({"scale": "0.01", "unit": "mV", "origin": "0"}, 0.01 * np.array(DIGITS)),
        ({"scale": "4880", "unit": "nV", "origin": "0"}, 0.00488 * np.array(DIGITS)),
    ],
)
def test_origin_and_scale_tell_the_voltage(told: dict[str, str], expected_mv: np.ndarray, tmp_path: Path) -> None:
    assert opened(tmp_path, of(lead(ONE, DIGITS, **told))).read().samples_mv[0] == pytest.approx(expected_mv)


def test_an_origin_in_another_unit_is_converted(tmp_path: Path) -> None:
    text = of(lead(ONE, DIGITS)).replace('<origin value="0" unit="uV"/>', '<origin value="1" unit="mV"/>')

    assert opened(tmp_path, text).read().samples_mv[0] == pytest.approx(1 + 0.005 * np.array(DIGITS))


@pytest.mark.parametrize(
    ("increment", "unit", "rate_hz"),
    [("0.002", "s", 500), ("2", "ms", 500), ("1000", "us", 1000), ("0.003333", "s", 300), ("3.90625e-3", "s", 256)],
)
def test_the_increment_tells_the_rate(increment: str, unit: str, rate_hz: int, tmp_path: Path) -> None:
    assert opened(tmp_path, of(lead(ONE, DIGITS), increment=increment, unit=unit)).rate_hz == rate_hz


@pytest.mark.parametrize("increment", ["0", "-1", "", "NaN", "1e-99999999", "1e99", "1e-9", "9999999"])
def test_a_rate_that_cannot_be_is_asked_for(increment: str, tmp_path: Path) -> None:
    text = of(lead(ONE, DIGITS), increment=increment)

    with pytest.raises(InputError, match="--rate"):
        opened(tmp_path, text)
    assert opened(tmp_path, text, ReadOptions.parse(rate="250")).length == len(DIGITS)


@pytest.mark.parametrize(
    ("head", "start"),
    [
        ("20240501102030", START),
        ("20240501102030.250", START.replace(microsecond=250_000)),
        ("20240501122030+0200", START),
        ("202405011020", START.replace(second=0)),
        ("nonsense", START.replace(year=2020)),
    ],
)
def test_the_head_tells_the_start(head: str, start: dt.datetime, tmp_path: Path) -> None:
    text = aecg([series([sequence_set([lead(ONE, DIGITS)], head=head)], low="20200501102030")])

    assert opened(tmp_path, text).start_utc == start


def test_the_patient_is_not_read(tmp_path: Path) -> None:
    assert "Nobody" not in repr(vars(opened(tmp_path, of(lead(ONE, DIGITS)))))


def test_a_representative_beat_is_told_apart(tmp_path: Path) -> None:
    beat = sequence_set([lead(ONE, DIGITS * 9)])
    rhythm = series([sequence_set([lead(ONE, DIGITS)])], derived='<code code="REPRESENTATIVE_BEAT"/>' + beat)
    reader = opened(tmp_path, aecg([rhythm]))

    assert reader.length == len(DIGITS)
    assert reader.remarks == ["its representative beat series of 1.8 s is not read"]
    with pytest.raises(InputError, match="only a representative beat"):
        opened(tmp_path, aecg([series([beat], kind="REPRESENTATIVE_BEAT")]))


def test_the_longest_rhythm_is_read(tmp_path: Path) -> None:
    short, long = (series([sequence_set([lead(ONE, DIGITS * times)])]) for times in (1, 3))
    reader = opened(tmp_path, aecg([short, long]))

    assert reader.length == 3 * len(DIGITS)
    assert reader.remarks == ["its rhythm series of 0.2 s is not read"]


def test_leads_that_were_recorded_one_after_the_other_keep_their_times(tmp_path: Path) -> None:
    sets = [
        sequence_set([lead(ONE, [1, 2]), lead("MDC_ECG_LEAD_V1", [7, 8])], head="20240501102030.000"),
        sequence_set([lead(TWO, [3, 4])], head="20240501102030.012"),
        sequence_set([lead("MDC_ECG_LEAD_V1", [9])], head="20240501102030.016"),
    ]
    reader = opened(tmp_path, aecg([series(sets)]))
    nan = np.nan
    expected_uv = [[5, 10, nan, nan, nan], [35, 40, nan, nan, 45], [nan, nan, nan, 15, 20]]

    assert [each.name for each in reader.leads] == ["I", "V1", "II"]
    assert reader.read().samples_mv * 1000 == pytest.approx(np.array(expected_uv), nan_ok=True)
    assert reader.start_utc == START


def test_parts_that_lie_years_apart_are_refused(tmp_path: Path) -> None:
    sets = [sequence_set([lead(ONE, DIGITS)], head=head) for head in ("20240501102030", "20340501102030")]

    with pytest.raises(InputError, match="do not fit into memory"):
        opened(tmp_path, aecg([series(sets)]))


def test_words_that_are_no_numbers_are_lost_samples_and_many_are_refused(tmp_path: Path) -> None:
    reader = opened(tmp_path, of(lead(ONE, [*DIGITS, "x", "NaN"])))

    assert np.isnan(reader.read().samples_mv).sum() == 2
    assert reader.remarks == ["2 samples are no numbers, and are lost"]
    with pytest.raises(InputError, match="50 of 52 samples are no numbers"):
        opened(tmp_path, of(lead(ONE, ["NaN"] * 50 + [1, 2])))


def test_a_scale_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    text = of(lead(ONE, DIGITS, scale=""))

    with pytest.raises(InputError, match="give the unit of an ECG with --channel and --unit"):
        opened(tmp_path, text)
    told = opened(tmp_path, text, ReadOptions.parse(unit="200/mV")).read().samples_mv
    assert told[0] * 200 == pytest.approx(DIGITS)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE, PARAMETER])
def test_entities_are_refused(declared: str, tmp_path: Path) -> None:
    text = aecg([series([sequence_set([lead(ONE, DIGITS)])])], before=declared).replace(">Nobody<", ">&b;<")

    with pytest.raises(InputError, match=r"it declares the entity '[ab]'") as caught:
        opened(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_document_type_without_entities_is_read(tmp_path: Path) -> None:
    text = aecg([series([sequence_set([lead(ONE, DIGITS)])])], before='<!DOCTYPE AnnotatedECG SYSTEM "file:///x.dtd">')

    assert opened(tmp_path, text).length == len(DIGITS)


LONG_TAG = " ".join(f"a{number}='0'" for number in range(400_000))


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<component>" * 200 + "</component>" * 200, "100 deep"),
        ("<a/>" * 100_001, "more than 100000 elements"),
        (f"<a {LONG_TAG}/>", "a tag of more than 1 MiB"),
        ("", "no series of samples"),
        (series([]), "no series of samples"),
        (series([sequence_set([lead(ONE, [])])]), "no series of samples"),
        (f"<component>{series([sequence_set([lead(ONE, DIGITS)])])}", "damaged XML .line 3: mismatched tag"),
    ],
)
def test_what_goes_beyond_a_limit_or_holds_nothing_is_refused(inside: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        opened(tmp_path, aecg([inside]))
    assert "\n" not in str(caught.value)


def test_a_file_beyond_the_limit_of_its_size_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "r.xml").open("wb") as file:
        file.write(b"<AnnotatedECG>")
        file.truncate(1 << 30)

    with pytest.raises(InputError, match="more than 32 MiB of XML"):
        open_file(tmp_path / "r.xml")


@pytest.mark.parametrize("coding", ["utf-16", "latin-1", "utf-8-sig"])
def test_other_codings_are_read(coding: str, tmp_path: Path) -> None:
    text = of(lead(ONE, DIGITS)).replace("a sample", "une d\u00e9rivation")
    text = text.replace("UTF-8", {"latin-1": "ISO-8859-1", "utf-16": "UTF-16"}.get(coding, "UTF-8"))
    (tmp_path / "r.xml").write_bytes(text.encode(coding))

    assert open_file(tmp_path / "r.xml").length == len(DIGITS)


def test_names_stay_in_their_line(tmp_path: Path) -> None:
    rhythm = series(
        [sequence_set([lead("A&#10;B\u202e" + "x" * 99, DIGITS, unit="u&#13;V", scale="1")])], kind="R&#10;S"
    )
    told = opened(tmp_path, aecg([rhythm]), ReadOptions.parse(unit="uV")).understood

    assert told == f"r: HL7 aECG (r s), A B {'x' * 28} in uV, 250 Hz, 0.2 s"


def test_37_leads_are_read(tmp_path: Path) -> None:
    assert len(opened(tmp_path, of(*(lead(f"MDC_ECG_LEAD_X{number}", DIGITS) for number in range(37)))).leads) == 37


DOCUMENT = of(lead(ONE, DIGITS), lead(TWO, DIGITS)).encode()


@given(content=damaged(DOCUMENT))
def test_damage_anywhere_is_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.xml"
    path.write_bytes(content)

    read_or_refused(path)


@given(words=st.text(max_size=40), value=st.text(max_size=12).filter(lambda value: "\0" not in value))
def test_any_values_are_read_or_refused(words: str, value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    from xml.sax.saxutils import escape, quoteattr

    path = tmp_path_factory.getbasetemp() / "values.xml"
    text = of(lead(ONE, [escape(words)], scale="S"), increment="I")
    text = text.replace('"S"', quoteattr(value)).replace('"I"', quoteattr(value))
    path.write_text(text, encoding="utf-8", errors="replace")

    read_or_refused(path)


@pytest.mark.recordings
@pytest.mark.parametrize("name", ["mortara", "subject1_0"])
def test_a_whole_annotated_ecg_is_read(name: str, formats: Path) -> None:
    reader = open_file(formats / "aecg" / f"{name}.xml")

    assert (len(reader.leads), reader.rate_hz, reader.length) == (12, 500, 5000)
    assert reader.remarks == ["its representative beat series of 1.2 s is not read"]
    assert reader.start_utc == dt.datetime(2002, 11, 22, 9, 10, tzinfo=dt.UTC)


@pytest.mark.recordings
def test_minimal_documents_are_read_and_an_empty_one_is_refused(formats: Path) -> None:
    minimal = sorted((formats / "aecg").glob("minimum*.xml"))

    assert len(minimal) == 5
    for path in minimal:
        recording = open_file(path).read()
        assert recording.leads[0].name == "II"
        assert recording.samples_mv[0, :5] * 400 == pytest.approx([-2, -2, -2, -2, -3])
    assert "no series of samples" in read_or_refused(formats / "aecg" / "empty.xml")
