"""How many labels each class has, before any algorithm has spread them."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    MOST_BARS,
    axis,
    bounded_note,
    color,
    empty,
    figure,
    hover,
    largest,
    name_ticks,
    plain,
    words,
)


def label_count_figure(frame: pd.DataFrame) -> go.Figure:
    """Return a lying bar for each class, as long as its labels are many.

    Parameters
    ----------
    frame : DataFrame
        Of ``class_count_frame``: ``class``, ``given``; the first 30 classes are drawn.
    """
    x, y = axis("labels"), axis("class")
    if frame.empty:
        return empty(x, y)
    drawn = frame.head(MOST_BARS)
    made = figure(x, y, height=110 + 26 * max(2, len(drawn)))
    made.add_trace(
        go.Bar(
            x=drawn["given"],
            y=list(range(len(drawn))),
            text=drawn["given"],
            customdata=[plain(name) for name in drawn["class"]],
            textposition="outside",
            cliponaxis=False,
            orientation="h",
            marker={"color": color(0)},
            showlegend=False,
            hovertemplate=hover([words("hover.label_counts")]),
        )
    )
    # The counts beside the bars need a place, too; there is no half label.
    most = int(drawn["given"].max())
    made.update_xaxes(range=[0, 1.12 * most], dtick=1 if most <= 10 else None)
    made.update_yaxes(**name_ticks(drawn["class"]), autorange="reversed", showgrid=False)
    return made


def describe_label_count(frame: pd.DataFrame) -> str:
    """Return the alternative text: the classes with the most and the fewest labels."""
    if frame.empty:
        return words("figure.nothing")
    most, least = largest(frame, frame["given"]), largest(frame, frame["given"], sign=-1)
    counted = {"classes": len(frame), "labels": int(frame["given"].sum())}
    note = bounded_note(min(MOST_BARS, len(frame)), len(frame))
    if len(frame) == 1:
        return words("alt.label_counts.one", **counted, most=most["class"])
    if most["given"] == least["given"]:
        return words("alt.label_counts.even", **counted, each=int(most["given"])) + note
    said = words(
        "alt.label_counts",
        **counted,
        most=most["class"],
        most_labels=int(most["given"]),
        least=least["class"],
        least_labels=int(least["given"]),
    )
    return said + note
