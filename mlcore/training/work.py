"""What the jobs do, one function a kind; each runs in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlcore.algorithms.clustering import K_MEANS
from mlcore.data.dataset import Dataset
from mlcore.data.reading import ReadingOptions
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.explain import held_out_importance_frame, learning_curve_frame
from mlcore.evaluation.sealed import final_scores
from mlcore.experiment import Experiment
from mlcore.messages import message
from mlcore.pipelines.build import build_pipeline
from mlcore.setups import ClusterSetup
from mlcore.tasks import Task
from mlcore.training.analyses import Analyses
from mlcore.training.context import JobContext
from mlcore.training.openings import record_opening
from mlcore.training.predictions import OTHER_PREDICTIONS, dataset_of, other_predictions
from mlcore.training.runs import Run, RunStore
from mlcore.workflow import (
    Progress,
    features_of,
    label_of,
    labels_of,
    predict_frame,
    run_experiment,
    weights_of,
    without_unreached,
)
from mlcore.workflow.exploring import (
    STRUCTURE,
    choice_frames,
    choice_plan,
    row_map,
    structure_frame,
    structure_plan,
)
from mlcore.workflow.table_map import TABLE_MAP, table_map, table_map_plan


def read(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Read an uploaded file into a table; the payload holds the reading options.

    With ``payload["anew"]`` everything is detected, whatever was decided about the last file with
    the same columns.
    """
    store = DatasetStore(context.workspace)
    store.clear_abandoned()
    context.workspace.require_space()
    plain = dict(payload)
    anew = plain.pop("anew", False)
    store.read(context.subject, ReadingOptions.from_json(plain), anew=anew)


def train(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Execute a run's experiment and keep what it leaves behind."""
    context.workspace.require_space()
    store = RunStore(context.workspace)
    run, dataset = _open(context)
    result = run_experiment(dataset, run.experiment, context.report)
    if run.experiment.task.is_supervised:
        features = features_of(dataset, run.experiment.features)
        frames = {OTHER_PREDICTIONS: other_predictions(result, features)}
    elif run.experiment.task is Task.CLUSTERING:
        frames = {STRUCTURE: _structure(context, run.dataset_id, dataset, run.experiment)}
    else:
        frames = {}
    context.report(Progress(1, 1, message("training.stage.saving")))
    store.save(run.id, result, dataset, context.temp, frames)


def structure(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Test whether a table has any structure in the columns of ``payload["setup"]``."""
    dataset = DatasetStore(context.workspace).load(context.subject)
    setup = ClusterSetup.from_json(payload["setup"])
    _structure(context, context.subject, dataset, setup.experiment(dataset, K_MEANS.id))


def _structure(
    context: JobContext, dataset_id: str, dataset: Dataset, experiment: Experiment
) -> pd.DataFrame:
    """Return the table of the test, which all runs on the same columns share."""
    analyses, plan = Analyses(context.workspace, dataset_id), structure_plan(experiment)
    found = analyses.frame(STRUCTURE, plan)
    if found is None:
        found = structure_frame(dataset, experiment, context.report)
        analyses.save(STRUCTURE, plan, found)
    return found


def choose(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Compute what helps to choose the parameters of ``payload["algorithm"]``."""
    dataset = DatasetStore(context.workspace).load(context.subject)
    setup = ClusterSetup.from_json(payload["setup"])
    experiment = setup.experiment(dataset, payload["algorithm"], payload["params"])
    analyses, plan = Analyses(context.workspace, context.subject), choice_plan(experiment)
    for name, frame in choice_frames(dataset, experiment, context.report).items():
        analyses.save(name, plan, frame)


def map_rows(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Lay the rows of a run out in two dimensions by ``payload["method"]``."""
    run, dataset = _open(context)
    method = payload["method"]
    store = RunStore(context.workspace)
    context.report(Progress(0, 1, message("clustering.stage.map")))
    rows = store.result(run.id).split.development
    frame = row_map(dataset, run.experiment, store.model(run.id), rows, method)
    store.save_analysis(run.id, f"map_{method}", frame)


def map_table(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Lay the rows of a table out by ``payload["method"]``, without ``payload["label"]``."""
    dataset = DatasetStore(context.workspace).load(context.subject)
    method, label = payload["method"], payload.get("label")
    context.report(Progress(0, 1, message("clustering.stage.map")))
    found = table_map(dataset, method, label)
    plan = table_map_plan(dataset, method, label)
    Analyses(context.workspace, context.subject).save(TABLE_MAP, plan, found.frame)


def learning_curve(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Score the run's experiment on growing shares of its training rows."""
    run, dataset = _open(context)
    experiment = run.experiment
    stage = message("training.stage.learning_curve")
    frame = learning_curve_frame(
        lambda: build_pipeline(experiment, dataset.schema),
        features_of(dataset, experiment.features),
        label_of(dataset, experiment.label, experiment.task),
        RunStore(context.workspace).result(run.id).split.folds,
        experiment.task,
        report=lambda done, total: context.report(Progress(done, total, stage)),
        seed=experiment.split.seed,
        weights=weights_of(dataset, experiment.weight),
    )
    RunStore(context.workspace).save_analysis(run.id, "learning_curve", frame)


def importance(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Measure each column's permutation importance on the first fold's validation rows.

    The model that is asked was fitted on that fold's training rows alone, so the rows are new to
    it; the sealed test rows are not touched.
    """
    run, dataset = _open(context)
    experiment = run.experiment
    context.report(Progress(0, 1, message("training.stage.importance")))
    frame = held_out_importance_frame(
        lambda: build_pipeline(experiment, dataset.schema),
        features_of(dataset, experiment.features),
        label_of(dataset, experiment.label, experiment.task),
        RunStore(context.workspace).result(run.id).split.folds[0],
        experiment.task,
        seed=experiment.split.seed,
        weights=weights_of(dataset, experiment.weight),
    )
    RunStore(context.workspace).save_analysis(run.id, "importance", frame)


def open_test(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Predict the sealed test rows with the run's model, score them, and count the opening.

    A second job for the same run finds the scores there and counts nothing.
    """
    store = RunStore(context.workspace)
    if store.analysis_frame(context.subject, "test_scores") is not None:
        return
    run, dataset = _open(context)
    experiment = run.experiment
    rows = store.result(run.id).split.test
    if not len(rows):
        raise UserError("training.no_test_rows")
    context.report(Progress(0, 2, message("training.stage.open_test")))
    features = features_of(dataset, experiment.features)
    label = labels_of(dataset, experiment)
    predictions = predict_frame(store.model(run.id), features.iloc[rows], experiment.task)
    predictions.insert(0, "row", np.asarray(rows))
    predictions.insert(1, "actual", label.iloc[rows].to_numpy())
    context.report(Progress(1, 2, message("training.stage.open_test")))
    scores = final_scores(
        predictions["actual"],
        predictions["predicted"],
        _probabilities(without_unreached(predictions)),
        experiment.task.scored_as,
        seed=experiment.split.seed,
    )
    # Counted first: a job that dies in between has shown nothing, but never shows uncounted.
    record_opening(context.workspace, run.dataset_id, run.id)
    store.save_analysis(run.id, "test_predictions", predictions)
    store.save_analysis(run.id, "test_scores", scores)


def _open(context: JobContext) -> tuple[Run, Dataset]:
    """Return the run the job belongs to and its table, which must still be the same."""
    context.report(Progress(0, 0, message("training.stage.table")))
    store = RunStore(context.workspace)
    run = store.get(context.subject)
    return run, dataset_of(store, run)


def _probabilities(predictions: pd.DataFrame) -> pd.DataFrame | None:
    columns = [name for name in predictions.columns if name.startswith(PROBABILITY)]
    if not columns:
        return None
    return predictions[columns].rename(columns=lambda name: name.removeprefix(PROBABILITY))
