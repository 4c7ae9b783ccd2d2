"""The tree of merges, with the groups below a cut in colours."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import GREY, PALETTE, axis, color, empty, figure, hover, records, words
from mlcore.figures.theme import number as in_words

#: More leaves than this leave no room for their sizes.
_MOST_TICKS = 60


def groups_below(segments: pd.DataFrame, cut: float) -> pd.Series:
    """Return for each drawn merge the group it lies in below a cut.

    Parameters
    ----------
    segments : DataFrame
        Of ``dendrogram_segments``.
    cut : float
        Height of the cut.

    Returns
    -------
    Series
        Group by ``line``: 0, 1, … by rows, the largest first; -1 for merges above the cut. A group
        that is a single drawn leaf has no merge and no number here.
    """
    tops = segments.groupby("line")["y"].max()
    above = segments.groupby("line")["above"].first()
    owner: dict[int, int] = {}
    for line in sorted(tops.index, reverse=True):  # a merge's parent has a higher number
        if tops[line] > cut:
            owner[line] = -1
        else:
            parent = owner.get(above[line], -1)
            owner[line] = line if parent == -1 else parent
    owners = pd.Series(owner, dtype="int64").sort_index()
    rows = segments.groupby(segments["line"].map(owners))["leaf_rows"].sum()
    ordered = rows[rows.index >= 0].sort_values(ascending=False, kind="stable").index
    numbers = {group: number for number, group in enumerate(ordered)}
    return owners.map(lambda group: numbers.get(group, -1))


def dendrogram_figure(segments: pd.DataFrame, cut: float | None = None) -> go.Figure:
    """Return the tree, upside down as usual: rows at the bottom, one group at the top.

    Parameters
    ----------
    segments : DataFrame
        Of ``dendrogram_segments``; under each leaf stands its number of rows.
    cut : float, optional
        Height of the cut; what lies below it is coloured by group.
    """
    x, y = axis("dendrogram_leaves"), axis("merge_height")
    if segments.empty:
        return empty(x, y)
    made = figure(x, y, height=440)
    groups = groups_below(segments, -1.0 if cut is None else cut)
    for group in sorted(set(groups)):
        lines = groups.index[groups == group]
        _add_branches(made, segments[segments["line"].isin(lines)], int(group))
    if cut is not None:
        _add_cut(made, cut)
    _name_leaves(made, segments)
    made.update_yaxes(rangemode="tozero")
    made.update_layout(showlegend=False)
    return made


def _add_branches(made: go.Figure, segments: pd.DataFrame, group: int) -> None:
    """Add the merges of one group as one broken line."""
    across: list[float | None] = []
    up: list[float | None] = []
    for _, line in segments.groupby("line"):
        across += [*line["x"].tolist(), None]
        up += [*line["y"].tolist(), None]
    made.add_trace(
        go.Scatter(
            x=across,
            y=up,
            mode="lines",
            line={"color": GREY if group < 0 else color(group), "width": 1.5},
            hovertemplate=hover([words("hover.dendrogram")]),
        )
    )


def _add_cut(made: go.Figure, cut: float) -> None:
    made.add_hline(
        y=cut,
        line={"color": PALETTE[1], "dash": "dash", "width": 2},
        annotation_text=words("choosing.line.cut", value=in_words(cut)),
        annotation_position="top left",
    )


def _name_leaves(made: go.Figure, segments: pd.DataFrame) -> None:
    leaves = segments[segments["leaf_rows"] > 0].sort_values("x")
    if len(leaves) > _MOST_TICKS:
        made.update_xaxes(showticklabels=False)
        return
    made.update_xaxes(
        tickmode="array",
        tickvals=leaves["x"].tolist(),
        ticktext=[f"{row['leaf_rows']:,}" for row in records(leaves)],
        showgrid=False,
    )


def describe_dendrogram(segments: pd.DataFrame, cut: float | None = None) -> str:
    """Return the alternative text: the size of the tree, its last merges, and the cut."""
    if segments.empty:
        return words("figure.nothing")
    tops = segments.groupby("line")["y"].max().sort_values(ascending=False)
    leaves = int((segments["leaf_rows"] > 0).sum())
    rows = int(segments["rows"].iloc[0])
    said = words("alt.dendrogram", rows=rows, leaves=leaves, top=in_words(float(tops.iloc[0])))
    if len(tops) > 1:
        said += " " + words("alt.dendrogram.next", height=in_words(float(tops.iloc[1])))
    if cut is None:
        return said
    groups = int((tops > cut).sum()) + 1
    # Below the lowest foot of a collapsed leaf the tree goes on undrawn.
    is_drawn = cut >= segments.loc[segments["leaf_rows"] > 0, "y"].max()
    code = "alt.dendrogram.cut" if is_drawn else "alt.dendrogram.cut_low"
    return f"{said} {words(code, cut=in_words(cut), groups=groups)}"
