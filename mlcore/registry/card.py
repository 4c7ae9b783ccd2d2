"""The model card: one page that says what a model is, how good it is and what it is not for."""

from __future__ import annotations

from mlcore.data.schema import ColumnKind
from mlcore.evaluation.metrics import find_metric
from mlcore.experiment import RowsConfig
from mlcore.messages import message
from mlcore.pipelines.describe import preparation_table
from mlcore.registry import card_findings, cluster_card, few_labels_card, fusion_card
from mlcore.registry.card_tables import fold_scores, param_value
from mlcore.registry.contents import what_it_holds
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets, markdown_text, number, table
from mlcore.registry.packing import ONNX_LIBRARY
from mlcore.registry.schema import InputFeature, InputSchema
from mlcore.splitting import (
    SAMPLE_PARAMS,
    SPLIT_PARAMS,
    FewLabelsConfig,
    SampleConfig,
    SplitConfig,
)
from mlcore.tasks import Task


def model_card(facts: CardFacts) -> str:
    """Return the card in Markdown; whatever users named is escaped."""
    own = {
        Task.CLUSTERING: _of_clusters,
        Task.SEMI_SUPERVISED: _of_few_labels,
        Task.FUSION: _of_a_fusion,
    }
    sections = (
        *own.get(facts.schema.task, _of_predictions)(facts),
        ("findings", card_findings.findings(facts)),
        ("contents", bullets(what_it_holds(facts.result.pipeline, facts.result.experiment))),
        ("notes", _notes(facts)),
        ("data", _data(facts)),
        ("columns", _columns(facts.schema)),
        ("algorithm", _algorithm(facts)),
        *([("preparation", _preparation(facts))] if facts.result.experiment.features else []),
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


def _of_few_labels(facts: CardFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("purpose", f"{_purpose(facts)} {few_labels_card.unreached(facts)}".strip()),
        ("labels", few_labels_card.labels(facts)),
        ("new_rows", few_labels_card.new_rows(facts)),
        ("scores", few_labels_card.scores(facts)),
        ("gain", few_labels_card.gain(facts)),
        ("test", _test(facts)),
        ("limits", few_labels_card.limits(facts)),
    )


def _of_a_fusion(facts: CardFacts) -> tuple[tuple[str, str], ...]:
    return (
        ("fusion", fusion_card.purpose(facts)),
        ("ties", fusion_card.ties(facts)),
        ("scores", fusion_card.scores(facts)),
        ("sources", fusion_card.sources(facts)),
        ("agreement", fusion_card.agreement(facts)),
    )


def _purpose(facts: CardFacts) -> str:
    schema = facts.schema
    target, count = markdown_text(schema.target), len(schema.features)
    if schema.task is Task.REGRESSION:
        said = str(message("card.predicts_number", target=target, features=count))
        return " ".join([said, *_interval(schema)])
    classes = ", ".join(markdown_text(name) for name in schema.classes)
    return str(message("card.predicts_class", target=target, features=count, classes=classes))


def _interval(schema: InputSchema) -> list[str]:
    """Return the sentences on the interval of predicted numbers, if there is one."""
    interval = schema.interval
    if interval is None:
        return []
    width, share = number(interval.width), f"{interval.coverage:.0%}"
    said = [str(message("card.interval", width=width, rows=interval.rows, share=share))]
    if interval.test_coverage is not None:
        inside = f"{interval.test_coverage:.1%}"
        said.append(str(message("card.interval_measured", rows=interval.test_rows, share=inside)))
    return said


def _scores(facts: CardFacts) -> str:
    n_folds = facts.result.evaluation.scores["fold"].nunique()
    said = str(message("card.scores_of_folds", folds=n_folds))
    return f"{said}\n\n{fold_scores(facts, ('mean', 'spread', 'baseline'))}"


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
            *_rows_used(facts, split),
        ],
    )


def _rows_used(facts: CardFacts, config: RowsConfig) -> list[tuple[object, object]]:
    if isinstance(config, SplitConfig):
        return _division(facts, config)
    if isinstance(config, SampleConfig):
        return _sample(facts)
    if isinstance(config, FewLabelsConfig):
        return few_labels_card.rows(facts)
    return fusion_card.rows(facts)


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
            (param.label, param_value(param, values[param.name]))
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
        (param.label, f"`{param.name}`", param_value(param, values[param.name]))
        for param in spec.params
    ]
    called = "" if spec.estimator is None else f" (`{spec.estimator.__name__}`)"
    parts = [f"**{spec.name}**{called}. {spec.summary}"]
    parts += [table(head, rows)] if rows else []
    return "\n\n".join([*parts, str(message("card.reference", text=spec.reference))])


def _preparation(facts: CardFacts) -> str:
    steps = preparation_table(facts.result.experiment)
    head = [str(message("card.what")), str(message("card.value"))]
    return table(head, list(steps[["step", "setting"]].itertuples(index=False, name=None)))


def _environment(facts: CardFacts) -> str:
    made = bullets(f"{name} {version}" for name, version in facts.libraries.items())
    is_onnx = ONNX_LIBRARY in facts.libraries
    return f"{message('card.answers_with_onnx')}\n\n{made}" if is_onnx else made
