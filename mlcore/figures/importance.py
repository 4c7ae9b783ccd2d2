"""Bars for what a model relies on: permutation importance, impurity importance, coefficients."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    GREY,
    MOST_BARS,
    axis,
    bounded_note,
    color,
    empty,
    figure,
    hover,
    in_order,
    largest,
    name_ticks,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words


def _bars(
    names: pd.Series, values: pd.Series, spread: pd.Series | None, title: str, code: str
) -> go.Figure:
    """Return lying bars, the first one on top."""
    made = figure(title, "", height=120 + 24 * max(3, len(names)))
    made.add_trace(
        go.Bar(
            x=values,
            y=list(range(len(names))),
            orientation="h",
            marker={"color": color(0)},
            error_x=None
            if spread is None
            else {"type": "data", "array": spread, "thickness": 1.5, "color": GREY},
            customdata=[plain(name) for name in names],
            showlegend=False,
            hovertemplate=hover(["%{customdata}", words(code)]),
        )
    )
    made.update_yaxes(**name_ticks(names), autorange="reversed", showgrid=False)
    return made


def permutation_importance_figure(frame: pd.DataFrame, metric: str) -> go.Figure:
    """Return how much worse the score gets when each column is shuffled.

    Parameters
    ----------
    frame : DataFrame
        Of ``permutation_importance_frame``; the 30 first rows are drawn.
    metric : str
        Label of the main metric, for the axis.
    """
    title = axis("importance_drop", name=metric)
    if frame.empty:
        return empty(title, "")
    shown = frame.head(MOST_BARS)
    return _bars(shown["column"], shown["mean"], shown["std"], title, "hover.importance")


def describe_permutation_importance(frame: pd.DataFrame) -> str:
    """Return the alternative text: the column that matters most, and how many do not."""
    if frame.empty:
        return words("figure.nothing")
    top = largest(frame, frame["mean"])
    said = words(
        "alt.permutation_importance",
        column=top["column"],
        mean=in_words(top["mean"]),
        columns=len(frame),
        useless=int((frame["mean"] <= 0).sum()),
    )
    return said + bounded_note(min(MOST_BARS, len(frame)), len(frame))


def importance_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the importances of ``importance_frame``; the 30 first rows are drawn."""
    title = axis("impurity_share")
    if frame.empty:
        return empty(title, "")
    shown = frame.head(MOST_BARS)
    spread = None if shown["std"].isna().all() else shown["std"]
    return _bars(shown["feature"], shown["importance"], spread, title, "hover.importance")


def describe_importance(frame: pd.DataFrame) -> str:
    """Return the alternative text: the feature with the largest share."""
    if frame.empty:
        return words("figure.nothing")
    top = largest(frame, frame["importance"])
    said = words(
        "alt.importance",
        feature=top["feature"],
        importance=in_words(top["importance"]),
        features=len(frame),
    )
    return said + bounded_note(min(MOST_BARS, len(frame)), len(frame))


def coefficient_figure(frame: pd.DataFrame, of_class: str | None = None) -> go.Figure:
    """Return the coefficients of one class; the intercept is left out.

    Parameters
    ----------
    frame : DataFrame
        Of ``coefficient_frame``; the 30 largest are drawn.
    of_class : str, optional
        A value of ``class``; the first one by default.
    """
    part = _of_class(frame, of_class)
    if part.empty:
        return empty(axis("coefficient"), "")
    shown = part.head(MOST_BARS)
    scales = in_order(part["scale"])
    scale = scales[0] if len(scales) == 1 else "mixed"
    title = words(f"axis.coefficient.{scale}")
    return _bars(shown["feature"], shown["coefficient"], None, title, "hover.coefficient")


def _of_class(frame: pd.DataFrame, of_class: str | None) -> pd.DataFrame:
    features = frame[frame["scale"] != "intercept"]
    if features.empty:
        return features
    wanted = features["class"].iloc[0] if of_class is None else of_class
    return features[features["class"] == wanted]


def describe_coefficient(frame: pd.DataFrame, of_class: str | None = None) -> str:
    """Return the alternative text: the features that push hardest up and down."""
    part = _of_class(frame, of_class)
    if part.empty:
        return words("figure.nothing")
    up = largest(part, part["coefficient"])
    down = largest(part, part["coefficient"], -1)
    said = words(
        "alt.coefficient",
        features=len(part),
        up=up["feature"],
        up_value=in_words(up["coefficient"]),
        down=down["feature"],
        down_value=in_words(down["coefficient"]),
    )
    return said + bounded_note(min(MOST_BARS, len(part)), len(part))
