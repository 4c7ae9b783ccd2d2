"""Loss step by step."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    GREY,
    MOST_POINTS,
    axis,
    bounded,
    color,
    empty,
    figure,
    hover,
    points,
    words,
)
from mlcore.figures.theme import number as in_words


def loss_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the loss of each fit against its steps, the final fit in colour.

    Parameters
    ----------
    frame : DataFrame
        ``Evaluation.curves``: ``fold`` (0 for the final fit), ``step``, ``name``, ``value``; or a
        part of it while training runs.
    """
    x, y = axis("step"), axis("loss")
    curves = list(frame.groupby(["name", "fold"], sort=True)) if len(frame) else []
    if not curves:
        return empty(x, y)
    made = figure(x, y)
    for (_, fold), curve in sorted(curves, key=lambda item: item[0][1] == 0):
        drawn = bounded(curve, max(2, MOST_POINTS // len(curves)))
        is_final = fold == 0
        made.add_trace(
            points(
                len(drawn),
                x=drawn["step"],
                y=drawn["value"],
                mode="lines" if len(drawn) > 1 else "markers",
                line={"color": color(0) if is_final else GREY, "width": 2.5 if is_final else 1},
                name=words("legend.final_fit") if is_final else words("legend.fold", fold=fold),
                hovertemplate=hover([words("hover.loss")]),
            )
        )
    return made


def describe_loss(frame: pd.DataFrame) -> str:
    """Return the alternative text: first and last loss of the final fit (or of the last one)."""
    if frame.empty:
        return words("figure.nothing")
    fold = 0 if (frame["fold"] == 0).any() else frame["fold"].max()
    curve = frame[frame["fold"] == fold].sort_values("step")
    return words(
        "alt.loss",
        first=in_words(curve["value"].iloc[0]),
        last=in_words(curve["value"].iloc[-1]),
        steps=int(curve["step"].iloc[-1]),
    )
