"""The process of one job: limits first, then the work, then one final word in the job's row."""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mlcore.errors import UserError
from mlcore.messages import Message, message
from mlcore.training.context import JobContext, Reporter
from mlcore.training.defects import record_defect
from mlcore.training.jobs import JobStatus
from mlcore.training.limits import limit_memory
from mlcore.workspace import Workspace

#: How much politer than the pages a job is to the processor.
NICENESS = 10

_DISK_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


@dataclass(frozen=True)
class Assignment:
    """What the supervisor hands to the process it starts.

    Parameters
    ----------
    home : Path
        The workspace.
    user : str
        Whose job it is.
    job : str
        Its id.
    attempt : int
        Which start of the job this is.
    function : str
        ``"module:function"`` to call.
    """

    home: Path
    user: str
    job: str
    attempt: int
    function: str

    @property
    def workspace(self) -> Workspace:
        """The workspace of the job's user."""
        return Workspace(self.home, self.user)

    @property
    def temp(self) -> Path:
        """The job's own folder."""
        return self.workspace.folder("temp", self.job)


def run_job(assignment: Assignment) -> None:
    """Run one job to its end; the target of its process."""
    _lead_own_session()
    _be_polite()
    row = _sign_in(assignment)
    if row is None:
        return
    limit_memory(row["memory_mb"])
    _limit_threads()
    shutil.rmtree(assignment.temp, ignore_errors=True)
    try:
        status, error = _attempt(assignment, row)
    finally:
        shutil.rmtree(assignment.temp, ignore_errors=True)
    finish(assignment.workspace, assignment.job, assignment.attempt, status, error)


def finish(
    workspace: Workspace, job: str, attempt: int, status: JobStatus, error: Message | None = None
) -> bool:
    """Write the end of a job into its row, unless it has ended already; return whether it had not.

    A job that was to be forgotten loses its row.
    """
    text = json.dumps(error.to_json()) if error else None
    with workspace.connect() as connection:
        changed = connection.execute(
            "UPDATE jobs SET status = ?, error = ?, finished = ?, pid = NULL, pid_created = NULL"
            " WHERE id = ? AND attempt = ? AND status = 'running'",
            (status.value, text, time.time(), job, attempt),
        ).rowcount
        connection.execute("DELETE FROM jobs WHERE id = ? AND forget = 1", (job,))
    return bool(changed)


def _attempt(assignment: Assignment, row: sqlite3.Row) -> tuple[JobStatus, Message | None]:
    reporter = Reporter(assignment.workspace, assignment.job, assignment.attempt)
    context = JobContext(
        assignment.workspace, assignment.job, row["subject"], assignment.temp, reporter
    )
    try:
        assignment.temp.mkdir(parents=True)
        _function(assignment.function)(context, json.loads(row["payload"]))
    except BaseException as error:  # the border of the job: whatever it was goes into its row
        return JobStatus.FAILED, _why(error, assignment.workspace, row["memory_mb"])
    finally:
        reporter.close()
    return JobStatus.DONE, None


def _why(error: BaseException, workspace: Workspace, memory_mb: int) -> Message:
    if isinstance(error, UserError):
        return error.message
    if isinstance(error, MemoryError) or _errno(error) == errno.ENOMEM:
        return message("training.out_of_memory", limit=memory_mb)
    if _errno(error) in _DISK_FULL:
        return message("workspace.disk_full")
    return message("training.defect", number=record_defect(workspace, error))


def _errno(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None


def _function(path: str) -> Callable[[JobContext, Mapping[str, Any]], None]:
    module, _, name = path.partition(":")
    function: Callable[[JobContext, Mapping[str, Any]], None] = getattr(
        importlib.import_module(module), name
    )
    return function


def _sign_in(assignment: Assignment) -> sqlite3.Row | None:
    """Note this process in the job's row; ``None`` when the row does not wait for it any more."""
    created = psutil.Process().create_time()
    with assignment.workspace.connect() as connection:
        row: sqlite3.Row | None = connection.execute(
            "UPDATE jobs SET pid = ?, pid_created = ?"
            " WHERE id = ? AND attempt = ? AND status = 'running' RETURNING *",
            (os.getpid(), created, assignment.job, assignment.attempt),
        ).fetchone()
    return row


def _lead_own_session() -> None:
    # The job outlives whoever started it, and can be stopped together with its own children.
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()


def _be_polite() -> None:
    process = psutil.Process()
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        process.nice(NICENESS)


def _limit_threads() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
