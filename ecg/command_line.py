"""The error shell of the command lines: an error is a sentence on stderr and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from ecg.errors import EcgEdgeError, ExitCode
from ecg.extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

__all__ = ["HELP_OPTIONS", "INTERRUPTED", "complain", "run"]

HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"]}
"""Settings of a command line's context: commands inherit the names of the help option."""

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT, as shells have it."""


def run(
    app: typer.Typer, arguments: Sequence[str], *, program: str, version: str, interrupted: str = "", extra: str = ""
) -> int:
    """Run a command and give its exit status; without arguments the help.

    Args:
        app: has the commands.
        arguments: what stands after the program's name.
        program: its name, with which each complaint begins.
        version: of the program, for `--version`.
        interrupted: said after Ctrl-C.
        extra: of this project's package, whose modules the commands need; a missing module is answered with it.
    """
    import typer  # noqa: PLC0415 - the monitor needs no command line once it runs

    *commands, last = arguments or [""]
    # After every command; what follows an option may be that option's value.
    if last == "--version" and not any(each.startswith("-") for each in commands):
        sys.stdout.write(f"{program} {version}\n")
        return ExitCode.DONE
    command = typer.main.get_command(app)
    try:
        status = command.main(list(arguments) or ["--help"], prog_name=program, standalone_mode=False)
        sys.stdout.flush()
    except EcgEdgeError as error:
        complain(program, str(error))
        return error.exit_code
    except (BrokenPipeError, SystemExit) as error:  # the reader, such as `head`, had enough; typer exits with 1
        if not isinstance(error, BrokenPipeError) and not isinstance(error.__context__, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(program, _one_line(f"{where}{error.strerror or error}"))
        return ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED  # which newer versions of typer give by themselves
    except Exception as error:  # noqa: BLE001 - a traceback never reaches a user
        return _unexpected(error, program, extra)
    if status == INTERRUPTED:
        complain(program, interrupted)
    return status if isinstance(status, int) else ExitCode.DONE


def complain(program: str, message: str) -> None:
    """Say a message of a program on stderr, if there is one."""
    if message:
        sys.stderr.write(f"{program}: {message}\n")


def _one_line(message: str) -> str:
    """Give a message that is not of ours, which may have any number of lines."""
    return " ".join(message.split())


def _unexpected(error: Any, program: str, extra: str) -> int:
    """Answer wrong usage, which typer raises, a package that is not installed, and mistakes of ours."""
    if hasattr(error, "format_message"):  # a usage error; its class has moved between typer's versions
        message = _one_line(error.format_message())
        command = getattr(getattr(error, "ctx", None), "command_path", program)
        stop = "" if message.endswith((".", "?")) else "."
        # A group without a command has shown its help, and the message is empty.
        complain(program, message and f"{message}{stop} Try '{command} --help'.")
        return ExitCode.USAGE
    if extra and isinstance(error, ModuleNotFoundError):
        complain(program, f"{error.name} is not installed: {how_to_install(extra)}")
        return ExitCode.USAGE
    if os.environ.get("ECG_EDGE_DEBUG"):
        raise error
    complain(program, f"internal error: {error!r}; please report it, with what ECG_EDGE_DEBUG=1 shows")
    return ExitCode.CHECK_FAILED
