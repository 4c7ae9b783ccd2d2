"""Clusters against known classes, and clusterings against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.evaluation.shown import shown_share
from mlcore.figures.theme import (
    SCALE,
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
from mlcore.figures.theme import number as in_words

#: Rows and columns of one picture at most, and until how many of them numbers fit into the cells.
MOST_DRAWN, MOST_LABELLED = 70, 20
#: Clusters that an alternative text names.
MOST_NAMED = 6


def contingency_figure(frame: pd.DataFrame, shares: bool = False) -> go.Figure:
    """Return how many rows of each known class lie in each cluster, clusters downwards.

    Parameters
    ----------
    frame : DataFrame
        Of ``contingency_frame``; the first 70 clusters and classes are drawn.
    shares : bool, default False
        Whether cells show the share of the cluster's rows instead of the count.
    """
    x, y = axis("known_class"), axis("cluster")
    if frame.empty:
        return empty(x, y)
    clusters = [str(name) for name in in_order(frame["cluster"])][:MOST_DRAWN]
    classes = [str(name) for name in in_order(frame["known"])][:MOST_DRAWN]
    cells = frame[frame["cluster"].isin(clusters) & frame["known"].isin(classes)]
    shape = (len(clusters), len(classes))
    made = figure(x, y, height=160 + 34 * max(4, min(len(clusters), 18)))
    made.add_trace(
        go.Heatmap(
            z=cells["share" if shares else "count"].to_numpy(dtype=float).reshape(shape),
            colorscale=SCALE,
            texttemplate=_cell_text(shares) if max(shape) <= MOST_LABELLED else None,
            hovertext=np.array([_hover(cell) for cell in records(cells)], object).reshape(shape),
            hoverinfo="text",
            colorbar={
                "title": {"text": axis("share_of_cluster" if shares else "rows")},
                "tickformat": ".0%" if shares else None,
            },
            zmin=0,
            zmax=1 if shares else None,
            xgap=1,
            ygap=1,
        )
    )
    _name_cells(made, classes, clusters)
    return made


def _cell_text(shares: bool) -> str:
    return "%{z:.1%}" if shares else "%{z:d}"


def _hover(cell: dict[str, Any]) -> str:
    return words(
        "hover.contingency",
        name=plain(_name(cell["cluster"])),
        known=plain(cell["known"]),
        count=cell["count"],
        share=plain(shown_share(cell["share"])),
        share_of_known=plain(shown_share(cell["share_of_known"])),
    )


def _name(cluster: str) -> str:
    of = "noise" if cluster == NOISE_NAME else "cluster"
    return words(f"clustering.profile.name.{of}", cluster=cluster)


def _name_cells(made: go.Figure, across: list[str], down: list[str]) -> None:
    made.update_xaxes(**name_ticks(across, 20), showgrid=False, zeroline=False)
    made.update_yaxes(**name_ticks(down, 20), autorange="reversed", showgrid=False, zeroline=False)


def describe_contingency(frame: pd.DataFrame) -> str:
    """Return the alternative text: the most common class of each cluster."""
    if frame.empty or frame["count"].sum() == 0:
        return words("figure.nothing")
    said = words(
        "alt.contingency",
        clusters=frame["cluster"].nunique(),
        classes=frame["known"].nunique(),
        rows=int(frame["count"].sum()),
    )
    present = frame[frame["count"] > 0]
    top = present.loc[present.groupby("cluster", sort=False)["count"].idxmax()]
    mostly = [
        words(
            "alt.contingency.mostly",
            name=_name(row["cluster"]),
            known=row["known"],
            share=shown_share(row["share"]),
        )
        for row in records(top.head(MOST_NAMED))
    ]
    return " ".join([said, *mostly]) + bounded_note(min(MOST_NAMED, len(top)), len(top))


def agreement_figure(frame: pd.DataFrame, score: str = "adjusted_rand") -> go.Figure:
    """Return how far each two clusterings agree, as a square of cells.

    Parameters
    ----------
    frame : DataFrame
        Of ``pairwise_agreement``; the first 70 runs are drawn.
    score : {"adjusted_rand", "adjusted_mutual_information"}, default "adjusted_rand"
        What the cells show.
    """
    if frame.empty:
        return empty("", "")
    runs = _runs(frame)[:MOST_DRAWN]
    place = {name: position for position, name in enumerate(runs)}
    values = np.eye(len(runs))
    for row in records(frame):
        if row["first"] in place and row["second"] in place:
            first, second = place[row["first"]], place[row["second"]]
            values[first, second] = values[second, first] = row[score]
    made = figure("", "", height=160 + 34 * max(4, min(len(runs), 18)))
    made.add_trace(
        go.Heatmap(
            z=values,
            colorscale=SCALE,
            zmin=0,
            zmax=1,
            texttemplate="%{z:.2f}" if len(runs) <= MOST_LABELLED else None,
            hovertext=[[_pair(one, other, values[i, j]) for j, other in enumerate(runs)]
                       for i, one in enumerate(runs)],
            hoverinfo="text",
            hoverongaps=False,
            colorbar={"title": {"text": axis(score)}},
            xgap=1,
            ygap=1,
        )
    )  # fmt: skip
    _name_cells(made, runs, runs)
    return made


def _runs(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in in_order([*frame["first"].head(1), *frame["second"]])]


def _pair(first: str, second: str, value: float) -> str:
    return words("hover.agreement", first=plain(first), second=plain(second), value=in_words(value))


def describe_agreement(frame: pd.DataFrame, score: str = "adjusted_rand") -> str:
    """Return the alternative text: the two clusterings that agree most, and those that do least."""
    known = frame[frame[score].notna()]
    if known.empty:
        return words("figure.nothing")
    most, least = largest(known, known[score]), largest(known, known[score], -1)
    return words(
        "alt.agreement" if len(known) > 1 else "alt.agreement.pair",
        runs=len(_runs(frame)),
        score=axis(score),
        first=most["first"],
        second=most["second"],
        value=in_words(most[score]),
        least_first=least["first"],
        least_second=least["second"],
        least=in_words(least[score]),
    )
