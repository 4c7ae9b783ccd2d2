"""Runs in grid worlds: a plan, the job that executes it, and what the job left behind.

A run's folder holds ``plan.json``, ``result.json`` (figures, notes, versions) and each frame of
its :class:`~mlcore.gridworld.result.GridResult` as Parquet. It appears whole or not at all, and
nothing in it is ever unpickled.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import (
    find_method,
    plan_from_json,
    plan_to_json,
    world_print,
)
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import MethodSpec
from mlcore.messages import Message
from mlcore.training.jobs import Job, JobQueue, latest_jobs
from mlcore.training.run_folders import checked_name, kept_whole, versions_of, write_json
from mlcore.workspace import Workspace, new_id

#: The kind of job that executes a plan.
JOB = "gridworld"

#: Libraries whose versions are kept with a run: the numbers depend on them.
VERSIONED = ("numpy", "scipy", "pandas")


@dataclass(frozen=True)
class GridRun:
    """One run in a grid world.

    Parameters
    ----------
    id : str
        Its identifier.
    name : str
        What the user calls it.
    method : str
        Id of its planner or agent.
    world : str
        What tells its world from any other, see
        :func:`~mlcore.gridworld.catalogue.world_print`; runs of one world can be compared.
    plan_text : str
        Its plan as JSON.
    created : float
        When it was submitted, in seconds since 1970.
    job : Job, optional
        Its job; ``None`` for a run that was saved without one.
    is_done : bool
        Whether its results are there.
    """

    id: str
    name: str
    method: str
    world: str
    plan_text: str
    created: float
    job: Job | None
    is_done: bool

    @cached_property
    def plan(self) -> GridPlan:
        """What it does."""
        return plan_from_json(json.loads(self.plan_text))

    @property
    def spec(self) -> MethodSpec:
        """Its planner or agent."""
        return find_method(self.method)


@dataclass(frozen=True)
class GridRunStore:
    """The runs of one user in grid worlds."""

    workspace: Workspace

    def create(self, plan: GridPlan, name: str) -> str:
        """Note a run that is about to be executed; return its id.

        Raises
        ------
        UserError
            The name is empty or has more than 200 characters.
        """
        row = {
            "id": new_id(),
            "user": self.workspace.user,
            "name": checked_name(name),
            "method": plan.method,
            "world": world_print(plan.world),
            "plan": json.dumps(plan_to_json(plan)),
            "created": time.time(),
        }
        with self.workspace.connect() as connection:
            connection.execute(
                f"INSERT INTO grid_runs ({', '.join(row)}) VALUES (:{', :'.join(row)})", row
            )
        return str(row["id"])

    def all(self, world: str | None = None) -> list[GridRun]:
        """Return the runs in a world (in every world when not given), oldest first.

        Parameters
        ----------
        world : str, optional
            A :func:`~mlcore.gridworld.catalogue.world_print`.
        """
        if world is None:
            return self._select("1")
        return self._select("world = ?", world)

    def get(self, identifier: str) -> GridRun:
        """Return the run.

        Raises
        ------
        UserError
            ``training.no_run``: the user has no such run.
        """
        runs = self._select("id = ?", identifier)
        if not runs:
            raise UserError("training.no_run")
        return runs[0]

    def rename(self, identifier: str, name: str) -> None:
        """Give the run another name.

        Raises
        ------
        UserError
            The name is empty or has more than 200 characters, or there is no such run.
        """
        self._change("UPDATE grid_runs SET name = :name", identifier, name=checked_name(name))

    def delete(self, identifier: str) -> None:
        """Stop the run's jobs and remove it with everything it left behind.

        Raises
        ------
        UserError
            ``training.no_run``.
        """
        # The row goes first: a job that is just saving looks for it last.
        self._change("DELETE FROM grid_runs", identifier)
        JobQueue(self.workspace).forget(identifier)
        shutil.rmtree(self.folder(identifier), ignore_errors=True)

    def folder(self, identifier: str) -> Path:
        """Return the run's folder, which is there once it is done."""
        return self.workspace.folder("gridruns", identifier)

    def save(self, identifier: str, result: GridResult, temp: Path | None = None) -> None:
        """Keep what a run left behind: the whole folder appears at once.

        Parameters
        ----------
        identifier : str
            The run.
        result : GridResult
            What :func:`mlcore.gridworld.catalogue.run_plan` returned.
        temp : Path, optional
            Where the folder is put together, inside the workspace.

        Raises
        ------
        UserError
            The workspace is full, or the run was deleted meanwhile.
        """
        with kept_whole(self.workspace, identifier, self.folder(identifier), temp) as draft:
            _write_run(draft, result)
        self._note_done(identifier)

    def _note_done(self, identifier: str) -> None:
        try:
            self._change("UPDATE grid_runs SET is_done = 1", identifier)
        except UserError:
            shutil.rmtree(self.folder(identifier), ignore_errors=True)
            raise

    def frame(self, identifier: str, name: str) -> pd.DataFrame | None:
        """Return a table that the run left behind, ``None`` when it has none of that name.

        Raises
        ------
        UserError
            The run is not done, or there is none.
        """
        if not name.isidentifier():
            raise ValueError(f"Not the name of a table: {name!r}")
        path = self._done(identifier) / f"{name}.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    def frame_names(self, identifier: str) -> tuple[str, ...]:
        """Return the names of the tables that the run left behind."""
        return tuple(sorted(path.stem for path in self._done(identifier).glob("*.parquet")))

    def figures(self, identifier: str) -> dict[str, float]:
        """Return the run's single numbers by name."""
        return {name: float(value) for name, value in self._result(identifier)["figures"].items()}

    def notes(self, identifier: str) -> tuple[Message, ...]:
        """Return what was decided or noticed on the way."""
        return tuple(map(Message.from_json, self._result(identifier)["notes"]))

    def versions(self, identifier: str) -> dict[str, str]:
        """Return the versions of Python and of :data:`VERSIONED` that the run was made with."""
        return dict(self._result(identifier)["versions"])

    def result(self, identifier: str) -> GridResult:
        """Return all that the run left behind, as it was saved."""
        return GridResult(
            self.get(identifier).plan,
            {
                path.stem: pd.read_parquet(path)
                for path in sorted(self._done(identifier).glob("*.parquet"))
            },
            self.figures(identifier),
            self.notes(identifier),
        )

    def _result(self, identifier: str) -> dict[str, Any]:
        text = (self._done(identifier) / "result.json").read_text(encoding="utf-8")
        plain: dict[str, Any] = json.loads(text)
        return plain

    def _done(self, identifier: str) -> Path:
        if not self.get(identifier).is_done:
            raise UserError("training.not_trained")
        return self.folder(identifier)

    def _change(self, statement: str, identifier: str, **values: str) -> None:
        key = {"id": identifier, "user": self.workspace.user, **values}
        with self.workspace.connect() as connection:
            changed = connection.execute(f"{statement} WHERE id = :id AND user = :user", key)
        if not changed.rowcount:
            raise UserError("training.no_run")

    def _select(self, condition: str, *values: str) -> list[GridRun]:
        with self.workspace.connect() as connection:
            rows = connection.execute(
                f"SELECT * FROM grid_runs WHERE user = ? AND {condition} ORDER BY created, rowid",
                (self.workspace.user, *values),
            ).fetchall()
            jobs = latest_jobs(connection, self.workspace.user, JOB)
        return [_run(row, jobs.get(row["id"])) for row in rows]


def submit_grid(workspace: Workspace, plans: Sequence[GridPlan], names: Sequence[str]) -> list[str]:
    """Start one run for each plan; return their ids in the same order."""
    store, queue = GridRunStore(workspace), JobQueue(workspace)
    identifiers = []
    for plan, name in zip(plans, names, strict=True):
        identifier = store.create(plan, name)
        queue.submit(JOB, identifier, {})
        identifiers.append(identifier)
    return identifiers


def grid_versions() -> dict[str, str]:
    """Return the versions of Python and of :data:`VERSIONED`."""
    return versions_of(VERSIONED)


def _write_run(folder: Path, result: GridResult) -> None:
    """Write all files of a run."""
    plain = {
        # As text: JSON has no number for what is infinite or undefined.
        "figures": {name: repr(float(value)) for name, value in result.figures.items()},
        "notes": [note.to_json() for note in result.notes],
        "versions": grid_versions(),
    }
    write_json(folder / "result.json", plain)
    write_json(folder / "plan.json", plan_to_json(result.plan))
    for name, frame in result.frames.items():
        frame.to_parquet(folder / f"{name}.parquet")


def _run(row: sqlite3.Row, job: Job | None) -> GridRun:
    return GridRun(
        id=row["id"],
        name=row["name"],
        method=row["method"],
        world=row["world"],
        plan_text=row["plan"],
        created=row["created"],
        job=job,
        is_done=bool(row["is_done"]),
    )
