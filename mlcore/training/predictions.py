"""What a run says about every row of its table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.splitting import Split
from mlcore.tasks import Task
from mlcore.training.runs import Run, RunStore
from mlcore.workflow import RunResult, label_of, predict_frame

#: The analysis table of :class:`RunStore` that :func:`other_predictions` becomes.
OTHER_PREDICTIONS = "other_predictions"

# What stands in the column "predicted_by".
BY_FOLD = "a model that had not seen the row"
BY_FINAL_UNSEEN = "the final model, which had not seen the row"
BY_FINAL_SEEN = "the final model, which learnt from the row"
SEALED_PART = "test (sealed)"

# What stands in the column "part" of a clustering.
IN_SAMPLE = "sample"
ASSIGNED = "assigned"
APPROXIMATED = "assigned by an approximation"


def other_predictions(result: RunResult, features: pd.DataFrame) -> pd.DataFrame:
    """Predict with the final model what no fold predicted and what is not sealed.

    These are the rows without a label and, where one validation set was held out or the split goes
    by time, the development rows that only trained.

    Parameters
    ----------
    result : RunResult
        A finished run.
    features : DataFrame of shape (n_rows, n_features)
        The raw feature columns of the whole table.

    Returns
    -------
    DataFrame
        ``row``, ``predicted`` and, where there are probabilities, ``p:<class>``.
    """
    known = np.setdiff1d(result.split.development, result.evaluation.predictions["row"])
    rows = np.sort(np.concatenate([known, result.split.unlabelled]))
    if not len(rows):
        return result.evaluation.predictions.iloc[:0].drop(columns=["fold", "actual"])
    frame = predict_frame(result.pipeline, features.iloc[rows], result.experiment.task)
    frame.insert(0, "row", rows)
    return frame


def predictions_frame(store: RunStore, run_id: str) -> pd.DataFrame:
    """Return one line for every row of the run's table.

    Columns: ``row`` (its number, from 0), ``part`` (``"development"``, ``"unlabelled"``,
    ``"test"`` or, until this run's test set was opened, ``"test (sealed)"``), the raw columns,
    ``actual``, ``predicted``, ``predicted_by`` and ``p:<class>`` where there are probabilities.
    A development row is predicted by the model of a fold that had not seen it, so these
    predictions are as honest as the scores; sealed rows have none. A name that the table uses
    itself gets underscores behind it.

    A run on few labels has ``row``, ``part`` (``"given"``, ``"propagated"``, ``"unlabelled"`` where
    no label reaches, or the part of a sealed row), the raw columns, ``label`` (missing where there
    is none), ``certainty`` and ``p:<class>``. A fusion of a wide table has ``row``, ``part``
    (``"decided"`` or ``"undecided"``), the raw columns and what was fused; of a long table, whose
    lines are votes, one line for each row that was voted on.

    A clustering has ``row``, ``part`` (``"sample"``, ``"assigned"`` or ``"assigned by an
    approximation"``), the raw columns, ``cluster`` and, for a mixture, ``p:<cluster>``.

    Raises
    ------
    UserError
        There is no such run, it is not trained, or its table is gone or was changed since.
    """
    run = store.get(run_id)
    dataset = dataset_of(store, run)
    task = run.experiment.task
    if task is Task.CLUSTERING:
        return _clusters_frame(store, run, dataset)
    if task is Task.SEMI_SUPERVISED:
        split = store.result(run.id).split
        return completed_frame(dataset, run_frame(store, run, "rows"), split)
    if task is Task.FUSION:
        return fused_frame(dataset, run_frame(store, run, "rows"), run.experiment)
    answers = _answers(store, run_id)
    label = label_of(dataset, run.experiment.label, run.experiment.task)
    part = store.result(run_id).split.part_of_rows(len(label))
    if store.analysis_frame(run_id, "test_predictions") is None:
        part = part.mask(part == "test", SEALED_PART)
    told = pd.concat([label.rename("actual").reset_index(drop=True), answers], axis=1)
    return _beside(dataset, part, told)


def _clusters_frame(store: RunStore, run: Run, dataset: Dataset) -> pd.DataFrame:
    spec = run.experiment.spec
    assert spec.assignment is not None
    is_exact = spec.assignment(run.experiment.params).is_exact
    words = {"development": IN_SAMPLE, "unlabelled": ASSIGNED if is_exact else APPROXIMATED}
    part = store.result(run.id).split.part_of_rows(len(dataset.frame)).map(words)
    answers = store.evaluation(run.id).predictions.drop(columns=["row", "fold"])
    return _beside(dataset, part, answers.rename(columns={"predicted": "cluster"}))


def completed_frame(dataset: Dataset, rows: pd.DataFrame, split: Split) -> pd.DataFrame:
    """Return what a run on few labels says of every row, as :func:`predictions_frame` has it.

    Parameters
    ----------
    dataset : Dataset
        The table.
    rows : DataFrame
        Of the run.
    split : Split
        Of the run; sealed rows have no answer.
    """
    known = rows.set_index("row").reindex(range(len(dataset.frame)))
    sealed = split.part_of_rows(len(dataset.frame))
    part = known["origin"].fillna(sealed).reset_index(drop=True)
    told = known.drop(columns=["given", "origin", "component", "round"]).reset_index(drop=True)
    told["tie"] = told["tie"].astype("boolean")
    return _beside(dataset, part, told.rename(columns={"predicted": "label"}))


def fused_frame(dataset: Dataset, rows: pd.DataFrame, experiment: Experiment) -> pd.DataFrame:
    """Return what a fusion says of every row, as :func:`predictions_frame` has it.

    Parameters
    ----------
    dataset : Dataset
        The table.
    rows : DataFrame
        Of the run.
    experiment : Experiment
        It says whether each line of the table is one vote.
    """
    assert isinstance(experiment.split, FusionConfig)
    part = rows["predicted"].notna().map({True: "decided", False: "undecided"})
    told = rows.drop(columns=["position", "gold"]).rename(columns={"predicted": "label"})
    if experiment.split.is_long:
        told.insert(1, "part", part)
        return told
    return _beside(dataset, part, told.drop(columns="row"))


def run_frame(store: RunStore, run: Run, name: str) -> pd.DataFrame:
    """Return a table that every run of this task leaves behind."""
    frame = store.analysis_frame(run.id, name)
    assert frame is not None, name
    return frame


def dataset_of(store: RunStore, run: Run) -> Dataset:
    """Return the table a run was trained on.

    Raises
    ------
    UserError
        The table is gone, or has been read or typed anew since the run was set up. Steps of the
        user's own that came or went since do not matter.
    """
    dataset = DatasetStore(store.workspace).load_after(run.dataset_id, run.experiment.recipe)
    if dataset.fingerprint != run.experiment.fingerprint:
        raise UserError(
            "setup.other_dataset", expected=run.experiment.fingerprint, got=dataset.fingerprint
        )
    return dataset


def _answers(store: RunStore, run_id: str) -> pd.DataFrame:
    """Return ``predicted``, ``predicted_by`` and probabilities, indexed by row."""
    split = store.result(run_id).split
    folds = store.evaluation(run_id).predictions.drop(columns=["fold", "actual"])
    parts = [folds.drop_duplicates("row").assign(predicted_by=BY_FOLD)]
    others = store.analysis_frame(run_id, OTHER_PREDICTIONS)
    if others is not None and len(others):
        is_new = others["row"].isin(split.unlabelled)
        parts.append(others.assign(predicted_by=np.where(is_new, BY_FINAL_UNSEEN, BY_FINAL_SEEN)))
    test = store.analysis_frame(run_id, "test_predictions")
    if test is not None:
        parts.append(test.drop(columns="actual").assign(predicted_by=BY_FINAL_UNSEEN))
    together = pd.concat(parts, ignore_index=True).set_index("row")
    n_rows = len(split.development) + len(split.test) + len(split.unlabelled)
    together = together.reindex(range(n_rows))
    first = ["predicted", "predicted_by"]
    return together[[*first, *(name for name in together.columns if name not in first)]]


def _beside(dataset: Dataset, part: pd.Series, told: pd.DataFrame) -> pd.DataFrame:
    """Put what we tell around the table's own columns, under names of our own."""
    taken = set(dataset.frame.columns)
    front = pd.DataFrame({"row": np.arange(len(part)), "part": part.to_numpy()})
    frames = [front, dataset.frame, told]
    for ours in (front, told):
        ours.columns = pd.Index([_free_name(str(name), taken) for name in ours.columns])
    return pd.concat(frames, axis=1)


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
