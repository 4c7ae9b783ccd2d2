"""The queue of jobs: one row in the workspace's database for each.

Pages put jobs in and watch them; the supervisor takes them out; the job's own process writes its
progress and its end. Nobody keeps anything about a job in memory that is not in its row, so each
of the three may die and come back.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mlcore.messages import Message
from mlcore.training.kinds import KINDS, JobKind, find_kind
from mlcore.workspace import Workspace, new_id


class JobStatus(StrEnum):
    """Where a job stands. The last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True)
class Job:
    """One job, as it stood when it was read.

    Parameters
    ----------
    id : str
        Its identifier.
    kind : str
        A name of :data:`mlcore.training.kinds.KINDS`.
    subject : str
        Id of the dataset or run it belongs to.
    status : JobStatus
        Where it stands.
    done, total : int
        Progress in units of work (folds, fits); ``total`` is 0 until it is known.
    stage : Message, optional
        What it is doing now.
    step, steps : int, optional
        Progress inside the unit that runs now (epochs, trees), where the algorithm counts.
    live : tuple of (step, loss)
        The loss of the fit that runs now, at most a few hundred points.
    error : Message, optional
        Why it did not end well.
    queued, started, finished : float
        Seconds since 1970, ``None`` for what has not happened.
    memory_mb, seconds : int
        Its limits.
    """

    id: str
    kind: str
    subject: str
    status: JobStatus
    done: int
    total: int
    stage: Message | None
    step: int | None
    steps: int | None
    live: tuple[tuple[int, float], ...]
    error: Message | None
    queued: float
    started: float | None
    finished: float | None
    memory_mb: int
    seconds: int

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return not self.status.is_final

    @property
    def elapsed(self) -> float:
        """Seconds it has been running, or ran; 0 while it waits."""
        if self.started is None:
            return 0.0
        return max(0.0, (self.finished or time.time()) - self.started)

    @property
    def share(self) -> float:
        """How much of the work is done, between 0 and 1."""
        if self.status is JobStatus.DONE:
            return 1.0
        inside = min(1.0, self.step / self.steps) if self.step and self.steps else 0.0
        return min(1.0, (self.done + inside) / self.total) if self.total else 0.0


@dataclass(frozen=True)
class JobQueue:
    """The jobs of one user.

    Parameters
    ----------
    workspace : Workspace
        Whose jobs.
    kinds : sequence of JobKind
        What can be submitted.
    """

    workspace: Workspace
    kinds: Sequence[JobKind] = KINDS

    def submit(
        self,
        kind: str,
        subject: str,
        payload: Mapping[str, Any],
        *,
        memory_mb: int | None = None,
        seconds: int | None = None,
    ) -> str:
        """Put a job at the end of the queue and return its id.

        Parameters
        ----------
        kind : str
            A name of the kinds.
        subject : str
            Id of the dataset or run it belongs to.
        payload : mapping
            What its function is given; must survive JSON.
        memory_mb, seconds : int, optional
            Limits; those of the kind when not given.
        """
        declared = find_kind(kind, self.kinds)
        identifier = new_id()
        row = {
            "id": identifier,
            "user": self.workspace.user,
            "kind": kind,
            "subject": subject,
            "payload": json.dumps(dict(payload)),
            "status": JobStatus.QUEUED.value,
            "urgent": declared.urgent,
            "queued": time.time(),
            "memory_mb": declared.memory_mb.read() if memory_mb is None else memory_mb,
            "seconds": declared.seconds.read() if seconds is None else seconds,
        }
        with self.workspace.connect() as connection:
            connection.execute(
                f"INSERT INTO jobs ({', '.join(row)}) VALUES (:{', :'.join(row)})", row
            )
        return identifier

    def get(self, identifier: str) -> Job:
        """Return the job.

        Raises
        ------
        KeyError
            The user has no such job.
        """
        jobs = self._select("id = ?", identifier)
        if not jobs:
            raise KeyError(identifier)
        return jobs[0]

    def for_subject(self, subject: str) -> list[Job]:
        """Return the jobs of a dataset or run, oldest first."""
        return self._select("subject = ?", subject)

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, oldest first."""
        return self._select("status IN ('queued', 'running')")

    def ahead(self, identifier: str) -> int:
        """Return how many jobs of everyone were queued earlier and still wait or run."""
        with self.workspace.connect() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM jobs WHERE status IN ('queued', 'running') AND sequence <"
                " (SELECT sequence FROM jobs WHERE id = ? AND user = ?)",
                (identifier, self.workspace.user),
            ).fetchone()
        return int(count)

    def cancel(self, identifier: str) -> None:
        """Cancel a job: at once while it waits, within two seconds once it runs.

        A job that has ended is left as it is.
        """
        self._cancel("id = ?", identifier)

    def forget(self, subject: str) -> None:
        """Cancel the jobs of a dataset or run that is being deleted, and remove their rows.

        A row that still runs is removed by the supervisor when its process is gone.
        """
        self._cancel("subject = ?", subject, forget=True)

    def _cancel(self, condition: str, value: str, *, forget: bool = False) -> None:
        mine = f"user = ? AND {condition}"
        key = (self.workspace.user, value)
        with self.workspace.connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                f"UPDATE jobs SET status = 'cancelled', finished = ? WHERE {mine}"
                " AND status = 'queued'",
                (time.time(), *key),
            )
            connection.execute(
                f"UPDATE jobs SET cancel = 1, forget = max(forget, ?) WHERE {mine}"
                " AND status = 'running'",
                (forget, *key),
            )
            if forget:
                connection.execute(f"DELETE FROM jobs WHERE {mine} AND status <> 'running'", key)

    def _select(self, condition: str, *values: str) -> list[Job]:
        with self.workspace.connect() as connection:
            rows = connection.execute(
                f"SELECT * FROM jobs WHERE user = ? AND {condition} ORDER BY sequence",
                (self.workspace.user, *values),
            ).fetchall()
        return [_job(row) for row in rows]


def latest_jobs(connection: sqlite3.Connection, user: str, kind: str) -> dict[str, Job]:
    """Return each subject's newest job of a kind."""
    rows = connection.execute(
        "SELECT * FROM jobs WHERE user = ? AND kind = ? ORDER BY sequence", (user, kind)
    )
    return {row["subject"]: _job(row) for row in rows}


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        kind=row["kind"],
        subject=row["subject"],
        status=JobStatus(row["status"]),
        done=row["done"],
        total=row["total"],
        stage=_message(row["stage"]),
        step=row["step"],
        steps=row["steps"],
        live=tuple((step, loss) for step, loss in json.loads(row["live"] or "[]")),
        error=_message(row["error"]),
        queued=row["queued"],
        started=row["started"],
        finished=row["finished"],
        memory_mb=row["memory_mb"],
        seconds=row["seconds"],
    )


def _message(text: str | None) -> Message | None:
    return Message.from_json(json.loads(text)) if text else None
