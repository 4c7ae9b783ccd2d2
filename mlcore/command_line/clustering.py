"""The command ``cluster``: look for structure in a table, find groups, tell how sure they are."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mlcore.algorithms.clustering import K_MEANS
from mlcore.algorithms.cost import duration_words
from mlcore.algorithms.labels import NOISE_NAME
from mlcore.command_line.columns import (
    Filled,
    LeftOut,
    filled,
    filled_remarks,
    filled_report,
    left_out,
    left_out_remarks,
    left_out_report,
)
from mlcore.command_line.estimates import Estimate, estimate, learned_rows
from mlcore.command_line.experiments import experiments_of, not_tried
from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.reports import dataset_report, number, plain, print_remarks, run_report
from mlcore.command_line.running import (
    FileTable,
    make_folder,
    read_file,
    run_one,
    tell,
    write_one,
)
from mlcore.command_line.setups import cluster_setup_of
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.evaluation.clusters import CLUSTER_METRICS
from mlcore.evaluation.profiles import describe_clusters
from mlcore.evaluation.stability import agreement_of_run
from mlcore.evaluation.structure import Structure, structure_test
from mlcore.experiment import Experiment
from mlcore.messages import Message, listing, message
from mlcore.setups import ClusterSetup
from mlcore.tasks import Task
from mlcore.workflow import RunResult
from mlcore.workflow.exploring import STRUCTURE, structure_frame


@dataclass(frozen=True, eq=False, kw_only=True)
class _Told:
    """All that a call of ``cluster`` has to tell."""

    table: FileTable
    setup: ClusterSetup
    left_out: tuple[LeftOut, ...]
    filled: Filled
    structure: Structure
    outcomes: tuple[Outcome, ...] = ()
    not_tried: tuple[str, ...] = ()


def cluster(options: argparse.Namespace) -> int:
    """Find groups in a table with what was asked for and print how it went.

    Returns
    -------
    int
        0, or 1 when a run failed, its bundle could not be written, or the columns hold one value
        each; the others went on.

    Raises
    ------
    UserError
        The file or an option cannot be used; nothing was run.
    """
    table = read_file(options)
    dataset = table.dataset
    setup = cluster_setup_of(dataset, options)
    told = _Told(
        table=table,
        setup=setup,
        left_out=left_out(dataset.schema, setup, is_named=bool(options.features)),
        filled=filled(dataset, setup),
        structure=_all_equal(dataset),
    )
    if setup.features:
        told = _grouped(told, options)
    if options.json:
        print(json.dumps(_as_json(told), indent=2))
    else:
        _print(told)
    if not setup.features:
        print(_nothing_varies(told), file=sys.stderr)
        return 1
    return int(any(outcome.why for outcome in told.outcomes))


def _all_equal(dataset: Dataset) -> Structure:
    """Return the answer about structure where no column varies."""
    return structure_test(np.empty((len(dataset.frame), 0)))


def _nothing_varies(told: _Told) -> Message:
    constant = [
        each.column.name for each in told.left_out if each.column.kind is ColumnKind.CONSTANT
    ]
    return message("command.nothing_varies", columns=listing(constant, most=8))


def _grouped(told: _Told, options: argparse.Namespace) -> _Told:
    """Return the answer about structure and what became of each algorithm."""
    dataset, setup = told.table.dataset, told.setup
    experiments = experiments_of(dataset, setup, Task.CLUSTERING, options)
    estimates = [_estimated(dataset, each) for each in experiments]
    if options.out is not None:
        make_folder(options.out)
    structure = _structure(dataset, setup)
    outcomes = [
        _with(structure, _run_one(dataset, *pair))
        for pair in zip(experiments, estimates, strict=True)
    ]
    if options.out is not None:
        outcomes = [write_one(each, told.table, options.out) for each in outcomes]
    return replace(
        told,
        structure=Structure.from_frame(structure),
        outcomes=tuple(outcomes),
        not_tried=not_tried(experiments, options),
    )


def _estimated(dataset: Dataset, experiment: Experiment) -> Estimate:
    found = estimate(dataset, experiment)
    cost = str(duration_words(found.cost))
    tell(message("command.estimate", name=experiment.spec.name, cost=cost))
    return found


def _structure(dataset: Dataset, setup: ClusterSetup) -> pd.DataFrame:
    try:
        return structure_frame(dataset, setup.experiment(dataset, K_MEANS.id))
    except MemoryError as error:
        raise UserError("command.structure_memory") from error


def _run_one(dataset: Dataset, experiment: Experiment, found: Estimate) -> Outcome:
    """Run an experiment unless it takes more than is allowed."""
    if found.refusal is not None:
        return Outcome(experiment=experiment, seconds=0.0, why=found.refusal, estimate=found.cost)
    return replace(run_one(dataset, experiment), estimate=found.cost)


def _with(structure: pd.DataFrame, outcome: Outcome) -> Outcome:
    """Return the outcome with the test for structure, which its card tells too."""
    if outcome.result is None:
        return outcome
    frames = {**outcome.result.frames, STRUCTURE: structure}
    return replace(outcome, result=replace(outcome.result, frames=frames))


def _as_json(told: _Told) -> dict[str, Any]:
    setup, structure = told.setup, told.structure
    return {
        "dataset": dataset_report(told.table.dataset, told.table.reading),
        "task": Task.CLUSTERING.value,
        "features": list(setup.features),
        "left_out": left_out_report(told.left_out),
        "filled": filled_report(told.filled),
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
        "not_tried": list(told.not_tried),
        "runs": [_run(outcome) for outcome in told.outcomes],
    }


def _run(outcome: Outcome) -> dict[str, Any]:
    result = outcome.result
    told = run_report(outcome, () if result is None else result.notes)
    told["estimate"] = _estimate_report(outcome)
    if result is None:
        nothing: dict[str, Any] = {
            "n_clusters": None,
            "assignment": None,
            "scores": {},
            "stability": None,
        }
        return {**told, **nothing, "clusters": []}
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


def _estimate_report(outcome: Outcome) -> dict[str, float]:
    assert outcome.estimate is not None
    return {
        "seconds": round(outcome.estimate.seconds, 1),
        "memory_mb": round(outcome.estimate.memory_mb, 1),
    }


def _scores(result: RunResult) -> Mapping[str, float]:
    scores = result.evaluation.scores
    own = scores[scores["fold"] == 0].set_index("metric")["value"]
    return {metric.id: float(own[metric.id]) for metric in CLUSTER_METRICS}


def _stability(result: RunResult) -> dict[str, Any] | None:
    agreement = agreement_of_run(result.evaluation.scores)
    if agreement is None:
        return None
    return {
        "adjusted_rand": number(agreement.mean),
        "spread": number(agreement.spread),
        "repetitions": agreement.repetitions,
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
    rows, columns = told.table.dataset.frame.shape
    print(f"{told.table.dataset.name}: {rows} rows, {columns} columns.")
    if told.setup.features:
        print(f"{Task.CLUSTERING.label} by {listing(told.setup.features, most=8)}.")
    for remark in _remarks(told):
        print(f"- {remark}")
    print(f"Is there any structure? {told.structure.verdict}")
    done = [outcome for outcome in told.outcomes if outcome.result is not None]
    if done:
        print("", _table(done).to_string(index=False), "", sep="\n")
    for outcome in told.outcomes:
        if outcome.result is not None:
            _print_clusters(outcome, outcome.result)
        print_remarks(outcome, () if outcome.result is None else outcome.result.notes)


def _remarks(told: _Told) -> Iterator[Message]:
    """Yield what was guessed, left out and filled in."""
    yield from told.table.reading.cautions
    yield from left_out_remarks(told.left_out)
    yield from filled_remarks(told.filled)
    if told.not_tried:
        rows = learned_rows(told.setup.split, len(told.table.dataset.frame))
        yield message("command.not_tried", names=listing(told.not_tried), rows=f"{rows:,}")


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
