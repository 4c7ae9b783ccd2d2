"""The rows of a table as points, coloured by one of its columns.

The frame is that of ``mlcore.evaluation.maps.map_frame``: ``row``, ``x``, ``y``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.profile import OTHERS
from mlcore.evaluation.maps import find_map
from mlcore.figures.maps import axis_titles, scale_axes, symbol
from mlcore.figures.theme import (
    GREY,
    SCALE,
    color,
    empty,
    figure,
    hover,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words
from mlcore.messages import listing

#: Categories with colours of their own.
MOST_COLOURS = 11

#: Colours end at these shares of the rows, so that a few values far out do not take them all.
_ENDS = (0.02, 0.98)


def table_map_figure(
    frame: pd.DataFrame,
    method: str,
    values: pd.Series | None = None,
    *,
    shares: tuple[float, float] | None = None,
    one_column: bool = False,
) -> go.Figure:
    """Return the map; a point's ``customdata`` is its row, so that a lasso gives the rows.

    Parameters
    ----------
    frame : DataFrame
        ``row``, ``x``, ``y``.
    method : str
        Id of the map, for the axes.
    values : Series, optional
        What colours the points, one value for each line of ``frame`` in the same order: numbers
        and dates by a scale, everything else by the 11 most frequent values. Its name is shown.
    shares : tuple of float, optional
        Of the spread, for the axes of principal components.
    one_column : bool, default False
        Whether a single column decided, and up and down mean nothing.
    """
    x, y = axis_titles(method, shares, one_column)
    if frame.empty:
        return empty(x, y)
    made = figure(x, y, height=540)
    for part, name, looks in _layers(frame, values):
        made.add_trace(
            # Few enough to be drawn without the graphics card, which not every browser has.
            go.Scatter(
                x=part["x"],
                y=part["y"],
                customdata=part["row"],
                hovertext=_hover_texts(part, values),
                mode="markers",
                marker={"size": 6, "opacity": 0.75, **looks},
                name=name,
                hovertemplate=hover(["%{hovertext}"]),
            )
        )
    named = values is not None and not _is_amount(values)
    legend = {"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top"}
    made.update_layout(
        dragmode="lasso",
        showlegend=named or len(made.data) > 1,
        legend={**legend, "itemsizing": "constant"} if named else {},
    )
    scale_axes(made, method, one_column)
    return made


def _is_amount(values: pd.Series) -> bool:
    return values.dtype.kind in "fM"


def _layers(
    frame: pd.DataFrame, values: pd.Series | None
) -> list[tuple[pd.DataFrame, str, dict[str, Any]]]:
    """Return rows, legend and looks of each trace, what lies below first."""
    if values is None:
        return [(frame, "", {"color": color(0)})]
    there = values.notna().to_numpy()
    gaps = {"color": GREY, "opacity": 0.5, "size": 4}
    layers = [(frame[~there], words("legend.gap"), gaps)] if not there.all() else []
    if not there.any():
        return layers
    present = values[there]
    if _is_amount(values):
        return [*layers, (frame[there], plain(values.name), _scaled(present))]
    return layers + _named(frame[there], present)


def _scaled(present: pd.Series) -> dict[str, Any]:
    numbers = _numbers(present)
    low, high = np.quantile(numbers, _ENDS)
    bar: dict[str, Any] = {"title": {"text": plain(present.name, 24), "side": "right"}}
    if present.dtype.kind == "M":
        marks = np.linspace(low, high, 5)
        bar |= {"tickvals": marks, "ticktext": [_day(mark) for mark in marks]}
    return {"color": numbers, "colorscale": SCALE, "cmin": low, "cmax": high, "colorbar": bar}


def _numbers(present: pd.Series) -> Any:
    if present.dtype.kind == "M":
        present = present.astype("datetime64[us]").astype("int64")
    return present.to_numpy(dtype=np.float64)


def _day(microseconds: float) -> str:
    return str(np.datetime64(int(microseconds), "us").astype("datetime64[D]"))


def _named(
    frame: pd.DataFrame, present: pd.Series
) -> list[tuple[pd.DataFrame, str, dict[str, Any]]]:
    levels = present.value_counts().index[:MOST_COLOURS]
    places = pd.Index(levels).get_indexer(pd.Index(present))
    layers = []
    if (places < 0).any():
        layers.append((frame[places < 0], OTHERS, {"color": GREY, "symbol": "circle-open"}))
    for place, level in enumerate(levels):
        looks = {"color": color(place), "symbol": symbol(place)}
        layers.append((frame[places == place], plain(level), looks))
    return layers


def _hover_texts(part: pd.DataFrame, values: pd.Series | None) -> list[str]:
    heads = [words("hover.table_map", row=row) for row in part["row"]]
    if values is None:
        return heads
    name, of_row = plain(values.name), values.loc[part.index]
    shown = ["–" if pd.isna(value) else plain(_shown(value)) for value in of_row]
    return [
        f"{head}<br>{words('hover.table_map.value', column=name, value=value)}"
        for head, value in zip(heads, shown, strict=True)
    ]


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def describe_table_map(frame: pd.DataFrame, method: str, values: pd.Series | None = None) -> str:
    """Return the alternative text: rows, method, and what the colour means."""
    if frame.empty:
        return words("figure.nothing")
    said = words("alt.table_map", rows=f"{len(frame):,}", method=find_map(method).label)
    present = pd.Series() if values is None else values.dropna()
    if values is None or present.empty:
        return said
    if not _is_amount(values):
        names = listing(present.value_counts().index)
        return said + " " + words("alt.table_map.names", column=values.name, names=names)
    low, high = np.quantile(_numbers(present), _ENDS)
    ends = [in_words(low), in_words(high)] if values.dtype.kind == "f" else [_day(low), _day(high)]
    return f"{said} " + words(
        "alt.table_map.amounts", column=values.name, low=ends[0], high=ends[1]
    )
