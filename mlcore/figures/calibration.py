"""Calibration: do probabilities mean what they say."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    SYMBOLS,
    axis,
    color,
    dash,
    diagonal,
    empty,
    figure,
    hover,
    in_order,
    largest,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words


def calibration_figure(frame: pd.DataFrame) -> go.Figure:
    """Return observed shares against probabilities with their 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        Of ``calibration_frame``.
    """
    x, y = axis("mean_probability"), axis("observed_share")
    if frame.empty:
        return empty(x, y)
    made = figure(x, y, height=420)
    made.add_trace(diagonal(0, 1, words("legend.calibrated")))
    for position, name in enumerate(in_order(frame["class"])):
        made.add_trace(_class_line(frame[frame["class"] == name], name, position))
    made.update_xaxes(range=[-0.02, 1.02])
    made.update_yaxes(range=[-0.02, 1.02])
    return made


def _class_line(part: pd.DataFrame, name: object, position: int) -> go.Scatter:
    return go.Scatter(
        x=part["predicted"],
        y=part["observed"],
        error_y={
            "type": "data",
            "array": part["high"] - part["observed"],
            "arrayminus": part["observed"] - part["low"],
            "thickness": 1,
            "width": 3,
        },
        customdata=part[["low", "high", "count"]],
        mode="lines+markers",
        line={"color": color(position), "dash": dash(position), "width": 1.5},
        marker={"symbol": SYMBOLS[position % len(SYMBOLS)], "size": 8},
        name=plain(name),
        hovertemplate=hover([plain(name), words("hover.calibration")]),
    )


def describe_calibration(frame: pd.DataFrame) -> str:
    """Return the alternative text: in how many bins probability and share agree."""
    if frame.empty:
        return words("figure.nothing")
    agrees = (frame["low"] <= frame["predicted"]) & (frame["predicted"] <= frame["high"])
    gap = (frame["observed"] - frame["predicted"]).abs()
    return words(
        "alt.calibration",
        bins=len(frame),
        agree=int(agrees.sum()),
        gap=in_words(gap.max()),
        name=largest(frame, gap)["class"],
    )
