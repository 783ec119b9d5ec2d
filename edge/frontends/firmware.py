"""Reads files of `firmware_config`: shipped ones by name, a user's own by path."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ecg.errors import InputError
from firmware_config import DIRECTORY

__all__ = ["read_firmware_file"]


def read_firmware_file(name: str, *, prefix: str, what: str) -> tuple[Path, dict[str, Any]]:
    """Read a TOML file.

    Args:
        name: name of a shipped file without `.toml` and with or without `prefix`, or a path, recognised by its `/` or
            `.toml`.
        prefix: start of the names of such files, such as `board-`.
        what: kind of file, for the error messages.

    Returns:
        The path and the file's content.

    Raises:
        InputError: there is no such file, or it is not valid TOML.
    """
    is_path = "/" in name or name.endswith(".toml")
    path = Path(name).expanduser() if is_path else DIRECTORY / f"{prefix}{name.removeprefix(prefix)}.toml"
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        shipped = sorted(each.stem for each in DIRECTORY.glob(f"{prefix}*.toml"))
        raise InputError(
            f"no {what} {name!r}; choose one of {', '.join(shipped)}, or give the path of a .toml file"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: the {what} cannot be read ({error.strerror}); check its permissions") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
