"""The confusion matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    MOST_POINTS,
    SCALE,
    axis,
    empty,
    figure,
    largest,
    name_ticks,
    plain,
    records,
    words,
)
from mlcore.figures.theme import number as in_words

#: From so many classes on, numbers no longer fit into the cells.
MOST_LABELLED = 20
#: The trace whose points are the cells; its n-th point is the n-th row of ``drawn_cells``.
CELLS = "cells"


def drawn_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a confusion frame that are drawn: at most the 70 most common classes.

    A click on the figure reports the number of a point of the trace :data:`CELLS`; the row with
    that number holds the pair of classes.
    """
    support = frame.groupby("actual")["count"].sum()
    most = int(np.sqrt(MOST_POINTS))
    if len(support) <= most:
        return frame.reset_index(drop=True)
    in_order = support.sort_values(ascending=False, kind="stable").index
    kept, left_out = in_order[:most], in_order[most:]
    both = frame["actual"].isin(kept) & ~frame["predicted"].isin(left_out)
    return frame[both].reset_index(drop=True)


def confusion_figure(frame: pd.DataFrame, shares: bool = False) -> go.Figure:
    """Return the confusion matrix, actual classes downwards.

    An answer that stands for no class has a column and no row.

    Parameters
    ----------
    frame : DataFrame
        Of ``confusion_frame``.
    shares : bool, default False
        Whether cells show the share of the actual class instead of the count.
    """
    x, y = axis("predicted_class"), axis("actual_class")
    if frame.empty:
        return empty(x, y)
    cells = drawn_cells(frame)
    classes, answers = (list(dict.fromkeys(cells[name])) for name in ("actual", "predicted"))
    value = "share" if shares else "count"
    made = figure(x, y, height=160 + 34 * max(4, min(len(classes), 18)))
    made.add_trace(_heat(cells, (len(classes), len(answers)), value, shares))
    made.add_trace(_clickable(cells, classes, answers))
    made.update_xaxes(**name_ticks(answers, 20), showgrid=False, zeroline=False)
    made.update_yaxes(
        **name_ticks(classes, 20), autorange="reversed", showgrid=False, zeroline=False
    )
    return made


def _heat(cells: pd.DataFrame, shape: tuple[int, int], value: str, shares: bool) -> go.Heatmap:
    return go.Heatmap(
        z=cells[value].to_numpy(dtype=float).reshape(shape),
        colorscale=SCALE,
        texttemplate=("%{z:.1%}" if shares else "%{z:d}") if max(shape) <= MOST_LABELLED else None,
        colorbar={
            "title": {"text": axis("share_of_class" if shares else "rows")},
            "tickformat": ".0%" if shares else None,
        },
        zmin=0,
        zmax=1 if shares else None,
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )


def _clickable(cells: pd.DataFrame, classes: list[str], answers: list[str]) -> go.Scatter:
    """Return invisible squares over the cells: a heat map reports no clicks, points do."""
    see_through = {"marker": {"opacity": 0.01}}
    return go.Scatter(
        x=cells["predicted"].map(answers.index),
        y=cells["actual"].map(classes.index),
        mode="markers",
        marker={"symbol": "square", "size": 26, "opacity": 0.01},
        selected=see_through,
        unselected=see_through,
        name=CELLS,
        showlegend=False,
        hoverinfo="text",
        hovertext=[
            words(
                "hover.confusion",
                actual=plain(row["actual"]),
                predicted=plain(row["predicted"]),
                count=row["count"],
                share="–" if np.isnan(row["share"]) else f"{row['share']:.1%}",
            )
            for row in records(cells)
        ],
    )


def describe_confusion(frame: pd.DataFrame) -> str:
    """Return the alternative text: how many rows are right, and the most common mix-up."""
    if frame.empty or frame["count"].sum() == 0:
        return words("figure.nothing")
    right = int(frame.loc[frame["actual"] == frame["predicted"], "count"].sum())
    total = int(frame["count"].sum())
    said = words(
        "alt.confusion",
        classes=frame["actual"].nunique(),
        right=right,
        total=total,
        share=in_words(100 * right / total),
    )
    wrong = frame[(frame["actual"] != frame["predicted"]) & (frame["count"] > 0)]
    if wrong.empty:
        return said
    worst = largest(wrong, wrong["count"])
    mixed = words(
        "alt.confusion.mixed",
        actual=worst["actual"],
        predicted=worst["predicted"],
        count=int(worst["count"]),
    )
    return f"{said} {mixed}"
