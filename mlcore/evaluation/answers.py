"""Known answers beside a model's answers, in the form that every metric reads.

Each row carries weights: ones for a plain score, and in a bootstrap how often the row was drawn.
One formula per metric therefore gives a score, or a thousand resampled scores, in one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranking:
    """Weight of one class and of the others at each distinct score, highest score first.

    Parameters
    ----------
    positive, negative : array of shape (n_resamples, n_distinct)
        Weight of the rows of the class, and of all other rows.
    """

    positive: Floats
    negative: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassAnswers:
    """Actual and predicted classes of some rows.

    Parameters
    ----------
    classes : tuple of str
        Every class that occurs among actual, predicted or probability columns, sorted.
    actual, predicted : array of shape (n_rows,)
        Positions in ``classes``.
    probabilities : array of shape (n_rows, n_known), optional
        Probability of each class the model knows.
    known : array of shape (n_known,)
        Position in ``classes`` of each column of ``probabilities``, ascending.
    weights : array of shape (n_resamples, n_rows)
        How often each row counts.
    """

    classes: tuple[str, ...]
    actual: Codes
    predicted: Codes
    probabilities: Floats | None
    known: Codes
    weights: Floats

    @cached_property
    def confusion(self) -> Floats:
        """Weight by resample, actual class and predicted class; (n_resamples, k, k)."""
        k = len(self.classes)
        cell = self.actual * k + self.predicted
        counts = [np.bincount(cell, weights=row, minlength=k * k) for row in self.weights]
        return np.array(counts, dtype=np.float64).reshape(-1, k, k)

    @cached_property
    def is_binary(self) -> bool:
        """Whether the model tells two classes apart; the second one then is the positive one."""
        return len(self.known) == 2

    @cached_property
    def targets(self) -> Codes:
        """Columns of ``probabilities`` to be scored one against the rest."""
        return np.array([1]) if self.is_binary else np.arange(len(self.known))

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Classes with a probability but without a single actual row."""
        present = np.isin(self.known, self.actual)
        return tuple(self.classes[code] for code in self.known[~present])

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """Classes among the actual rows that the model has no probability for."""
        return tuple(self.classes[c] for c in np.setdiff1d(self.actual, self.known))

    @cached_property
    def rankings(self) -> tuple[Ranking, ...]:
        """One ranking for each of ``targets``."""
        return tuple(self._rank(column) for column in self.targets)

    def _rank(self, column: int) -> Ranking:
        assert self.probabilities is not None
        score = self.probabilities[:, column]
        order = np.argsort(-score, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(score[order]) != 0])
        weights = self.weights[:, order]
        is_class = self.actual[order] == self.known[column]
        positive = np.add.reduceat(weights * is_class, starts, axis=1)
        return Ranking(
            positive=positive, negative=np.add.reduceat(weights, starts, axis=1) - positive
        )

    def reweighted(self, weights: Floats) -> ClassAnswers:
        """Return the same rows with other weights."""
        return ClassAnswers(
            classes=self.classes,
            actual=self.actual,
            predicted=self.predicted,
            probabilities=self.probabilities,
            known=self.known,
            weights=weights,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class ValueAnswers:
    """Actual and predicted numbers of some rows.

    Parameters
    ----------
    actual, predicted : array of shape (n_rows,)
        In the label's unit.
    weights : array of shape (n_resamples, n_rows)
        How often each row counts.
    """

    actual: Floats
    predicted: Floats
    weights: Floats

    @cached_property
    def error(self) -> Floats:
        """Actual minus predicted, (n_rows,)."""
        return self.actual - self.predicted

    def reweighted(self, weights: Floats) -> ValueAnswers:
        """Return the same rows with other weights."""
        return ValueAnswers(actual=self.actual, predicted=self.predicted, weights=weights)


Answers = ClassAnswers | ValueAnswers


def class_answers(
    actual: Sequence[str] | pd.Series,
    predicted: Sequence[str] | pd.Series,
    probabilities: pd.DataFrame | None = None,
) -> ClassAnswers:
    """Return classes as codes, each row with weight one.

    Parameters
    ----------
    actual, predicted : sequence of str, shape (n_rows,)
        Class names.
    probabilities : DataFrame of shape (n_rows, n_known), optional
        Columns named after the classes, in any order. A gap is a class that the row's model never
        saw, so its probability is 0; a frame of nothing but gaps is no probabilities at all.
    """
    seen, guessed = _texts(actual), _texts(predicted)
    table = _known_probabilities(probabilities)
    known = [] if table is None else [str(name) for name in table.columns]
    classes = pd.Index(sorted({*seen.unique(), *guessed.unique(), *known}), dtype=object)
    return ClassAnswers(
        classes=tuple(classes),
        actual=classes.get_indexer(seen),
        predicted=classes.get_indexer(guessed),
        probabilities=None if table is None else table.to_numpy(dtype=np.float64),
        known=classes.get_indexer(pd.Index(known, dtype=object)),
        weights=np.ones((1, len(seen))),
    )


def _texts(values: Sequence[str] | pd.Series) -> pd.Index[Any]:
    return pd.Index([str(value) for value in values], dtype=object)


def _known_probabilities(probabilities: pd.DataFrame | None) -> pd.DataFrame | None:
    if probabilities is None or probabilities.shape[1] == 0 or probabilities.isna().all(axis=None):
        return None
    ordered = probabilities.set_axis([str(name) for name in probabilities.columns], axis=1)
    return ordered[sorted(ordered.columns)].fillna(0.0)


def value_answers(
    actual: Sequence[float] | pd.Series, predicted: Sequence[float] | pd.Series
) -> ValueAnswers:
    """Return numbers as arrays, each row with weight one."""
    truth = np.asarray(actual, dtype=np.float64)
    return ValueAnswers(
        actual=truth,
        predicted=np.asarray(predicted, dtype=np.float64),
        weights=np.ones((1, len(truth))),
    )
