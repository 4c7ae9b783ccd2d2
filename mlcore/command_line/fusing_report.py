"""How fusions of labels are told: as text on the terminal, or as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlcore.command_line.outcomes import Outcome
from mlcore.command_line.reports import (
    dataset_report,
    finding_report,
    in_common,
    noteworthy,
    number,
    plain,
    print_findings,
    print_remarks,
    records,
    run_report,
)
from mlcore.data.dataset import Dataset
from mlcore.data.reading import Reading
from mlcore.evaluation.fusion_board import (
    FusionRunScores,
    best_two_runs,
    fusion_board,
    number_board,
)
from mlcore.evaluation.fusion_checks import read_findings
from mlcore.evaluation.fusion_scores import find_fusion_metric
from mlcore.evaluation.rater_agreement import read_agreement
from mlcore.findings import Finding
from mlcore.fusion.config import FUSION_PARAMS
from mlcore.fusion.layout import Layout
from mlcore.fusion.votes import Votes
from mlcore.messages import Message, listing
from mlcore.params import ChoiceParam
from mlcore.setups import FusionSetup
from mlcore.tasks import Task
from mlcore.workflow import RunResult

#: Sources of the printed table, those with the most votes; the JSON object has them all.
MOST_SOURCES = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class FusionReport:
    """All that a call of ``fuse`` has to tell.

    Parameters
    ----------
    dataset, reading, setup
        The table, how its file was read, and what all rules share.
    layout : Layout, optional
        How the table was read where no option said so.
    votes : Votes
        What the sources said.
    n_gold : int
        Rows with votes or without whose true label is known and among the labels.
    decided : tuple of Message
        What was decided or looks odd, beside what was noticed in reading the votes.
    outcomes : tuple of Outcome
        What became of each rule.
    """

    dataset: Dataset
    reading: Reading
    setup: FusionSetup
    layout: Layout | None
    votes: Votes
    n_gold: int
    decided: tuple[Message, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def done(self) -> list[tuple[Outcome, RunResult]]:
        """The rules that did not fail."""
        return [(each, each.result) for each in self.outcomes if each.result is not None]

    @cached_property
    def notes(self) -> tuple[Message, ...]:
        """What every rule remarked: how the votes were read."""
        return in_common(result.notes for _, result in self.done) if self.done else self.votes.notes

    @cached_property
    def board(self) -> pd.DataFrame:
        """The rules side by side, the best first."""
        return (number_board if self.setup.split.numbers else fusion_board)(self.scores)

    @cached_property
    def scores(self) -> list[FusionRunScores]:
        """What a board reads of each rule."""
        return [
            FusionRunScores(
                id=outcome.spec.id,
                name=outcome.spec.name,
                rule=outcome.spec.name,
                evaluation=result.evaluation,
                rows=result.frames["rows"],
                is_number=self.setup.split.numbers,
            )
            for outcome, result in self.done
        ]

    @property
    def verdict(self) -> Message | None:
        """Whether the two best rules differ by more than luck; said of classes only."""
        return None if self.setup.split.numbers or not self.done else best_two_runs(self.scores)

    @property
    def agreement(self) -> pd.DataFrame | None:
        """How far the sources agree; the same for all rules."""
        return self.done[0][1].frames["agreement"] if self.done else None

    def result(self, rule: str) -> RunResult:
        """Return what came of a rule that did not fail."""
        return next(result for outcome, result in self.done if outcome.spec.id == rule)


def _findings(result: RunResult) -> tuple[Finding, ...]:
    return read_findings(result.frames["findings"])


def as_json(report: FusionReport) -> dict[str, Any]:
    """Return the object that ``--json`` prints; ``docs/command_line.md`` documents it."""
    setup, verdict = report.setup, report.verdict
    return {
        "dataset": dataset_report(report.dataset, report.reading),
        "task": Task.FUSION.value,
        "layout": _layout(report),
        "gold": setup.target,
        "fusion": _settings(setup),
        "features": list(setup.features),
        "preparation": plain(setup.preparation),
        "votes": _votes(report),
        "agreement": _agreement(report),
        "kappa": records(report.done[0][1].frames["kappa"]) if report.done else [],
        "verdict": None if verdict is None else str(verdict),
        "runs": [_run(report, outcome) for outcome in report.outcomes],
    }


def _layout(report: FusionReport) -> dict[str, Any]:
    config, layout = report.setup.split, report.layout
    return {
        "kind": "long" if config.is_long else "wide",
        "sources": list(config.sources),
        "row": config.row,
        "source": config.source,
        "label": config.label,
        "detected": None if layout is None else str(layout.reason),
    }


def _settings(setup: FusionSetup) -> dict[str, Any]:
    config = setup.split
    return {
        "ties": config.ties,
        "order": list(config.order),
        "abstain": list(config.abstain),
        "weights": dict(config.weights),
        "numbers": config.numbers,
        "learner": config.learner,
        "seed": config.seed,
    }


def _votes(report: FusionReport) -> dict[str, Any]:
    votes = report.votes
    return {
        "rows": votes.n_rows,
        "without_votes": int((votes.per_row() == 0).sum()),
        "gold_rows": report.n_gold,
        "votes": votes.n_votes,
        "abstentions": len(votes.abstained_row),
        "sources": votes.n_sources,
        "classes": list(votes.classes),
        "notes": [str(note) for note in (*report.decided, *report.notes)],
    }


def _agreement(report: FusionReport) -> dict[str, Any] | None:
    if report.agreement is None:
        return None
    return {
        "statistics": records(report.agreement),
        "sentences": [str(said) for said in _agreement_words(report, report.agreement)],
    }


def _run(report: FusionReport, outcome: Outcome) -> dict[str, Any]:
    result = outcome.result
    told = run_report(outcome, _own_notes(report, outcome))
    if result is None:
        nothing: dict[str, Any] = {"scores": {}, "interval": None, "undecided": None}
        return {**told, **nothing, "sources": [], "findings": []}
    return {
        **told,
        "scores": {name: number(value) for name, value in _scores(result).items()},
        "interval": _interval(report, outcome),
        "undecided": int(result.frames["rows"]["predicted"].isna().sum()),
        "sources": records(result.frames["sources"]),
        "findings": list(map(finding_report, _findings(result))),
    }


def _own_notes(report: FusionReport, outcome: Outcome) -> tuple[Message, ...]:
    notes = () if outcome.result is None else outcome.result.notes
    return tuple(note for note in notes if note not in report.notes)


def _scores(result: RunResult) -> dict[str, float]:
    scores = result.evaluation.scores
    own = scores[scores["fold"] == 0]
    return {str(name): float(v) for name, v in zip(own["metric"], own["value"], strict=True)}


def _interval(report: FusionReport, outcome: Outcome) -> dict[str, Any] | None:
    """Return right and known rows with the Wilson interval; none where there is no gold."""
    if report.setup.split.numbers or not report.n_gold:
        return None
    board = report.board
    (line,) = records(board.loc[board["id"] == outcome.spec.id])
    return {
        "hits": line["gold_hits"],
        "rows": line["gold_rows"],
        "low": line["low"],
        "high": line["high"],
    }


def print_report(report: FusionReport) -> None:
    """Print how the votes were read, the rules side by side, the sources and their agreement."""
    rows, columns = report.dataset.frame.shape
    print(f"{report.dataset.name}: {rows:,} rows, {columns} columns.")
    for line in _heading(report):
        print(line)
    for remark in (*report.reading.cautions, *report.decided, *report.notes):
        print(f"- {remark}")
    if report.done:
        print("", _table(report).to_string(index=False), "", sep="\n")
        _print_verdict(report)
    found = {outcome.spec.id: _findings(result) for outcome, result in report.done}
    common = in_common(found.values())
    print_findings(common)
    for outcome in report.outcomes:
        own = [one for one in found.get(outcome.spec.id, ()) if one not in common]
        _print_run(report, outcome, own)


def _heading(report: FusionReport) -> Iterator[str]:
    votes, config = report.votes, report.setup.split
    sources = listing(votes.sources, most=8)
    yield f"{Task.FUSION.label}: {votes.n_votes:,} votes on {votes.n_rows:,} rows by {sources}."
    if config.numbers:
        yield "The labels are numbers, and are averaged."
    else:
        yield f"Labels: {listing(votes.classes, most=12)}. Ties: {_tie_words(report.setup)}."
    if report.setup.target is None:
        yield "No true labels are known, so no rule can be judged; name a column after --gold."
    else:
        yield f"The true label of {report.n_gold:,} rows is known (“{report.setup.target}”)."


def _tie_words(setup: FusionSetup) -> str:
    (param,) = (param for param in FUSION_PARAMS if param.name == "ties")
    assert isinstance(param, ChoiceParam)
    words = param.choices[setup.split.ties]
    order = f" ({listing(setup.split.order, most=12)})" if setup.split.order else ""
    return f"{words[0].lower()}{words[1:]}{order}"


def _table(report: FusionReport) -> pd.DataFrame:
    """Return one line a rule, the best first."""
    seconds = {outcome.spec.id: outcome.seconds for outcome, _ in report.done}
    line_of = _number_line if report.setup.split.numbers else _class_line
    lines = [line_of(line, report.n_gold > 0) for _, line in report.board.iterrows()]
    each = [f"{seconds[rule]:.2f}" for rule in report.board["id"]]
    return pd.DataFrame(lines).assign(Seconds=each)


def _class_line(line: pd.Series, has_gold: bool) -> dict[str, str]:
    told = {"Method": line["method"]}
    if has_gold:
        told["Accuracy (95 % interval)"] = _with_bounds(line, "accuracy", "low", "high")
        told["Ties wrong to right"] = f"{_shown(line['ties_wrong'])}–{_shown(line['ties_right'])}"
        told[_label("balanced_accuracy")] = _shown(line["balanced_accuracy"])
    for metric in ("decided_share", "tie_share"):
        told[_label(metric)] = _shown(line[metric])
    return {**told, "Same as most votes": _shown(line["same_as_most"])}


def _number_line(line: pd.Series, has_gold: bool) -> dict[str, str]:
    error = {"mean_absolute_error": line["mean_absolute_error"]} if has_gold else {}
    scores = {**error, "decided_share": line["decided_share"]}
    return {
        "Method": line["method"],
        **{_label(metric, numbers=True): _shown(value) for metric, value in scores.items()},
    }


def _label(metric: str, *, numbers: bool = False) -> str:
    return find_fusion_metric(metric, numbers=numbers).label


def _shown(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3g}"


def _with_bounds(line: pd.Series, value: str, low: str, high: str) -> str:
    if np.isnan(line[value]):
        return "-"
    return f"{_shown(line[value])} [{_shown(line[low])}, {_shown(line[high])}]"


def _print_verdict(report: FusionReport) -> None:
    """Print what the comparison says, the sources, and how far they agree."""
    if report.verdict is not None:
        print(report.verdict, end="\n\n")
    best = report.board.iloc[0]
    print(_sources(report.result(best["id"]), best["method"]), end="\n\n")
    assert report.agreement is not None
    for said in _agreement_words(report, report.agreement):
        print(said)


def _agreement_words(report: FusionReport, frame: pd.DataFrame) -> tuple[Message, ...]:
    """Return how far sources agree; for numbers only what takes their distance into account."""
    if report.setup.split.numbers:
        frame = frame[frame["statistic"].isin(["alpha_ordinal", "alpha_interval"])]
    return read_agreement(frame)


def _sources(result: RunResult, method: str) -> str:
    """Return the table of the sources as text."""
    frame = result.frames["sources"]
    shown = frame.loc[frame["votes"].nlargest(MOST_SOURCES).index.sort_values()]
    table = _class_sources(shown, method) if "coverage" in shown else _number_sources(shown, method)
    text = table.to_string(index=False)
    rest = len(frame) - len(shown)
    return f"{text}\n{rest} more with fewer votes; --json has them all." if rest else text


def _class_sources(frame: pd.DataFrame, method: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "Source": frame["source"],
            "Votes": frame["votes"],
            "Coverage": frame["coverage"].map("{:.0%}".format),
            f"Agreement with “{method}”": frame["agreement"].map(_shown),
            "Agreement with the others": frame["leave_one_out"].map(_shown),
        }
    )
    if frame["gold_rows"].any():
        accuracy = [_with_bounds(line, "accuracy", "low", "high") for _, line in frame.iterrows()]
        table["Accuracy (95 % interval)"] = accuracy
    if frame["weight"].notna().any():
        table["Weight"] = frame["weight"].map(_shown)
    return table


def _number_sources(frame: pd.DataFrame, method: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Source": frame["source"],
            "Votes": frame["votes"],
            f"Mean difference from “{method}”": frame["mean_difference"].map(_shown),
            "Mean absolute difference": frame["mean_absolute_difference"].map(_shown),
        }
    )


def _print_run(report: FusionReport, outcome: Outcome, findings: Sequence[Finding]) -> None:
    notes = _own_notes(report, outcome)
    if notes or noteworthy(findings) or outcome.paths:
        print(f"{outcome.spec.name}:")
    print_findings(findings)
    print_remarks(outcome, notes)
