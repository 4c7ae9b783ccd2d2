"""A decision tree, drawn from left to right so that its rules can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import GREY, color, empty, figure, in_order, plain, records, words
from mlcore.figures.theme import number as in_words


def tree_figure(frame: pd.DataFrame, shade: Callable[[object], str] | None = None) -> go.Figure:
    """Return the tree of ``tree_frame``: the root on the left, "yes" branches above "no".

    Parameters
    ----------
    frame : DataFrame
        Of ``tree_frame``; use ``max_depth`` there to keep it readable.
    shade : callable, optional
        The colour of a class, where other figures have given it one; classes get the colours in
        the order in which they come first when not given.
    """
    if frame.empty:
        return empty("", "")
    leaves = int(frame["x"].max()) + 1
    made = figure("", "", height=80 + 46 * max(2, leaves))
    _add_branches(made, frame)
    _add_nodes(made, frame, shade)
    made.update_xaxes(visible=False, range=[-0.2, frame["depth"].max() + 1])
    made.update_yaxes(visible=False, range=[leaves - 0.4, -0.6])
    made.update_layout(showlegend=False)
    return made


def _add_branches(made: go.Figure, frame: pd.DataFrame) -> None:
    """Add all branches as one broken line, and "yes" or "no" beside each."""
    place = {row["node"]: row for row in records(frame)}
    across: list[float | None] = []
    down: list[float | None] = []
    for row in records(frame[frame["parent"] >= 0]):
        start = place[row["parent"]]
        # Right angles leave the place beside a node free for its rule.
        across += [start["depth"], start["depth"], row["depth"], None]
        down += [start["x"], row["x"], row["x"], None]
        made.add_annotation(
            x=row["depth"] - 0.85,
            y=row["x"],
            text=words(f"tree.{row['branch']}"),
            showarrow=False,
            yshift=9,
            font={"size": 11, "color": GREY},
        )
    made.add_trace(
        go.Scatter(
            x=across, y=down, mode="lines", line={"color": GREY, "width": 1}, hoverinfo="skip"
        )
    )


def _add_nodes(made: go.Figure, frame: pd.DataFrame, shade: Callable[[object], str] | None) -> None:
    classes = in_order(frame["class"])
    shades = {
        name: shade(name) if shade else color(position) for position, name in enumerate(classes)
    }
    made.add_trace(
        go.Scatter(
            x=frame["depth"],
            y=frame["x"],
            mode="markers+text",
            marker={"size": 11, "color": [shades[name] for name in frame["class"]]},
            text=[_label(row) for row in records(frame)],
            textposition="middle right",
            hovertext=[_details(row) for row in records(frame)],
            hoverinfo="text",
            cliponaxis=False,
        )
    )


def _answer(row: dict[str, Any], most: int) -> str:
    value = in_words(row["value"])
    if row["class"] == "":
        return value
    return words("tree.class", name=plain(row["class"], most), share=value)


def _label(row: dict[str, Any]) -> str:
    more = " …" if row["cut"] else ""
    return plain(row["rule"], 28) if row["rule"] else _answer(row, 16) + more


def _details(row: dict[str, Any]) -> str:
    said = words("tree.details", samples=row["samples"], answer=_answer(row, 40))
    return f"{plain(row['rule'], 80)}<br>{said}" if row["rule"] else said


def describe_tree(frame: pd.DataFrame) -> str:
    """Return the alternative text: size of the tree and its first question."""
    if frame.empty:
        return words("figure.nothing")
    inner = set(frame["parent"])
    leaves = int((~frame["node"].isin(inner)).sum())
    root = frame.iloc[0]
    if not root["rule"]:
        return words("alt.tree.leaf", samples=int(root["samples"]))
    said = words("alt.tree", nodes=len(frame), leaves=leaves, rule=root["rule"])
    return said + (" " + words("alt.tree.cut") if frame["cut"].any() else "")
