"""Train a model that predicts a label: every fold, then the final pipeline."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mlcore.algorithms.failures import explain_failure
from mlcore.algorithms.progress import StepReader, loss_curve
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.algorithms.weights import counted, weight_argument, weight_arguments
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.experiment import Experiment
from mlcore.messages import Message, message
from mlcore.pipelines.build import build_pipeline
from mlcore.setups import Setup, check_columns
from mlcore.splitting import Rows, Split, SplitConfig, make_split
from mlcore.tasks import Task
from mlcore.workflow.remarks import Remarks
from mlcore.workflow.result import Progress, Report, RunResult
from mlcore.workflow.table import features_of, label_of, predict_frame, score_frame, weights_of


def run_supervised(dataset: Dataset, experiment: Experiment, report: Report) -> RunResult:
    """Split, fit and score every fold, then fit the final pipeline.

    Whatever learns from data (imputer, scaler, encoder, model) is fitted anew inside the training
    rows of each fold. The test rows are neither fitted on nor predicted here.

    Where the experiment names a column of weights, the model takes the weights of the rows it is
    fitted on; the preparation (averages, average labels, scales) and the scores count all rows the
    same. Rows that count 0 teach neither.

    Raises
    ------
    UserError
        The experiment does not fit the table, or cannot be trained on it; the sentence says why.
    """
    split = divide(dataset, experiment)
    label = label_of(dataset, experiment.label, experiment.task)
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
        A column is missing or of the wrong kind, the rows cannot be divided so, or too few of
        them have a weight.
    """
    target = plan.target if isinstance(plan, Setup) else plan.label
    check_columns(dataset.schema, plan.task, target, plan.features, plan.weight)
    label = label_of(dataset, target, plan.task)
    labelled = replace(dataset, frame=dataset.frame.assign(**{target: label}))
    assert isinstance(plan.split, SplitConfig)
    split = make_split(plan.split, labelled, target, plan.task)
    return split if plan.weight is None else _weighed(labelled, plan, plan.weight, label, split)


def _weighed(
    dataset: Dataset, plan: Setup | Experiment, column: str, label: pd.Series, split: Split
) -> Split:
    """Check that every fold has rows that count, and note how many count 0 for want of a weight."""
    weights = weights_of(dataset, column)
    for number, (train, _) in enumerate(split.folds, start=1):
        found = label.iloc[counted(train, weights)].unique()
        if not len(found):
            raise UserError("setup.weight_all_zero", fold=number, name=column)
        if plan.task is Task.CLASSIFICATION and len(found) == 1:
            only = str(found[0])
            raise UserError("setup.weight_one_class", fold=number, name=column, only=only)
    missing = int(dataset.frame[column].iloc[split.development].isna().sum())
    if not missing:
        return split
    facts = {"rows": missing, "total": len(split.development), "name": column}
    return replace(split, notes=(*split.notes, message("setup.weight_missing", **facts)))


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
        self.weights = weights_of(dataset, experiment.weight)
        self.task = experiment.task
        self.spec: AlgorithmSpec = experiment.spec
        self.params = self.spec.check(experiment.params)
        self.blueprint = build_pipeline(experiment, dataset.schema)
        self.total = total
        self.done = 0
        self.report = report
        self.remarks = Remarks(self.spec.name)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What there is to tell of the fits."""
        ignored = weight_argument(self.blueprint) is None and self.weights is not None
        note = (message("training.not_weighted", name=self.spec.name),) if ignored else ()
        return (*note, *self.remarks.notes)

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
        train = counted(train, self.weights)
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
            self.remarks.of_fit(number),
            reader.capture(
                lambda step, steps, loss: self.report(
                    Progress(self.done, self.total, stage, step, steps, loss)
                )
            ),
        ):
            self._fit(pipeline, train)
        seconds = time.perf_counter() - started
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

    def _fit(self, pipeline: Pipeline, train: Rows) -> None:
        """Fit step by step what ``Pipeline.fit`` fits in one go, with a look at the size between.

        A polynomial of high degree or more neighbours than rows get their sentence before they
        take the memory.
        """
        prepare, model = pipeline.named_steps["prepare"], pipeline.named_steps["model"]
        answer = self.label.iloc[train].to_numpy()
        try:
            prepared = prepare.fit_transform(self.features.iloc[train], answer)
            self.spec.check_table(self.params, *prepared.shape)
            model.fit(prepared, answer, **weight_arguments(model, self.weights, train))
        except ValueError as error:
            raise _explained(self.spec, error) from error


def _explained(spec: AlgorithmSpec, error: ValueError) -> Exception:
    """Return the sentence for a failed fit, or the error itself when it is a defect of ours."""
    text = str(error)
    if "empty vocabulary" in text:
        return UserError("training.no_words")
    if any(word in text for word in ("infinity", "overflow", "non-finite", "Non-finite")):
        return UserError("training.diverged")
    return explain_failure(spec, error) or error
