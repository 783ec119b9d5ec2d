"""The error shell: whatever a command raises, a person reads one line and a program an exit code."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import pytest
import typer

from ecg.command_line import INTERRUPTED, run
from ecg.errors import CheckFailedError, EcgEdgeError, HardwareError, InputError, NetworkError
from ecg.extras import how_to_install

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False, rich_markup_mode="rich")
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="group")
RAISED: list[BaseException] = []


@app.command(epilog="Example: heart beat --times 3")
def beat(times: Annotated[int, typer.Option(min=1)] = 1) -> None:
    """Beat."""
    typer.echo("lub dub " * times)


@app.command()
def fail(code: Annotated[int, typer.Argument()] = 0) -> None:
    """Fail."""
    if RAISED:
        raise RAISED.pop()
    raise typer.Exit(code)


@group.command()
def inside() -> None:
    """Do nothing."""


def heart(
    capsys: pytest.CaptureFixture[str], *arguments: str, extra: str = "", interrupted: str = ""
) -> tuple[int, str, str]:
    status = run(app, arguments, program="heart", version="1.0", extra=extra, interrupted=interrupted)
    out, err = capsys.readouterr()
    return status, out, err


def test_a_command_that_is_done_gives_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert heart(capsys, "beat", "--times", "2") == (0, "lub dub lub dub \n", "")


def test_a_command_gives_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert heart(capsys, "fail", "3") == (3, "", "")


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = heart(capsys)
    assert (status, err) == (0, "")
    assert "Usage: heart" in out


def test_a_group_without_a_command_shows_its_help_and_no_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = heart(capsys, "group")
    assert status == 2
    assert "Usage: heart group" in out + err
    assert "heart: " not in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["bead"], "Did you mean 'beat'? Try 'heart --help'."),
        (["beat", "--time", "1"], "Try 'heart beat --help'."),
        (["beat", "--times", "0"], "Try 'heart beat --help'."),
    ],
)
def test_wrong_usage_is_one_line_with_the_way_to_the_help(
    capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    status, out, err = heart(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("heart: ")
    assert err.endswith(f"{complaint}\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "status"), [(CheckFailedError, 1), (InputError, 2), (HardwareError, 3), (NetworkError, 4)]
)
def test_an_error_of_ours_is_its_sentence_and_its_code(
    capsys: pytest.CaptureFixture[str], error: type[EcgEdgeError], status: int
) -> None:
    RAISED.append(error("the electrode fell off"))
    assert heart(capsys, "fail") == (status, "", "heart: the electrode fell off\n")


def test_a_file_that_cannot_be_opened_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    RAISED.append(FileNotFoundError(2, "No such file or directory", "/none/edge.toml"))
    assert heart(capsys, "fail") == (2, "", "heart: /none/edge.toml: No such file or directory\n")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort()])
def test_ctrl_c_gives_130(capsys: pytest.CaptureFixture[str], error: BaseException) -> None:
    RAISED.append(error)
    status, _, err = heart(capsys, "fail", interrupted="what is on disk is whole")
    assert (status, err.strip()) == (INTERRUPTED, "heart: what is on disk is whole")


def test_ctrl_c_says_nothing_where_there_is_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    RAISED.append(typer.Abort())
    assert heart(capsys, "fail") == (INTERRUPTED, "", "")


def test_a_missing_package_is_named_with_the_extra_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    RAISED.append(ModuleNotFoundError("No module named 'keras'", name="keras"))
    assert heart(capsys, "fail", extra="converter") == (
        2,
        "",
        f"heart: keras is not installed: {how_to_install('converter')}\n",
    )


def test_a_mistake_of_ours_is_one_line_and_asks_for_a_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECG_EDGE_DEBUG", raising=False)
    RAISED.append(ZeroDivisionError("division by zero"))
    status, _, err = heart(capsys, "fail")
    assert status == 1
    assert err.startswith("heart: internal error: ZeroDivisionError('division by zero'); please report it")
    assert err.count("\n") == 1


def test_a_mistake_of_ours_has_its_traceback_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECG_EDGE_DEBUG", "1")
    RAISED.append(ZeroDivisionError("division by zero"))
    with pytest.raises(ZeroDivisionError):
        run(app, ["fail"], program="heart", version="1.0")


@pytest.mark.parametrize("lines", [1, 100_000], ids=["as it ends", "while it writes"])
def test_a_reader_that_has_had_enough_is_no_error(lines: int) -> None:
    program = f"""
import sys, typer
from ecg.command_line import run
app = typer.Typer()
@app.command()
def beat() -> None:
    sys.stdin.read()
    for _ in range({lines}):
        print("lub dub")
sys.exit(run(app, ["--"], program="heart", version="1.0"))
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert (process.stderr.read(), process.wait()) == ("", 0)
