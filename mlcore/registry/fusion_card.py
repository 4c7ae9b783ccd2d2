"""The sections of the report on a fusion: the rule, its ties, its scores, and the sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlcore.algorithms.catalogue import find
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.fusion_scores import FUSION_METRICS, NUMBER_METRICS
from mlcore.evaluation.intervals import wilson_interval
from mlcore.evaluation.metrics import find_declared
from mlcore.evaluation.rater_agreement import read_agreement
from mlcore.evaluation.shown import shown_share
from mlcore.fusion.config import FUSION_PARAMS, FusionConfig
from mlcore.messages import listing, message
from mlcore.registry.card_tables import param_value
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets, markdown_text, number, table
from mlcore.tasks import Task

#: Sources that a report describes at most, those with the most votes; the table has them all.
MOST_SOURCES = 50

#: Columns of the table of sources, and how their cells are written.
_SOURCE_COLUMNS = ("votes", "abstained", "agreement", "accuracy", "weight", "estimated_accuracy")
_NUMBER_COLUMNS = ("votes", "abstained", "mean_difference", "mean_absolute_difference")


def _config(facts: CardFacts) -> FusionConfig:
    config = facts.result.experiment.split
    assert isinstance(config, FusionConfig)
    return config


def purpose(facts: CardFacts) -> str:
    """Return what was made of what: votes of sources, and the labels they are for."""
    frames, config = facts.result.frames, _config(facts)
    numbers = {
        "rows": f"{len(frames['rows']):,}",
        "sources": f"{len(frames['sources']):,}",
        "votes": f"{int(frames['sources']['votes'].sum()):,}",
    }
    what = "numbers" if _is_numeric(facts) else "classes"
    said: list[object] = [message(f"card.fusion.{what}", **numbers)]
    if not _is_numeric(facts):
        classes = [markdown_text(name) for name in facts.result.classes]
        said.append(message("card.fusion.labels", labels=listing(classes)))
    if config.learner is not None:
        learner = find(config.learner, Task.CLASSIFICATION)
        said.append(message("card.fusion.models", learner=learner.name))
    if config.abstain:
        said.append(message("card.fusion.abstain", words=markdown_text(listing(config.abstain))))
    return bullets(said)


def _is_numeric(facts: CardFacts) -> bool:
    return facts.result.experiment.spec.fuses_numbers


def ties(facts: CardFacts) -> str:
    """Return how many rows tie, what is done with them, and how many rows have no label."""
    rows = facts.result.frames["rows"]
    undecided = message("card.fusion.undecided", count=f"{int(rows['predicted'].isna().sum()):,}")
    if _is_numeric(facts):
        return str(undecided)
    param, values = FUSION_PARAMS[0], _config(facts).values()
    rule = param_value(param, values[param.name])
    tied = message("card.fusion.ties", count=f"{int(rows['tie'].sum()):,}", rule=rule)
    return bullets([tied, *_order(facts), undecided])


def _order(facts: CardFacts) -> list[object]:
    order = [markdown_text(name) for name in _config(facts).order]
    return [message("card.fusion.order", labels=listing(order))] if order else []


def scores(facts: CardFacts) -> str:
    """Return the scores, with an interval of the accuracy on gold rows and its folds."""
    evaluation = facts.result.evaluation
    scored = evaluation.scores[evaluation.scores["fold"] == 0].dropna(subset=["value"])
    lines = scored.to_dict("records")
    declared = NUMBER_METRICS if _is_numeric(facts) else FUSION_METRICS
    specs = [find_declared(line["metric"], declared) for line in lines]
    rows = [
        (spec.label, number(line["value"]), _interval(line["metric"], evaluation))
        for spec, line in zip(specs, lines, strict=True)
    ]
    head = [message(f"card.score.{name}") for name in ("metric", "value", "interval")]
    explained = bullets(f"{spec.label}: {spec.help}" for spec in specs)
    return "\n\n".join([str(_judged(evaluation)), table(head, rows), explained])


def _judged(evaluation: Evaluation) -> object:
    gold = evaluation.predictions
    if gold.empty:
        return message("card.fusion.no_gold")
    folds = evaluation.scores[
        (evaluation.scores["metric"] == "accuracy") & (evaluation.scores["fold"] > 0)
    ]
    said = message("card.fusion.gold", rows=f"{len(gold):,}")
    if len(folds) < 2:
        return said
    values = ", ".join(map(number, folds["value"]))
    return f"{said} {message('card.fusion.folds', folds=len(folds), values=values)}"


def _interval(metric: str, evaluation: Evaluation) -> str:
    if metric != "accuracy":
        return number(None)
    right = evaluation.predictions["actual"] == evaluation.predictions["predicted"]
    low, high = wilson_interval(int(right.sum()), len(right))
    return f"{number(low)} – {number(high)}"


def sources(facts: CardFacts) -> str:
    """Return what is known of each source; of many, those with the most votes."""
    frame = facts.result.frames["sources"].sort_values("votes", ascending=False, kind="stable")
    columns = [name for name in (*_SOURCE_COLUMNS, *_NUMBER_COLUMNS) if name in frame]
    columns = [name for name in dict.fromkeys(columns) if frame[name].notna().any()]
    head = [message(f"card.source.{name}") for name in ("source", *columns)]
    shown = frame.head(MOST_SOURCES).to_dict("records")
    lines = [
        (markdown_text(line["source"]), *(_cell(line, name) for name in columns)) for line in shown
    ]
    left = len(frame) - len(lines)
    more = [str(message("card.fusion.more_sources", count=f"{left:,}"))] if left else []
    return "\n\n".join([table(head, lines), *more])


def _cell(line: Mapping[Any, Any], name: str) -> str:
    """Return a cell of the table; an accuracy comes with its interval."""
    value = line[name]
    if name in ("votes", "abstained"):
        return f"{int(value):,}"
    if name == "agreement":
        return number(None) if np.isnan(value) else shown_share(value)
    if name == "accuracy" and not np.isnan(value):
        return f"{number(value)} ({number(line['low'])} – {number(line['high'])})"
    return number(value)


def agreement(facts: CardFacts) -> str:
    """Return how far the sources agree, in words."""
    return bullets(read_agreement(facts.result.frames["agreement"]))


def rows(facts: CardFacts) -> list[tuple[object, object]]:
    """Return what is known of the rows besides votes, and the seed."""
    gold, seed = facts.result.experiment.target, FUSION_PARAMS[1]
    return [
        *([(message("card.data.gold"), markdown_text(gold))] if gold else []),
        (seed.label, _config(facts).seed),
    ]
