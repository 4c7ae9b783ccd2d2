"""Complete a column of which few labels are known, and see whether the other rows helped.

All rows, labelled or not, take part while labels spread, so preparation and graph are made from
all of them; sealed rows take no part at all. A label that judges is hidden before anything learns
from labels, and nothing that learns is ever given it (:func:`hidden` is the one place).

A run leaves, besides its model, these tables (:attr:`RunResult.frames`):

``rows``
    One line a row that took part: ``row``, ``given``, ``predicted`` (missing where no label
    reaches), ``certainty`` (its highest probability, 0 where unreached), ``tie`` (whether
    several classes have that probability; the first by name is ``predicted``), ``p:<class>``,
    ``origin`` (``"given"``, ``"propagated"``, ``"unlabelled"``), ``component`` (of the graph) and
    ``round`` (in which the first label arrived; -1 never).
``draws``
    Accuracy on hidden labels with and without the unlabelled rows
    (:mod:`mlcore.evaluation.label_draws`).
``shift``
    Whether the labelled rows look like the rest (:mod:`mlcore.evaluation.labelled_shift`).
``flow``, ``edges``, ``map_pca``
    Labels round by round on some rows, the joins between these, and a place for each row.
``next``
    Which rows to label next (:mod:`mlcore.evaluation.next_labels`).

Predictions of the evaluation are of labelled rows whose labels were hidden. A row that no label
reached counts as wrong and has the same probability for each class.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from mlcore.algorithms.failures import explain_failure
from mlcore.algorithms.labels import Labels, Matrix
from mlcore.algorithms.learner import Learner
from mlcore.algorithms.propagation import UNREACHED, Propagated
from mlcore.algorithms.semi_supervised import (
    BASES,
    GraphLearner,
    build_base,
    with_unreached,
)
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY, Evaluation
from mlcore.evaluation.label_draws import compare_draws, draw_sizes, label_draws, why_no_draws
from mlcore.evaluation.labelled_shift import shift_frame
from mlcore.evaluation.maps import map_frame
from mlcore.evaluation.next_labels import next_rows
from mlcore.experiment import Experiment
from mlcore.messages import Message, message
from mlcore.pipelines.build import build_pipeline
from mlcore.setups import check_few_labels
from mlcore.splitting import FewLabelsConfig, Rows, Split, make_few_labels_split
from mlcore.tasks import Task
from mlcore.workflow.given_labels import check_class_names
from mlcore.workflow.remarks import Remarks
from mlcore.workflow.result import Progress, Report, RunResult
from mlcore.workflow.table import features_of, labels_given, score_frame, without_unreached

#: Rows on which algorithms are compared with and without unlabelled rows; each label draw spreads
#: labels anew.
MOST_COMPARED = 10_000

#: Rows and rounds that the flow of labels is shown for: what a browser draws smoothly.
SHOWN_ROWS = 1_000
SHOWN_ROUNDS = 30

#: Prepared numbers from which on squares of distances overflow.
_TOO_LARGE = 1e150
#: Binary digits that are kept of prepared numbers: about ten decimal ones.
_BITS = 36

#: Rows that are proposed for labelling.
N_NEXT = 10


def run_semi_supervised(dataset: Dataset, experiment: Experiment, report: Report) -> RunResult:
    """Spread the labels, judge the result on hidden labels, and say what to label next.

    Raises
    ------
    UserError
        The experiment does not fit the table, or cannot be run on it; the sentence says why.
    """
    run = _Run(dataset, experiment, report)
    parts = [run.fold(number, *fold) for number, fold in enumerate(run.split.folds, start=1)]
    final = run.final()
    frames = run.frames(final)
    run.tell("done", run.total)
    return RunResult(
        experiment,
        final.pipeline,
        _evaluation([*parts, final.part]),
        run.split,
        run.notes,
        tuple(map(str, final.pipeline.classes_)),
        frames,
    )


def hidden(codes: Labels, rows: npt.NDArray[np.intp]) -> Labels:
    """Return the labels without those of some rows: what an algorithm that is judged may see."""
    seen = codes.copy()
    seen[rows] = -1
    return seen


@dataclass(frozen=True, eq=False)
class _Part:
    """What one fit leaves for the evaluation; ``predictions`` is empty for the final one."""

    predictions: pd.DataFrame
    timing: dict[str, float]


@dataclass(frozen=True, eq=False)
class _Final:
    """The fit with all labels that may be seen."""

    pipeline: Pipeline
    spread: Propagated
    part: _Part
    arrival: Labels
    flow: pd.DataFrame


class _Run:
    """One run: the steps share the prepared rows, the graph over them and the labels.

    Places are positions among the rows that take part (``nodes``), not row numbers of the table.
    """

    def __init__(self, dataset: Dataset, experiment: Experiment, report: Report) -> None:
        assert isinstance(experiment.split, FewLabelsConfig)
        check_few_labels(dataset, experiment.label, experiment.features)
        self.experiment = experiment
        self.config = experiment.split
        self.spec = experiment.spec
        self.values = self.spec.check(experiment.params)
        self.report = report
        self.given = labels_given(dataset, experiment.label, self.config)
        self.label = self.given.labels
        check_class_names(self.label, experiment.label)
        self.split: Split = make_few_labels_split(
            self.config, self.label, experiment.label, self.given.own
        )
        self.nodes = np.union1d(self.split.development, self.split.unlabelled)
        self.features = features_of(dataset, experiment.features).iloc[self.nodes]
        self.remarks = Remarks(self.spec.name)
        self.total = len(self.split.folds) + 3
        self.tell("prepare", 0)
        known = self.label.iloc[self.nodes]
        self.classes = tuple(sorted(known.dropna().unique()))
        self.codes: Labels = pd.Categorical(known, categories=self.classes).codes.astype(np.intp)
        self.prepare = clone(build_pipeline(experiment, dataset.schema).named_steps["prepare"])
        self.matrix = self._prepared()
        self.learner = self._learner(self.matrix)
        self.decided: list[Message] = []

    def _prepared(self) -> Matrix:
        """Return the prepared rows, without the last digits, which hang on the file's order."""
        try:
            with self.remarks.of_fit(0):
                matrix = np.asarray(self.prepare.fit_transform(self.features), dtype=np.float64)
        except ValueError as error:
            if "infinity" not in str(error):
                raise
            raise _too_large(self.features) from error
        if not (np.abs(matrix) < _TOO_LARGE).all():
            raise _too_large(self.features)
        return np.ascontiguousarray(without_rounding(matrix))

    def _learner(self, matrix: Matrix) -> Learner:
        assert self.spec.learner is not None
        return self.spec.learner(self.values, matrix, self.config.seed)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was decided and noticed."""
        read = (*self.split.notes, *self.given.notes)
        return (*read, *self._search(), *self.decided, *self.remarks.notes)

    def _search(self) -> Iterator[Message]:
        if isinstance(self.learner, GraphLearner) and not self.learner.is_exact:
            yield message("few_labels.nearly_nearest", rows=f"{len(self.matrix):,}")

    def tell(self, stage: str, done: int, **parameters: Any) -> None:
        """Report a stage."""
        self.report(Progress(done, self.total, message(f"few_labels.stage.{stage}", **parameters)))

    def places(self, rows: Rows) -> npt.NDArray[np.intp]:
        """Return where rows of the table stand among those that take part."""
        return np.searchsorted(self.nodes, rows)

    def spread(self, learner: Learner, codes: Labels) -> Propagated:
        """Return the answer for these known labels, listening to the libraries."""
        with self.remarks.of_fit(0):
            return learner.spread(codes, len(self.classes))

    def fold(self, number: int, known: Rows, judged: Rows) -> _Part:
        """Hide the labels of a fold and find them from all others."""
        self.tell("fold", number - 1, fold=number, folds=len(self.split.folds))
        places = self.places(judged)
        started = time.perf_counter()
        spread = self.spread(self.learner, hidden(self.codes, places))
        seconds = time.perf_counter() - started
        predictions = without_unreached(self._answers(spread, places))
        predictions.insert(0, "row", judged)
        predictions.insert(1, "fold", number)
        predictions.insert(2, "actual", self.label.iloc[judged].to_numpy())
        return _Part(predictions, _timing(number, len(known), len(judged), seconds))

    def _answers(self, spread: Propagated, places: npt.NDArray[np.intp]) -> pd.DataFrame:
        """Return ``predicted`` and ``p:<class>``; unreached rows are a class of their own."""
        names, distributions = with_unreached(self.classes, spread)
        columns = [f"{PROBABILITY}{name}" for name in names]
        frame = pd.DataFrame(distributions[places], columns=columns)
        called = np.array([*self.classes, UNREACHED], dtype=object)  # code -1 is the last one
        frame.insert(0, "predicted", called[spread.predicted[places]])
        return frame.astype({"predicted": "str"})

    def final(self) -> _Final:
        """Spread all labels that may be seen, and make the model for new rows."""
        self.tell("final", len(self.split.folds))
        started = time.perf_counter()
        spread = self.spread(self.learner, self.codes)
        with self.remarks.of_fit(0):
            model = self.learner.model(self.codes, self.classes, spread)
        seconds = time.perf_counter() - started
        if ties := int((spread.tied & (self.codes < 0)).sum()):
            self.decided.append(message("few_labels.tied", count=f"{ties:,}"))
        pipeline = Pipeline([("prepare", self.prepare), ("model", model)])
        part = _Part(pd.DataFrame(), _timing(0, len(self.split.development), 0, seconds))
        # Now, while the learner remembers this fit: the draws make it forget.
        with self.remarks.of_fit(0):
            arrival = self.learner.arrival(self.codes)
        return _Final(pipeline, spread, part, arrival, self._flow(self._shown()))

    def frames(self, final: _Final) -> dict[str, pd.DataFrame]:
        """Return the tables of the run, by name."""
        self.tell("draws", len(self.split.folds) + 1)
        draws = self._draws()
        self.tell("details", len(self.split.folds) + 2)
        shown = self._shown()
        is_labelled = self.codes >= 0
        return {
            "rows": self._rows(final),
            "draws": draws,
            "shift": shift_frame(self.features, self.experiment.kinds, is_labelled),
            "flow": final.flow,
            "edges": self._edges(shown),
            "map_pca": self._map(shown),
            "next": self._next(final.spread),
        }

    def _rows(self, final: _Final) -> pd.DataFrame:
        spread = final.spread
        answers = self._answers(spread, np.arange(len(self.nodes)))
        given = self.label.iloc[self.nodes].reset_index(drop=True)
        unlabelled = np.where(spread.reached, "propagated", "unlabelled")
        frame = pd.DataFrame(
            {
                "row": self.nodes,
                "given": given,
                "predicted": answers["predicted"].where(spread.reached),
                "certainty": spread.certainty,
                "tie": spread.tied,
                "origin": np.where(self.codes >= 0, "given", unlabelled),
                "component": spread.component,
                "round": final.arrival,
            }
        )
        return pd.concat([frame, without_unreached(answers.drop(columns="predicted"))], axis=1)

    def _draws(self) -> pd.DataFrame:
        """Compare with and without the unlabelled rows, on few enough rows for many draws."""
        places = self._compared()
        codes = self.codes[places]
        sizes = draw_sizes(codes) if self.config.repeats else ()
        if not sizes:
            why = why_no_draws(codes) if self.config.repeats else None
            self.decided.extend([] if why is None else [why])
            return _NO_DRAWS.copy()
        learner = self.learner if len(places) == len(self.nodes) else None
        return self._compare(learner or self._learner(self.matrix[places]), places, sizes)

    def _compare(
        self, learner: Learner, places: npt.NDArray[np.intp], sizes: Sequence[int]
    ) -> pd.DataFrame:
        matrix, codes = self.matrix[places], self.codes[places]
        classifier = self._rival()

        def alone(seen: Labels) -> Labels:
            with self.remarks.of_fit(0):
                return _alone(*classifier, matrix, seen)

        def with_unlabelled(seen: Labels) -> Labels:
            return self.spread(learner, seen).predicted

        parts: dict[int, pd.DataFrame] = {}
        failed: dict[int, UserError] = {}
        repeats = self.config.repeats
        for number, size in enumerate(sizes):
            draws = label_draws(codes, (size,), repeats, self.config.seed)
            told = self._told_of(number * repeats, len(sizes) * repeats)
            try:
                parts[size] = compare_draws(codes, draws, alone, with_unlabelled, told)
            except UserError as error:
                failed[size] = error
        self.decided.extend(_left_out(failed, all_of_them=not parts))
        return pd.concat([_NO_DRAWS, *parts.values()], ignore_index=True)

    def _told_of(self, before: int, steps: int) -> Callable[[int, int], None]:
        """Return what tells how many of all draws are done."""
        done, stage = len(self.split.folds) + 1, message("few_labels.stage.draws")
        return lambda step, _: self.report(Progress(done, self.total, stage, before + step, steps))

    def _rival(self) -> tuple[AlgorithmSpec, BaseEstimator]:
        """Return the classifier that learns alone, unfitted."""
        seed = self.config.seed
        if "estimator" in self.values:
            name = str(self.values["estimator"])
            return BASES[name], build_base(name, seed)
        # Only its answers are asked for, so it need not have labels enough for probabilities.
        return BASES[self.config.rival], BASES[self.config.rival].build({}, seed)

    def _compared(self) -> npt.NDArray[np.intp]:
        """Return the places of the rows on which algorithms are compared."""
        if len(self.nodes) <= MOST_COMPARED:
            return np.arange(len(self.nodes))
        self.decided.append(message("few_labels.compared_rows", rows=f"{MOST_COMPARED:,}"))
        return self._drawn(MOST_COMPARED, MOST_COMPARED)

    def _drawn(self, most: int, most_labelled: int) -> npt.NDArray[np.intp]:
        """Return places by lot, labelled rows first."""
        generator = np.random.default_rng(self.config.seed)
        labelled = generator.permutation(np.flatnonzero(self.codes >= 0))[:most_labelled]
        others = generator.permutation(np.flatnonzero(self.codes < 0))[: most - len(labelled)]
        return np.sort(np.concatenate([labelled, others]))

    def _shown(self) -> npt.NDArray[np.intp]:
        if len(self.nodes) <= SHOWN_ROWS:
            return np.arange(len(self.nodes))
        return self._drawn(SHOWN_ROWS, SHOWN_ROWS // 2)

    def _flow(self, shown: npt.NDArray[np.intp]) -> pd.DataFrame:
        with self.remarks.of_fit(0):
            rounds = self.learner.flow(self.codes, len(self.classes), SHOWN_ROUNDS)
            return pd.concat(self._flow_parts(rounds, shown), ignore_index=True)

    def _flow_parts(
        self, rounds: Iterator[Propagated], shown: npt.NDArray[np.intp]
    ) -> Iterator[pd.DataFrame]:
        names = np.array([*self.classes, None], dtype=object)  # code -1 is the last one
        for number, each in enumerate(rounds):
            yield pd.DataFrame(
                {
                    "round": number,
                    "row": self.nodes[shown],
                    "predicted": pd.Series(names[each.predicted[shown]], dtype="str"),
                    "certainty": each.certainty[shown],
                }
            )

    def _edges(self, shown: npt.NDArray[np.intp]) -> pd.DataFrame:
        """Return the joins between the rows that are shown; none without a sparse graph."""
        starts = ends = np.empty(0, dtype=np.intp)
        if isinstance(self.learner, GraphLearner):
            starts, ends = (self.nodes[rows] for rows in self.learner.edges(shown))
        return pd.DataFrame({"start": starts, "end": ends})

    def _map(self, shown: npt.NDArray[np.intp]) -> pd.DataFrame:
        return map_frame(self.matrix, "pca", self.nodes, shown=shown, seed=self.config.seed)

    def _next(self, spread: Propagated) -> pd.DataFrame:
        found = next_rows(
            spread.distributions,
            spread.reached,
            spread.component,
            self.matrix,
            self.codes < 0,
            n=N_NEXT,
            seed=self.config.seed,
        )
        return found.assign(row=self.nodes[found["row"]])


def without_rounding(matrix: Matrix) -> Matrix:
    """Return numbers rounded to ten digits, of which the largest of each column has all.

    A mean is another in its last digits where the rows come in another order. Without them, rows
    that are equally far from one stay so, and the same ones are taken as the nearest.
    """
    largest = np.abs(matrix).max(axis=0, initial=0.0)
    # Powers of two, so that whole numbers stay whole.
    step = np.exp2(np.floor(np.log2(np.where(largest > 0, largest, 1.0))) - _BITS)
    return np.asarray(np.rint(matrix / step) * step)


def _too_large(features: pd.DataFrame) -> UserError:
    """Return the sentence that names the column with the largest number."""
    numbers = features.select_dtypes("number").abs().max()
    name = str(numbers.idxmax())
    return UserError("few_labels.too_large", name=name, largest=f"{numbers[name]:.3g}")


_NO_DRAWS = pd.DataFrame(
    {
        "size": pd.Series(dtype=np.int64),
        "repeat": pd.Series(dtype=np.int64),
        "method": pd.Series(dtype="str"),
        "accuracy": pd.Series(dtype=np.float64),
        "n_train": pd.Series(dtype=np.int64),
        "n_held_out": pd.Series(dtype=np.int64),
    }
)


def _alone(spec: AlgorithmSpec, classifier: BaseEstimator, matrix: Matrix, seen: Labels) -> Labels:
    """Return what a classifier says that learnt from the labelled rows only."""
    known = seen >= 0
    try:
        model = clone(classifier).fit(matrix[known], seen[known])
        return np.asarray(model.predict(matrix), dtype=np.intp)
    except ValueError as error:
        if explain_failure(spec, error) is None:
            raise
        # That sentence is about settings; here the classifier has its own, and labels are few.
        labels = int(known.sum())
        raise UserError("few_labels.too_few_for", name=spec.name, labels=labels) from error


def _left_out(failed: Mapping[int, UserError], all_of_them: bool) -> Iterator[Message]:
    """Yield with how many labels the comparison could not be made, and why."""
    if not failed:
        return
    why = str(list(failed.values())[-1])
    if all_of_them:
        yield message("few_labels.draws_failed", why=why)
    else:
        sizes = ", ".join(map(str, failed))
        yield message("few_labels.draws_skipped", sizes=sizes, why=why)


def _timing(fold: int, n_train: int, n_judged: int, seconds: float) -> dict[str, float]:
    return {
        "fold": fold,
        "n_train": n_train,
        "n_validation": n_judged,
        "fit_seconds": seconds,
        "predict_seconds": 0.0,
    }


def _evaluation(parts: Sequence[_Part]) -> Evaluation:
    judged = [part for part in parts if len(part.predictions)]
    predictions = [part.predictions for part in judged]
    return Evaluation(
        scores=pd.concat([_NO_SCORES, *map(_scores, judged)], ignore_index=True),
        predictions=pd.concat([_NO_PREDICTIONS, *predictions], ignore_index=True),
        timing=pd.DataFrame([part.timing for part in parts]),
        curves=pd.DataFrame({"fold": [], "step": [], "name": [], "value": []}),
    )


_NO_SCORES = pd.DataFrame(
    {
        "fold": pd.Series(dtype=np.int64),
        "metric": pd.Series(dtype="str"),
        "value": pd.Series(dtype=np.float64),
    }
)
_NO_PREDICTIONS = pd.DataFrame(
    {
        "row": pd.Series(dtype=np.int64),
        "fold": pd.Series(dtype=np.int64),
        "actual": pd.Series(dtype="str"),
        "predicted": pd.Series(dtype="str"),
    }
)


def _scores(part: _Part) -> pd.DataFrame:
    values = score_frame(Task.SEMI_SUPERVISED, part.predictions)
    return pd.DataFrame(
        {"fold": part.timing["fold"], "metric": list(values), "value": list(values.values())}
    )
