"""The process that runs the jobs: ``python -m mlcore.training.supervisor --home FOLDER``.

It takes queued jobs in turn, gives each a process with limits of its own, watches memory, time and
the wish to cancel, and writes the end of those that cannot write it themselves. Jobs do not need
it to finish: when it dies, the next one finds their processes by number and time of birth and
watches on.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import connection as pipes
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from mlcore import settings
from mlcore.messages import Message, message
from mlcore.training import processes
from mlcore.training.defects import record_defect
from mlcore.training.environment import clean_own_environment
from mlcore.training.jobs import JobStatus
from mlcore.training.kinds import KINDS, JobKind, find_kind
from mlcore.training.lock import SUPERVISOR_LOCK, take_lock
from mlcore.training.processes import ProcessMark
from mlcore.training.service import has_live_server
from mlcore.training.worker import Assignment, finish, run_job
from mlcore.workspace import Workspace

#: Seconds between two looks at the queue.
POLL = 0.05

#: Seconds between two looks at a job's memory, and at the processes it started itself.
MEMORY_INTERVAL = 0.25
CHILDREN_INTERVAL = 2.0

#: Seconds a job has to end by itself before it is killed.
GRACE = 1.0

#: Seconds without work and without a server after which the supervisor ends.
IDLE = 2.0

#: Loaded once, before the first job: a job's process starts with all of it in milliseconds.
PRELOADED = ["mlcore.training.worker", "mlcore.training.work", "mlcore.training.grid_work"]

#: Seconds after which a file nobody can ask for any more is removed (a day).
LEFTOVER_SECONDS = 24 * 3600.0

#: How often the lock is asked for before another supervisor is believed to hold it.
LOCK_TRIES = 10

#: A job that cannot be started is tried this often.
MOST_STARTS = 3


@dataclass
class _Watched:
    """A running job, as the supervisor sees it."""

    id: str
    user: str
    kind: str
    attempt: int
    memory_mb: int
    seconds: int
    urgent: bool
    deadline: float
    child: BaseProcess | None = None
    mark: ProcessMark | None = None
    family: list[psutil.Process] = field(default_factory=list)
    memory_due: float = 0.0
    children_due: float = 0.0
    leads_group: bool = False
    verdict: tuple[JobStatus, Message | None] | None = None
    kill_at: float = 0.0

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> _Watched:
        ran = max(0.0, time.time() - row["started"])
        return cls(
            id=row["id"],
            user=row["user"],
            kind=row["kind"],
            attempt=row["attempt"],
            memory_mb=row["memory_mb"],
            seconds=row["seconds"],
            urgent=bool(row["urgent"]),
            deadline=time.monotonic() + row["seconds"] - ran,
        )


class Supervisor:
    """Runs the jobs of one workspace, of all its users.

    Parameters
    ----------
    workspace : Workspace
        Where the queue is.
    kinds : sequence of JobKind
        What can be run.
    preload : sequence of str
        Modules that every job's process starts with, where the system can fork.
    """

    def __init__(
        self,
        workspace: Workspace,
        kinds: Sequence[JobKind] = KINDS,
        preload: Sequence[str] = tuple(PRELOADED),
    ) -> None:
        self.workspace = workspace
        self.kinds = kinds
        self.max_jobs = settings.MAX_JOBS.read()
        self.running: list[_Watched] = []
        self.is_stopping = False
        self._context = _warm_context(preload)
        self._queue_may_have_changed = True
        self._data_version = -1
        self._idle_since = time.monotonic()
        self._idle_due = 0.0

    def stop(self, *_: int | FrameType | None) -> None:
        """End soon, without touching the jobs that run."""
        self.is_stopping = True

    def run(self) -> None:
        """Work until nobody needs it: no job runs or waits, and no server is alive."""
        self._reconcile()
        with self.workspace.connect() as connection:
            while not self.is_stopping and not self._is_superfluous(connection):
                self._look_at_queue(connection)
                self._look_at_jobs()
                self._wait()

    # The queue

    def _look_at_queue(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version == self._data_version and not self._queue_may_have_changed:
            return
        self._data_version, self._queue_may_have_changed = version, False
        self._look_for_cancels(connection)
        while not self.is_stopping and _has_queued(connection):
            row = self._claim()
            if row is None:
                break
            self._start(row)

    def _look_for_cancels(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT id FROM jobs WHERE status = 'running' AND cancel = 1")
        cancelled = {row["id"] for row in rows}
        for job in self.running:
            if job.id in cancelled:
                self._end(job, JobStatus.CANCELLED, None)

    def _claim(self) -> sqlite3.Row | None:
        """Take the next job in turn, if there is a free place for one."""
        urgent = sum(job.urgent for job in self.running)
        # Urgent jobs have one place of their own; further ones take places of the others.
        ordinary_is_free = len(self.running) - min(urgent, 1) < self.max_jobs
        urgent_is_free = len(self.running) <= self.max_jobs
        if not (ordinary_is_free or urgent_is_free):
            return None
        with self.workspace.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row: sqlite3.Row | None = connection.execute(
                _NEXT_IN_TURN, {"ordinary": ordinary_is_free, "urgent": urgent_is_free}
            ).fetchone()
            if row is not None:
                row = connection.execute(
                    "UPDATE jobs SET status = 'running', started = ?, attempt = attempt + 1"
                    " WHERE id = ? RETURNING *",
                    (time.time(), row["id"]),
                ).fetchone()
        return row

    def _start(self, row: sqlite3.Row) -> None:
        job = _Watched.from_row(row)
        try:
            kind = find_kind(job.kind, self.kinds)
            job.child = self._spawn(job, kind)
        except KeyError as error:
            number = record_defect(self.workspace, error)
            self._write_end(job, JobStatus.FAILED, message("training.defect", number=number))
        except (OSError, EOFError) as error:
            if job.attempt < MOST_STARTS:
                self._requeue(job)
            else:
                how = type(error).__name__
                self._write_end(job, JobStatus.FAILED, message("training.killed", how=how))
        else:
            self.running.append(job)

    def _spawn(self, job: _Watched, kind: JobKind) -> BaseProcess:
        assignment = Assignment(self.workspace.home, job.user, job.id, job.attempt, kind.function)
        child: BaseProcess = self._context.Process(  # type: ignore[attr-defined]
            target=run_job, args=(assignment,), name=f"job-{job.kind}"
        )
        child.start()
        return child

    # The jobs

    def _look_at_jobs(self) -> None:
        now = time.monotonic()
        for job in list(self.running):
            if self._has_ended(job):
                self._conclude(job)
            elif job.verdict is not None:
                if now >= job.kill_at:
                    processes.kill(job.family)
            elif now >= job.deadline:
                limit = message("training.out_of_time", limit=job.seconds)
                self._end(job, JobStatus.FAILED, limit)
            elif now >= job.memory_due:
                self._look_at_memory(job, now)

    def _has_ended(self, job: _Watched) -> bool:
        if job.child is None:
            return job.mark is None or job.mark.find() is None
        if job.child.exitcode is None:
            return False
        if job.mark is not None and job.mark.find() is not None:
            # What forks the jobs is gone and cannot say how this one ends; watch its number.
            job.child = None
            return False
        return True

    def _look_at_memory(self, job: _Watched, now: float) -> None:
        job.memory_due = now + MEMORY_INTERVAL
        if now >= job.children_due:
            job.children_due = now + CHILDREN_INTERVAL
            self._meet_family(job)
        if processes.used_bytes(job.family) > job.memory_mb * 2**20:
            limit = message("training.out_of_memory", limit=job.memory_mb)
            self._end(job, JobStatus.FAILED, limit)

    def _meet_family(self, job: _Watched) -> None:
        """Find the job's process and whatever it has started itself."""
        if job.mark is None and job.child is not None and job.child.pid is not None:
            try:
                created = psutil.Process(job.child.pid).create_time()
            except psutil.NoSuchProcess:
                return
            job.mark = ProcessMark(job.child.pid, created)
        process = job.mark.find() if job.mark else None
        if process is not None:
            job.family = processes.tree(process)
            job.leads_group = processes.leads_group(process.pid)

    def _end(self, job: _Watched, status: JobStatus, why: Message | None) -> None:
        """Begin to end a job; its row is written when its processes are gone."""
        if job.verdict is not None:
            return
        self._meet_family(job)
        job.verdict = (status, why)
        job.kill_at = time.monotonic() + GRACE
        processes.terminate(job.family)

    def _conclude(self, job: _Watched) -> None:
        """Write the end of a job whose process is gone, unless it wrote it itself."""
        status, why = job.verdict or self._guess_end(job)
        processes.kill(job.family[1:])
        if job.leads_group and job.mark is not None:
            processes.kill_group(job.mark.pid)
        shutil.rmtree(self._workspace_of(job).folder("temp", job.id), ignore_errors=True)
        if status is JobStatus.INTERRUPTED and self._may_repeat(job):
            self._requeue(job)
        else:
            self._write_end(job, status, why)
        if job.child is not None:
            job.child.join()
            job.child.close()
        if job in self.running:
            self.running.remove(job)
        self._queue_may_have_changed = True

    def _guess_end(self, job: _Watched) -> tuple[JobStatus, Message]:
        if job.child is None:
            return JobStatus.INTERRUPTED, message("training.interrupted")
        how = _how_it_ended(job.child.exitcode or 0)
        return JobStatus.FAILED, message("training.killed", how=how)

    def _may_repeat(self, job: _Watched) -> bool:
        kinds = {kind.name: kind for kind in self.kinds}
        return job.attempt < 2 and job.kind in kinds and kinds[job.kind].repeatable

    def _write_end(self, job: _Watched, status: JobStatus, why: Message | None) -> None:
        finish(self._workspace_of(job), job.id, job.attempt, status, why)

    def _requeue(self, job: _Watched) -> None:
        with self.workspace.connect() as connection:
            connection.execute(
                "UPDATE jobs SET status = 'queued', started = NULL, pid = NULL, pid_created = NULL"
                " WHERE id = ? AND attempt = ? AND status = 'running'",
                (job.id, job.attempt),
            )

    def _workspace_of(self, job: _Watched) -> Workspace:
        return Workspace(self.workspace.home, job.user)

    # Beginning, waiting, ending

    def _reconcile(self) -> None:
        """Bring rows that say "running" in line with the processes there are."""
        with self.workspace.connect() as connection:
            rows = connection.execute("SELECT * FROM jobs WHERE status = 'running'").fetchall()
        for row in rows:
            job = _Watched.from_row(row)
            if row["pid"] is None and job.attempt < MOST_STARTS:
                self._requeue(job)  # it had not begun; if it does now, it finds its row taken
                continue
            job.mark = ProcessMark(row["pid"] or 0, row["pid_created"] or 0.0)
            if job.mark.find() is None:
                self._conclude(job)
            else:
                self.running.append(job)
        self._remove_leftovers()

    def _remove_leftovers(self) -> None:
        """Remove what dead jobs and finished downloads left on the disk."""
        running = {job.id for job in self.running}
        with self.workspace.connect() as connection:
            jobs = {row["id"] for row in connection.execute("SELECT id FROM jobs")} - running
        for folder in self.workspace.home.glob("users/*/temp/*"):
            if folder.name in jobs or _is_old(folder):
                shutil.rmtree(folder, ignore_errors=True)
        for export in self.workspace.home.glob("users/*/exports/*"):
            if export.is_file() and _is_old(export):
                export.unlink(missing_ok=True)

    def _wait(self) -> None:
        sentinels = [job.child.sentinel for job in self.running if job.child is not None]
        if sentinels:
            pipes.wait(sentinels, timeout=POLL)
        else:
            time.sleep(POLL)

    def _is_superfluous(self, connection: sqlite3.Connection) -> bool:
        now = time.monotonic()
        if self.running:
            self._idle_since = now
            return False
        if now < self._idle_due:
            return False
        self._idle_due = now + IDLE / 4
        if has_live_server(connection) or _has_queued(connection):
            self._idle_since = now
        return now - self._idle_since > IDLE


#: Urgent jobs first; then the user with the fewest running jobs, then the one who was served
#: longest ago, then the oldest job.
_NEXT_IN_TURN = """
    SELECT jobs.id FROM jobs JOIN (
        SELECT user, sum(status = 'running') AS busy, max(coalesce(started, 0)) AS served
        FROM jobs GROUP BY user
    ) AS users ON users.user = jobs.user
    WHERE jobs.status = 'queued' AND CASE WHEN jobs.urgent THEN :urgent ELSE :ordinary END
    ORDER BY jobs.urgent DESC, users.busy, users.served, jobs.sequence LIMIT 1
"""


def _warm_context(preload: Sequence[str]) -> BaseContext:
    """Return how processes are made here, with the libraries loading already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    forkserver.ensure_running()
    return context


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > LEFTOVER_SECONDS
    except FileNotFoundError:
        return False


def _how_it_ended(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit status {exit_code}"
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"


def _has_queued(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT 1 FROM jobs WHERE status = 'queued' LIMIT 1").fetchone()
    return row is not None


def _wait_for_lock(workspace: Workspace) -> IO[bytes] | None:
    """Take the lock; whoever asks whether it is held holds it for a moment, so ask again."""
    for _ in range(LOCK_TRIES):
        lock = take_lock(workspace.home / SUPERVISOR_LOCK)
        if lock is not None:
            return lock
        time.sleep(POLL)
    return None


def serve(
    workspace: Workspace,
    kinds: Sequence[JobKind] = KINDS,
    preload: Sequence[str] = tuple(PRELOADED),
) -> None:
    """Be the workspace's supervisor, unless it has one already; does not return."""
    clean_own_environment()
    lock = _wait_for_lock(workspace)
    if lock is not None:
        supervisor = Supervisor(workspace, kinds, preload)
        signal.signal(signal.SIGTERM, supervisor.stop)
        signal.signal(signal.SIGINT, supervisor.stop)
        supervisor.run()
    sys.stdout.flush()
    sys.stderr.flush()
    # Without the interpreter's farewell, which would wait for every job that still runs.
    os._exit(0)


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m mlcore.training.supervisor", description="Run the jobs of a workspace."
    )
    parser.add_argument("--home", type=Path, default=None, help=settings.HOME_HELP)
    serve(Workspace.open(parser.parse_args().home))


if __name__ == "__main__":
    main()
