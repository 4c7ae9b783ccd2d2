"""Runs: an experiment, the job that executes it, and what the job left behind.

A run's folder holds ``experiment.json``, ``schema.json`` (of its table), ``result.json``, the
tables of its :class:`~mlcore.evaluation.evaluation.Evaluation`, ``split.parquet`` and
``model.joblib``. It appears whole, when training has succeeded, or not at all. This is the only
module that loads a model, and it does so only when the file is the one that training wrote.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.data.dataset import Dataset
from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.experiment import Experiment
from mlcore.messages import Message
from mlcore.splitting import Rows, Split
from mlcore.training.jobs import Job, JobQueue, latest_jobs
from mlcore.training.run_folders import checked_name, kept_whole, versions_of, write_json
from mlcore.workflow import RunResult
from mlcore.workspace import Workspace, new_id, write_whole

#: Libraries whose versions are kept with a run: the numbers and the model depend on them.
VERSIONED = ("scikit-learn", "numpy", "scipy", "pandas")

#: What a row is to a fold, as ``split.parquet`` writes it.
_TRAIN, _VALIDATION = 1, 2


@dataclass(frozen=True)
class Run:
    """One run of an experiment.

    Parameters
    ----------
    id : str
        Its identifier.
    dataset_id : str
        The table it was started on.
    name : str
        What the user calls it.
    experiment : Experiment
        What it does.
    created : float
        When it was submitted, in seconds since 1970.
    job : Job, optional
        Its latest training job; ``None`` for a run that was saved without one.
    is_trained : bool
        Whether its results and its model are there.
    """

    id: str
    dataset_id: str
    name: str
    experiment: Experiment
    created: float
    job: Job | None
    is_trained: bool


@dataclass(frozen=True, eq=False)
class StoredResult:
    """What is known of a trained run besides its tables and its model.

    Parameters
    ----------
    notes : tuple of Message
        What was decided or noticed on the way.
    split : Split
        Which rows did what.
    classes : tuple of str
        The classes in the model's order; empty for regression.
    seconds : float
        What all fits and predictions took together.
    versions : mapping of str to str
        Versions of Python and the libraries it was trained with.
    """

    notes: tuple[Message, ...]
    split: Split
    classes: tuple[str, ...]
    seconds: float
    versions: Mapping[str, str]


@dataclass(frozen=True)
class RunStore:
    """The runs of one user."""

    workspace: Workspace

    def create(self, dataset_id: str, experiment: Experiment, name: str) -> str:
        """Note a run that is about to be trained; return its id."""
        identifier = new_id()
        row = (
            identifier,
            self.workspace.user,
            dataset_id,
            name,
            experiment.algorithm,
            json.dumps(experiment.to_json()),
            time.time(),
        )
        with self.workspace.connect() as connection:
            connection.execute(
                "INSERT INTO runs (id, user, dataset, name, algorithm, experiment, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return identifier

    def all(self, dataset_id: str | None = None) -> list[Run]:
        """Return the runs of a dataset (of every dataset when not given), oldest first."""
        if dataset_id is None:
            return self._select("1")
        return self._select("dataset = ?", dataset_id)

    def get(self, identifier: str) -> Run:
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

    def baseline_of(self, run: Run) -> Run | None:
        """Return the newest trained baseline that was asked the same as a run, if there is one.

        The same is: table, task, label and division of rows.
        """

        def asked(run: Run) -> tuple[object, ...]:
            plan = run.experiment
            return plan.fingerprint, plan.task, plan.target, plan.split

        baselines = (
            other
            for other in reversed(self.all(run.dataset_id))
            if other.is_trained and other.experiment.spec.is_baseline
        )
        return next((other for other in baselines if asked(other) == asked(run)), None)

    def rename(self, identifier: str, name: str) -> None:
        """Give the run another name.

        Raises
        ------
        UserError
            The name is empty or has more than 200 characters, or there is no such run.
        """
        name = checked_name(name)
        with self.workspace.connect() as connection:
            changed = connection.execute(
                "UPDATE runs SET name = ? WHERE id = ? AND user = ?",
                (name, identifier, self.workspace.user),
            ).rowcount
        if not changed:
            raise UserError("training.no_run")

    def delete(self, identifier: str) -> None:
        """Stop the run's jobs and remove it with everything it left behind."""
        with self.workspace.connect() as connection:
            # The row goes first: a job that is just saving looks for it last.
            changed = connection.execute(
                "DELETE FROM runs WHERE id = ? AND user = ?", (identifier, self.workspace.user)
            ).rowcount
        if not changed:
            raise UserError("training.no_run")
        JobQueue(self.workspace).forget(identifier)
        shutil.rmtree(self.folder(identifier), ignore_errors=True)

    def delete_of_dataset(self, dataset_id: str) -> None:
        """Stop what runs for a table that is being deleted, and remove its runs with it."""
        JobQueue(self.workspace).forget(dataset_id)
        for run in self.all(dataset_id):
            self.delete(run.id)

    def folder(self, identifier: str) -> Path:
        """Return the run's folder, which is there once it is trained."""
        return self.workspace.folder("runs", identifier)

    def save(
        self,
        identifier: str,
        result: RunResult,
        dataset: Dataset,
        temp: Path | None = None,
        frames: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    ) -> None:
        """Keep what a run left behind: the whole folder appears at once.

        Parameters
        ----------
        identifier : str
            The run.
        result : RunResult
            What :func:`mlcore.workflow.run_experiment` returned.
        dataset : Dataset
            The table; its schema is kept with the run.
        temp : Path, optional
            Where the folder is put together, inside the workspace.
        frames : mapping of str to DataFrame
            More tables than the result holds itself, for :meth:`analysis_frame`.

        Raises
        ------
        UserError
            The workspace is full, or the run was deleted meanwhile.
        """
        with kept_whole(self.workspace, identifier, self.folder(identifier), temp) as draft:
            for name, frame in {**result.frames, **frames}.items():
                frame.to_parquet(draft / f"{name}.parquet")
            digest = _write_run(draft, result, dataset.schema)
        self._note_model(identifier, digest)

    def _note_model(self, identifier: str, digest: str) -> None:
        with self.workspace.connect() as connection:
            changed = connection.execute(
                "UPDATE runs SET model_sha256 = ? WHERE id = ? AND user = ?",
                (digest, identifier, self.workspace.user),
            ).rowcount
        if not changed:
            shutil.rmtree(self.folder(identifier), ignore_errors=True)
            raise UserError("training.no_run")

    def evaluation(self, identifier: str) -> Evaluation:
        """Return the run's scores, predictions, timing and curves."""
        return Evaluation.load(self._trained(identifier))

    def result(self, identifier: str) -> StoredResult:
        """Return the run's notes, split, classes and time."""
        folder = self._trained(identifier)
        plain = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        notes = tuple(map(Message.from_json, plain["notes"]))
        split_notes = tuple(map(Message.from_json, plain["split_notes"]))
        return StoredResult(
            notes=notes,
            split=split_from_frame(pd.read_parquet(folder / "split.parquet"), split_notes),
            classes=tuple(plain["classes"]),
            seconds=plain["seconds"],
            versions=plain["versions"],
        )

    def schema(self, identifier: str) -> Schema:
        """Return the schema of the table as it was when the run was trained."""
        text = (self._trained(identifier) / "schema.json").read_text(encoding="utf-8")
        return Schema.from_json(json.loads(text))

    def model(self, identifier: str) -> Pipeline:
        """Return the fitted pipeline.

        Raises
        ------
        UserError
            ``training.model_changed``: the file is not the one that training wrote, so it is not
            loaded (loading a model can run whatever was put into it).
        """
        path = self._trained(identifier) / "model.joblib"
        with self.workspace.connect() as connection:
            row = connection.execute(
                "SELECT model_sha256 FROM runs WHERE id = ? AND user = ?",
                (identifier, self.workspace.user),
            ).fetchone()
        # Read once: what was checked is what is loaded.
        content = path.read_bytes() if path.is_file() else b""
        if row is None or hashlib.sha256(content).hexdigest() != row["model_sha256"]:
            raise UserError("training.model_changed")
        return _load(content)

    def analysis_frame(self, identifier: str, name: str) -> pd.DataFrame | None:
        """Return a table that was computed besides the evaluation, ``None`` when it was not.

        ``name`` is ``"learning_curve"``, ``"importance"``, ``"test_scores"``,
        ``"test_predictions"``, ``"other_predictions"``, ``"map_<method>"``, or a table that the
        run itself left behind.
        """
        path = self._trained(identifier) / f"{name}.parquet"
        return pd.read_parquet(path) if path.is_file() else None

    def save_analysis(self, identifier: str, name: str, frame: pd.DataFrame) -> None:
        """Keep a table that was computed for a trained run; it appears whole."""
        content = frame.to_parquet()
        self.workspace.require_space(len(content))
        write_whole(self._trained(identifier) / f"{name}.parquet", content)

    def _trained(self, identifier: str) -> Path:
        if not self.get(identifier).is_trained:
            raise UserError("training.not_trained")
        return self.folder(identifier)

    def _select(self, condition: str, *values: str) -> list[Run]:
        with self.workspace.connect() as connection:
            rows = connection.execute(
                f"SELECT * FROM runs WHERE user = ? AND {condition} ORDER BY created, rowid",
                (self.workspace.user, *values),
            ).fetchall()
            jobs = latest_jobs(connection, self.workspace.user, "train")
        return [_run(row, jobs.get(row["id"])) for row in rows]


def submit_training(
    workspace: Workspace, dataset_id: str, experiments: Sequence[Experiment], names: Sequence[str]
) -> list[str]:
    """Start one run for each experiment; return their ids in the same order."""
    store, queue = RunStore(workspace), JobQueue(workspace)
    identifiers = []
    for experiment, name in zip(experiments, names, strict=True):
        identifier = store.create(dataset_id, experiment, name)
        queue.submit("train", identifier, {})
        identifiers.append(identifier)
    return identifiers


def split_frame(split: Split) -> pd.DataFrame:
    """Return a split as a table that :func:`split_from_frame` reads back.

    Columns: ``row``, ``part`` (``"development"``, ``"test"``, ``"unlabelled"``) and for each fold
    ``fold_<number>`` (0: not used, 1: training, 2: validation), sorted by row.
    """
    rows = np.concatenate([split.development, split.test, split.unlabelled])
    parts = np.repeat(
        ["development", "test", "unlabelled"],
        [len(split.development), len(split.test), len(split.unlabelled)],
    )
    frame = pd.DataFrame({"row": rows, "part": pd.Categorical(parts)}).sort_values(
        "row", ignore_index=True
    )
    for number, (train, validation) in enumerate(split.folds, start=1):
        use = np.zeros(len(frame), dtype=np.int8)
        use[np.searchsorted(frame["row"], train)] = _TRAIN
        use[np.searchsorted(frame["row"], validation)] = _VALIDATION
        frame[f"fold_{number}"] = use
    return frame


def split_from_frame(frame: pd.DataFrame, notes: tuple[Message, ...]) -> Split:
    """Read what :func:`split_frame` wrote."""

    def rows(chosen: Any) -> Rows:
        return np.asarray(frame.loc[chosen, "row"], dtype=np.intp)

    folds = [name for name in frame.columns if name.startswith("fold_")]
    return Split(
        development=rows(frame["part"] == "development"),
        test=rows(frame["part"] == "test"),
        unlabelled=rows(frame["part"] == "unlabelled"),
        folds=tuple((rows(frame[f] == _TRAIN), rows(frame[f] == _VALIDATION)) for f in folds),
        notes=notes,
    )


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of :data:`VERSIONED`."""
    return versions_of(VERSIONED)


def _write_run(folder: Path, result: RunResult, schema: Schema) -> str:
    """Write all files of a run and return the SHA-256 of the model."""
    timing = result.evaluation.timing
    plain = {
        "notes": [note.to_json() for note in result.notes],
        "split_notes": [note.to_json() for note in result.split.notes],
        "classes": list(result.classes),
        "seconds": float(timing[["fit_seconds", "predict_seconds"]].sum().sum()),
        "versions": library_versions(),
    }
    write_json(folder / "result.json", plain)
    write_json(folder / "experiment.json", result.experiment.to_json())
    write_json(folder / "schema.json", schema.to_json())
    split_frame(result.split).to_parquet(folder / "split.parquet")
    result.evaluation.save(folder)
    model = folder / "model.joblib"
    joblib.dump(result.pipeline, model, compress=3)
    return hashlib.sha256(model.read_bytes()).hexdigest()


def _load(content: bytes) -> Pipeline:
    pipeline: Pipeline = joblib.load(io.BytesIO(content))
    return pipeline


def _run(row: sqlite3.Row, job: Job | None) -> Run:
    return Run(
        id=row["id"],
        dataset_id=row["dataset"],
        name=row["name"],
        experiment=Experiment.from_json(json.loads(row["experiment"])),
        created=row["created"],
        job=job,
        is_trained=row["model_sha256"] is not None,
    )
