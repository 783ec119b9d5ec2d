"""The command line: what it prints, its exit codes, and that an error is one line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from converter.cli import main
from models import DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WriteRecord = Callable[..., None]
    Run = Callable[..., tuple[int, str, str]]

# TensorFlow and Keras call interfaces that newer Python packages deprecate.
MODEL = DIRECTORY / "resecanet-aami5.tflite"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `ecg-converter ARGUMENTS...` with a catalogue of its own; gives exit code, output and errors."""
    monkeypatch.setenv("ECG_EDGE_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ecg-converter", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return int(end.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def mitdb(tmp_path: Path, write_heartbeats: WriteRecord) -> Path:
    for record in ("100", "103", "101"):
        write_heartbeats(tmp_path / "mitdb", record, symbols="NNNVNNNNAN" * 12)
    return tmp_path / "mitdb"


def complaint(error: str) -> str:
    """The last thing on standard error, which must be the one line of the complaint."""
    line = error.rstrip("\n").splitlines()[-1]
    assert line.startswith("ecg-converter: ")
    assert "Traceback" not in error
    return line


def test_a_folder_that_training_would_not_read_is_refused(run: Run, mitdb: Path, tmp_path: Path) -> None:
    own = mitdb.rename(tmp_path / "clinic")
    code, _, error = run("train", "resecanet-aami5", "--data", own)
    assert code == 2
    assert f"--data {own}: not used, because only mitdb" in complaint(error)
    (tmp_path / "all" / "mitdb").mkdir(parents=True)
    _, _, error = run("train", "resecanet-aami5", "--data", tmp_path / "all")
    assert f"give {tmp_path / 'all' / 'mitdb'}" in complaint(error)


def test_a_folder_that_was_added_is_listed(run: Run, mitdb: Path) -> None:
    assert run("data", "add", mitdb)[0] == 0
    code, output, _ = run("data", "list", "--json")
    listed = json.loads(output)
    assert code == 0
    assert [(entry["name"], entry["records"], entry["annotated"]) for entry in listed] == [("mitdb", 3, 3)]
    assert listed[0]["folder"] == str(mitdb)


def test_an_empty_catalogue_says_how_to_fill_it(run: Run) -> None:
    assert run("data", "list") == (
        0,
        "no data yet: `ecg-converter data add FOLDER` or `ecg-converter data fetch mitdb`\n",
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("data", "add", "nowhere"), "nowhere is not a folder"),
        (("train", "resnet"), "there is no model resnet; the zoo has resecanet-mitbih6, resecanet-aami5"),
        (("train",), "Missing argument"),
        (("frobnicate",), "No such command"),
        (("train", "resecanet-mitbih6", "--epochs", "0"), "epochs"),
        (("evaluate", "no.tflite"), "no.tflite cannot be read"),
        (("evaluate", str(MODEL), "--protocol", "random"), "ecg-converter data fetch mitdb"),
        (("evaluate", str(MODEL), "--data", "nowhere"), "neither a data set in the catalogue (it is empty)"),
        (
            ("evaluate", str(MODEL), "--data", "one", "--data", "two"),
            "--data two: a beat model is judged on one data set",
        ),
        (("report", "nowhere"), "nowhere has no mitdb in it"),
        (("export", "runs/nothing"), "no folder of a training run"),
        (("inspect", "missing.tflite"), "missing.tflite cannot be read"),
        (("train", "resecanet-aami5", "--settings", "missing.toml"), "missing.toml cannot be read"),
        (("train", "resecanet-aami5", "--data", "nowhere"), "neither a data set in the catalogue (it is empty)"),
    ],
)
def test_wrong_usage_and_input_end_with_2_and_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, output, error = run(*arguments)
    assert code == 2
    assert message in complaint(error)
    assert output == ""


def test_a_damaged_recording_ends_with_1_and_its_name(run: Run, mitdb: Path) -> None:
    path = mitdb / "103.dat"
    damaged = bytearray(path.read_bytes())
    damaged[1000] ^= 4
    path.write_bytes(damaged)
    code, _, error = run("data", "add", mitdb)
    assert code == 1
    assert "103: signal MLII differs from its checksum" in complaint(error)


def test_a_download_that_cannot_reach_physionet_ends_with_4(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens there: no network, whatever the machine
    code, _, error = run("data", "fetch", "mitdb")
    assert code == 4
    assert "cannot be fetched from PhysioNet" in complaint(error)


@pytest.mark.parametrize(
    "command",
    [
        ("data", "add"),
        ("data", "list"),
        ("data", "fetch"),
        ("train",),
        ("evaluate",),
        ("report",),
        ("export",),
        ("inspect",),
    ],
)
def test_the_help_of_every_command_has_an_example(run: Run, command: tuple[str, ...]) -> None:
    code, output, _ = run(*command, "--help")
    assert code == 0
    assert f"Example: ecg-converter {' '.join(command)}" in " ".join(output.split())


def test_from_recordings_to_a_verified_and_judged_model_file_that_other_recordings_do_not_give(
    run: Run, mitdb: Path, tmp_path: Path, write_heartbeats: WriteRecord
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(
        'model = "resecanet-aami5"\nprotocol = "random"\nnormalisation = "template"\n'
        "epochs = 5\nbatch = 16\nlearning_rate = 3e-3\n"
    )
    assert run("data", "add", mitdb)[0] == 0

    code, output, error = run(
        "train", "resecanet-aami5", "--settings", settings, "--out", "run", "--threads", 2, "--json"
    )
    assert code == 0, error
    results = json.loads(output)
    assert results["beats"]["test"] == {"N": 29, "S": 4, "V": 4, "F": 0, "Q": 0}
    assert results["epochs"] == 5

    code, output, _ = run("train", "resecanet-aami5", "--settings", settings, "--out", "run", "--json")
    assert (code, json.loads(output)["test"]) == (0, results["test"])  # a finished run is only told of again

    code, _, error = run("train", "resecanet-aami5", "--settings", settings, "--out", "run", "--epochs", "6")
    assert code == 2
    assert "run holds a run with other settings: epochs (5 there, 6 now)" in complaint(error)

    code, output, error = run("export", "run", "--out", "models", "--version", "0.1.0")
    assert code == 0, error
    model = tmp_path / "models" / "resecanet-aami5.tflite"
    assert model.is_file()
    assert "mitdb" in model.with_suffix(".md").read_text()
    assert json.loads(model.with_suffix(".settings.json").read_text())["epochs"] == 5

    code, output, error = run("verify", model, "run", "--json")
    verified = json.loads(output)
    assert verified["agreement"]["beats"] == 37
    assert code == (1 if verified["failures"] else 0)

    code, output, error = run("evaluate", model, "--protocol", "random", "--json", "--out", "report")
    assert code == 0, error
    judged = json.loads(output)
    assert judged["model"]["digest"] == verified["flatbuffer_sha256"]
    assert judged["cut_beats"]["confusion"] == [list(row) for row in verified["agreement"]["int8_model"]["confusion"]]
    assert (tmp_path / "report" / "cut_beats_confusion.png").is_file()

    code, output, _ = run("inspect", model, "--json")
    assert (code, json.loads(output)["card"]["version"]) == (0, "0.1.0")

    write_heartbeats(mitdb, "100", symbols="N" * 100)
    code, _, error = run("export", "run", "--out", "models")
    assert code == 1
    assert "record 100 of data set mitdb has changed since it was added" in complaint(error)
    assert run("data", "add", mitdb)[0] == 0
    code, _, error = run("export", "run", "--out", "models")
    assert code == 1
    assert "the data have changed since the run run was trained" in complaint(error)
