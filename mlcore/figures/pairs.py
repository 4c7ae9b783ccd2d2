"""Two columns against each other, each pair of kinds in its chart.

The record is :class:`mlcore.data.pairs.Pair`; its frame holds all that is drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.pairs import Pair, PairKind
from mlcore.figures.theme import (
    PALETTE,
    SCALE,
    axis,
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
from mlcore.figures.theme import number as in_words

#: Until how many names each way numbers fit into the cells.
MOST_LABELLED = 12

#: Of more levels, which then are periods or intervals in order, only some are named on the axis.
_MOST_NAMED = 24

#: From so many times as many rows in the fullest cell, colours go by powers of ten.
_FAR_MORE = 30


def pair_figure(pair: Pair, height: int = 420) -> go.Figure:
    """Return the chart of two columns.

    Parameters
    ----------
    pair : Pair
        The columns and what is drawn of them.
    height : int, default 420
        In pixels; that of a heat map grows with its lines.
    """
    x, y = axis("column", name=pair.x), axis("column", name=pair.y)
    if pair.frame.empty:
        return empty(x, y)
    made = figure(x, y, height=height)
    _DRAW[pair.kind](made, pair)
    return made


def _points(made: go.Figure, pair: Pair) -> None:
    made.add_trace(
        go.Scatter(
            x=pair.frame["x"],
            y=pair.frame["y"],
            mode="markers",
            marker={"color": color(0), "size": 6, "opacity": 0.6},
            hovertemplate=hover([words("hover.points")]),
        )
    )


def _cells(made: go.Figure, pair: Pair) -> None:
    frame = pair.frame
    across, up = in_order(frame["x_start"]), in_order(frame["y_start"])
    shape = (len(across), len(up))
    counts = frame["rows"].to_numpy(dtype=float).reshape(shape).T
    said = np.array([_cell_words(cell) for cell in records(frame)], dtype=object)
    heights, bar = _heights(counts)
    made.add_trace(
        go.Heatmap(
            x=_edges(frame, "x", shape[0]),
            y=_edges(frame, "y", shape[1]),
            z=heights,
            zmin=0,
            zmax=max(float(np.nanmax(heights)), 0.1),
            colorscale=SCALE,
            hovertext=said.reshape(shape).T,
            hoverinfo="text",
            hoverongaps=False,
            colorbar={"title": {"text": axis("rows")}, **bar},
        )
    )


def _heights(counts: Any) -> tuple[Any, dict[str, Any]]:
    """Return what the colours stand for, and how their bar is named; empty cells have no colour.

    Where some cells have far more rows than others, the powers of ten, named in full.
    """
    filled = np.where(counts > 0, counts, np.nan)
    most = float(np.nanmax(filled))
    if most < _FAR_MORE * float(np.nanmin(filled)):
        return filled, {}
    steps = [step * 10.0**power for power in range(16) for step in (1, 3)]
    shown = [step for step in steps if step <= most]
    named = {"tickvals": np.log10(shown), "ticktext": [f"{step:,.0f}" for step in shown]}
    return np.log10(filled), named


def _edges(frame: pd.DataFrame, way: str, n_bins: int) -> list[Any]:
    starts = frame[f"{way}_start"].drop_duplicates().tolist()
    return [*starts, frame[f"{way}_end"].iloc[-1]][: n_bins + 1]


def _cell_words(cell: dict[str, Any]) -> str:
    return words("hover.cells", x=cell["x"], y=cell["y"], rows=f"{cell['rows']:,}")


def _boxes(made: go.Figure, pair: Pair) -> None:
    frame = pair.frame
    places = list(range(len(frame)))
    made.add_trace(
        go.Box(
            x=places,
            lowerfence=frame["p5"],
            q1=frame["q1"],
            median=frame["median"],
            q3=frame["q3"],
            upperfence=frame["p95"],
            marker={"color": color(0)},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    # A box tells its numbers one by one; this mark, at the mean, tells them all.
    made.add_trace(
        go.Scatter(
            x=places,
            y=frame["mean"],
            mode="markers",
            marker={"color": color(1), "symbol": "diamond", "size": 8},
            name=words("legend.mean"),
            hovertext=[_box_words(box) for box in records(frame)],
            hoverinfo="text",
            showlegend=True,
        )
    )
    made.update_layout(hovermode="x")
    made.update_xaxes(**name_ticks(frame["level"], 20), showgrid=False)


def _box_words(box: dict[str, Any]) -> str:
    told = {name: in_words(box[name]) for name in ("p5", "q1", "median", "mean", "q3", "p95")}
    return words("hover.boxes", level=plain(box["level"]), rows=f"{box['rows']:,}", **told)


def _shares(made: go.Figure, pair: Pair) -> None:
    frame = pair.frame
    across, up = in_order(frame["x_level"]), in_order(frame["y_level"])
    shape = (len(across), len(up))
    said = np.array([_share_words(cell) for cell in records(frame)], dtype=object)
    fits = max(shape) <= MOST_LABELLED
    made.add_trace(
        go.Heatmap(
            z=frame["share"].to_numpy(dtype=float).reshape(shape).T,
            colorscale=SCALE,
            zmin=0,
            zmax=float(frame["share"].max()),
            texttemplate="%{z:.0%}" if fits else None,
            hovertext=said.reshape(shape).T,
            hoverinfo="text",
            colorbar={
                "title": {"text": axis("share_of_level", name=pair.x), "side": "right"},
                "tickformat": ".2~%",
            },
            xgap=1,
            ygap=1,
        )
    )
    ticks, step = name_ticks(across, 20), -(-len(across) // _MOST_NAMED)
    ticks |= {part: ticks[part][::step] for part in ("tickvals", "ticktext")}
    made.update_xaxes(**ticks, showgrid=False, zeroline=False)
    made.update_yaxes(**name_ticks(up, 20), autorange="reversed", showgrid=False, zeroline=False)
    if len(up) > MOST_LABELLED:
        made.update_layout(height=120 + 26 * len(up))


def _share_words(cell: dict[str, Any]) -> str:
    return words(
        "hover.shares",
        x=plain(cell["x_level"]),
        y=plain(cell["y_level"]),
        rows=f"{cell['rows']:,}",
        share=plain(f"{cell['share']:.1%}"),
    )


def _periods(made: go.Figure, pair: Pair) -> None:
    frame = pair.frame
    made.add_trace(
        go.Scatter(
            x=pd.concat([frame["start"], frame["start"][::-1]]),
            y=pd.concat([frame["q3"], frame["q1"][::-1]]),
            fill="toself",
            fillcolor=_faint(PALETTE[0]),
            line={"width": 0},
            hoverinfo="skip",
            name=words("legend.middle_half"),
        )
    )
    for name, looks in (
        ("median", {"color": color(0), "width": 2}),
        ("mean", {"color": color(1), "width": 1.5, "dash": "dot"}),
    ):
        made.add_trace(
            go.Scatter(
                x=frame["start"],
                y=frame[name],
                mode="lines+markers" if len(frame) == 1 else "lines",
                line=looks,
                name=words(f"legend.{name}"),
                hovertext=[_period_words(period) for period in records(frame)],
                hoverinfo="text" if name == "median" else "skip",
            )
        )
    made.update_xaxes(title_text=axis("period", name=pair.x))


def _faint(shade: str) -> str:
    red, green, blue = (int(shade[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.2)"


def _period_words(period: dict[str, Any]) -> str:
    told = {name: in_words(period[name]) for name in ("median", "mean", "q1", "q3")}
    return words("hover.periods", period=period["period"], rows=f"{period['rows']:,}", **told)


_DRAW = {
    PairKind.POINTS: _points,
    PairKind.CELLS: _cells,
    PairKind.BOXES: _boxes,
    PairKind.SHARES: _shares,
    PairKind.PERIODS: _periods,
}


def describe_pair(pair: Pair) -> str:
    """Return the alternative text: rows, and where the chart is highest."""
    if pair.frame.empty:
        return words("figure.nothing")
    said = [_DESCRIBE[pair.kind](pair)]
    if pair.missing:
        said.append(words("alt.pair.missing", rows=f"{pair.missing:,}"))
    if pair.trimmed:
        said.append(words("alt.pair.trimmed", rows=f"{pair.trimmed:,}"))
    return " ".join(said)


def _say(code: str, pair: Pair, **more: Any) -> str:
    return words(f"alt.pair.{code}", x=pair.x, y=pair.y, rows=f"{pair.rows:,}", **more)


def _describe_points(pair: Pair) -> str:
    return _say("points", pair)


def _describe_cells(pair: Pair) -> str:
    top = largest(pair.frame, pair.frame["rows"])
    most = f"{int(top['rows']):,}"
    return _say("cells", pair, x_range=top["x"], y_range=top["y"], most=most)


def _describe_boxes(pair: Pair) -> str:
    told = _extremes(pair.frame, "level")
    code = "one_median" if pair.frame["median"].nunique() == 1 else "medians"
    return _say("boxes", pair, medians=words(f"alt.pair.{code}", **told))


def _describe_periods(pair: Pair) -> str:
    return _say("periods", pair, periods=len(pair.frame), **_extremes(pair.frame, "period"))


def _extremes(frame: pd.DataFrame, name: str) -> dict[str, str]:
    high, low = largest(frame, frame["median"]), largest(frame, frame["median"], -1)
    return {
        "high": str(high[name]),
        "most": in_words(high["median"]),
        "low": str(low[name]),
        "least": in_words(low["median"]),
    }


def _describe_shares(pair: Pair) -> str:
    top = largest(pair.frame, pair.frame["share"])
    return _say(
        "shares",
        pair,
        share=f"{top['share']:.1%}",
        x_level=top["x_level"],
        y_level=top["y_level"],
    )


_DESCRIBE = {
    PairKind.POINTS: _describe_points,
    PairKind.CELLS: _describe_cells,
    PairKind.BOXES: _describe_boxes,
    PairKind.SHARES: _describe_shares,
    PairKind.PERIODS: _describe_periods,
}
