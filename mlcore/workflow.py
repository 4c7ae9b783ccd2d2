"""Run an experiment: the one way from a table to a scored, fitted pipeline.

Pages (through a job), command line and tests all call :func:`run_experiment`.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline

from mlcore.algorithms.failures import explain_failure
from mlcore.algorithms.progress import StepReader, loss_curve
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY, Evaluation
from mlcore.evaluation.metrics import score_all
from mlcore.experiment import Experiment, Setup, check_columns
from mlcore.messages import Message, message
from mlcore.pipelines.build import build_pipeline
from mlcore.splitting import Rows, Split, make_split
from mlcore.tasks import Task


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    done, total : int
        Fits that are finished, and all of them (the folds and the final fit).
    stage : Message
        What is going on.
    step : int, optional
        Step inside the running fit (epoch, tree), for algorithms that count.
    steps : int, optional
        How many there will be at most.
    loss : float, optional
        Loss at that step.
    """

    done: int
    total: int
    stage: Message
    step: int | None = None
    steps: int | None = None
    loss: float | None = None


Report = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """Report to nobody."""


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run leaves behind.

    Parameters
    ----------
    experiment : Experiment
        What was run.
    pipeline : Pipeline
        Fitted on all development rows: raw columns in, prediction out. Test rows were not used.
    evaluation : Evaluation
        Scores and predictions on rows the predicting model had not seen.
    split : Split
        Which rows did what.
    notes : tuple of Message
        What was decided or noticed on the way.
    classes : tuple of str
        The classes in the model's order; empty for regression.
    """

    experiment: Experiment
    pipeline: Pipeline
    evaluation: Evaluation
    split: Split
    notes: tuple[Message, ...]
    classes: tuple[str, ...]


def label_of(dataset: Dataset, target: str, task: Task) -> pd.Series:
    """Return the label column as the algorithms take it.

    Classes are text whatever the column's kind, so that 1 and "1" are one class; numbers stay
    ``float64``.
    """
    label = dataset.frame[target]
    kind = dataset.schema[target].kind
    if task is Task.REGRESSION or kind is not ColumnKind.NUMBER:
        return label
    return label.map(lambda value: f"{value:.15g}", na_action="ignore").astype("str")


def features_of(dataset: Dataset, features: Sequence[str]) -> pd.DataFrame:
    """Return the raw feature columns, in the experiment's order."""
    return dataset.frame[list(features)]


def run_experiment(dataset: Dataset, experiment: Experiment, report: Report = ignore) -> RunResult:
    """Split, fit and score every fold, then fit the final pipeline.

    Whatever learns from data (imputer, scaler, encoder, model) is fitted anew inside the training
    rows of each fold. The test rows are neither fitted on nor predicted here.

    Parameters
    ----------
    dataset : Dataset
        The table the experiment belongs to.
    experiment : Experiment
        What to do.
    report : callable, optional
        Told after each fit, and at steps inside a fit where the algorithm counts them.

    Raises
    ------
    UserError
        The experiment does not fit the table, or cannot be trained on it; the sentence says why.
    """
    if experiment.fingerprint != dataset.fingerprint:
        raise UserError(
            "setup.other_dataset", expected=experiment.fingerprint, got=dataset.fingerprint
        )
    split = divide(dataset, experiment)
    label = label_of(dataset, experiment.target, experiment.task)
    fitter = _Fitter(dataset, experiment, label, len(split.folds) + 1, report)
    parts = [fitter.fold(number, *fold) for number, fold in enumerate(split.folds, start=1)]
    pipeline, timing, curve = fitter.fit(0, split.development)
    evaluation = Evaluation(
        scores=pd.concat([part.scores for part in parts], ignore_index=True),
        predictions=pd.concat([part.predictions for part in parts], ignore_index=True),
        timing=pd.DataFrame([*(part.timing for part in parts), timing]),
        curves=curve,
    )
    notes = (*split.notes, *fitter.notes)
    classes = tuple(map(str, getattr(pipeline, "classes_", ())))
    return RunResult(experiment, pipeline, evaluation, split, notes, classes)


def divide(dataset: Dataset, plan: Setup | Experiment) -> Split:
    """Check that a plan fits the table, and return which rows do what.

    Raises
    ------
    UserError
        A column is missing or of the wrong kind, or the rows cannot be divided so.
    """
    check_columns(dataset.schema, plan.task, plan.target, plan.features)
    label = label_of(dataset, plan.target, plan.task)
    labelled = replace(dataset, frame=dataset.frame.assign(**{plan.target: label}))
    return make_split(plan.split, labelled, plan.target, plan.task)


@dataclass(frozen=True, eq=False)
class _FoldPart:
    scores: pd.DataFrame
    predictions: pd.DataFrame
    timing: dict[str, float]


class _Fitter:
    """Fits one clone after another and keeps the notes."""

    def __init__(
        self,
        dataset: Dataset,
        experiment: Experiment,
        label: pd.Series,
        total: int,
        report: Report,
    ) -> None:
        self.features = features_of(dataset, experiment.features)
        self.label = label
        self.task = experiment.task
        self.spec: AlgorithmSpec = experiment.spec
        self.params = self.spec.check(experiment.params)
        self.blueprint = build_pipeline(experiment, dataset.schema)
        self.total = total
        self.done = 0
        self.report = report
        self.not_converged: list[int] = []
        self.warned: dict[str, None] = {}

    @property
    def notes(self) -> tuple[Message, ...]:
        """What the fits had to say, each thing once."""
        notes = []
        if self.not_converged:
            name = self.spec.name
            notes.append(message("training.not_converged", name=name, fits=len(self.not_converged)))
        return (*notes, *(message("training.warned", text=text) for text in self.warned))

    def fold(self, number: int, train: Rows, validation: Rows) -> _FoldPart:
        """Fit on the training rows of a fold and predict its validation rows."""
        pipeline, timing, _ = self.fit(number, train)
        started = time.perf_counter()
        predictions = predict_frame(pipeline, self.features.iloc[validation], self.task)
        timing["predict_seconds"] = time.perf_counter() - started
        timing["n_validation"] = len(validation)
        predictions.insert(0, "row", validation)
        predictions.insert(1, "fold", number)
        predictions.insert(2, "actual", self.label.iloc[validation].to_numpy())
        values = score_frame(self.task, predictions)
        scores = pd.DataFrame(
            {"fold": number, "metric": list(values), "value": list(values.values())}
        )
        return _FoldPart(scores, predictions, timing)

    def fit(self, number: int, train: Rows) -> tuple[Pipeline, dict[str, float], pd.DataFrame]:
        """Fit a clone; return it with its timing and its loss step by step."""
        stage = (
            message("training.stage.fold", fold=number, folds=self.total - 1)
            if number
            else message("training.stage.final")
        )
        self.report(Progress(self.done, self.total, stage))
        pipeline = clone(self.blueprint)
        reader = StepReader(self.spec, pipeline.named_steps["model"])
        started = time.perf_counter()
        with (
            warnings.catch_warnings(record=True) as caught,
            reader.capture(
                lambda step, steps, loss: self.report(
                    Progress(self.done, self.total, stage, step, steps, loss)
                )
            ),
        ):
            warnings.simplefilter("always")
            self._fit(pipeline, self.features.iloc[train], self.label.iloc[train])
        seconds = time.perf_counter() - started
        self._keep_warnings(number, caught)
        self.done += 1
        self.report(Progress(self.done, self.total, stage))
        curve = loss_curve(self.spec, pipeline.named_steps["model"], reader)
        curve.insert(0, "fold", number)
        timing = {
            "fold": number,
            "n_train": len(train),
            "n_validation": 0,
            "fit_seconds": seconds,
            "predict_seconds": float("nan"),
        }
        return pipeline, timing, curve

    def _fit(self, pipeline: Pipeline, features: pd.DataFrame, label: pd.Series) -> None:
        """Fit step by step what ``Pipeline.fit`` fits in one go, with a look at the size between.

        A polynomial of high degree or more neighbours than rows get their sentence before they
        take the memory.
        """
        prepare, model = pipeline.named_steps["prepare"], pipeline.named_steps["model"]
        answer = label.to_numpy()
        try:
            prepared = prepare.fit_transform(features, answer)
            self.spec.check_table(self.params, *prepared.shape)
            model.fit(prepared, answer)
        except ValueError as error:
            raise _explained(self.spec, error) from error

    def _keep_warnings(self, number: int, caught: Sequence[warnings.WarningMessage]) -> None:
        for warning in caught:
            if issubclass(warning.category, ConvergenceWarning):
                if number not in self.not_converged:
                    self.not_converged.append(number)
            elif issubclass(warning.category, UserWarning):
                self.warned[" ".join(str(warning.message).split())] = None


def _explained(spec: AlgorithmSpec, error: ValueError) -> Exception:
    """Return the sentence for a failed fit, or the error itself when it is a defect of ours."""
    text = str(error)
    if "empty vocabulary" in text:
        return UserError("training.no_words")
    if any(word in text for word in ("infinity", "overflow", "non-finite", "Non-finite")):
        return UserError("training.diverged")
    return explain_failure(spec, error) or error


def predict_frame(pipeline: Pipeline, features: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Predict rows: ``predicted`` and, where the model has them, ``p:<class>`` columns.

    Raises
    ------
    UserError
        The model gives numbers that are not finite (it diverged while it was fitted).
    """
    frame = pd.DataFrame({"predicted": pipeline.predict(features)})
    if task is Task.REGRESSION:
        if not np.isfinite(frame["predicted"]).all():
            raise UserError("training.diverged")
        return frame
    frame["predicted"] = frame["predicted"].astype("str")
    if hasattr(pipeline, "predict_proba"):
        probabilities = pipeline.predict_proba(features)
        if not np.isfinite(probabilities).all():
            raise UserError("training.diverged")
        names = [f"{PROBABILITY}{name}" for name in pipeline.classes_]
        frame = pd.concat([frame, pd.DataFrame(probabilities, columns=names)], axis=1)
    return frame


def score_frame(task: Task, predictions: pd.DataFrame) -> dict[str, float]:
    """Score a predictions frame with every metric of the task."""
    columns = [name for name in predictions.columns if name.startswith(PROBABILITY)]
    probabilities = (
        predictions[columns].rename(columns=lambda name: name.removeprefix(PROBABILITY))
        if columns
        else None
    )
    return score_all(task, predictions["actual"], predictions["predicted"], probabilities)
