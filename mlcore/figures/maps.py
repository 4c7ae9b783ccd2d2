"""Rows as points, coloured by cluster.

The frame is that of ``mlcore.evaluation.maps.map_frame`` with a column ``cluster`` (name) beside
``row``, ``x`` and ``y``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.evaluation.maps import find_map
from mlcore.figures.theme import (
    GREY,
    SYMBOLS,
    axis,
    bounded,
    color,
    drawn_of,
    empty,
    figure,
    hover,
    plain,
    points,
    words,
)

#: Clusters with a place in the legend; smaller ones share one, for nobody tells more looks apart.
MOST_LOOKS = 12
#: Columns of the table that a hover box shows.
MOST_COLUMNS = 10


def symbol(position: int) -> str:
    """Return the symbol of the n-th series; with its colour, 36 looks before one comes again."""
    return SYMBOLS[(position // len(SYMBOLS) + position) % len(SYMBOLS)]


def map_figure(
    frame: pd.DataFrame,
    method: str,
    *,
    texts: pd.DataFrame | None = None,
    shares: tuple[float, float] | None = None,
    one_column: bool = False,
) -> go.Figure:
    """Return the map; a point's ``customdata`` is its row, so that a lasso gives the rows.

    Clusters differ by colour and symbol. Noise is small and grey and lies below. The smaller ones
    of many clusters share a place in the legend and keep their own looks and hover texts.

    Parameters
    ----------
    frame : DataFrame
        ``row``, ``x``, ``y``, ``cluster``; of more than 5,000 rows every so manyth is drawn.
    method : str
        Id of the map, for the axes.
    texts : DataFrame, optional
        What the hover box shows of each row: the columns of the table as text, one line for each
        line of ``frame`` in the same order. The first ten columns are shown.
    shares : tuple of float, optional
        Of ``explained``, for the axes of principal components.
    one_column : bool, default False
        Whether the map shows a single column and a shift by lot.
    """
    x, y = axis_titles(method, shares, one_column)
    if frame.empty:
        return empty(x, y)
    drawn = bounded(frame.assign(hover=hover_texts(frame, texts)))
    made = figure(x, y, height=520)
    for position, (part, name, looks) in enumerate(_layers(drawn)):
        made.add_trace(
            points(
                len(drawn),
                x=part["x"],
                y=part["y"],
                customdata=part["row"],
                hovertext=part["hover"],
                mode="markers",
                marker=looks,
                name=name,
                legendrank=_rank(part, position),
                hovertemplate=hover(["%{hovertext}"]),
            )
        )
    # On the right the legend leaves the place above the map to the lasso and its neighbours.
    legend = {"itemsizing": "constant", "traceorder": "normal"}
    at_right = {"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top"}
    made.update_layout(dragmode="lasso", legend={**legend, **at_right})
    scale_axes(made, method, one_column)
    return made


def _rank(part: pd.DataFrame, position: int) -> int:
    """Return the place in the legend: smaller clusters and noise last, although they lie below."""
    shared = part["cluster"].iloc[0] == NOISE_NAME or int(part["cluster"].iloc[0]) >= MOST_LOOKS
    return 2000 - position if shared else 1000 + position


def scale_axes(made: go.Figure, method: str, one_column: bool) -> None:
    """Draw both axes to one scale, and numbers only where they mean something."""
    if one_column:
        made.update_yaxes(showticklabels=False, zeroline=False)
        return
    made.update_yaxes(scaleanchor="x", scaleratio=1)
    if method != "pca":
        made.update_xaxes(showticklabels=False, zeroline=False)
        made.update_yaxes(showticklabels=False, zeroline=False)


def axis_titles(
    method: str, shares: tuple[float, float] | None = None, one_column: bool = False
) -> tuple[str, str]:
    """Return the titles of both axes; parameters as for :func:`map_figure`."""
    if one_column:
        return axis("map_line"), axis("map_lot")
    if method == "pca":
        shown = ["–" if shares is None else f"{100 * share:.0f} %" for share in shares or (0, 0)]
        return axis("map_component_1", share=shown[0]), axis("map_component_2", share=shown[1])
    name = find_map(method).label
    return axis("map_layout_1", name=name), axis("map_layout_2", name=name)


def _layers(drawn: pd.DataFrame) -> list[tuple[pd.DataFrame, str, dict[str, object]]]:
    """Return rows, legend and looks of each trace, what lies below first."""
    size = 5 if len(drawn) > 1000 else 7
    noise = drawn[drawn["cluster"] == NOISE_NAME]
    clusters = drawn[drawn["cluster"] != NOISE_NAME]
    numbers = clusters["cluster"].astype(int)
    layers = []
    if len(noise):
        looks = {"color": GREY, "symbol": "circle", "size": size - 2, "opacity": 0.5}
        layers.append((noise, words("legend.noise"), looks))
    smaller = clusters[numbers >= MOST_LOOKS]
    if len(smaller):
        count = smaller["cluster"].nunique()
        looks = _looks(numbers[numbers >= MOST_LOOKS].tolist(), size)
        layers.append((smaller, words("legend.smaller_clusters", count=count), looks))
    for number in sorted(numbers[numbers < MOST_LOOKS].unique()):
        name = words("legend.cluster", name=number)
        layers.append((clusters[numbers == number], name, _looks([number], size)))
    return layers


def _looks(numbers: Sequence[int], size: int) -> dict[str, object]:
    colors, symbols = [color(number) for number in numbers], [symbol(number) for number in numbers]
    one = len(numbers) == 1
    return {
        "color": colors[0] if one else colors,
        "symbol": symbols[0] if one else symbols,
        "size": size,
        "opacity": 0.75,
    }


def hover_texts(frame: pd.DataFrame, texts: pd.DataFrame | None = None) -> list[str]:
    """Return the hover box of each row, with what users wrote shown letter by letter.

    Parameters
    ----------
    frame : DataFrame
        ``row`` and ``cluster``.
    texts : DataFrame, optional
        As for :func:`map_figure`.
    """
    boxes = [[_head(row, name)] for row, name in zip(frame["row"], frame["cluster"], strict=True)]
    if texts is not None:
        for position in range(min(MOST_COLUMNS, texts.shape[1])):
            title = plain(texts.columns[position])
            values = texts.iloc[:, position].astype("object")
            for box, value in zip(boxes, values, strict=True):
                box.append(f"{title}: {'–' if pd.isna(value) else plain(value)}")
        if texts.shape[1] > MOST_COLUMNS:
            rest = words("hover.map.more", count=texts.shape[1] - MOST_COLUMNS)
            boxes = [[*box, rest] for box in boxes]
    return ["<br>".join(box) for box in boxes]


def _head(row: int, cluster: str) -> str:
    if cluster == NOISE_NAME:
        return words("hover.map.noise", row=row)
    return words("hover.map.row", row=row, cluster=plain(cluster))


def describe_map(frame: pd.DataFrame, method: str) -> str:
    """Return the alternative text: rows, clusters, the largest one, and noise."""
    if frame.empty:
        return words("figure.nothing")
    counts = frame["cluster"].value_counts()
    noise = int(counts.get(NOISE_NAME, 0))
    clusters = counts.drop(NOISE_NAME, errors="ignore")
    shared = {"rows": len(frame), "method": find_map(method).label}
    if clusters.empty:
        return words("alt.map.no_clusters", **shared) + drawn_of(len(frame))
    said = words(
        "alt.map",
        **shared,
        clusters=len(clusters),
        largest=clusters.idxmax(),
        largest_rows=int(clusters.max()),
    )
    rest = " " + words("alt.map.noise", noise=noise) if noise else ""
    return said + rest + drawn_of(len(frame))
