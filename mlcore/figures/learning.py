"""The learning curve."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import SYMBOLS, axis, color, dash, empty, figure, hover, plain, words
from mlcore.figures.theme import number as in_words

_PARTS = ("train", "validation")


def _means(frame: pd.DataFrame) -> pd.DataFrame:
    """Return mean and spread over folds: ``part``, ``n_train``, ``mean``, ``std``."""
    # Folds differ by a row or two; what belongs together is the fraction, not the exact number.
    step = frame.groupby(["fold", "part"]).cumcount()
    grouped = frame.assign(step=step).groupby(["part", "step"], as_index=False)
    table = grouped.agg(n_train=("n_train", "mean"), mean=("value", "mean"), std=("value", "std"))
    return table.dropna(subset=["mean"])


def learning_curve_figure(frame: pd.DataFrame, metric: str) -> go.Figure:
    """Return the score on training and validation rows against the number of training rows.

    Parameters
    ----------
    frame : DataFrame
        Of ``learning_curve_frame``; lines are means over folds, whiskers one standard deviation.
    metric : str
        Label of the main metric, for the axis.
    """
    x, y = axis("training_rows"), axis("metric", name=metric)
    means = _means(frame) if len(frame) else frame
    if means.empty:
        return empty(x, y)
    made = figure(x, y)
    for position, part in enumerate(_PARTS):
        line = means[means["part"] == part]
        made.add_trace(
            go.Scatter(
                x=line["n_train"],
                y=line["mean"],
                error_y={"type": "data", "array": line["std"].fillna(0), "thickness": 1},
                mode="lines+markers",
                line={"color": color(position), "dash": dash(position), "width": 2},
                marker={"symbol": SYMBOLS[position], "size": 8},
                name=words(f"legend.{part}"),
                hovertemplate=hover([plain(words(f"legend.{part}")), words("hover.learning")]),
            )
        )
    return made


def describe_learning_curve(frame: pd.DataFrame) -> str:
    """Return the alternative text: validation scores at the smallest and the largest size."""
    means = _means(frame) if len(frame) else frame
    line = means[means["part"] == "validation"] if len(means) else means
    if line.empty:
        return words("figure.nothing")
    first, last = line.iloc[0], line.iloc[-1]
    train = means[means["part"] == "train"].iloc[-1]
    return words(
        "alt.learning",
        first_rows=round(first["n_train"]),
        first=in_words(first["mean"]),
        last_rows=round(last["n_train"]),
        last=in_words(last["mean"]),
        train=in_words(train["mean"]),
    )
