"""Files of `firmware_config`: those that ship, by name, and those of a user, by path."""

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
        name: of a file that ships, without `.toml` (and without `prefix`, who likes), or a path, known by its `/` or
            `.toml`.
        prefix: with which the names of such files begin, such as `board-`.
        what: the kind of file, for the error messages.

    Returns:
        The path, and what the file holds.

    Raises:
        InputError: no such file, or no TOML.
    """
    is_path = "/" in name or name.endswith(".toml")
    path = Path(name).expanduser() if is_path else DIRECTORY / f"{prefix}{name.removeprefix(prefix)}.toml"
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        shipped = sorted(each.stem for each in DIRECTORY.glob(f"{prefix}*.toml"))
        raise InputError(
            f"no {what} {name!r}; those that ship are {', '.join(shipped)}, and the path of a .toml file will do too"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: the {what} cannot be read ({error.strerror}); check its permissions") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
