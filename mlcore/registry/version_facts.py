"""What is known of a version of a registered model, and how two versions differ.

All of it stands in the version's own files, so it stays when the run and its table are deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.clusters import ClusterMetric, find_cluster_metric
from mlcore.evaluation.metrics import MAIN_METRIC, MetricSpec, find_metric
from mlcore.experiment import Experiment
from mlcore.messages import listing, message
from mlcore.params import Param, ParamValue, defaults, shown_params
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.registry.bundle_files import contract
from mlcore.registry.card_tables import param_value
from mlcore.registry.formats import zip_bytes
from mlcore.splitting import SPLIT_PARAMS, SplitConfig
from mlcore.tasks import Task
from mlcore.workspace import write_whole

#: The score that stands for a clustering; the other tasks name their own.
_MAIN_OF_CLUSTERS = "silhouette"

#: Stands where a version has nothing.
_NONE = "–"


@dataclass(frozen=True, kw_only=True, eq=False)
class VersionFacts:
    """What a version's files tell.

    Parameters
    ----------
    name : str
        What its run was called.
    experiment : Experiment, optional
        How it was made; ``None`` for a model from elsewhere, or from another workbench whose
        algorithms are not known here.
    schema : mapping
        What it expects, as in ``input_schema.json``.
    scores : DataFrame
        ``metric``, ``label``, ``mean`` and ``std`` over the folds, in the order of the file;
        empty when nothing was measured.
    test_scores : DataFrame, optional
        ``metric``, ``value``, ``low``, ``high``, when the test rows had been opened.
    engine : str
        What answers: ONNX Runtime or scikit-learn.
    libraries : mapping of str to str
        Versions it was made with, of Python too.
    card : str
        Its card, in Markdown.
    """

    name: str
    experiment: Experiment | None
    schema: Mapping[str, Any]
    scores: pd.DataFrame
    test_scores: pd.DataFrame | None
    engine: str
    libraries: Mapping[str, str]
    card: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it expects, in its order."""
        return tuple(feature["name"] for feature in self.schema["features"])

    @property
    def main_score(self) -> pd.Series | None:
        """The row of :attr:`scores` that stands for all, if it was measured."""
        if self.experiment is None:
            return None
        main = MAIN_METRIC.get(self.experiment.task.scored_as, _MAIN_OF_CLUSTERS)
        found = self.scores[self.scores["metric"] == main]
        return None if found.empty else found.iloc[0]


def read_facts(folder: Path) -> VersionFacts:
    """Return what the files of a version tell.

    Parameters
    ----------
    folder : Path
        What :meth:`mlcore.registry.store.Registry.checked_folder` returned.
    """
    manifest = _json(folder / contract.MANIFEST)
    card, tests = folder / "card.md", folder / "test_scores.csv"
    return VersionFacts(
        name=manifest["name"],
        experiment=_experiment(folder / "experiment.json"),
        schema=contract.read_schema(folder),
        scores=_scores(folder / "scores.csv"),
        test_scores=pd.read_csv(tests) if tests.is_file() else None,
        engine=contract.ENGINES[contract.engine_of(folder)],
        libraries={"Python": manifest.get("python", _NONE), **manifest["libraries"]},
        card=card.read_text(encoding="utf-8") if card.is_file() else "",
    )


def pack_version(folder: Path, path: Path) -> None:
    """Write the files of a version as the bundle that they came from.

    Parameters
    ----------
    folder : Path
        What :meth:`mlcore.registry.store.Registry.checked_folder` returned.
    path : Path
        The zip file; it appears whole or not at all.
    """
    names = [*_json(folder / contract.MANIFEST)["files"], contract.MANIFEST]
    write_whole(path, zip_bytes({name: (folder / name).read_bytes() for name in names}))


def metric_of(metric: str) -> MetricSpec | ClusterMetric:
    """Return the declaration of a score, of whichever kind of model.

    Raises
    ------
    UserError
        There is no such metric.
    """
    try:
        return find_metric(metric)
    except UserError:
        return find_cluster_metric(metric)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _experiment(path: Path) -> Experiment | None:
    try:
        return Experiment.from_json(_json(path)) if path.is_file() else None
    except (UserError, KeyError, ValueError):
        return None


def _scores(path: Path) -> pd.DataFrame:
    names = ["metric", "label", "mean", "std"]
    if not path.is_file():
        return pd.DataFrame(columns=names)
    grouped = pd.read_csv(path).groupby("metric", sort=False)["value"].agg(["mean", "std"])
    table = grouped.dropna(subset="mean").reset_index()
    table["label"] = [_label(metric) for metric in table["metric"]]
    return table[names]


def _label(metric: str) -> str:
    try:
        return metric_of(metric).label
    except UserError:
        return metric


# Two versions side by side


def compared_scores(one: VersionFacts, other: VersionFacts) -> pd.DataFrame:
    """Return the scores of two versions side by side.

    Returns
    -------
    DataFrame
        ``metric``, ``label``, ``mean_one``, ``std_one``, ``mean_other``, ``std_other`` and
        ``difference`` (other minus one), for what was measured of both, in the order of the first.
    """
    both = one.scores.merge(
        other.scores.drop(columns="label"), on="metric", suffixes=("_one", "_other"), how="inner"
    )
    both["difference"] = both["mean_other"] - both["mean_one"]
    return both


def same_rows(one: VersionFacts, other: VersionFacts) -> bool:
    """Return whether two versions were judged on the same rows: same table, label and division."""
    plans = (one.experiment, other.experiment)
    judged = [(p.fingerprint, p.task, p.target, p.split) for p in plans if p is not None]
    return len(judged) == 2 and judged[0] == judged[1]


def differences(one: VersionFacts, other: VersionFacts) -> pd.DataFrame:
    """Return what is not the same in two versions, besides their scores.

    Returns
    -------
    DataFrame
        ``what``, ``one``, ``other``: table, label, columns, division, algorithm, its settings,
        preparation and libraries, as text, only where they differ.
    """
    left, right = dict(_facts(one)), dict(_facts(other))
    rows = [
        (what, left.get(what, _NONE), right.get(what, _NONE))
        for what in dict.fromkeys((*left, *right))
        if left.get(what, _NONE) != right.get(what, _NONE)
    ]
    return pd.DataFrame(rows, columns=["what", "one", "other"])


def _facts(facts: VersionFacts) -> Iterator[tuple[str, str]]:
    plan = facts.experiment
    if plan is not None:
        yield _word("fingerprint"), plan.fingerprint
        yield _word("predicts"), plan.target or _word("groups")
        yield _word("algorithm"), plan.spec.name
    yield _word("columns"), listing(facts.columns, most=50)
    if plan is not None:
        yield from _settings(_word("setting"), plan.spec.params, plan.params)
        values = {**defaults(PREPARATION_PARAMS), **plan.preparation}
        yield from _settings(_word("preparation"), PREPARATION_PARAMS, values)
        if isinstance(plan.split, SplitConfig):
            yield from _settings(_word("division"), SPLIT_PARAMS, plan.split.values())
        yield _word("weight"), plan.weight or _NONE
    yield _word("engine"), facts.engine
    for name, version in facts.libraries.items():
        yield _word("library", name=name), version


def _settings(
    kind: str, params: tuple[Param, ...], values: Mapping[str, ParamValue]
) -> Iterator[tuple[str, str]]:
    for param in shown_params(params, values):
        yield f"{kind}: {param.label}", param_value(param, values[param.name])


def _word(what: str, **parameters: str) -> str:
    return str(message(f"registry.fact.{what}", **parameters))


def what_it_does(facts: VersionFacts) -> str:
    """Return in a few words what a version answers."""
    if facts.experiment is None or facts.experiment.task is Task.CLUSTERING:
        target = facts.schema.get("target")
        return _word("gives", target=target) if target else _word("groups")
    return _word("gives", target=facts.experiment.label)
