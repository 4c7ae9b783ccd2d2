"""ROC, precision-recall and threshold curves."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    GREY,
    MOST_POINTS,
    axis,
    bounded,
    color,
    dash,
    diagonal,
    empty,
    figure,
    hover,
    in_order,
    largest,
    plain,
    points,
    words,
)
from mlcore.figures.theme import number as in_words

#: The lines of the threshold figure, by column.
THRESHOLD_LINES = ("precision", "recall", "specificity", "f1", "accuracy")


def _each_class(
    made: go.Figure, frame: pd.DataFrame, x: str, y: str, template: str, name_of: Callable[..., str]
) -> None:
    """Add one line for each class, together at most ``MOST_POINTS`` points."""
    classes = in_order(frame["class"])
    for position, name in enumerate(classes):
        curve = frame[frame["class"] == name]
        drawn = bounded(curve, max(2, MOST_POINTS // len(classes)))
        made.add_trace(
            points(
                len(drawn),
                x=drawn[x],
                y=drawn[y],
                customdata=drawn["threshold"].round(4),
                mode="lines",
                line={"color": color(position), "dash": dash(position), "width": 2},
                name=name_of(curve),
                hovertemplate=hover([plain(name), template]),
            )
        )


def roc_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the ROC curves of ``roc_frame``, one for each class."""
    x, y = axis("false_positive_rate"), axis("true_positive_rate")
    if frame.empty:
        return empty(x, y)
    made = figure(x, y, height=420)
    made.add_trace(diagonal(0, 1, words("legend.guessing")))
    _each_class(
        made,
        frame,
        "false_positive_rate",
        "true_positive_rate",
        words("hover.roc"),
        lambda curve: words(
            "legend.auc", name=plain(curve["class"].iloc[0]), value=in_words(curve["auc"].iloc[0])
        ),
    )
    made.update_xaxes(range=[-0.01, 1.01])
    made.update_yaxes(range=[-0.01, 1.02])
    return made


def describe_roc(frame: pd.DataFrame) -> str:
    """Return the alternative text: the classes with the largest and the smallest area."""
    return _describe(frame, "auc", "alt.roc")


def precision_recall_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the curves of ``precision_recall_frame``, one for each class."""
    x, y = axis("recall"), axis("precision")
    if frame.empty:
        return empty(x, y)
    made = figure(x, y, height=420)
    _each_class(
        made,
        frame,
        "recall",
        "precision",
        words("hover.precision_recall"),
        lambda curve: words(
            "legend.average_precision",
            name=plain(curve["class"].iloc[0]),
            value=in_words(curve["average_precision"].iloc[0]),
        ),
    )
    made.update_traces(line_shape="hv")
    made.update_xaxes(range=[-0.01, 1.01])
    made.update_yaxes(range=[-0.01, 1.02])
    return made


def describe_precision_recall(frame: pd.DataFrame) -> str:
    """Return the alternative text: the classes with the best and the worst curve."""
    return _describe(frame, "average_precision", "alt.precision_recall")


def _describe(frame: pd.DataFrame, value: str, code: str) -> str:
    if frame.empty:
        return words("figure.nothing")
    by_class = frame.groupby("class", sort=False)[value].first()
    return words(
        code,
        classes=len(by_class),
        best=by_class.idxmax(),
        best_value=in_words(by_class.max()),
        worst=by_class.idxmin(),
        worst_value=in_words(by_class.min()),
    )


def threshold_figure(frame: pd.DataFrame, threshold: float | None = None) -> go.Figure:
    """Return how scores move with the threshold.

    Parameters
    ----------
    frame : DataFrame
        Of ``threshold_frame``.
    threshold : float, optional
        The chosen one, marked by a vertical line.
    """
    x, y = axis("threshold"), axis("score")
    if frame.empty:
        return empty(x, y)
    made = figure(x, y)
    drawn = bounded(frame, MOST_POINTS // len(THRESHOLD_LINES))
    for position, name in enumerate(THRESHOLD_LINES):
        made.add_trace(
            points(
                len(drawn),
                x=drawn["threshold"],
                y=drawn[name],
                mode="lines",
                line={"color": color(position), "dash": dash(position), "width": 2},
                name=words(f"legend.{name}"),
                hovertemplate=hover([words(f"legend.{name}"), words("hover.threshold")]),
            )
        )
    if threshold is not None:
        made.add_vline(x=threshold, line={"color": GREY, "dash": "dot"})
    made.update_xaxes(range=[0, 1])
    made.update_yaxes(range=[-0.01, 1.02])
    return made


def describe_threshold(frame: pd.DataFrame) -> str:
    """Return the alternative text: where F1 is highest."""
    if frame.empty or frame["f1"].isna().all():
        return words("figure.nothing")
    best = largest(frame, frame["f1"])
    return words(
        "alt.threshold",
        threshold=in_words(best["threshold"]),
        f1=in_words(best["f1"]),
        precision=in_words(best["precision"]),
        recall=in_words(best["recall"]),
    )
