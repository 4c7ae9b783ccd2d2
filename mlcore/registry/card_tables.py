"""Tables that cards of several kinds have: scores over the folds, settings."""

from __future__ import annotations

import pandas as pd

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import find_metric
from mlcore.evaluation.summary import summarise
from mlcore.messages import message
from mlcore.params import Param, ParamValue
from mlcore.registry.facts import CardFacts
from mlcore.registry.markdown import bullets, number, table
from mlcore.tasks import Task


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
    summary = summarise(evaluation, task.scored_as)
    means = (
        None
        if baseline is None
        else summarise(baseline, task.scored_as).set_index("metric")["mean"]
    )
    summary["baseline"] = float("nan") if means is None else summary["metric"].map(means)
    defined = summary[summary["folds"] > 0].reset_index(drop=True)
    return defined[["metric", "label", "mean", "std", "baseline"]]


def fold_scores(facts: CardFacts, columns: tuple[str, ...]) -> str:
    """Return a table of scores on rows that were not learnt from, and what each says.

    Parameters
    ----------
    facts : CardFacts
        What the card is written from.
    columns : tuple of str
        Of ``"mean"``, ``"spread"`` (over the folds) and ``"baseline"``.
    """
    summary = score_table(facts.schema.task, facts.result.evaluation, facts.baseline)
    shown = summary.rename(columns={"std": "spread"})
    rows = [
        (row["label"], *(number(row[name]) for name in columns)) for row in shown.to_dict("records")
    ]
    specs = map(find_metric, summary["metric"])
    head = [message(f"card.score.{name}") for name in ("metric", *columns)]
    explained = bullets(f"{spec.label}: {spec.help}" for spec in specs)
    return f"{table(head, rows)}\n\n{explained}"


def param_value(param: Param, value: ParamValue) -> str:
    """Return the value of a knob as people say it."""
    if value is None:
        return str(param.none_label)
    if isinstance(value, bool):
        return str(message("card.yes" if value else "card.no"))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(getattr(param, "choices", {}).get(value, value))
