"""Keep a supervisor running for as long as a server (or a test) wants one."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from mlcore.training.environment import ROOT, job_environment
from mlcore.training.lock import SUPERVISOR_LOCK, is_locked
from mlcore.training.processes import ProcessMark
from mlcore.workspace import Workspace

#: Seconds between two looks whether the supervisor is there.
WATCH_INTERVAL = 1.0

#: Most seconds between two starts of a supervisor that keeps ending.
LONGEST_PAUSE = 30.0

_LOG_BYTES = 2**20
_LOG = logging.getLogger(__name__)


def ensure_supervisor(workspace: Workspace) -> None:
    """Start the workspace's supervisor, detached, unless it runs already.

    It stays for as long as the calling process lives, and then until the last job is over.
    """
    register(workspace)
    if not is_running(workspace):
        launch(workspace)


def is_running(workspace: Workspace) -> bool:
    """Return whether the workspace has a supervisor."""
    return is_locked(workspace.home / SUPERVISOR_LOCK)


def register(workspace: Workspace) -> None:
    """Note that this process wants the supervisor to stay."""
    mark = ProcessMark.of_this()
    with workspace.connect() as connection:
        rows = connection.execute("SELECT pid, created FROM servers").fetchall()
        gone = [(row["pid"],) for row in rows if not ProcessMark(*row).find()]
        connection.executemany("DELETE FROM servers WHERE pid = ?", gone)
        connection.execute(
            "INSERT OR REPLACE INTO servers (pid, created) VALUES (?, ?)", (mark.pid, mark.created)
        )


def unregister(workspace: Workspace) -> None:
    """Take back :func:`register`."""
    with workspace.connect() as connection:
        connection.execute("DELETE FROM servers WHERE pid = ?", (ProcessMark.of_this().pid,))


def launch(
    workspace: Workspace, command: Sequence[str] = ("-m", "mlcore.training.supervisor")
) -> subprocess.Popen[bytes]:
    """Start a supervisor in a session of its own, which outlives this process.

    Its output goes to ``logs/supervisor.log`` in the workspace.
    """
    log = workspace.home / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--home", str(workspace.home)],
            env=job_environment(),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    # Popen warns when it is dropped while its process runs; to be left running is the point.
    process.returncode = process.poll() or 0
    return process


@dataclass
class SupervisorWatch:
    """A thread that starts the supervisor again whenever it is gone.

    Parameters
    ----------
    workspace : Workspace
        Whose supervisor.
    """

    workspace: Workspace
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the supervisor and the thread that watches it."""
        ensure_supervisor(self.workspace)
        self._thread = threading.Thread(target=self._watch, name="supervisor-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the supervisor ends by itself when its last job is over."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        unregister(self.workspace)

    def _watch(self) -> None:
        pause = WATCH_INTERVAL
        while not self._stopping.wait(pause):
            try:
                if is_running(self.workspace):
                    pause = WATCH_INTERVAL
                    continue
                ensure_supervisor(self.workspace)
            except (OSError, sqlite3.Error) as error:
                # A full disk passes, a busy database too; without this thread nothing would ever
                # start again.
                _LOG.warning("The supervisor could not be started: %s", error)
            pause = min(2 * pause, LONGEST_PAUSE)


@contextmanager
def supervised(workspace: Workspace) -> Iterator[None]:
    """Have a supervisor while the block runs."""
    watch = SupervisorWatch(workspace)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
