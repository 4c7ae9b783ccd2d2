"""What a job's function is given: its workspace, its subject, a place to write, a way to report."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.workspace import Workspace

if TYPE_CHECKING:
    from mlcore.workflow import Progress

#: Seconds between two writes of a job's progress.
REPORT_INTERVAL = 0.2

#: Most points of the live loss kept in the row; beyond that every second one is dropped.
LIVE_POINTS = 300


@dataclass(frozen=True)
class JobContext:
    """The surroundings of a running job.

    Parameters
    ----------
    workspace : Workspace
        Whose job it is.
    job : str
        Its id.
    subject : str
        Id of the dataset or run it belongs to.
    temp : Path
        A folder of its own inside the workspace, removed when the job is over.
    reporter : Reporter
        Takes its progress.
    """

    workspace: Workspace
    job: str
    subject: str
    temp: Path
    reporter: Reporter

    def report(self, progress: Progress) -> None:
        """Say how far the job is; cheap enough for every step of a fit."""
        self.reporter.report(progress)


class Reporter:
    """Writes the newest progress of a job to its row, at most five times a second.

    A thread does the writing, so that a report that comes just after another is not lost when a
    long silent fit follows it.

    Parameters
    ----------
    workspace : Workspace
        Where the row is.
    job : str
        The job's id.
    attempt : int
        Which start of the job this is; a row that has moved on is not touched.
    """

    def __init__(self, workspace: Workspace, job: str, attempt: int) -> None:
        self._workspace = workspace
        self._key = (job, attempt)
        self._live = _LiveLoss()
        self._newest: Progress | None = None
        self._changed = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._write_on, name="progress", daemon=True)
        self._thread.start()

    def report(self, progress: Progress) -> None:
        """Take the newest progress."""
        with self._lock:
            self._live.add(progress)
            self._newest = progress
        self._changed.set()

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._closing.set()
        self._changed.set()
        self._thread.join()

    def _write_on(self) -> None:
        while not self._closing.is_set():
            self._changed.wait()
            self._changed.clear()
            self._write()
            self._closing.wait(REPORT_INTERVAL)
        self._write()

    def _write(self) -> None:
        with self._lock:
            progress, self._newest = self._newest, None
            live = json.dumps(self._live.points)
        if progress is None:
            return
        stage = json.dumps(progress.stage.to_json())
        values = (progress.done, progress.total, stage, progress.step, progress.steps, live)
        # A disk without room for a line of progress must not end the job; its result decides that.
        with (
            contextlib.suppress(sqlite3.OperationalError),
            self._workspace.connect() as connection,
        ):
            connection.execute(
                "UPDATE jobs SET done = ?, total = ?, stage = ?, step = ?, steps = ?, live = ?"
                " WHERE id = ? AND attempt = ? AND status = 'running'",
                (*values, *self._key),
            )


class _LiveLoss:
    """The loss of the fit that runs now, thinned so that it stays short."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []
        self._every = 1

    def add(self, progress: Progress) -> None:
        if progress.step is None or progress.loss is None:
            return
        if self.points and progress.step <= self.points[-1][0]:
            self.points, self._every = [], 1
        if progress.step % self._every == 0 or not self.points:
            self.points.append((progress.step, float(progress.loss)))
        if len(self.points) > LIVE_POINTS:
            self.points, self._every = self.points[::2], self._every * 2
