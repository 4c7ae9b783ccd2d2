"""Keep the processes beside the pages running for as long as a server (or a test) wants them."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
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


@dataclass(frozen=True, kw_only=True)
class Companion:
    """A process that runs beside the pages, one for a workspace.

    Parameters
    ----------
    name : str
        Its log in the workspace is called so.
    module : str
        What is run; it takes ``--home``.
    lock : str
        The file in the workspace that it holds while it runs.
    is_wanted : callable
        Whether a workspace has work for it; by default every one has.
    """

    name: str
    module: str
    lock: str
    is_wanted: Callable[[Workspace], bool] = lambda workspace: True


SUPERVISOR = Companion(name="supervisor", module="mlcore.training.supervisor", lock=SUPERVISOR_LOCK)


def ensure_running(workspace: Workspace, companion: Companion = SUPERVISOR) -> None:
    """Start a companion, detached, unless it runs already.

    It stays for as long as the calling process lives; the supervisor then until the last job is
    over.
    """
    register(workspace)
    if not is_running(workspace, companion):
        launch(workspace, ("-m", companion.module), companion.name)


def is_running(workspace: Workspace, companion: Companion = SUPERVISOR) -> bool:
    """Return whether the workspace has the companion."""
    return is_locked(workspace.home / companion.lock)


def register(workspace: Workspace) -> None:
    """Note that this process wants the companions to stay."""
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


def has_live_server(connection: sqlite3.Connection) -> bool:
    """Return whether a process that wants companions is alive."""
    rows = connection.execute("SELECT pid, created FROM servers").fetchall()
    return any(ProcessMark(row["pid"], row["created"]).find() for row in rows)


def launch(
    workspace: Workspace,
    command: Sequence[str] = ("-m", SUPERVISOR.module),
    name: str = SUPERVISOR.name,
) -> subprocess.Popen[bytes]:
    """Start a companion in a session of its own, which outlives this process.

    Its output goes to ``logs/<name>.log`` in the workspace.
    """
    log = workspace.home / "logs" / f"{name}.log"
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
class Watch:
    """A thread that starts companions again whenever they are gone.

    Parameters
    ----------
    workspace : Workspace
        Whose companions.
    companions : sequence of Companion
        Who must be there.
    """

    workspace: Workspace
    companions: Sequence[Companion] = (SUPERVISOR,)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the companions and the thread that watches them."""
        for companion in self._missing():
            ensure_running(self.workspace, companion)
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the companions end by themselves when nobody needs them."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        unregister(self.workspace)

    def _missing(self) -> list[Companion]:
        return [
            companion
            for companion in self.companions
            if not is_running(self.workspace, companion) and companion.is_wanted(self.workspace)
        ]

    def _watch(self) -> None:
        pause = WATCH_INTERVAL
        while not self._stopping.wait(pause):
            try:
                missing = self._missing()
                for companion in missing:
                    ensure_running(self.workspace, companion)
                if not missing:
                    pause = WATCH_INTERVAL
                    continue
            except (OSError, sqlite3.Error) as error:
                # A full disk passes, a busy database too; without this thread nothing would ever
                # start again.
                _LOG.warning("A process beside the pages could not be started: %s", error)
            pause = min(2 * pause, LONGEST_PAUSE)


@contextmanager
def accompanied(
    workspace: Workspace, companions: Sequence[Companion] = (SUPERVISOR,)
) -> Iterator[None]:
    """Have companions while the block runs."""
    watch = Watch(workspace, companions)
    watch.start()
    try:
        yield
    finally:
        watch.stop()
