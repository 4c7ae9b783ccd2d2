"""The heat map of what sets the clusters apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.evaluation.profiles import cluster_names
from mlcore.figures.theme import (
    MOST_BARS,
    axis,
    bounded_note,
    empty,
    figure,
    in_order,
    largest,
    name_ticks,
    plain,
    records,
    words,
)

#: Less to more: blue and orange, which every colour vision tells apart, equally dark at both ends.
DIVERGING: tuple[tuple[float, str], ...] = (
    (0.0, "#0b4fc4"),
    (0.25, "#86a9e6"),
    (0.5, "#f2f2f2"),
    (0.75, "#dc9a73"),
    (1.0, "#a84000"),
)
#: Effects beyond this are drawn like this one; two standard deviations hardly overlap.
MOST_EFFECT = 2.0
#: Clusters that are drawn at most.
MOST_CLUSTERS = 30
#: From so many clusters on, numbers no longer fit into the cells.
MOST_LABELLED = 14


def profile_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the heat map of effects: columns of the table downwards, clusters across.

    Parameters
    ----------
    frame : DataFrame
        Of ``heatmap_frame``; its first 30 columns are drawn, and the first 30 clusters.
    """
    x, y = axis("cluster"), ""
    if frame.empty:
        return empty(x, y)
    columns, clusters = _drawn(frame)
    made = figure(x, y, height=140 + 26 * max(7, len(columns)))
    made.add_trace(_heat(frame, columns, clusters))
    made.update_xaxes(**name_ticks(clusters), showgrid=False, zeroline=False)
    made.update_yaxes(
        **name_ticks(columns, 40), autorange="reversed", showgrid=False, zeroline=False
    )
    return made


def _drawn(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    columns = [str(name) for name in in_order(frame["column"])]
    return columns[:MOST_BARS], cluster_names(frame["cluster"])[:MOST_CLUSTERS]


def _heat(frame: pd.DataFrame, columns: list[str], clusters: list[str]) -> go.Heatmap:
    effect = np.full((len(columns), len(clusters)), np.nan)
    said = [["" for _ in clusters] for _ in columns]
    row_of = {name: place for place, name in enumerate(columns)}
    column_of = {name: place for place, name in enumerate(clusters)}
    for cell in records(frame):
        if cell["column"] in row_of and cell["cluster"] in column_of:
            row, column = row_of[cell["column"]], column_of[cell["cluster"]]
            effect[row, column] = cell["effect"]
            said[row][column] = _hover(cell)
    return go.Heatmap(
        z=np.clip(effect, -MOST_EFFECT, MOST_EFFECT),
        colorscale=[list(stop) for stop in DIVERGING],
        zmin=-MOST_EFFECT,
        zmax=MOST_EFFECT,
        text=[[_effect(value) for value in row] for row in effect],
        texttemplate="%{text}" if len(clusters) < MOST_LABELLED else None,
        hovertext=said,
        hoverinfo="text",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        colorbar={"title": {"text": axis("effect"), "side": "right"}},
    )


def _effect(value: float, decimals: int = 1) -> str:
    """Return an effect with its sign; no sign stands before what is shown as 0."""
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return "+∞" if value > 0 else "−∞"
    text = f"{value:+.{decimals}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def _hover(cell: dict[str, Any]) -> str:
    return words(
        "hover.profile",
        name=plain(_name(cell["cluster"])),
        column=plain(cell["column"], 80),
        inside=plain(cell["inside"]),
        outside=plain(cell["outside"]),
        effect=_effect(cell["effect"], 2) or "–",
    )


def _name(cluster: str) -> str:
    of = "noise" if cluster == NOISE_NAME else "cluster"
    return words(f"clustering.profile.name.{of}", cluster=cluster)


def describe_profile(frame: pd.DataFrame) -> str:
    """Return the alternative text: the size of the map and its largest effect."""
    if frame.empty or frame["effect"].isna().all():
        return words("figure.nothing")
    top = largest(frame, frame["effect"].abs())
    columns = frame["column"].nunique()
    said = words(
        "alt.profile",
        columns=columns,
        clusters=frame["cluster"].nunique(),
        name=_name(top["cluster"]),
        column=top["column"],
        inside=top["inside"],
        outside=top["outside"],
    )
    return said + bounded_note(min(MOST_BARS, columns), columns)
