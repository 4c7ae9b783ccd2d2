"""Which columns lack values, and which of them together.

The frames are those of :mod:`mlcore.data.missing_patterns`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
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
    in_order,
    name_ticks,
    plain,
    records,
    words,
)
from mlcore.messages import listing

#: A column with a value, and one without.
_LOOKS = ((0.0, "rgba(128,128,128,0.18)"), (1.0, "#f26402"))


def missing_figure(frame: pd.DataFrame) -> go.Figure:
    """Return bars of the share of rows without a value, most on top.

    Parameters
    ----------
    frame : DataFrame
        Of ``missing_frame``; the first 30 columns are drawn.
    """
    x = axis("missing_share")
    if frame.empty:
        return empty(x, "")
    drawn = frame.head(MOST_BARS)
    made = figure(x, "", height=90 + 26 * max(3, len(drawn)))
    made.add_trace(
        go.Bar(
            x=drawn["share"],
            y=list(range(len(drawn))),
            orientation="h",
            customdata=drawn["rows"],
            marker={"color": color(1)},
            hovertemplate=hover([words("hover.missing")]),
        )
    )
    made.update_xaxes(tickformat=".2~%", rangemode="tozero")
    made.update_yaxes(**name_ticks(drawn["column"], 40), autorange="reversed", showgrid=False)
    return made


def describe_missing(frame: pd.DataFrame) -> str:
    """Return the alternative text: how many columns, and which lacks most."""
    if frame.empty:
        return words("figure.nothing")
    top = records(frame)[0]
    said = words(
        "alt.missing",
        columns=len(frame),
        top=top["column"],
        rows=f"{top['rows']:,}",
        share=f"{top['share']:.1%}",
    )
    return said + bounded_note(min(MOST_BARS, len(frame)), len(frame))


def pattern_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the patterns as lines, most rows on top, with a coloured cell for each gap.

    Parameters
    ----------
    frame : DataFrame
        Of ``pattern_frame``; the first 30 columns that occur are drawn.
    """
    columns = [str(name) for name in in_order(n for names in frame["columns"] for n in names)]
    drawn = columns[:MOST_BARS]
    if not drawn:
        return empty("", "")
    lines = records(frame)
    gaps = np.array([[name in line["columns"] for name in drawn] for line in lines])
    made = figure("", "", height=140 + 26 * len(lines))
    made.add_trace(
        go.Heatmap(
            z=gaps.astype(float),
            colorscale=[list(stop) for stop in _LOOKS],
            zmin=0,
            zmax=1,
            showscale=False,
            hovertext=[[_hover(line, name) for name in drawn] for line in lines],
            hoverinfo="text",
            xgap=2,
            ygap=2,
        )
    )
    said = [words("pattern.rows", rows=f"{n['rows']:,}", share=_share(n["share"])) for n in lines]
    made.update_xaxes(**name_ticks(drawn, 20), showgrid=False, zeroline=False, side="top")
    made.update_yaxes(**name_ticks(said), autorange="reversed", showgrid=False, zeroline=False)
    return made


def _share(share: float) -> str:
    return "< 0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def _hover(line: dict[str, Any], column: str) -> str:
    return words(
        "hover.pattern",
        column=plain(column),
        state=words(f"hover.pattern.{'gap' if column in line['columns'] else 'value'}"),
        rows=f"{line['rows']:,}",
        share=plain(_share(line["share"])),
    )


def describe_patterns(frame: pd.DataFrame, n_rows: int) -> str:
    """Return the alternative text: complete rows, and the most frequent gap.

    Parameters
    ----------
    frame : DataFrame
        Of ``pattern_frame``.
    n_rows : int
        Of the whole table.
    """
    gaps = [line for line in records(frame) if line["columns"]]
    if not gaps:
        return words("alt.pattern.none", total=f"{n_rows:,}")
    complete = sum(line["rows"] for line in records(frame) if not line["columns"])
    return words(
        "alt.pattern",
        patterns=len(gaps),
        complete=f"{complete:,}",
        total=f"{n_rows:,}",
        columns=listing(gaps[0]["columns"], most=4),
        rows=f"{gaps[0]['rows']:,}",
    )
