"""One model for each source, trained on the rows that it labelled, voting on every row.

A model's answer for a row comes from a fit that had not seen the row: rows are cut into folds,
and each fold is answered by models of the other folds. Otherwise a model would repeat its source's
own label where there is one, mistakes included, and only generalise elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.votes import Votes
from mlcore.messages import Message, listing, message
from mlcore.pipelines.build import build_pipeline
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow.table import features_of

#: Parts into which rows are cut, so that no model answers for rows it saw.
N_FOLDS = 5

#: What a preparation says that learns from the labels itself, in folds of its own, and has too few.
_TOO_FEW_FOR_FOLDS = re.compile(r"n_splits=\d+ (?:greater than|cannot be greater than) the number")


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelVotes:
    """What models of the sources say.

    Parameters
    ----------
    votes : Votes
        One vote of each source's model on every row; none where a source has no model.
    models : dict of str to Pipeline
        For each source the model that was fitted on all rows it labelled.
    notes : tuple of Message, default ()
        Which sources have no model.
    """

    votes: Votes
    models: dict[str, Pipeline]
    notes: tuple[Message, ...] = ()


def votes_of_models(
    dataset: Dataset, experiment: Experiment, votes: Votes, report: Callable[[int, int], None]
) -> ModelVotes:
    """Let a model of each source vote.

    A source with too few labels for the algorithm to learn from has no model, and no say.

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

    Raises
    ------
    UserError
        There is a single row, or the algorithm can learn from no source.
    """
    features = features_of(dataset, experiment.features)
    if len(features) < 2:
        raise UserError("fusion.models.two_rows", rows=len(features))
    learning = learning_of(experiment)
    learner = _Learner(learning.spec, build_pipeline(learning, dataset.schema), features)
    answers = np.full((votes.n_rows, votes.n_sources), -1, dtype=np.intp)
    models: dict[str, Pipeline] = {}
    left_out: list[str] = []
    for place, name in enumerate(votes.sources):
        report(place, votes.n_sources)
        own = votes.source == place
        rows, labels = votes.row[own], votes.label[own]
        if not len(rows):
            continue
        try:
            answers[:, place] = learner.cross_fitted(rows, labels, experiment.split.seed)
            models[name] = learner.fitted(rows, np.array(votes.classes, dtype=object)[labels])
        except _TooFewLabels:
            answers[:, place] = -1
            left_out.append(name)
    report(votes.n_sources, votes.n_sources)
    if not models:
        raise UserError("fusion.models.none", learner=learning.spec.name)
    notes = (_left_out(left_out, learning.spec),) if left_out else ()
    return ModelVotes(votes=_said(votes, answers), models=models, notes=notes)


def _left_out(names: list[str], spec: AlgorithmSpec) -> Message:
    return message("fusion.models.left_out", names=listing(names), learner=spec.name)


def _said(votes: Votes, answers: npt.NDArray[np.intp]) -> Votes:
    """Return the answers as votes; models do not abstain."""
    row, source = np.nonzero(answers >= 0)
    nothing = np.empty(0, dtype=np.intp)
    return replace(
        votes,
        row=row,
        source=source,
        label=answers[row, source],
        abstained_row=nothing,
        abstained_source=nothing,
    )


def learning_of(experiment: Experiment) -> Experiment:
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


class _TooFewLabels(Exception):
    """A source gave too few labels for the algorithm."""


@dataclass(frozen=True, eq=False)
class _Learner:
    """An algorithm that learns what one source would say."""

    spec: AlgorithmSpec
    blueprint: Pipeline
    features: pd.DataFrame

    def cross_fitted(
        self, rows: npt.NDArray[np.intp], labels: npt.NDArray[np.intp], seed: int
    ) -> npt.NDArray[np.intp]:
        """Return the class number that models of other folds give to each row.

        Raises
        ------
        _TooFewLabels
            The algorithm cannot learn from so few.
        """
        answers = np.full(len(self.features), -1, dtype=np.intp)
        n_folds = min(N_FOLDS, len(self.features))
        for _, judged in KFold(n_folds, shuffle=True, random_state=seed).split(self.features):
            seen = ~np.isin(rows, judged)
            if seen.any():
                model = self.fitted(rows[seen], labels[seen])
                answers[judged] = self._asked(model, judged)
        return answers

    def fitted(self, rows: npt.NDArray[np.intp], labels: npt.NDArray[Any]) -> Pipeline:
        """Return a fitted clone; a source that knows one label only always says it.

        Raises
        ------
        _TooFewLabels
            The algorithm cannot learn from so few.
        """
        pipeline = clone(self.blueprint)
        if len(np.unique(labels)) < 2:
            pipeline.set_params(model=DummyClassifier(strategy="most_frequent"))
        try:
            return pipeline.fit(self.features.iloc[rows], labels)
        except ValueError as error:
            raise self._explained(error) or error from error

    def _asked(self, model: Pipeline, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        try:
            return np.asarray(model.predict(self.features.iloc[rows]), dtype=np.intp)
        except ValueError as error:
            # Some ask for so many rows only when they answer.
            raise self._explained(error) or error from error

    def _explained(self, error: ValueError) -> _TooFewLabels | None:
        """Return that labels are too few where that is the reason, else nothing."""
        is_known = explain_failure(self.spec, error) or _TOO_FEW_FOR_FOLDS.search(str(error))
        return _TooFewLabels() if is_known else None
