"""A small disk that can be filled."""

from __future__ import annotations

import errno
import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SmallDisk"]

PAGE = 4096
"""What a file on a tmpfs takes at least, in bytes."""

PAGES = 512


class SmallDisk:
    """A tmpfs of 512 pages, mounted on a folder; to mount one takes root."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()

    def mount(self) -> str:
        """Mount it; give why that was not possible, or nothing."""
        command = ["mount", "-t", "tmpfs", "-o", f"size={PAGES * PAGE}", "tmpfs", str(self.path)]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        return mounted.stderr.strip() if mounted.returncode else ""

    def unmount(self) -> None:
        """Take it away, even if something is still open on it."""
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)

    @contextmanager
    def only_free(self, pages: int) -> Iterator[None]:
        """Fill the disk up to so many pages."""
        ballast = self.path / "ballast"
        state = os.statvfs(self.path)
        try:
            ballast.write_bytes(bytes((state.f_bavail - pages) * state.f_frsize))
        except OSError as error:  # the monitor wrote meanwhile: it is as full as can be
            if error.errno != errno.ENOSPC:
                raise
        yield
        ballast.unlink()
