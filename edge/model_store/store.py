"""The store: a folder of model files that root owns, and the selection of one of them.

    resecanet-aami5_1.0.0_1a2b3c4d5e6f.tflite    a model: name, version, first digits of the file's SHA-256
    selection.json                               the current model, the previous one, the one on trial
    *.part                                       unfinished after a power cut; deleted by the next change

Each file is written under another name, synced and renamed, and the selection, one file, changes last. After a power
cut at any moment the old or the new model is in use, and its file is complete.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ecg.errors import CheckFailedError, InputError
from ecg.files import UNFINISHED, replace_file, sync_folder
from ecg.model_file.container import read_bytes, refusal
from ecg.model_file.signature import trusted_keys
from edge.inference.classifier import shipped_path
from edge.inference.compatibility import parse, read
from edge.inference.speed import check_at_work
from edge.model_store.selection import SHIPPED, Selection, Trial, boot_clock_s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecg.model_file.container import ModelFile
    from ecg.model_file.signature import TrustedKey
    from edge.config import ModelSettings

__all__ = ["ModelStore"]

SUFFIX: Final = ".tflite"

_SELECTION: Final = "selection.json"
_LOCK: Final = "lock"
_DIGITS: Final = 12


class ModelStore:
    """The models of a device.

    Args:
        directory: the folder; created when the first model is added.
        keys_directory: folder of the trusted keys; if it holds any, one of them must have signed each model.
    """

    def __init__(self, directory: Path, keys_directory: Path) -> None:
        self.directory = directory
        self._keys_directory = keys_directory

    @classmethod
    def of(cls, settings: ModelSettings, root: Path = Path("/")) -> ModelStore:
        """Open the store of the settings; `root` is where the device's file system is mounted."""
        return cls(root / settings.store.lstrip("/"), root / settings.trusted_keys.lstrip("/"))

    def keys(self) -> dict[str, TrustedKey]:
        """The trusted keys.

        Raises:
            InputError: the keys cannot be read.
        """
        return trusted_keys(self._keys_directory)

    def selection(self) -> Selection:
        """Read the selection.

        Raises:
            InputError: it cannot be read, or is damaged.
        """
        path = self.directory / _SELECTION
        try:
            return msgspec.json.decode(path.read_bytes(), type=Selection)
        except FileNotFoundError:
            return Selection()
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path} is damaged ({error}): select a model with `ecg-edge model use`.") from error

    def names(self) -> list[str]:
        """Names of all models in the store."""
        return sorted(path.name for path in self.directory.glob(f"*{SUFFIX}"))

    def path(self, name: str) -> Path:
        """The file of a model in the store, or of the shipped one."""
        return shipped_path() if name == SHIPPED else self.directory / name

    def read(self, name: str) -> ModelFile:
        """Read and check a model.

        Raises:
            InputError: it is missing, not signed, damaged, or does not match its name.
        """
        if name == SHIPPED:
            return read(shipped_path())
        model = read(self.path(name), keys=self.keys())
        if name != _name(model):
            raise refusal(model.path, f"its content is that of {_name(model)}", "copy it again")
        return model

    def find(self, text: str) -> str:
        """Find a model by its name or the beginning of its name; its full name.

        Raises:
            InputError: no model or several models match.
        """
        if text == SHIPPED or text in (names := self.names()):
            return text
        found = [name for name in names if name.startswith(text)]
        if len(found) != 1:
            what = f"several models begin with {text}" if found else f"there is no model {text} in {self.directory}"
            raise InputError(f"{what}; there are {', '.join([*(found or names), SHIPPED])}")
        return found[0]

    def add(self, path: Path) -> str:
        """Check a model file, run it on this machine, and copy it into the store; its name there.

        Raises:
            InputError, CheckFailedError: the model is refused, or the store cannot be written.
        """
        content = read_bytes(path)
        model = parse(path, content, keys=self.keys())
        check_at_work(model)
        name = _name(model)
        replace_file(self.directory / name, content)
        sync_folder(self.directory)
        return name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the store for changes; creates the folder if it is missing.

        Raises:
            InputError: the folder cannot be written.
            CheckFailedError: another process has the lock.
        """
        umask = os.umask(0o022)  # the service must read what root writes
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            os.umask(umask)
            raise InputError(
                f"The model store {self.directory} cannot be written ({error.strerror}): try it with sudo."
            ) from error
        try:
            _lock(lock, self.directory)
            for leftover in self.directory.glob(f"*{UNFINISHED}"):
                leftover.unlink()
            yield
        finally:
            os.umask(umask)
            os.close(lock)  # releases the lock, as the end of a killed process does too

    def choose(self, name: str) -> None:
        """Use a model from the monitor's next start."""
        old = self._selection_to_replace()
        self._write(Selection(current=name, previous=old.previous if old.current == name else old.current))

    def begin_trial(self, name: str, duration_s: float) -> None:
        """Use a model from the monitor's next start, for at most `duration_s`."""
        now_s = boot_clock_s()
        trial = Trial(model=name, from_s=now_s, until_s=now_s + duration_s)
        self._write(msgspec.structs.replace(self._selection_to_replace(), trial=trial))

    def end_trial(self) -> None:
        """Use the current model again from the monitor's next start."""
        self._write(msgspec.structs.replace(self._selection_to_replace(), trial=None))

    def roll_back(self) -> str:
        """Use the previous model again from the monitor's next start; its name.

        Raises:
            InputError: there is no previous model.
        """
        previous = self.selection().previous
        if previous is None:
            raise InputError(
                f"there is no previous model to go back to; `ecg-edge model use {SHIPPED}` selects the shipped one"
            )
        self._write(Selection(current=previous))
        return previous

    def _selection_to_replace(self) -> Selection:
        try:
            return self.selection()
        except InputError:  # damaged, and about to be replaced
            return Selection()

    def _write(self, selection: Selection) -> None:
        replace_file(self.directory / _SELECTION, msgspec.json.format(msgspec.json.encode(selection)) + b"\n")
        sync_folder(self.directory)


def _lock(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CheckFailedError(
            f"another change of the models in {directory} is in progress; try again in a minute"
        ) from None


def _name(model: ModelFile) -> str:
    plain = (re.sub(r"[^A-Za-z0-9.-]", "-", part).lstrip(".") for part in (model.card.name, model.card.version))
    return "_".join([*plain, model.sha256[:_DIGITS]]) + SUFFIX
