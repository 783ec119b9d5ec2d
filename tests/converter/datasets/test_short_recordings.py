"""Recordings of the CinC 2017 challenge: read without headers, and what their beats are."""

from __future__ import annotations

import contextlib
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import numpy as np
import pytest

from converter.datasets.annotations import FALSE_DETECTION
from converter.datasets.catalogue import Catalogue, check_folder
from converter.datasets.cut_cache import CutCache
from converter.datasets.protocol_beats import cut_protocol
from converter.datasets.protocols import PROTOCOLS
from converter.datasets.short_recordings import (
    REFERENCE,
    beat_symbols,
    fetch,
    is_developed,
    is_learned,
    read_labels,
    read_recording,
)
from ecg.errors import CheckFailedError, InputError
from ecg.samples import BEAT_BEFORE, BEAT_SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecg.samples import FloatArray

TIME_S = (np.arange(BEAT_SAMPLES) - BEAT_BEFORE) / 360
USUAL = np.exp(-0.5 * (TIME_S / 0.012) ** 2)
STRANGE = np.sin(60 * TIME_S)


def windows(looks: str) -> FloatArray:
    """Beats that look usual (u) or strange (s)."""
    noise = 0.01 * np.random.default_rng(4).standard_normal((len(looks), BEAT_SAMPLES))
    return np.stack([USUAL if look == "u" else STRANGE for look in looks]) + noise


def test_a_recording_is_in_millivolts(short_recordings: Path) -> None:
    samples_mv = read_recording(short_recordings / "A00003.mat")
    assert samples_mv.max() == pytest.approx(1.0, abs=0.05)


def test_a_folder_without_labels_or_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path)
    (tmp_path / REFERENCE).write_text("A00001,N\n")
    with pytest.raises(InputError, match="holds none of the recordings"):
        read_labels(tmp_path)
    (tmp_path / REFERENCE).write_text("A00001,X\n")
    with pytest.raises(InputError, match="each line must be"):
        read_labels(tmp_path)
    (tmp_path / "A00001.mat").write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read as a recording"):
        read_recording(tmp_path / "A00001.mat")


def test_in_a_normal_recording_a_beat_in_noise_is_normal_at_its_time_and_no_beat_between_two() -> None:
    looks = "uuuuusuuuusuuu"
    index = np.cumsum([300] * 10 + [120, 180, 300, 300])
    assert "".join(beat_symbols(windows(looks), index, "N")) == "N" * 10 + FALSE_DETECTION + "NNN"


def test_in_a_normal_recording_nothing_is_told_of_a_strange_beat_at_another_time() -> None:
    index = np.cumsum([300] * 10 + [200, 420, 300, 300])
    assert beat_symbols(windows("uuuuuuuuuusuuu"), index, "N")[10] == ""


def test_in_fibrillation_beats_of_the_usual_shape_alone_are_told() -> None:
    index = np.cumsum(np.random.default_rng(1).integers(150, 450, 12))
    assert beat_symbols(windows("uuuusuuuuusu"), index, "A").tolist() == [
        "" if look == "s" else "N" for look in "uuuusuuuuusu"
    ]


@pytest.mark.parametrize("looks", ["uuuuuuu", "ususususususus"])
def test_of_few_beats_or_unlike_ones_nothing_is_told(looks: str) -> None:
    index = 300 * np.arange(1, len(looks) + 1)
    assert not any(beat_symbols(windows(looks), index, "N"))


def test_models_learn_from_normal_and_fibrillating_recordings_of_one_half(short_recordings: Path) -> None:
    records = check_folder(short_recordings, "cinc2017").records
    assert [record.label for record in records] == ["A", "O", "N", "N", "~"]
    assert [record.name for record in records if not is_developed(record.name)] == ["A00004"]
    assert [record.name for record in records if is_learned(record)] == ["A00001", "A00003"]


def test_their_beats_are_cut_and_kept_beside_those_of_other_databases(short_recordings: Path, tmp_path: Path) -> None:
    datasets = {"cinc2017": check_folder(short_recordings, "cinc2017")}
    cache = CutCache(tmp_path / "cache")
    for _ in ("cut", "from the cache"):
        beats, provenance = cut_protocol(PROTOCOLS["inter-patient"], datasets, normalisation="template", cache=cache)
        assert set(beats.record.tolist()) == {"cinc2017/A00001", "cinc2017/A00003"}
        assert set(beats.symbol.tolist()) == {"N"}
        assert provenance.counts["cinc2017"] == {"annotated": 0, "cut": len(beats)}


def test_another_label_or_another_sample_is_another_data_set(short_recordings: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue")
    catalogue.add(short_recordings)
    assert list(catalogue.resolve((), ("cinc2017",))) == ["cinc2017"]
    labels = (short_recordings / REFERENCE).read_text()
    (short_recordings / REFERENCE).write_text(labels.replace("A00003,N", "A00003,O"))
    with pytest.raises(CheckFailedError, match="record A00003 of data set cinc2017 has changed"):
        catalogue.resolve((), ("cinc2017",))
    (short_recordings / REFERENCE).write_text(labels)
    (short_recordings / "A00002.mat").unlink()
    with pytest.raises(InputError, match="A00002"):
        catalogue.resolve((), ("cinc2017",))
    (short_recordings / REFERENCE).unlink()
    with pytest.raises(InputError, match="the labels cannot be read"):
        catalogue.resolve((), ("cinc2017",))


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Address of a web server that gives out a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_the_archive_of_the_challenge_is_unpacked_beside_its_labels(short_recordings: Path, tmp_path: Path) -> None:
    public = tmp_path / "public"
    public.mkdir()
    (public / REFERENCE).write_bytes((short_recordings / REFERENCE).read_bytes())
    with zipfile.ZipFile(public / "training2017.zip", "w") as archive:
        for path in short_recordings.glob("*.mat"):
            archive.write(path, f"training2017/{path.name}")
        archive.writestr("training2017/A00003.hea", "not wanted")
    with served(public) as address:
        fetch(tmp_path / "here", address)
    assert check_folder(tmp_path / "here", "cinc2017").digest == check_folder(short_recordings, "cinc2017").digest
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == sorted(
        path.name for path in short_recordings.iterdir()
    )
