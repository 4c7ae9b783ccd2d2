"""A lock on a file that ends with the process that holds it, however that process ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

#: The file in the workspace that its supervisor holds.
SUPERVISOR_LOCK = "supervisor.lock"

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def take_lock(path: Path) -> IO[bytes] | None:
    """Return the open file while nobody else holds its lock, else ``None``; close it to let go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab+")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock."""
    file = take_lock(path)
    if file is None:
        return True
    file.close()
    return False
