"""One model for each source, trained on the rows that it labelled, voting on every row.

A model's answer for a row comes from a fit that had not seen the row: rows are cut into folds,
and each fold is answered by models of the other folds. Otherwise a model would repeat its source's
own label where there is one, mistakes included, and only generalise elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline

from mlcore.algorithms.failures import explain_failure
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.votes import Votes
from mlcore.pipelines.build import build_pipeline
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow.table import features_of

#: Parts into which rows are cut, so that no model answers for rows it saw.
N_FOLDS = 5


def votes_of_models(
    dataset: Dataset, experiment: Experiment, votes: Votes, report: Callable[[int, int], None]
) -> tuple[Votes, dict[str, Pipeline]]:
    """Let a model of each source vote.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        A fusion whose configuration names the learner.
    votes : Votes
        What the sources themselves said.
    report : callable
        Told (sources done, sources in all).

    Returns
    -------
    votes : Votes
        One vote of each source's model on every row, none where a source labelled nothing.
    models : dict of str to Pipeline
        For each source the model that was fitted on all rows it labelled.

    Raises
    ------
    UserError
        The algorithm cannot learn from the few rows that a source labelled.
    """
    features = features_of(dataset, experiment.features)
    learning = _learning(experiment)
    spec, blueprint = learning.spec, build_pipeline(learning, dataset.schema)
    answers = np.full((votes.n_rows, votes.n_sources), -1, dtype=np.intp)
    models: dict[str, Pipeline] = {}
    seed = experiment.split.seed
    for place, name in enumerate(votes.sources):
        report(place, votes.n_sources)
        own = votes.source == place
        rows, labels = votes.row[own], votes.label[own]
        if len(rows):
            answers[:, place] = _cross_fitted(spec, blueprint, features, rows, labels, seed)
            names = np.array(votes.classes, dtype=object)[labels]
            models[name] = _fitted(spec, blueprint, features.iloc[rows], names)
    report(votes.n_sources, votes.n_sources)
    row, source = np.nonzero(answers >= 0)
    nothing = np.empty(0, dtype=np.intp)
    return (
        replace(
            votes,
            row=row,
            source=source,
            label=answers[row, source],
            abstained_row=nothing,
            abstained_source=nothing,
        ),
        models,
    )


def _learning(experiment: Experiment) -> Experiment:
    """Return the experiment that builds a source's model."""
    assert isinstance(experiment.split, FusionConfig)
    assert experiment.split.learner is not None
    return replace(
        experiment,
        task=Task.CLASSIFICATION,
        split=SplitConfig(seed=experiment.split.seed),
        algorithm=experiment.split.learner,
        params={},
    )


def _cross_fitted(
    spec: AlgorithmSpec,
    blueprint: Pipeline,
    features: pd.DataFrame,
    rows: npt.NDArray[np.intp],
    labels: npt.NDArray[np.intp],
    seed: int,
) -> npt.NDArray[np.intp]:
    """Return the class number that models of other folds give to each row."""
    answers = np.full(len(features), -1, dtype=np.intp)
    n_folds = min(N_FOLDS, len(features))
    for _, judged in KFold(n_folds, shuffle=True, random_state=seed).split(features):
        seen = ~np.isin(rows, judged)
        if seen.any():
            model = _fitted(spec, blueprint, features.iloc[rows[seen]], labels[seen])
            answers[judged] = model.predict(features.iloc[judged])
    return answers


def _fitted(
    spec: AlgorithmSpec,
    blueprint: Pipeline,
    features: pd.DataFrame,
    labels: npt.NDArray[Any],
) -> Pipeline:
    """Return a fitted clone; a source that knows one label only always says it."""
    pipeline = clone(blueprint)
    if len(np.unique(labels)) < 2:
        pipeline.set_params(model=DummyClassifier(strategy="most_frequent"))
    try:
        return pipeline.fit(features, labels)
    except ValueError as error:
        raise explain_failure(spec, error) or error from error
