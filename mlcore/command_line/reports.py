"""How the runs of a command line are told: as a table on the terminal, or as one JSON object."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd

from mlcore.command_line.outcomes import Outcome, Report
from mlcore.data.dataset import Dataset
from mlcore.data.reading import Reading
from mlcore.evaluation.compare import RunScores, leaderboard, split_key, verdict_message
from mlcore.evaluation.metrics import MAIN_METRIC, find_metric
from mlcore.evaluation.summary import summarise
from mlcore.findings import Finding, Severity
from mlcore.messages import Message, listing
from mlcore.tasks import Task
from mlcore.workflow import RunResult

T = TypeVar("T")

#: Metrics of the printed table; the JSON object has them all.
SHOWN: dict[Task, tuple[str, ...]] = {
    Task.CLASSIFICATION: ("balanced_accuracy", "accuracy", "f1_macro", "roc_auc"),
    Task.REGRESSION: ("rmse", "mae", "r2"),
}


def as_json(report: Report) -> dict[str, Any]:
    """Return the object that ``--json`` prints; ``docs/command_line.md`` documents it."""
    dataset, setup = report.dataset, report.setup
    return {
        "dataset": dataset_report(dataset, report.reading),
        "task": setup.task.value,
        "target": setup.target,
        "features": list(setup.features),
        "weight": setup.weight,
        "preparation": plain(setup.preparation),
        "split": _split(report),
        "main_metric": MAIN_METRIC[setup.task],
        "runs": [_run(report, outcome) for outcome in report.outcomes],
    }


def dataset_report(dataset: Dataset, reading: Reading) -> dict[str, Any]:
    """Return what every object says of the table."""
    return {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "rows": len(dataset.frame),
        "columns": {
            column.name: {
                "kind": column.kind.value,
                "missing": column.missing,
                "distinct": column.distinct,
                "unreadable": column.unreadable,
                "unit": column.unit,
            }
            for column in dataset.schema.columns
        },
        "reading": reading.options.to_json(),
        "cautions": [str(caution) for caution in reading.cautions],
        "repairs": reading.n_repairs,
        "steps": dataset.recipe.to_json(),
    }


def _split(report: Report) -> dict[str, Any]:
    split = report.split
    return {
        **report.setup.split.to_json(),
        "rows": {
            "development": len(split.development),
            "test": len(split.test),
            "unlabelled": len(split.unlabelled),
        },
        "notes": [str(note) for note in split.notes],
    }


def _run(report: Report, outcome: Outcome) -> dict[str, Any]:
    return {
        **run_report(outcome, report.notes(outcome)),
        "baseline": outcome.spec.is_baseline,
        "scores": {} if outcome.result is None else score_report(outcome.result),
    }


def run_report(outcome: Outcome, notes: Iterable[Message]) -> dict[str, Any]:
    """Return what every object says of a run."""
    why = outcome.why
    return {
        "algorithm": outcome.spec.id,
        "name": outcome.spec.name,
        "parameters": plain(outcome.experiment.params),
        "seconds": round(outcome.seconds, 4),
        "notes": [str(note) for note in notes],
        "error": None if why is None else {"code": why.code, "sentence": str(why)},
        "paths": list(map(str, outcome.paths)),
    }


def score_report(result: RunResult) -> dict[str, dict[str, float | int | None]]:
    """Return mean, spread and interval of each score; nothing where no row could be judged."""
    if result.evaluation.scores.empty:
        return {}
    table = summarise(result.evaluation, result.experiment.task.scored_as)
    return {
        row["metric"]: {
            "mean": number(row["mean"]),
            "spread": number(row["std"]),
            "low": number(row["low"]),
            "high": number(row["high"]),
            "folds": int(row["folds"]),
        }
        for row in table.to_dict("records")
    }


def number(value: float) -> float | None:
    """Return a number as JSON has it; what is undefined becomes ``None``."""
    return float(value) if math.isfinite(value) else None


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the lines of a table as JSON has them; what is undefined becomes ``None``."""
    return [
        {str(name): _cell(value) for name, value in line.items()}
        for line in frame.to_dict("records")
    ]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return number(value)
    return None if value is None or value is pd.NA else value


def finding_report(finding: Finding) -> dict[str, Any]:
    """Return the outcome of a check as JSON has it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "title": finding.title,
        "sentence": finding.explanation,
        "action": finding.action,
    }


def print_findings(findings: Iterable[Finding]) -> None:
    """Print what the checks found, with what to do about it."""
    for finding in noteworthy(findings):
        print(f"{finding.severity.capitalize()}: {finding.explanation} {finding.action}")


def noteworthy(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that somebody should know of: not the checks that passed."""
    shown = (Severity.PROBLEM, Severity.WARNING, Severity.NOTE)
    return [finding for finding in findings if finding.severity in shown]


def in_common(each: Iterable[Sequence[T]]) -> tuple[T, ...]:
    """Return what stands in every one of several lists, in the order of the first."""
    first, *others = [*each] or [()]
    return tuple(one for one in first if all(one in other for other in others))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as JSON has them."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def print_report(report: Report) -> None:
    """Print table and remarks on standard output, why runs failed on standard error."""
    dataset, setup, split = report.dataset, report.setup, report.split
    rows, columns = dataset.frame.shape
    print(f"{dataset.name}: {rows} rows, {columns} columns.")
    print(f"{setup.task.label}: “{setup.target}” from {listing(setup.features, most=8)}.")
    fits = f"{setup.split.folds} folds" if setup.split.n_fits > 1 else "one validation set"
    print(
        f"{len(split.development)} rows train and compare models in {fits}; "
        f"{len(split.test)} test rows stay sealed."
    )
    for remark in (*report.reading.cautions, *split.notes):
        print(f"- {remark}")
    if any(outcome.result for outcome in report.outcomes):
        print("", leaderboard_table(report).to_string(index=False), "", sep="\n")
    for outcome in report.outcomes:
        print_remarks(outcome, report.notes(outcome))


def leaderboard_table(report: Report) -> pd.DataFrame:
    """Return the leaderboard as it is printed: best first, ``mean ± spread`` over the folds."""
    task = report.setup.task
    board = leaderboard([_run_scores(o, o.result) for o in report.outcomes if o.result])
    width = int(board["algorithm"].str.len().max())
    table = pd.DataFrame({"Algorithm".ljust(width): board["algorithm"].str.ljust(width)})
    for metric in SHOWN[task]:
        table[find_metric(metric).label] = list(
            map(mean_and_spread, board[metric], board[f"{metric}_std"])
        )
    table["Fit (s)"] = board["fit_seconds"].map("{:.2f}".format)
    table[f"{find_metric(MAIN_METRIC[task]).label} against the baseline"] = [
        "" if is_baseline else str(verdict_message(verdict, "the baseline"))
        for is_baseline, verdict in zip(
            board["baseline"], board["to_baseline_verdict"], strict=True
        )
    ]
    return table


def mean_and_spread(mean: float, spread: float) -> str:
    """Return a mean and how much it varies as they are printed."""
    if not math.isfinite(mean):
        return "-"
    return f"{mean:.4g}" + (f" ± {spread:.2g}" if math.isfinite(spread) else "")


def _run_scores(outcome: Outcome, result: RunResult) -> RunScores:
    return RunScores(
        id=outcome.spec.id,
        name=outcome.spec.name,
        algorithm=outcome.spec.name,
        task=outcome.experiment.task,
        evaluation=result.evaluation,
        baseline=outcome.spec.is_baseline,
        split_key=split_key(result.evaluation),
    )


def print_remarks(outcome: Outcome, notes: Iterable[Message]) -> None:
    """Print what a run remarked and wrote, and on standard error why it failed."""
    for note in notes:
        print(f"- {note}")
    for path in outcome.paths:
        print(f"Written: {path}")
    if outcome.why is not None:
        print(f"{outcome.spec.name} failed: {outcome.why}", file=sys.stderr)
