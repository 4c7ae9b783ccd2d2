"""How strongly columns go together: a square of cells, or bars beside a label.

The frame is that of :func:`mlcore.data.relations.relation_frame`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.relations import MEASURES, find_measure
from mlcore.figures.theme import (
    MOST_BARS,
    SCALE,
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
    records,
    words,
)

#: Until how many columns numbers fit into the cells.
MOST_LABELLED = 20


def relations_figure(frame: pd.DataFrame, columns: Sequence[str]) -> go.Figure:
    """Return the strength of each relation as a square of cells; the cells tell the signed value.

    Parameters
    ----------
    frame : DataFrame
        One measure a pair.
    columns : sequence of str
        All columns in it, in the order in which they are drawn.
    """
    if frame.empty:
        return empty("", "")
    strength, shown, said = _square(frame, columns)
    made = figure("", "", height=200 + 30 * max(4, len(columns)))
    made.add_trace(
        go.Heatmap(
            z=strength,
            text=shown,
            texttemplate="%{text}" if len(columns) <= MOST_LABELLED else None,
            colorscale=SCALE,
            zmin=0,
            zmax=1,
            hovertext=said,
            hoverinfo="text",
            hoverongaps=False,
            colorbar={"title": {"text": axis("strength"), "side": "right"}, "thickness": 14},
            xgap=1,
            ygap=1,
        )
    )
    made.update_xaxes(**name_ticks(columns, 16), showgrid=False, zeroline=False)
    made.update_yaxes(
        **name_ticks(columns, 24), autorange="reversed", showgrid=False, zeroline=False
    )
    return made


def _square(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[Any, list[list[str]], Any]:
    """Return strengths, shown texts and hover texts; the diagonal, each with itself, is empty."""
    place = {name: position for position, name in enumerate(columns)}
    strength = np.full((len(columns), len(columns)), np.nan)
    shown = [["" for _ in columns] for _ in columns]
    said = [["" for _ in columns] for _ in columns]
    for line in records(frame):
        one, other = place[line["first"]], place[line["second"]]
        for row, column in ((one, other), (other, one)):
            strength[row, column] = line["strength"]
            shown[row][column] = "" if np.isnan(line["value"]) else _value(line["value"])
            said[row][column] = _hover(line)
    return strength, shown, said


def _value(value: float) -> str:
    """Return a value with two decimals; no sign stands before what is shown as 0."""
    text = f"{value:.2f}"
    return text.replace("-", "−" if float(text) else "") if not np.isnan(value) else "–"


def _hover(line: dict[str, Any]) -> str:
    return words(
        "hover.relation",
        first=plain(line["first"]),
        second=plain(line["second"]),
        measure=find_measure(line["measure"]).label,
        value=_value(line["value"]),
        rows=f"{line['rows']:,}",
    )


def describe_relations(frame: pd.DataFrame) -> str:
    """Return the alternative text: how many columns, and the strongest relation."""
    if frame.empty or frame["strength"].isna().all():
        return words("figure.nothing")
    top = largest(frame, frame["strength"])
    return words(
        "alt.relations",
        columns=len(in_order([*frame["first"], *frame["second"]])),
        first=top["first"],
        second=top["second"],
        measure=find_measure(top["measure"]).label,
        value=_value(top["value"]),
    )


def label_figure(frame: pd.DataFrame) -> go.Figure:
    """Return bars of how strongly columns go together with one of them, the strongest on top.

    Parameters
    ----------
    frame : DataFrame
        One measure a pair, sorted by strength; ``first`` is the same in all lines. The first 30
        are drawn.
    """
    x = axis("strength")
    drawn = frame[frame["strength"].notna()].head(MOST_BARS).reset_index(drop=True)
    if drawn.empty:
        return empty(x, "")
    made = figure(x, "", height=110 + 26 * max(3, len(drawn)))
    for position, measure in enumerate(MEASURES):
        part = drawn[drawn["measure"] == measure.id]
        if len(part):
            made.add_trace(
                go.Bar(
                    x=part["strength"],
                    y=part.index,
                    orientation="h",
                    # Without one, each measure's bars are as wide as there is room between them.
                    width=0.75,
                    text=[_value(value) for value in part["value"]],
                    textposition="auto",
                    marker={"color": color(position)},
                    name=measure.label,
                    hovertext=[_hover(line) for line in records(part)],
                    hovertemplate=hover(["%{hovertext}"]),
                )
            )
    made.update_layout(bargap=0.25, showlegend=True, barmode="overlay")
    made.update_xaxes(range=[0, 1.02])  # the last tick needs room
    made.update_yaxes(**name_ticks(drawn["second"], 40), autorange="reversed", showgrid=False)
    return made


def describe_label(frame: pd.DataFrame) -> str:
    """Return the alternative text: the column that goes with the label most."""
    known = frame[frame["strength"].notna()]
    if known.empty:
        return words("figure.nothing")
    top = largest(known, known["strength"])
    said = words(
        "alt.label_relations",
        columns=len(known),
        target=top["first"],
        first=top["second"],
        measure=find_measure(top["measure"]).label,
        value=_value(top["value"]),
    )
    return said + bounded_note(min(MOST_BARS, len(known)), len(known))
