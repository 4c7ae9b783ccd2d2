"""How runs on few labels are told: as text on the terminal, or as one JSON object."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlcore.command_line.columns import (
    Filled,
    LeftOut,
    filled_remarks,
    filled_report,
    left_out_remarks,
    left_out_report,
)
from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.reports import (
    dataset_report,
    finding_report,
    in_common,
    number,
    plain,
    print_findings,
    print_remarks,
    records,
    run_report,
    score_report,
)
from mlcore.data.dataset import Dataset
from mlcore.data.reading import Reading
from mlcore.evaluation.few_label_checks import (
    FewLabels,
    check_few_labels,
    labelled_rows_are_like_the_rest,
)
from mlcore.evaluation.few_labels_board import hidden_accuracy
from mlcore.evaluation.intervals import Interval
from mlcore.evaluation.label_draws import (
    GainVerdict,
    draw_summary,
    gain_frame,
    gain_verdict,
    judge_gain,
)
from mlcore.evaluation.label_reach import UNLABELLED, class_count_frame
from mlcore.evaluation.next_labels import UNREACHED
from mlcore.findings import Finding
from mlcore.messages import Message, listing, message
from mlcore.setups import FewLabelsSetup
from mlcore.splitting import Split
from mlcore.tasks import Task
from mlcore.workflow import RunResult

#: Checks whose answer has a line of its own: whether labelled rows are like the rest, and whether
#: the others help.
OWN_LINES = ("FEW003", "FEW005")


@dataclass(frozen=True, eq=False, kw_only=True)
class FewLabelsReport:
    """All that a call of ``propagate`` has to tell.

    Parameters
    ----------
    dataset, reading, setup
        The table, how its file was read, and what all runs share.
    left_out, filled
        What became of columns and of missing values.
    known : Series of shape (n_rows,)
        The labels that count; missing where a row has none.
    split : Split
        Which labels are hidden when.
    decided : tuple of Message
        What was decided about labels.
    outcomes : tuple of Outcome
        What became of each algorithm.
    """

    dataset: Dataset
    reading: Reading
    setup: FewLabelsSetup
    left_out: tuple[LeftOut, ...]
    filled: Filled
    known: pd.Series
    split: Split
    decided: tuple[Message, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def done(self) -> list[tuple[Outcome, RunResult]]:
        """The runs that did not fail."""
        return [(each, each.result) for each in self.outcomes if each.result is not None]

    @property
    def classes(self) -> pd.Series:
        """How many labels each class has, by class."""
        return self.known.value_counts().sort_index()

    @property
    def shift(self) -> pd.DataFrame | None:
        """Whether labelled rows look like the rest; the same for all runs."""
        return self.done[0][1].frames["shift"] if self.done else None

    @property
    def likeness(self) -> Finding | None:
        """The answer to that in words."""
        if not self.done:
            return None
        result = self.done[0][1]
        return labelled_rows_are_like_the_rest(
            FewLabels(rows=result.frames["rows"], shift=result.frames["shift"])
        )

    @property
    def notes_in_common(self) -> tuple[Message, ...]:
        """What every run remarked, which is said once."""
        return in_common(self.notes(outcome) for outcome, _ in self.done)

    def notes(self, outcome: Outcome) -> tuple[Message, ...]:
        """Return what a run remarked that is not said of the labels already."""
        notes = () if outcome.result is None else outcome.result.notes
        return tuple(note for note in notes if note not in self.split.notes)


def _findings(result: RunResult) -> tuple[Finding, ...]:
    frames, values = result.frames, result.experiment.params
    return check_few_labels(
        FewLabels(rows=frames["rows"], shift=frames["shift"], draws=frames["draws"], values=values)
    )


def as_json(report: FewLabelsReport) -> dict[str, Any]:
    """Return the object that ``--json`` prints; ``docs/command_line.md`` documents it."""
    setup = report.setup
    return {
        "dataset": dataset_report(report.dataset, report.reading),
        "task": Task.SEMI_SUPERVISED.value,
        "target": setup.target,
        "features": list(setup.features),
        "left_out": left_out_report(report.left_out),
        "filled": filled_report(report.filled),
        "preparation": plain(setup.preparation),
        "labels": _labels(report),
        "split": _split(report),
        "shift": _shift(report),
        "runs": [_run(report, outcome) for outcome in report.outcomes],
    }


def _labels(report: FewLabelsReport) -> dict[str, Any]:
    return {
        "labelled": int(report.known.notna().sum()),
        "unlabelled": int(report.known.isna().sum()),
        "classes": [
            {"class": str(name), "rows": int(rows)} for name, rows in report.classes.items()
        ],
        "notes": [str(note) for note in report.decided],
    }


def _split(report: FewLabelsReport) -> dict[str, Any]:
    config, split = report.setup.split, report.split
    return {
        **config.values(),
        "rival": config.rival,
        "no_label": list(config.no_label),
        "rows": {
            "development": len(split.development),
            "test": len(split.test),
            "unlabelled": len(split.unlabelled),
        },
        "notes": [str(note) for note in split.notes],
    }


def _shift(report: FewLabelsReport) -> dict[str, Any] | None:
    shift, likeness = report.shift, report.likeness
    if shift is None or likeness is None:
        return None
    return {
        "differs": bool(shift["differs"].any()),
        "sentence": likeness.explanation,
        "columns": records(shift),
    }


def _run(report: FewLabelsReport, outcome: Outcome) -> dict[str, Any]:
    told = run_report(outcome, report.notes(outcome))
    result = outcome.result
    if result is None:
        nothing: dict[str, Any] = {"scores": {}, "interval": None, "unreached": None, "gain": None}
        return {**told, **nothing, "answers": [], "next": [], "findings": []}
    return {
        **told,
        "scores": score_report(result),
        "interval": _interval(result),
        "unreached": _unreached(result),
        "gain": {**_gain(result), "sentence": str(_gain_message(report, result))},
        "answers": records(_answers(result)),
        "next": records(result.frames["next"]),
        "findings": list(map(finding_report, _findings(result))),
    }


def _interval(result: RunResult) -> dict[str, float | int | None] | None:
    """Return the share of hidden labels that were found again, and how far it may be off."""
    found, labels = hidden_accuracy(result.evaluation), len(result.evaluation.predictions)
    if not labels:
        return None
    return {
        "mean": number(found.mean),
        "low": number(found.low),
        "high": number(found.high),
        "labels": labels,
    }


def _unreached(result: RunResult) -> int:
    return int((result.frames["rows"]["origin"] == UNLABELLED).sum())


def _answers(result: RunResult) -> pd.DataFrame:
    """Return how many labels each class has, and how many other rows were answered so."""
    counts = class_count_frame(result.frames["rows"])
    return counts[["class", "given", "propagated"]]


def _gain(result: RunResult) -> dict[str, Any]:
    """Return whether the rows without a label help, and by how much at each number of labels."""
    draws = result.frames["draws"]
    gains = gain_frame(draws)
    return {
        "verdict": judge_gain(gains).value,
        "sizes": records(_accuracies(draws).merge(gains, on="size")) if len(gains) else [],
    }


def _accuracies(draws: pd.DataFrame) -> pd.DataFrame:
    """Return the mean accuracy of each way of learning, one line for each number of labels."""
    means = draw_summary(draws).pivot(index="size", columns="method", values="mean")
    return means.reset_index().rename_axis(columns=None)


def print_report(report: FewLabelsReport) -> None:
    """Print what is known, the runs side by side, and what each has to tell."""
    rows, columns = report.dataset.frame.shape
    setup = report.setup
    print(f"{report.dataset.name}: {rows:,} rows, {columns} columns.")
    features = listing(setup.features, most=8)
    print(f"{Task.SEMI_SUPERVISED.label}: “{setup.target}” by {features}.")
    print(_labels_words(report))
    for remark in _remarks(report):
        print(f"- {remark}")
    if report.likeness is not None:
        print(f"Do the labelled rows look like the rest? {_likeness_words(report.likeness)}")
    if report.done:
        print("", _table(report).to_string(index=False), "", sep="\n")
    found = {outcome.spec.id: _findings(result) for outcome, result in report.done}
    common = in_common(found.values())
    _print_found(common)
    for outcome in report.outcomes:
        if outcome.result is not None:
            print(f"{outcome.spec.name}:")
            print(_gain_words(report, outcome.result))
            _print_found(tuple(one for one in found[outcome.spec.id] if one not in common))
            print(_next_words(outcome.result))
        own = (note for note in report.notes(outcome) if note not in report.notes_in_common)
        print_remarks(outcome, own)


def _labels_words(report: FewLabelsReport) -> str:
    labelled, rows = int(report.known.notna().sum()), len(report.known)
    each = ", ".join(f"“{name}” {count:,}" for name, count in report.classes.items())
    return f"{labelled:,} of {rows:,} rows have a label: {each}."


def _remarks(report: FewLabelsReport) -> Iterator[Message]:
    """Yield what was guessed, decided, left out and filled in."""
    yield from report.reading.cautions
    yield from report.decided
    yield from report.split.notes
    yield from left_out_remarks(report.left_out)
    yield from filled_remarks(report.filled)
    yield from report.notes_in_common


def _likeness_words(finding: Finding) -> str:
    return f"{finding.explanation} {finding.action}".strip()


def _print_found(findings: tuple[Finding, ...]) -> None:
    print_findings(one for one in findings if one.code not in OWN_LINES)


def _table(report: FewLabelsReport) -> pd.DataFrame:
    """Return one line a run: scores on hidden labels, rows no label reached, time."""
    lines = []
    for outcome, result in report.done:
        line = {
            "Algorithm": outcome.spec.name,
            "Accuracy on hidden labels (95 % interval)": _shown(hidden_accuracy(result.evaluation)),
            "Balanced accuracy on hidden labels": _balanced(result),
            "Rows no label reached": f"{_unreached(result):,}",
            "Seconds": f"{outcome.seconds:.2f}",
        }
        lines.append(line)
    return pd.DataFrame(lines)


def _shown(accuracy: Interval) -> str:
    if math.isnan(accuracy.mean):
        return "-"
    return f"{accuracy.mean:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f})"


def _balanced(result: RunResult) -> str:
    mean = score_report(result).get("balanced_accuracy", {}).get("mean")
    return "-" if mean is None else f"{mean:.3f}"


def _gain_words(report: FewLabelsReport, result: RunResult) -> str:
    hurts = judge_gain(gain_frame(result.frames["draws"])) is GainVerdict.HURTS
    return f"{'Warning: ' if hurts else ''}{_gain_message(report, result)}"


def _gain_message(report: FewLabelsReport, result: RunResult) -> Message:
    if not report.setup.split.repeats:
        return message("command.no_draws_asked")
    return gain_verdict(gain_frame(result.frames["draws"]))


def _next_words(result: RunResult) -> str:
    """Return which rows to label next, by their number in the table."""
    table = result.frames["next"]
    if table.empty:
        return "Every row has a label."
    each = (
        f"{row} (no label reaches it)" if reason == UNREACHED else f"{row} ({certainty:.3f})"
        for row, certainty, reason in zip(
            table["row"], table["certainty"], table["reason"], strict=True
        )
    )
    return f"Label next, rows counted from 0, with the certainty so far: {', '.join(each)}."
