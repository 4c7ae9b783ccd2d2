"""Look at a table before a number of groups is chosen: structure, numbers, radii, maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import Pipeline

from mlcore.algorithms.labels import Labels, Matrix
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.choosing import sweep
from mlcore.evaluation.density import k_distance_frame
from mlcore.evaluation.hierarchy import linkage_frame
from mlcore.evaluation.maps import map_frame
from mlcore.evaluation.spectrum import eigengap_frame
from mlcore.evaluation.structure import structure_test
from mlcore.experiment import Experiment
from mlcore.messages import message
from mlcore.params import check_values
from mlcore.pipelines.build import build_pipeline
from mlcore.pipelines.describe import feature_table
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.splitting import Rows, SampleConfig, make_sample
from mlcore.workflow.clustering import find_groups
from mlcore.workflow.remarks import Remarks
from mlcore.workflow.result import Progress, Report, ignore
from mlcore.workflow.table import features_of

#: The table of :func:`structure_frame`.
STRUCTURE = "structure"

#: Numbers of groups that are compared: 1 so that "no groups" can win, 10 as most people ask.
KS = range(1, 11)


def structure_plan(experiment: Experiment) -> dict[str, Any]:
    """Return what the test for structure depends on: table, columns, preparation and sample.

    All clusterers see the same prepared rows, so neither the algorithm nor its parameters matter.
    """
    plain = experiment.to_json()
    preparation = check_values("The preparation", PREPARATION_PARAMS, experiment.preparation)
    return {
        "fingerprint": experiment.fingerprint,
        # The kinds of the columns are part of it: they decide how each is prepared.
        "features": plain["features"],
        "preparation": {k: list(v) if isinstance(v, tuple) else v for k, v in preparation.items()},
        "sample": plain["split"]["sample"],
        "seed": plain["split"]["seed"],
    }


def choice_plan(experiment: Experiment) -> dict[str, Any]:
    """Return what the analyses of :func:`choice_frames` depend on.

    The number of groups that is set at the moment is not among it: they are there to choose it.
    """
    spec = experiment.spec
    params = {k: v for k, v in experiment.to_json()["params"].items() if k != spec.groups}
    if spec.id == "dbscan":
        del params["eps"]
    return structure_plan(experiment) | {"algorithm": spec.id, "params": params}


def structure_frame(
    dataset: Dataset, experiment: Experiment, report: Report = ignore
) -> pd.DataFrame:
    """Test whether the prepared rows have any structure.

    Returns
    -------
    DataFrame
        One line: what :class:`mlcore.evaluation.structure.Structure` holds.

    Raises
    ------
    UserError
        The experiment does not fit the table.
    """
    pipeline, matrix = prepared_rows(dataset, experiment)
    structure = structure_test(
        matrix,
        discrete=_is_discrete(pipeline, experiment),
        seed=experiment.split.seed,
        report=_told(report, "structure"),
    )
    return structure.to_frame()


def prepared_rows(dataset: Dataset, experiment: Experiment) -> tuple[Pipeline, Matrix]:
    """Return the pipeline with its preparation fitted, and the rows of the sample as it sees them.

    Raises
    ------
    UserError
        The experiment does not fit the table.
    """
    assert isinstance(experiment.split, SampleConfig)
    features = features_of(dataset, experiment.features)
    rows = make_sample(experiment.split, len(features)).development
    pipeline = clone(build_pipeline(experiment, dataset.schema))
    prepared = pipeline.named_steps["prepare"].fit_transform(features.iloc[rows])
    return pipeline, np.ascontiguousarray(prepared, dtype=np.float64)


def _is_discrete(pipeline: Pipeline, experiment: Experiment) -> np.ndarray:
    """Return for each input whether it comes from a column that is lumpy by nature."""
    smooth = (ColumnKind.NUMBER, ColumnKind.DATETIME)
    table = feature_table(pipeline)
    is_flag = table["name"] != table["column"]
    kinds = table["column"].map(experiment.kinds)
    return np.asarray(~kinds.isin(smooth) | (is_flag & (kinds == ColumnKind.NUMBER)))


def _told(report: Report, stage: str) -> Callable[[int, int], None]:
    words = message(f"clustering.stage.{stage}")
    return lambda done, total: report(Progress(done, total, words))


def choice_frames(
    dataset: Dataset, experiment: Experiment, report: Report = ignore
) -> dict[str, pd.DataFrame]:
    """Return the tables that help to choose the parameters of the experiment's algorithm.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        Which columns, which algorithm; its present number of groups does not matter.
    report : callable, optional
        Told of the progress.

    Returns
    -------
    dict
        One table for each analysis the algorithm declares, by its key in :data:`CHOICES`.

    Raises
    ------
    UserError
        The experiment does not fit the table.
    """
    _, matrix = prepared_rows(dataset, experiment)
    with Remarks(experiment.spec.name).of_fit(0):
        return {
            name: CHOICES[name](experiment, matrix, _told(report, "choose"))
            for name in experiment.spec.choosing
        }


def _sweep(
    experiment: Experiment, matrix: Matrix, report: Callable[[int, int], None]
) -> pd.DataFrame:
    spec = experiment.spec
    values = spec.check(experiment.params)
    assert spec.groups is not None
    number = spec.groups

    def cluster(rows: Matrix, k: int, seed: int) -> Labels:
        return find_groups(spec, {**values, number: k}, rows, seed).labels

    def bic(rows: Matrix, k: int) -> float:
        model = spec.build(values, experiment.split.seed).set_params(**{number: k})
        return float(model.fit(rows).bic(rows))

    is_mixture = spec.estimator is GaussianMixture
    return sweep(
        matrix,
        cluster,
        ks=KS,
        bic=bic if is_mixture else None,
        seed=experiment.split.seed,
        report=report,
    )


def _k_distance(
    experiment: Experiment, matrix: Matrix, report: Callable[[int, int], None]
) -> pd.DataFrame:
    values = experiment.spec.check(experiment.params)
    min_samples = int(str(values["min_samples"]))
    return k_distance_frame(matrix, min_samples, seed=experiment.split.seed)


def _dendrogram(
    experiment: Experiment, matrix: Matrix, report: Callable[[int, int], None]
) -> pd.DataFrame:
    linkage: Any = experiment.spec.check(experiment.params)["linkage"]
    return linkage_frame(matrix, linkage, seed=experiment.split.seed)


def _eigengap(
    experiment: Experiment, matrix: Matrix, report: Callable[[int, int], None]
) -> pd.DataFrame:
    values: Mapping[str, Any] = experiment.spec.check(experiment.params)
    return eigengap_frame(
        matrix,
        affinity=values["affinity"],
        n_neighbors=values["n_neighbors"],
        gamma=values["gamma"],
        seed=experiment.split.seed,
    )


Analysis = Callable[[Experiment, Matrix, Callable[[int, int], None]], pd.DataFrame]

#: What can be computed to choose an algorithm's parameters, by the name algorithms declare.
CHOICES: Mapping[str, Analysis] = {
    "sweep": _sweep,
    "k_distance": _k_distance,
    "dendrogram": _dendrogram,
    "eigengap": _eigengap,
}


def row_map(
    dataset: Dataset, experiment: Experiment, pipeline: Pipeline, rows: Rows, method: str
) -> pd.DataFrame:
    """Lay the rows of a run's sample out in two dimensions.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        Of the run.
    pipeline : Pipeline
        Its fitted pipeline.
    rows : array of shape (n_rows,)
        The rows it learnt from.
    method : str
        Id of one of ``mlcore.evaluation.maps.MAP_METHODS``.

    Returns
    -------
    DataFrame
        ``row``, ``x``, ``y``.

    Raises
    ------
    UserError
        The method needs a package that is not installed.
    """
    matrix = sample_matrix(dataset, experiment, pipeline, rows)
    return map_frame(matrix, method, rows, seed=experiment.split.seed)


def sample_matrix(
    dataset: Dataset, experiment: Experiment, pipeline: Pipeline, rows: Rows
) -> Matrix:
    """Return rows of the table as the algorithm of a run saw them, of shape (n_rows, n_inputs).

    Parameters
    ----------
    dataset, experiment, pipeline, rows
        As for :func:`row_map`.
    """
    features = features_of(dataset, experiment.features).iloc[rows]
    prepared = pipeline.named_steps["prepare"].transform(features)
    return np.ascontiguousarray(prepared, dtype=np.float64)
