"""The model card: one page that says what a model is, how good it is and what it is not for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import find_metric
from mlcore.evaluation.summary import summarise
from mlcore.messages import message
from mlcore.pipelines.describe import preparation_table
from mlcore.registry.contents import what_it_holds
from mlcore.registry.schema import InputFeature, InputSchema
from mlcore.splitting import SPLIT_PARAMS
from mlcore.tasks import Task
from mlcore.workflow import RunResult

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$:@.])")


def markdown_text(text: object) -> str:
    """Return text that Markdown shows as it is: no link, no picture, no formatting, one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


@dataclass(frozen=True, eq=False, kw_only=True)
class CardFacts:
    """Everything a card is written from.

    Parameters
    ----------
    name : str
        What the user calls the run.
    dataset : Dataset
        The table it was trained on.
    result : RunResult
        The run.
    schema : InputSchema
        What goes in and what comes out.
    baseline : Evaluation, optional
        Of the baseline on the same table, label and split.
    test_scores : DataFrame, optional
        Scores on the test rows, if they were opened for this run: ``metric``, ``value`` and
        ``low``, ``high`` of the interval.
    test_openings : int
        How often the test rows of this table were opened, for whichever run.
    libraries : mapping of str to str
        Versions of Python and libraries.
    """

    name: str
    dataset: Dataset
    result: RunResult
    schema: InputSchema
    baseline: Evaluation | None
    test_scores: pd.DataFrame | None
    test_openings: int
    libraries: Mapping[str, str]


def model_card(facts: CardFacts) -> str:
    """Return the card in Markdown; whatever users named is escaped."""
    sections = (
        ("purpose", _purpose(facts)),
        ("scores", _scores(facts)),
        ("test", _test(facts)),
        ("limits", _limits(facts)),
        ("contents", _bullets(what_it_holds(facts.result.pipeline, facts.result.experiment))),
        ("notes", _notes(facts)),
        ("data", _data(facts)),
        ("columns", _columns(facts.schema)),
        ("algorithm", _algorithm(facts)),
        ("preparation", _preparation(facts)),
        ("environment", _environment(facts)),
    )
    parts = [f"# {markdown_text(facts.name)}"]
    for name, body in sections:
        parts += [f"## {message(f'card.{name}')}", body]
    return "\n\n".join(parts) + "\n"


def _purpose(facts: CardFacts) -> str:
    schema = facts.schema
    target, count = markdown_text(schema.target), len(schema.features)
    if schema.task is Task.REGRESSION:
        return str(message("card.predicts_number", target=target, features=count))
    classes = ", ".join(markdown_text(name) for name in schema.classes)
    return str(message("card.predicts_class", target=target, features=count, classes=classes))


def _scores(facts: CardFacts) -> str:
    table = score_table(facts.schema.task, facts.result.evaluation, facts.baseline)
    rows = [
        (row["label"], _number(row["mean"]), _number(row["std"]), _number(row["baseline"]))
        for row in table.to_dict("records")
    ]
    head = [str(message(f"card.score.{name}")) for name in ("metric", "mean", "spread", "baseline")]
    n_folds = facts.result.evaluation.scores["fold"].nunique()
    explained = [f"{find_metric(name).label}: {find_metric(name).help}" for name in table["metric"]]
    return "\n\n".join(
        [
            str(message("card.scores_of_folds", folds=n_folds)),
            _table(head, rows),
            _bullets(explained),
        ]
    )


def score_table(
    task: Task, evaluation: Evaluation, baseline: Evaluation | None = None
) -> pd.DataFrame:
    """Return each metric's mean over the folds, its spread, and the baseline's mean.

    Returns
    -------
    DataFrame
        ``metric``, ``label``, ``mean``, ``std`` (over the folds), ``baseline`` (NaN without one),
        in display order; metrics that have no value in any fold are left out.
    """
    table = summarise(evaluation, task)
    means = None if baseline is None else summarise(baseline, task).set_index("metric")["mean"]
    table["baseline"] = float("nan") if means is None else table["metric"].map(means)
    defined = table[table["folds"] > 0].reset_index(drop=True)
    return defined[["metric", "label", "mean", "std", "baseline"]]


def _test(facts: CardFacts) -> str:
    if not len(facts.result.split.test):
        return str(message("card.no_test"))
    if facts.test_scores is None:
        return str(message("card.test_sealed", rows=len(facts.result.split.test)))
    rows = [
        (
            find_metric(row["metric"]).label,
            _number(row["value"]),
            f"{_number(row.get('low'))} – {_number(row.get('high'))}",
        )
        for row in facts.test_scores.to_dict("records")
    ]
    head = [str(message(f"card.score.{name}")) for name in ("metric", "value", "interval")]
    sentence = message(
        "card.test_opened", rows=len(facts.result.split.test), times=facts.test_openings
    )
    return f"{sentence}\n\n{_table(head, rows)}"


def _limits(facts: CardFacts) -> str:
    spec = facts.result.experiment.spec
    limits: list[object] = [message("card.limit.range"), message("card.limit.cause")]
    if facts.schema.task is Task.CLASSIFICATION:
        limits.append(message("card.limit.classes"))
    return _bullets([*limits, message("card.limit.avoid", text=spec.avoid_when)])


def _notes(facts: CardFacts) -> str:
    notes = [markdown_text(note) for note in facts.result.notes]
    return _bullets(notes) if notes else str(message("card.no_notes"))


def _data(facts: CardFacts) -> str:
    split, experiment = facts.result.split, facts.result.experiment
    head = [str(message("card.what")), str(message("card.value"))]
    rows: list[tuple[object, object]] = [
        (message("card.data.table"), markdown_text(facts.dataset.name)),
        (message("card.data.fingerprint"), facts.dataset.fingerprint),
        (message("card.data.rows"), len(facts.dataset.frame)),
        (message("card.data.development"), len(split.development)),
        (message("card.data.test"), len(split.test)),
        (message("card.data.unlabelled"), len(split.unlabelled)),
    ]
    values = experiment.split.values()
    rows += [
        (param.label, getattr(param, "choices", {}).get(values[param.name], values[param.name]))
        for param in SPLIT_PARAMS
        if param.is_shown(values)
    ]
    for what, column in (("group", experiment.split.group), ("time", experiment.split.time)):
        if column:
            rows.append((message(f"card.data.{what}"), markdown_text(column)))
    return _table(head, rows)


def _columns(schema: InputSchema) -> str:
    head = [str(message(f"card.column.{name}")) for name in ("name", "kind", "missing", "values")]
    rows = [
        (markdown_text(f.name), f.kind.value, f.missing_in_training, _values(f))
        for f in schema.features
    ]
    return _table(head, rows)


def _values(feature: InputFeature, most: int = 12) -> str:
    if feature.categories is not None:
        shown = ", ".join(markdown_text(name) for name in feature.categories[:most])
        more = (feature.n_categories or 0) - most
        return shown + (f" {message('card.column.more', count=more)}" if more > 0 else "")
    if feature.low is None or feature.high is None:
        return ""
    if feature.kind is ColumnKind.NUMBER:
        return f"{_number(float(feature.low))} – {_number(float(feature.high))}"
    return f"{feature.low} – {feature.high}"


def _algorithm(facts: CardFacts) -> str:
    experiment = facts.result.experiment
    spec = experiment.spec
    head = [str(message(f"card.param.{name}")) for name in ("label", "name", "value")]
    values = spec.check(experiment.params)
    rows = [
        (param.label, f"`{param.name}`", _param_value(param, values[param.name]))
        for param in spec.params
    ]
    parts = [f"**{spec.name}** (`{spec.estimator.__name__}`). {spec.summary}"]
    parts += [_table(head, rows)] if rows else []
    return "\n\n".join([*parts, str(message("card.reference", text=spec.reference))])


def _param_value(param: Any, value: Any) -> str:
    if value is None:
        return str(param.none_label)
    if isinstance(value, bool):
        return str(message("card.yes" if value else "card.no"))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(getattr(param, "choices", {}).get(value, value))


def _preparation(facts: CardFacts) -> str:
    table = preparation_table(facts.result.experiment)
    head = [str(message("card.what")), str(message("card.value"))]
    return _table(head, list(table[["step", "setting"]].itertuples(index=False, name=None)))


def _environment(facts: CardFacts) -> str:
    return _bullets(f"{name} {version}" for name, version in facts.libraries.items())


def _bullets(lines: Iterable[object]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _number(value: Any) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:.4g}"
