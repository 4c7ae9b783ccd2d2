"""Find groups of rows that are alike, and everything needed to doubt them.

A run leaves, besides its model, these tables (:attr:`RunResult.frames`):

``clusters``
    One line a cluster: ``cluster``, ``rows``, ``share``, ``silhouette``, ``jaccard``, ``low``,
    ``high``, ``verdict``.
``silhouettes``
    ``row``, ``cluster``, ``silhouette`` for the rows they were computed for.
``stability``, ``stability_clusters``
    Agreement of repeated runs with this one, overall and by cluster.
``shuffled``
    The silhouette of the same algorithm on shuffled columns; replicate 0 is the table itself.
``profile``
    How each cluster differs from the other rows, column by column.
``map_pca``
    A place for each row in two dimensions.
``tree``, ``rules``, ``tree_verdict``
    A shallow decision tree that describes the clusters, the same as rules, and a message (as
    JSON) on how truly it does.

The scores of the run itself stand at fold 0; ``stability`` has one value for each repetition.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from mlcore.algorithms.assignment import Assignment, Found
from mlcore.algorithms.cost import (
    DENSE_SHARE,
    MOST_DENSE_ROWS,
    MOST_DRAWN,
    N_SHUFFLES,
    SHUFFLED_ROWS,
)
from mlcore.algorithms.failures import explain_failure
from mlcore.algorithms.labels import NOISE, Labels, Matrix, by_size, names_of, order_by_size
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.clusters import cluster_scores, main_score, silhouette_frame, size_frame
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.maps import map_frame
from mlcore.evaluation.profiles import profile_frame
from mlcore.evaluation.stability import Stability, bootstrap_stability, stability_summary
from mlcore.evaluation.structure import shuffled_scores
from mlcore.evaluation.surrogate import surrogate_tree
from mlcore.evaluation.views import tree_frame
from mlcore.experiment import Experiment
from mlcore.messages import Message, message
from mlcore.params import ParamValue
from mlcore.pipelines.build import build_pipeline
from mlcore.pipelines.describe import feature_table
from mlcore.setups import check_features
from mlcore.splitting import Rows, SampleConfig, Split, make_sample
from mlcore.workflow.remarks import Remarks
from mlcore.workflow.result import Progress, Report, RunResult
from mlcore.workflow.table import features_of, predict_frame

#: Rows that are predicted at once: a row asks many neighbours, which are all kept until it is done.
_CHUNK = 10_000


def run_clustering(dataset: Dataset, experiment: Experiment, report: Report) -> RunResult:
    """Find groups, assign all rows to them, and see whether they hold.

    Raises
    ------
    UserError
        The experiment does not fit the table, or no groups can be made from it.
    """
    run = _Run(dataset, experiment, report)
    prepared, timing = run.fit()
    answers = run.assign_all(prepared, timing)
    stability = run.stability(prepared)
    evaluation = Evaluation(
        scores=_scores(prepared, stability, experiment.split.seed),
        predictions=answers,
        timing=pd.DataFrame([timing]),
        curves=pd.DataFrame({"fold": [], "step": [], "name": [], "value": []}),
    )
    frames = run.frames(prepared, answers["predicted"], stability)
    run.done()
    return RunResult(
        experiment,
        prepared.pipeline,
        evaluation,
        run.split,
        run.notes,
        tuple(frames["clusters"]["cluster"]),
        frames,
    )


def find_groups(
    spec: AlgorithmSpec, values: Mapping[str, ParamValue], matrix: Matrix, seed: int
) -> Found:
    """Fit a clusterer on prepared rows.

    Parameters
    ----------
    spec : AlgorithmSpec
        The algorithm.
    values : mapping
        Complete values of its parameters.
    matrix : array of shape (n_rows, n_inputs)
        Prepared rows.
    seed : int
        Of its random numbers.

    Raises
    ------
    UserError
        There are fewer (different) rows than groups, or the rows do not fit into memory.
    """
    spec.check_table(values, *matrix.shape)
    _check_distinct(spec, values, matrix)
    estimator = spec.build(values, seed)
    if spec.from_data is not None:
        estimator.set_params(**spec.from_data(values, matrix, seed))
    try:
        if spec.fit_with is not None:
            spec.fit_with(estimator, values, matrix)
        else:
            # Some clusterers write into what they are given.
            estimator.fit(matrix.copy())
    except ValueError as error:
        raise explain_failure(spec, error) or error from error
    raw = estimator.labels_ if hasattr(estimator, "labels_") else estimator.predict(matrix)
    # HDBSCAN has further negative numbers for rows with gaps; prepared rows have none.
    raw = np.maximum(np.asarray(raw, dtype=np.intp), NOISE)
    return Found(estimator, matrix, by_size(raw), order_by_size(raw), values)


def _check_distinct(spec: AlgorithmSpec, values: Mapping[str, ParamValue], matrix: Matrix) -> None:
    asked = int(str(values[spec.groups])) if spec.groups else 2
    if len(np.unique(matrix[: 10 * asked], axis=0)) >= asked:
        return
    distinct = len(np.unique(matrix, axis=0))
    if distinct < 2:
        raise UserError("clustering.all_alike")
    if distinct < asked:
        raise UserError("clustering.fewer_distinct", asked=asked, distinct=distinct)


@dataclass(frozen=True, eq=False)
class _Prepared:
    """The fitted pipeline, and the rows it was fitted on as the algorithm saw them."""

    pipeline: Pipeline
    matrix: Matrix
    labels: Labels


class _Run:
    """One run of a clusterer: the steps share the table, the rows and the progress."""

    def __init__(self, dataset: Dataset, experiment: Experiment, report: Report) -> None:
        assert isinstance(experiment.split, SampleConfig)
        check_features(dataset.schema, experiment.features)
        self.experiment = experiment
        self.config = experiment.split
        self.spec = experiment.spec
        self.values = self.spec.check(experiment.params)
        self.features = features_of(dataset, experiment.features)
        self.split: Split = make_sample(self.config, len(self.features))
        self.blueprint = build_pipeline(experiment, dataset.schema)
        self.remarks = Remarks(self.spec.name)
        self.report = report
        self.total = 3 + self.config.repeats + N_SHUFFLES
        self.count = 0

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was decided and noticed."""
        way = self.assignment
        named = () if way.is_exact else (message(f"clustering.assignment.{way.id}"),)
        return (*self.split.notes, *named, *self._left_out(), *self.remarks.notes)

    def _left_out(self) -> tuple[Message, ...]:
        if not self.config.repeats:
            return (message("clustering.no_repeats"),)
        if self.can_be_repeated:
            return ()
        return (message("clustering.too_dense", name=self.spec.name, most=f"{MOST_DENSE_ROWS:,}"),)

    @property
    def assignment(self) -> Assignment:
        """How rows outside the sample are given to the groups."""
        assert self.spec.assignment is not None
        return self.spec.assignment(self.values)

    @property
    def can_be_repeated(self) -> bool:
        """Whether groups found in a draw of the rows can be compared with those of all."""
        return not self.spec.needs_density or len(self.split.development) <= MOST_DENSE_ROWS

    def tell(self, stage: str, done: int | None = None) -> None:
        """Report a stage; ``done`` counts inside the run."""
        self.count = self.count if done is None else done
        self.report(Progress(self.count, self.total, message(f"clustering.stage.{stage}")))

    def fit(self) -> tuple[_Prepared, dict[str, float]]:
        """Prepare the rows of the sample, find groups in them and make the model."""
        self.tell("groups", 0)
        rows = self.split.development
        prepare = clone(self.blueprint.named_steps["prepare"])
        started = time.perf_counter()
        with self.remarks.of_fit(0):
            matrix = _matrix(prepare.fit_transform(self.features.iloc[rows]))
            found = find_groups(self.spec, self.values, matrix, self.config.seed)
        with Remarks(self.spec.name).of_fit(0):
            model = self.assignment.build(found)
        pipeline = Pipeline([("prepare", prepare), ("model", model)])
        timing = {
            "fold": 0,
            "n_train": len(rows),
            "n_validation": 0,
            "fit_seconds": time.perf_counter() - started,
            "predict_seconds": 0.0,
        }
        return _Prepared(pipeline, matrix, found.labels), timing

    def assign_all(self, prepared: _Prepared, timing: dict[str, float]) -> pd.DataFrame:
        """Return the cluster of every row: found for the sample, assigned for the others."""
        self.tell("assign", 1)
        started = time.perf_counter()
        rest = self.split.unlabelled
        parts = [self._answers(prepared, self.split.development, prepared.labels)]
        parts += [
            self._answers(prepared, rest[start : start + _CHUNK])
            for start in range(0, len(rest), _CHUNK)
        ]
        timing["n_validation"] = len(rest)
        timing["predict_seconds"] = time.perf_counter() - started
        return pd.concat(parts, ignore_index=True).sort_values("row", ignore_index=True)

    def _answers(
        self, prepared: _Prepared, rows: Rows, labels: Labels | None = None
    ) -> pd.DataFrame:
        """Return ``row``, ``fold``, ``predicted`` and the probabilities of a mixture."""
        if labels is not None and not self.spec.probabilities:
            answers = pd.DataFrame({"predicted": names_of(labels)})
        else:
            features = self.features.iloc[rows]
            answers = predict_frame(prepared.pipeline, features, self.experiment.task)
        answers.insert(0, "row", rows)
        answers.insert(1, "fold", 0)
        return answers

    def stability(self, prepared: _Prepared) -> Stability | None:
        """Find groups anew in rows drawn by lot, as often as was asked for."""
        rows = self.split.development
        if not self.config.repeats or not self.can_be_repeated:
            return None
        prepare = self.blueprint.named_steps["prepare"]

        def refit(drawn: Rows, seed: int) -> Labels:
            matrix = _matrix(clone(prepare).fit_transform(self.features.iloc[rows[drawn]]))
            return find_groups(self.spec, self.values, matrix, seed).labels

        with Remarks(self.spec.name).of_fit(0):
            return bootstrap_stability(
                refit,
                prepared.labels,
                n_boot=self.config.repeats,
                most_rows=MOST_DRAWN,
                share=DENSE_SHARE if self.spec.needs_density else None,
                seed=self.config.seed,
                report=lambda done, total: self.tell("stability", 2 + done),
            )

    def frames(
        self, prepared: _Prepared, clusters: pd.Series, stability: Stability | None
    ) -> dict[str, pd.DataFrame]:
        """Return the tables of the run, by name."""
        seed = self.config.seed
        silhouettes = silhouette_frame(
            prepared.matrix, prepared.labels, self.split.development, seed=seed
        )
        frames = {
            "silhouettes": silhouettes,
            "shuffled": self._shuffled(prepared),
            **self._stability_frames(stability),
        }
        self.tell("profile", 2 + self.config.repeats + N_SHUFFLES)
        frames["clusters"] = _clusters(clusters, silhouettes, stability)
        frames["profile"] = profile_frame(self.features, self.experiment.kinds, clusters)
        frames["map_pca"] = map_frame(prepared.matrix, "pca", self.split.development, seed=seed)
        return {**frames, **self._tree(clusters)}

    def _stability_frames(self, stability: Stability | None) -> dict[str, pd.DataFrame]:
        if stability is None:
            return {}
        return {"stability": stability.overall, "stability_clusters": stability.clusters}

    def _shuffled(self, prepared: _Prepared) -> pd.DataFrame:
        seed = self.config.seed
        with Remarks(self.spec.name).of_fit(0):
            return shuffled_scores(
                prepared.matrix,
                lambda matrix, seed: _labels_or_noise(self.spec, self.values, matrix, seed),
                partial(main_score, seed=seed),
                groups=_inputs_by_column(prepared.pipeline),
                n_shuffles=N_SHUFFLES,
                most_rows=SHUFFLED_ROWS,
                seed=seed,
                report=lambda done, total: self.tell("shuffled", 2 + self.config.repeats + done),
            )

    def _tree(self, clusters: pd.Series) -> dict[str, pd.DataFrame]:
        described = surrogate_tree(
            self.features, self.experiment.kinds, clusters, seed=self.config.seed
        )
        told = {
            "rules": described.rules,
            "tree_verdict": pd.DataFrame([{"message": json.dumps(described.verdict.to_json())}]),
        }
        if described.pipeline is None:
            return told
        return {**told, "tree": tree_frame(described.pipeline, described.names)}

    def done(self) -> None:
        """Report the end."""
        self.tell("profile", self.total)


def _labels_or_noise(
    spec: AlgorithmSpec, values: Mapping[str, ParamValue], matrix: Matrix, seed: int
) -> Labels:
    """Return labels, all noise where a draw has too few different rows to make the groups."""
    try:
        return find_groups(spec, values, matrix, seed).labels
    except UserError:
        return np.full(len(matrix), NOISE, dtype=np.intp)


def _inputs_by_column(pipeline: Pipeline) -> list[list[int]]:
    """Return the positions of the inputs that were made from each column."""
    positions = feature_table(pipeline).groupby("column", sort=False)["position"]
    return [list(group) for _, group in positions]


def _matrix(prepared: object) -> Matrix:
    return np.ascontiguousarray(prepared, dtype=np.float64)


def _scores(prepared: _Prepared, stability: Stability | None, seed: int) -> pd.DataFrame:
    """Return ``fold``, ``metric``, ``value``, and ``rows`` that a score was computed from."""
    scores = cluster_scores(prepared.matrix, prepared.labels, seed=seed)
    scores.insert(0, "fold", 0)
    if stability is None:
        return scores
    repeated = stability.overall.rename(columns={"replicate": "fold", "adjusted_rand": "value"})
    repeated = repeated.assign(metric="stability")[["fold", "metric", "value", "rows"]]
    return pd.concat([scores, repeated], ignore_index=True)


def _clusters(
    clusters: pd.Series, silhouettes: pd.DataFrame, stability: Stability | None
) -> pd.DataFrame:
    """Return sizes, mean silhouettes and stability, one line a cluster."""
    table = size_frame(clusters)
    table["silhouette"] = table["cluster"].map(silhouettes.groupby("cluster")["silhouette"].mean())
    if stability is None:
        return table
    return table.merge(stability_summary(stability), on="cluster", how="left")
