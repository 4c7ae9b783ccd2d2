"""What happens inside a fit: the steps an estimator prints, and its loss step by step.

scikit-learn has no callbacks in the estimators used here, but with ``verbose`` they print a line a
step. A :class:`StepReader` switches that on for one fit, reads the lines instead of showing them,
and leaves the estimator as it was. Printing does not touch random numbers or arithmetic, so the
fitted numbers are those of a quiet fit.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TextIO

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor

from mlcore.algorithms.spec import AlgorithmSpec

#: Told ``(step, steps, loss)``: the step just finished, the most there can be, the loss.
OnStep = Callable[[int, int | None, float | None], None]

#: Text without a step that is kept while waiting for the rest of a line.
_LONGEST_WAIT = 10_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step (epoch, round, tree) that has finished.

    Parameters
    ----------
    part : int
        Which model of the fit it belongs to, from 0; more than one where one model a class is
        fitted.
    step : int
        Its number within the part, from 1.
    loss : float, optional
        Training loss.
    score : float, optional
        Score on the rows that the estimator itself set aside.
    """

    part: int
    step: int
    loss: float | None = None
    score: float | None = None


class StepReader:
    """Reads the steps of one fit.

    Parameters
    ----------
    spec : AlgorithmSpec
        The declaration, which says what the lines look like.
    estimator : BaseEstimator
        The very object that will be fitted (not one that is cloned first), as built by the
        declaration.

    Attributes
    ----------
    steps : list of Step
        What was read so far.
    most : int or None
        The most steps each part can have.
    """

    def __init__(self, spec: AlgorithmSpec, estimator: BaseEstimator) -> None:
        self._estimator = estimator
        self._level = spec.verbose
        self._pattern = re.compile(spec.progress) if spec.progress else None
        self._waiting = ""
        self.steps: list[Step] = []
        self.most: int | None = (
            int(innermost(estimator).get_params()[spec.steps]) if spec.steps else None
        )

    def feed(self, text: str) -> list[Step]:
        """Take the next piece of printed text and return the steps it completes."""
        if self._pattern is None:
            return []
        self._waiting += text
        read, end = [], 0
        for match in self._pattern.finditer(self._waiting):
            read.append(self._step(match.groupdict()))
            self.steps.append(read[-1])
            end = match.end()
        self._waiting = self._waiting[end:][-_LONGEST_WAIT:]
        return read

    def _step(self, found: dict[str, str | None]) -> Step:
        number = int(found["step"] or 0)
        last = self.steps[-1] if self.steps else Step(part=0, step=0)
        return Step(
            part=last.part + (number <= last.step),
            step=number,
            loss=_number(found.get("loss")),
            score=_number(found.get("score")),
        )

    @contextmanager
    def capture(self, on_step: OnStep | None = None) -> Iterator[StepReader]:
        """Read what a fit inside the ``with`` block prints to standard output.

        Other output of the block is swallowed, and so is joblib's chatter on standard error.
        Standard output belongs to the process, so only one fit at a time may be captured.
        Algorithms without a declared ``progress`` run untouched.

        Parameters
        ----------
        on_step : callable, optional
            Told ``(step, steps, loss)`` after each step, with standard output as it was outside.
        """
        if self._pattern is None:
            yield self
            return
        with ExitStack() as stack:
            before = innermost(self._estimator).get_params()["verbose"]
            stack.callback(_set_verbose, self._estimator, before)
            _set_verbose(self._estimator, self._level)
            stack.enter_context(redirect_stderr(_WithoutChatter(sys.stderr)))
            stack.enter_context(redirect_stdout(_Listener(self, on_step, sys.stdout)))
            yield self


class _Listener(io.TextIOBase):
    """Standard output during a captured fit."""

    def __init__(self, reader: StepReader, on_step: OnStep | None, outside: TextIO) -> None:
        self._reader = reader
        self._on_step = on_step
        self._outside = outside

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for step in self._reader.feed(text):
            if self._on_step is not None:
                with redirect_stdout(self._outside):
                    self._on_step(step.step, self._reader.most, step.loss)
        return len(text)


class _WithoutChatter(io.TextIOBase):
    """Standard error without the lines in which joblib counts what is done."""

    def __init__(self, outside: TextIO) -> None:
        self._outside = outside

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.startswith("[Parallel("):
            return len(text)
        return self._outside.write(text)

    def flush(self) -> None:
        self._outside.flush()


def innermost(estimator: BaseEstimator) -> Any:
    """Return the estimator that learns: the one inside, where the label is transformed around it.

    The fitted one, when there is one.
    """
    if not isinstance(estimator, TransformedTargetRegressor):
        return estimator
    return getattr(estimator, "regressor_", estimator.regressor)


def _set_verbose(estimator: BaseEstimator, level: int) -> None:
    """Set ``verbose``, inside a transformed label too, and on what is fitted already."""
    inside = (getattr(estimator, name, None) for name in ("regressor", "regressor_"))
    for each in (estimator, *inside):
        if each is not None and "verbose" in each.get_params(deep=False):
            each.set_params(verbose=level)


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def loss_curve(
    spec: AlgorithmSpec, estimator: BaseEstimator, reader: StepReader | None = None
) -> pd.DataFrame:
    """Return the loss of a fitted estimator, step by step.

    Parameters
    ----------
    spec : AlgorithmSpec
        Its declaration.
    estimator : BaseEstimator
        Fitted.
    reader : StepReader, optional
        What captured the fit. Needed for stochastic gradient descent, which prints its loss but
        does not keep it.

    Returns
    -------
    DataFrame
        ``step`` (int; 0 is before the first), ``name``, ``value`` (float), in that order:
        ``"training_loss"``, where known ``"validation_loss"`` and ``"validation_score"`` (accuracy
        or R² on rows the estimator set aside). Empty for algorithms without steps, for forests,
        for boosting without early stopping, and for L-BFGS, which has no loss for each epoch.

        The loss is the one the algorithm minimises: for regression with ``spec.scale_target`` in
        squared standard deviations of the label; for the perceptron with its penalty. For
        stochastic gradient descent it is the mean over the rows of an epoch, each taken just
        before the row changed the weights, without the penalty; with one model for each class, the
        mean over the models, where one that has stopped keeps its last loss.
    """
    if spec.progress is None:
        return _curve_frame({})
    model = innermost(estimator)
    kept = _kept_curves(model)
    steps = reader.steps if reader is not None else []
    return _curve_frame(kept or _printed_curves(steps))


def _kept_curves(model: Any) -> dict[str, list[tuple[int, float]]]:
    """Return the curves that the estimator itself keeps after fitting."""
    if hasattr(model, "train_score_"):  # boosting keeps the negative loss, from before round 1
        return {
            "training_loss": list(enumerate(-np.asarray(model.train_score_))),
            "validation_loss": list(enumerate(-np.asarray(model.validation_score_))),
        }
    if hasattr(model, "loss_curve_"):  # the perceptron, unless its optimiser is L-BFGS
        return {
            "training_loss": list(enumerate(model.loss_curve_, start=1)),
            "validation_score": list(enumerate(model.validation_scores_ or (), start=1)),
        }
    return {}


def _printed_curves(steps: Iterable[Step]) -> dict[str, list[tuple[int, float]]]:
    losses: dict[int, list[float]] = {}
    scores: dict[int, list[float]] = {}
    for step in steps:
        if step.loss is not None:
            losses.setdefault(step.part, []).append(step.loss)
        if step.score is not None:
            scores.setdefault(step.part, []).append(step.score)
    return {
        "training_loss": list(enumerate(_mean_over_parts(losses.values()), start=1)),
        "validation_score": list(enumerate(_mean_over_parts(scores.values()), start=1)),
    }


def _mean_over_parts(curves: Iterable[list[float]]) -> list[float]:
    """Return the mean curve; a curve that has ended counts with its last value."""
    table = pd.DataFrame(list(zip_longest(*curves)), dtype=float).ffill()
    return [float(value) for value in table.mean(axis=1)]


def _curve_frame(curves: dict[str, list[tuple[int, float]]]) -> pd.DataFrame:
    rows = [(step, name, value) for name, curve in curves.items() for step, value in curve]
    frame = pd.DataFrame(rows, columns=["step", "name", "value"])
    return frame.astype({"step": "int64", "name": "str", "value": "float64"})
