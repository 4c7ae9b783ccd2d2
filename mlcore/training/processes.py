"""Processes by number and time of birth: alive, how large, and away with them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

#: Seconds by which two readings of one process's time of birth may differ when the clock is set.
_CLOCK_SLACK = 2.0


@dataclass(frozen=True)
class ProcessMark:
    """A process, told apart from later ones that get the same number.

    Parameters
    ----------
    pid : int
        Its number.
    created : float
        When it was started, in seconds since 1970, as the system tells it.
    """

    pid: int
    created: float

    @classmethod
    def of_this(cls) -> ProcessMark:
        """Return the mark of the calling process."""
        return cls(os.getpid(), psutil.Process().create_time())

    def find(self) -> psutil.Process | None:
        """Return the process while it lives."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) <= _CLOCK_SLACK
            alive = process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        except psutil.AccessDenied:  # somebody else's: not one that we started
            return None
        return process if same and alive else None


def tree(process: psutil.Process) -> list[psutil.Process]:
    """Return the process and all its descendants."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [process]


def used_bytes(processes: Iterable[psutil.Process]) -> int:
    """Return the resident memory of processes; those that are gone count nothing."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += process.memory_info().rss
    return total


def terminate(processes: Iterable[psutil.Process]) -> None:
    """Ask processes to end."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.terminate()


def kill(processes: Iterable[psutil.Process]) -> None:
    """End processes without asking."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.kill()


def kill_group(leader: int) -> None:
    """End what is left of a process group whose leader is gone; does nothing on Windows."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def leads_group(pid: int) -> bool:
    """Return whether the process leads a group of its own."""
    if sys.platform == "win32":
        return False
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False
