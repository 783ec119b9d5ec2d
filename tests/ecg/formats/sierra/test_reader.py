"""Philips Sierra XML, written without the code under test."""

from __future__ import annotations

import datetime as dt
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecg.formats.registry import open_file
from ecg.formats.sierra.xli import decode, restore_limb_leads
from tests.support.damage import damaged, read_or_refused
from tests.support.sierra_files import base64_text, off_by, sierra, xli

if TYPE_CHECKING:
    from pathlib import Path

    from ecg.formats.reader import Reader

START = dt.datetime(2024, 5, 1, 10, 20, 30, tzinfo=dt.UTC)
LIMBS = ["I", "II", "III", "aVR", "aVL", "aVF"]
TIME = np.arange(700)
LEADS = [[*np.rint(300 * np.sin(TIME / 20 + number)).astype(int).tolist(), number] for number in range(2)]
BASE64 = 'dataencoding="Base64" compression="XLI"'
SMALL = st.lists(st.integers(-5000, 5000), min_size=3, max_size=300)


def opened(folder: Path, text: str) -> Reader:
    (folder / "r.xml").write_text(text, encoding="utf-8")
    return open_file(folder / "r.xml")


def coded(leads: list[list[int]] = LEADS, names: list[str] | None = None, **more: str) -> str:
    names = names or LIMBS[: len(leads)]
    return sierra(base64_text(xli(leads)), names, samples=len(leads[0]), start=START, **more)


@given(samples=SMALL)
def test_samples_in_xli_are_decoded(samples: list[int]) -> None:
    assert [lead.tolist() for lead in decode(xli([samples, samples]), 2, len(samples))] == [samples, samples]


def test_a_dictionary_that_is_full_is_used_on(tmp_path: Path) -> None:
    samples = np.random.default_rng(3).integers(-4000, 4000, 6000).tolist()

    assert opened(tmp_path, coded([samples])).read().samples_mv[0] * 200 == pytest.approx(samples)


@given(data=st.data())
def test_limb_leads_are_restored(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 30))
    samples = st.lists(st.integers(-3000, 3000), min_size=length, max_size=length)
    leads = {name: data.draw(samples) for name in LIMBS}
    stored = {name: np.array(numbers) for name, numbers in off_by(leads).items()}

    assert {name: lead.tolist() for name, lead in restore_limb_leads(stored).items()} == leads


def test_twelve_leads_in_xli_are_read(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    one, two = (np.rint(200 * np.sin(TIME / rate)).astype(int) for rate in (19, 23))
    limbs = {
        "I": one, "II": two, "III": two - one, "aVR": -(one + two) // 2, "aVL": one - two // 2, "aVF": two - one // 2,
    }  # fmt: skip
    noisy = {
        name: (lead + (number > 1) * generator.integers(-1, 2, 700)).tolist()
        for number, (name, lead) in enumerate(limbs.items())
    }
    names = [*LIMBS, *(f"V{number}" for number in range(1, 7))]
    chest = {name: generator.integers(-99, 99, 700).tolist() for name in names[6:]}
    stored = off_by(noisy) | chest
    reader = opened(tmp_path, coded([stored[name] for name in names], names))

    assert [lead.name for lead in reader.leads] == names
    assert reader.read().samples_mv * 200 == pytest.approx(np.array([(noisy | chest)[name] for name in names]))
    assert reader.start_utc == START
    assert "Nobody" not in repr(vars(reader))


@pytest.mark.parametrize("attributes", ['dataencoding="Base64"', 'dataencoding="Base64" compressflag="False"'])
def test_samples_without_compression_are_read(attributes: str, tmp_path: Path) -> None:
    data = b"".join(struct.pack(f"<{len(lead)}h", *lead) for lead in LEADS)
    text = sierra(base64_text(data), ["I", "II"], samples=701, attributes=attributes)

    assert opened(tmp_path, text).read().samples_mv * 200 == pytest.approx(np.array(LEADS))


def test_samples_as_text_are_read(tmp_path: Path) -> None:
    plain = "\n".join(" ".join(map(str, lead)) for lead in LEADS)
    text = sierra(plain, ["I", "II"], samples=701, attributes='dataencoding="Plain" compression="Uncompressed"')

    assert opened(tmp_path, text).read().samples_mv * 200 == pytest.approx(np.array(LEADS))


def test_without_names_the_leads_are_the_standard_ones(tmp_path: Path) -> None:
    leads = [LEADS[0]] * 12
    text = coded(leads, [f"x{number}" for number in range(12)])
    reader = opened(tmp_path, text.replace('leadlabels="', 'other="'))

    assert [lead.name for lead in reader.leads] == [*LIMBS, "V1", "V2", "V3", "V4", "V5", "V6"]


def test_a_calibration_pulse_at_the_end_is_left_out(tmp_path: Path) -> None:
    pulse = [0] * 60 + [200] * 100 + [0] * 40
    names = ["V1", "V2", "V3"]
    leads = [(lead + pulse) for lead in (*LEADS, [5] * 701)]
    reader = opened(tmp_path, coded(leads, names))

    assert reader.length == 701
    assert reader.remarks == ["its last 200 samples are a calibration pulse of 1 mV, and are left out"]


def test_an_end_without_a_signal_is_no_calibration_pulse(tmp_path: Path) -> None:
    leads = [(lead + [0] * 200) for lead in (*LEADS, [5] * 701)]

    assert opened(tmp_path, coded(leads, ["V1", "V2", "V3"])).length == 901


def test_a_file_that_says_utf_16_and_is_utf_8_is_read(tmp_path: Path) -> None:
    assert opened(tmp_path, coded().replace('encoding="utf-8"', 'encoding="utf-16"')).length == 701


def test_utf_16_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_bytes(coded().replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16"))

    assert open_file(tmp_path / "r.xml").length == 701


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("XLI", "ZIP"), "its compression ZIP is not known"),
        (("Base64", "Base85"), "its encoding base85 is not known"),
        (('numberofleads="2"', 'numberofleads="0"'), "it promises 0 leads"),
        (('numberofleads="2"', 'numberofleads="37"'), "it ends after 2 of 37 leads"),
        (('leadlabels="I II"', 'leadlabels="I I"'), "two of its leads have the same name"),
        (('durationperchannel="2804"', 'durationperchannel="280400000000"'), "it promises 70100000000 samples"),
        (('durationperchannel="2804"', 'durationperchannel="4"'), "longer than it says"),
        (('samplespersecond="250"', 'samplespersecond="0"'), "sampling rate"),
        (('samplespersecond="250"', 'samplespersecond="1e9"'), "sampling rate|promises"),
        (('resolution="5"', 'resolution=""'), ""),
        (("parsedwaveforms", "wave"), "no waveform of Philips Sierra"),
    ],
)
def test_lies_are_refused_in_one_line(change: tuple[str, str], message: str, tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(coded().replace(*change), encoding="utf-8")
    told = read_or_refused(tmp_path / "r.xml")

    if message:
        assert any(each in told for each in message.split("|"))


@pytest.mark.parametrize("text", ["", "!!!!", "AAAA", "A", "/////w==", "AAAAAAAAAAA="])
@pytest.mark.parametrize("attributes", [BASE64, 'dataencoding="Base64"', 'dataencoding="Plain"'])
def test_garbage_for_samples_is_refused(text: str, attributes: str, tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(sierra(text, ["I", "II"], samples=50, attributes=attributes), encoding="utf-8")

    assert "not readable Philips Sierra XML" in read_or_refused(tmp_path / "r.xml")


def test_codes_that_unpack_without_end_are_refused(tmp_path: Path) -> None:
    repeated = xli([[32 * place * place for place in range(2_000_000)]])  # all bytes are 0
    text = sierra(base64_text(repeated), ["I"], samples=500)
    (tmp_path / "r.xml").write_text(text, encoding="utf-8")

    assert len(repeated) < 100_000
    assert "longer than it says" in read_or_refused(tmp_path / "r.xml")


DOCUMENT = sierra(base64_text(xli([LEADS[0][:90], LEADS[1][:90]])), ["I", "II"], samples=90, start=START).encode()


@given(content=damaged(DOCUMENT))
def test_damage_anywhere_is_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.xml"
    path.write_bytes(content)

    read_or_refused(path)


@given(data=damaged(xli([LEADS[0][:90], LEADS[1][:90]])))
def test_damaged_codes_are_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "codes.xml"
    path.write_text(sierra(base64_text(data), ["I", "II"], samples=90), encoding="utf-8")

    read_or_refused(path)


@pytest.mark.recordings
@pytest.mark.parametrize(
    ("name", "version", "length"), [("129DYPRG.XML", "1.03", 5264), ("ad4d3d80-d165_1-04_orig.xml", "1.04", 5300)]
)
def test_real_documents_keep_to_the_laws_of_einthoven_and_goldberger(
    name: str, version: str, length: int, formats: Path
) -> None:
    reader = open_file(formats / "sierra" / name)
    one, two, three, avr, avl, avf = reader.read().samples_mv[:6]

    assert reader.format == f"Philips Sierra {version} (XLI)"
    assert (reader.rate_hz, reader.length, len(reader.leads)) == (500, length, 12)
    assert np.abs(two - one - three).max() < 0.02
    assert np.abs(avr + avl + avf).max() < 0.03
    assert np.abs((one - three) / 2 - avl).max() < 0.02
