"""The command ``cluster``: look for structure in a table, find groups, tell how sure they are."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from mlcore.algorithms.clustering import K_MEANS
from mlcore.algorithms.labels import NOISE_NAME
from mlcore.command_line.options import cluster_setup_of, experiments_of
from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.reports import dataset_report, number, plain, print_remarks, run_report
from mlcore.command_line.running import make_folder, read_file, run_one, write_one
from mlcore.data.dataset import Dataset
from mlcore.data.reading import Reading
from mlcore.evaluation.clusters import CLUSTER_METRICS
from mlcore.evaluation.profiles import describe_clusters
from mlcore.evaluation.structure import Structure
from mlcore.experiment import ClusterSetup
from mlcore.messages import listing
from mlcore.tasks import Task
from mlcore.workflow import RunResult
from mlcore.workflow.exploring import STRUCTURE, structure_frame


@dataclass(frozen=True, eq=False, kw_only=True)
class _Told:
    """All that a call of ``cluster`` has to tell."""

    dataset: Dataset
    reading: Reading
    setup: ClusterSetup
    structure: Structure
    outcomes: tuple[Outcome, ...]


def cluster(options: argparse.Namespace) -> int:
    """Find groups in a table with what was asked for and print how it went.

    Returns
    -------
    int
        0, or 1 when a run failed or its bundle could not be written; the others went on.

    Raises
    ------
    UserError
        The file or an option cannot be used; nothing was run.
    """
    dataset, reading = read_file(options)
    setup = cluster_setup_of(dataset, options)
    experiments = experiments_of(dataset, setup, Task.CLUSTERING, options)
    if options.out is not None:
        make_folder(options.out)
    structure = structure_frame(dataset, setup.experiment(dataset, K_MEANS.id))
    outcomes = tuple(_with(structure, run_one(dataset, each)) for each in experiments)
    if options.out is not None:
        outcomes = tuple(write_one(each, dataset, reading, options.out) for each in outcomes)
    told = _Told(
        dataset=dataset,
        reading=reading,
        setup=setup,
        structure=Structure.from_frame(structure),
        outcomes=outcomes,
    )
    if options.json:
        print(json.dumps(_as_json(told), indent=2))
    else:
        _print(told)
    return int(any(outcome.why for outcome in outcomes))


def _with(structure: pd.DataFrame, outcome: Outcome) -> Outcome:
    """Return the outcome with the test for structure, which its card tells too."""
    if outcome.result is None:
        return outcome
    frames = {**outcome.result.frames, STRUCTURE: structure}
    return replace(outcome, result=replace(outcome.result, frames=frames))


def _as_json(told: _Told) -> dict[str, Any]:
    setup, structure = told.setup, told.structure
    return {
        "dataset": dataset_report(told.dataset, told.reading),
        "task": Task.CLUSTERING.value,
        "features": list(setup.features),
        "preparation": plain(setup.preparation),
        "sample": setup.split.to_json(),
        "structure": {
            "found": structure.found,
            "test": structure.test,
            "name": structure.test_name,
            "p_value": number(structure.p_value),
            "hopkins": number(structure.hopkins),
            "rows": structure.rows,
            "sentence": str(structure.verdict),
        },
        "runs": [_run(outcome) for outcome in told.outcomes],
    }


def _run(outcome: Outcome) -> dict[str, Any]:
    result = outcome.result
    told = run_report(outcome, () if result is None else result.notes)
    if result is None:
        return {**told, "n_clusters": None, "scores": {}, "stability": None, "clusters": []}
    assert outcome.spec.assignment is not None
    way = outcome.spec.assignment(outcome.spec.check(outcome.experiment.params))
    scores = _scores(result)
    return {
        **told,
        "n_clusters": int(scores["n_clusters"]),
        "assignment": {"id": way.id, "exact": way.is_exact},
        "scores": {name: number(value) for name, value in scores.items()},
        "stability": _stability(result),
        "clusters": _clusters(result),
    }


def _scores(result: RunResult) -> Mapping[str, float]:
    scores = result.evaluation.scores
    own = scores[scores["fold"] == 0].set_index("metric")["value"]
    return {metric.id: float(own[metric.id]) for metric in CLUSTER_METRICS}


def _stability(result: RunResult) -> dict[str, Any] | None:
    scores = result.evaluation.scores
    values = scores.loc[scores["metric"] == "stability", "value"]
    if values.empty:
        return None
    return {
        "adjusted_rand": number(values.mean()),
        "spread": number(values.std()),
        "repetitions": len(values),
    }


def _clusters(result: RunResult) -> list[dict[str, Any]]:
    table = result.frames["clusters"]
    words = _words(result)
    return [
        {
            "cluster": line["cluster"],
            "rows": int(line["rows"]),
            "share": number(line["share"]),
            "silhouette": number(line["silhouette"]),
            "stability": number(line.get("jaccard", float("nan"))),
            "description": words.get(line["cluster"], ""),
        }
        for line in table.to_dict("records")
    ]


def _words(result: RunResult) -> dict[str, str]:
    table = result.frames["clusters"]
    sizes = dict(zip(table["cluster"].map(str), table["rows"].map(int), strict=True))
    described = describe_clusters(result.frames["profile"], sizes)
    return {name: str(sentence) for name, sentence in described.items()}


def _print(told: _Told) -> None:
    """Print the answer on structure, the runs side by side, and their clusters."""
    rows, columns = told.dataset.frame.shape
    print(f"{told.dataset.name}: {rows} rows, {columns} columns.")
    print(f"{Task.CLUSTERING.label} by {listing(told.setup.features, most=8)}.")
    for caution in told.reading.cautions:
        print(f"- {caution}")
    print(f"Is there any structure? {told.structure.verdict}")
    done = [outcome for outcome in told.outcomes if outcome.result is not None]
    if done:
        print("", _table(done).to_string(index=False), "", sep="\n")
    for outcome in told.outcomes:
        if outcome.result is not None:
            _print_clusters(outcome, outcome.result)
        print_remarks(outcome, () if outcome.result is None else outcome.result.notes)


def _table(done: list[Outcome]) -> pd.DataFrame:
    """Return one line a run: groups, noise, scores and stability."""
    lines = []
    for outcome in done:
        assert outcome.result is not None
        scores, stability = _scores(outcome.result), _stability(outcome.result)
        line = {"Algorithm": outcome.spec.name}
        for metric in CLUSTER_METRICS:
            line[metric.label] = f"{scores[metric.id]:.4g}"
        again = stability and stability["adjusted_rand"]
        line["Stability"] = "-" if again is None else f"{again:.3f}"
        line["Seconds"] = f"{outcome.seconds:.2f}"
        lines.append(line)
    return pd.DataFrame(lines)


def _print_clusters(outcome: Outcome, result: RunResult) -> None:
    print(f"{outcome.spec.name}:")
    for cluster in _clusters(result):
        words = cluster["description"] or f"{NOISE_NAME.capitalize()} ({cluster['rows']} rows)."
        print(f"  {cluster['share']:.0%}: {words}")
