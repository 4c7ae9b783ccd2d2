"""The model card: one page that says what a model is, how good it is and what it is not for."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlcore.data.schema import ColumnKind
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import find_metric
from mlcore.evaluation.summary import summarise
from mlcore.messages import message
from mlcore.pipelines.describe import preparation_table
from mlcore.registry import cluster_card
from mlcore.registry.contents import what_it_holds
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets, markdown_text, number, table
from mlcore.registry.schema import InputFeature, InputSchema
from mlcore.splitting import SAMPLE_PARAMS, SPLIT_PARAMS, SplitConfig
from mlcore.tasks import Task


def model_card(facts: CardFacts) -> str:
    """Return the card in Markdown; whatever users named is escaped."""
    is_supervised = facts.schema.task.is_supervised
    sections = (
        *(_of_predictions(facts) if is_supervised else _of_clusters(facts)),
        ("contents", bullets(what_it_holds(facts.result.pipeline, facts.result.experiment))),
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


def _of_predictions(facts: CardFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("purpose", _purpose(facts)),
        ("scores", _scores(facts)),
        ("test", _test(facts)),
        ("limits", _limits(facts)),
    )


def _of_clusters(facts: CardFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("groups", cluster_card.groups(facts)),
        ("assignment", cluster_card.assignment(facts)),
        ("structure", cluster_card.structure(facts)),
        ("scores", cluster_card.scores(facts)),
        ("clusters", cluster_card.clusters(facts)),
        ("limits", cluster_card.limits(facts)),
    )


def _purpose(facts: CardFacts) -> str:
    schema = facts.schema
    target, count = markdown_text(schema.target), len(schema.features)
    if schema.task is Task.REGRESSION:
        return str(message("card.predicts_number", target=target, features=count))
    classes = ", ".join(markdown_text(name) for name in schema.classes)
    return str(message("card.predicts_class", target=target, features=count, classes=classes))


def _scores(facts: CardFacts) -> str:
    summary = score_table(facts.schema.task, facts.result.evaluation, facts.baseline)
    rows = [
        (row["label"], number(row["mean"]), number(row["std"]), number(row["baseline"]))
        for row in summary.to_dict("records")
    ]
    head = [str(message(f"card.score.{name}")) for name in ("metric", "mean", "spread", "baseline")]
    n_folds = facts.result.evaluation.scores["fold"].nunique()
    explained = [
        f"{find_metric(name).label}: {find_metric(name).help}" for name in summary["metric"]
    ]
    return "\n\n".join(
        [
            str(message("card.scores_of_folds", folds=n_folds)),
            table(head, rows),
            bullets(explained),
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
    summary = summarise(evaluation, task)
    means = None if baseline is None else summarise(baseline, task).set_index("metric")["mean"]
    summary["baseline"] = float("nan") if means is None else summary["metric"].map(means)
    defined = summary[summary["folds"] > 0].reset_index(drop=True)
    return defined[["metric", "label", "mean", "std", "baseline"]]


def _test(facts: CardFacts) -> str:
    if not len(facts.result.split.test):
        return str(message("card.no_test"))
    if facts.test_scores is None:
        return str(message("card.test_sealed", rows=len(facts.result.split.test)))
    rows = [
        (
            find_metric(row["metric"]).label,
            number(row["value"]),
            f"{number(row.get('low'))} – {number(row.get('high'))}",
        )
        for row in facts.test_scores.to_dict("records")
    ]
    head = [str(message(f"card.score.{name}")) for name in ("metric", "value", "interval")]
    sentence = message(
        "card.test_opened", rows=len(facts.result.split.test), times=facts.test_openings
    )
    return f"{sentence}\n\n{table(head, rows)}"


def _limits(facts: CardFacts) -> str:
    spec = facts.result.experiment.spec
    limits: list[object] = [message("card.limit.range"), message("card.limit.cause")]
    if facts.schema.task is Task.CLASSIFICATION:
        limits.append(message("card.limit.classes"))
    return bullets([*limits, message("card.limit.avoid", text=spec.avoid_when)])


def _notes(facts: CardFacts) -> str:
    notes = [markdown_text(note) for note in facts.result.notes]
    return bullets(notes) if notes else str(message("card.no_notes"))


def _data(facts: CardFacts) -> str:
    split = facts.result.experiment.split
    head = [str(message("card.what")), str(message("card.value"))]
    return table(
        head,
        [
            (message("card.data.table"), markdown_text(facts.dataset.name)),
            (message("card.data.fingerprint"), facts.dataset.fingerprint),
            (message("card.data.rows"), len(facts.dataset.frame)),
            *(_division(facts, split) if isinstance(split, SplitConfig) else _sample(facts)),
        ],
    )


def _division(facts: CardFacts, config: SplitConfig) -> list[tuple[object, object]]:
    split, values = facts.result.split, config.values()
    rows: list[tuple[object, object]] = [
        (message("card.data.development"), len(split.development)),
        (message("card.data.test"), len(split.test)),
        (message("card.data.unlabelled"), len(split.unlabelled)),
    ]
    rows += [
        (param.label, getattr(param, "choices", {}).get(values[param.name], values[param.name]))
        for param in SPLIT_PARAMS
        if param.is_shown(values)
    ]
    weight = facts.result.experiment.weight
    for what, column in (("group", config.group), ("time", config.time), ("weight", weight)):
        if column:
            rows.append((message(f"card.data.{what}"), markdown_text(column)))
    return rows


def _sample(facts: CardFacts) -> list[tuple[object, object]]:
    split, values = facts.result.split, facts.result.experiment.split.values()
    return [
        (message("card.data.sample"), len(split.development)),
        (message("card.data.assigned"), len(split.unlabelled)),
        *(
            (param.label, _param_value(param, values[param.name]))
            for param in SAMPLE_PARAMS
            if param.name != "sample"  # the two lines above say it
        ),
    ]


def _columns(schema: InputSchema) -> str:
    head = [str(message(f"card.column.{name}")) for name in ("name", "kind", "missing", "values")]
    rows = [
        (markdown_text(f.name), f.kind.value, f.missing_in_training, _values(f))
        for f in schema.features
    ]
    return table(head, rows)


def _values(feature: InputFeature, most: int = 12) -> str:
    if feature.categories is not None:
        shown = ", ".join(markdown_text(name) for name in feature.categories[:most])
        more = (feature.n_categories or 0) - most
        return shown + (f" {message('card.column.more', count=more)}" if more > 0 else "")
    if feature.low is None or feature.high is None:
        return ""
    if feature.kind is ColumnKind.NUMBER:
        return f"{number(float(feature.low))} – {number(float(feature.high))}"
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
    parts += [table(head, rows)] if rows else []
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
    steps = preparation_table(facts.result.experiment)
    head = [str(message("card.what")), str(message("card.value"))]
    return table(head, list(steps[["step", "setting"]].itertuples(index=False, name=None)))


def _environment(facts: CardFacts) -> str:
    return bullets(f"{name} {version}" for name, version in facts.libraries.items())
