"""Several fusions of one table side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.evaluation.answers import Codes
from mlcore.evaluation.evaluation import PROBABILITY, Evaluation
from mlcore.evaluation.fusion_scores import FUSION_METRICS, NUMBER_METRICS, best_two
from mlcore.evaluation.intervals import wilson_interval
from mlcore.fusion.rules import Fused
from mlcore.messages import Message

#: Scores that the board shows, in its order.
CLASS_METRICS = tuple(spec.id for spec in FUSION_METRICS)
#: The tolerance is not asked for, so only the others tell something.
NUMBER_BOARD_METRICS = tuple(s.id for s in NUMBER_METRICS if s.id != "within_tolerance")


@dataclass(frozen=True, eq=False, kw_only=True)
class FusionRunScores:
    """What the board needs of one run.

    Parameters
    ----------
    id, name, rule : str
        What it and its rule are called.
    evaluation : Evaluation
        Its tables; the scores of all rows stand at fold 0.
    rows : DataFrame
        Its table ``rows``.
    is_number : bool
        Whether numbers were fused.
    """

    id: str
    name: str
    rule: str
    evaluation: Evaluation
    rows: pd.DataFrame
    is_number: bool

    @property
    def gold(self) -> pd.DataFrame:
        """The rows with a known true label, by row."""
        return self.evaluation.predictions.sort_values("row", ignore_index=True)


def fusion_board(runs: Sequence[FusionRunScores]) -> pd.DataFrame:
    """Return one line for each run that fused classes, the most accurate first.

    Parameters
    ----------
    runs : sequence of FusionRunScores
        In any order; those that fused numbers are left out.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``method`` (the rule), the scores of
        :data:`~mlcore.evaluation.fusion_scores.FUSION_METRICS`, ``gold_rows``, ``gold_hits``,
        ``low`` and ``high`` (Wilson interval of the accuracy), ``same_as_most`` (share of the
        decided rows whose label no other label outvotes), ``fit_seconds``. NaN where there is no
        such row.
    """
    columns = [
        "id", "name", "method", *CLASS_METRICS, "gold_rows", "gold_hits", "low", "high",
        "same_as_most", "fit_seconds",
    ]  # fmt: skip
    lines = [_line(run) for run in runs if not run.is_number]
    board = pd.DataFrame(lines, columns=columns)
    return board.sort_values("accuracy", ascending=False, kind="stable", ignore_index=True)


def number_board(runs: Sequence[FusionRunScores]) -> pd.DataFrame:
    """Return one line for each run that fused numbers, the one with the smallest error first.

    Parameters
    ----------
    runs : sequence of FusionRunScores
        In any order; those that fused classes are left out.

    Returns
    -------
    DataFrame
        ``id``, ``name``, ``method`` (the rule), ``decided_share``, ``mean_absolute_error`` (NaN
        without gold rows), ``gold_rows``, ``fit_seconds``.
    """
    columns = ["id", "name", "method", *NUMBER_BOARD_METRICS, "gold_rows", "fit_seconds"]
    lines = [
        {**_known(run), **_scores(run, NUMBER_BOARD_METRICS), "gold_rows": len(run.gold)}
        for run in runs
        if run.is_number
    ]
    board = pd.DataFrame(lines, columns=columns)
    return board.sort_values("mean_absolute_error", kind="stable", ignore_index=True)


def _known(run: FusionRunScores) -> dict[str, object]:
    seconds = float(run.evaluation.timing["fit_seconds"].sum())
    return {"id": run.id, "name": run.name, "method": run.rule, "fit_seconds": seconds}


def _scores(run: FusionRunScores, metrics: Sequence[str]) -> dict[str, float]:
    scores = run.evaluation.scores
    own = scores[scores["fold"] == 0].set_index("metric")["value"]
    return {metric: float(own.get(metric, np.nan)) for metric in metrics}


def _line(run: FusionRunScores) -> Mapping[str, object]:
    gold = run.gold
    hits, rows = int((gold["predicted"] == gold["actual"]).sum()), len(gold)
    low, high = wilson_interval(hits, rows) if rows else (np.nan, np.nan)
    return {
        **_known(run),
        **_scores(run, CLASS_METRICS),
        "gold_rows": rows,
        "gold_hits": hits,
        "low": float(low),
        "high": float(high),
        "same_as_most": _same_as_most(run.rows),
    }


def _same_as_most(rows: pd.DataFrame) -> float:
    """Return how often no other label has more votes than the fused one."""
    decided = rows[rows["predicted"].notna() & (rows["n_votes"] > 0)]
    if decided.empty:
        return np.nan
    own = (decided["share"] * decided["n_votes"]).round()
    return float((own >= _most_votes(decided)).mean())


def _most_votes(rows: pd.DataFrame) -> pd.Series:
    """Return the votes of the label that leads: the first one of texts such as "a: 3, b: 2"."""
    most = pd.Series(0.0, index=rows.index)
    for name in rows.columns[rows.columns.str.startswith(PROBABILITY)]:
        start = f"{name.removeprefix(PROBABILITY)}: "
        first = rows["votes"].str.startswith(start)
        texts = rows.loc[first, "votes"].str.slice(len(start))
        most[first] = texts.str.extract(r"^(\d+)(?:, |$)")[0].astype(float).fillna(most[first])
    return most


def best_two_runs(runs: Sequence[FusionRunScores]) -> Message:
    """Return in words whether the two most accurate runs differ by more than luck.

    Only runs that were judged on the same rows with the same true labels as the best are compared.

    Parameters
    ----------
    runs : sequence of FusionRunScores
        Of classes, under different names.
    """
    judged = sorted(runs, key=_share_right, reverse=True)
    reference = judged[0].gold if judged else pd.DataFrame()
    alike = {run.name: run.gold for run in judged if _same_question(run.gold, reference)}
    names = list(dict.fromkeys(reference.get("actual", ())))
    number = {str(name): code for code, name in enumerate(names)}
    codes = {
        name: np.array([number.get(label, -1) for label in gold["predicted"]], dtype=np.intp)
        for name, gold in alike.items()
    }
    gold = np.array([number[label] for label in reference.get("actual", ())], dtype=np.intp)
    return best_two({name: _labels(label, len(number)) for name, label in codes.items()}, gold)


def _share_right(run: FusionRunScores) -> float:
    gold = run.gold
    return float((gold["predicted"] == gold["actual"]).mean()) if len(gold) else -1.0


def _same_question(gold: pd.DataFrame, reference: pd.DataFrame) -> bool:
    return gold[["row", "actual"]].equals(reference[["row", "actual"]])


def _labels(label: Codes, n_classes: int) -> Fused:
    """Return fused labels of which only the labels themselves are known."""
    nothing = np.zeros((len(label), max(1, n_classes)))
    return Fused(
        label=label,
        posterior=nothing,
        tied=np.zeros(len(label), dtype=np.bool_),
        best=nothing.astype(np.bool_),
    )
