"""How the values of a column are spread.

The frame is that of ``mlcore.data.profile.distribution_frame``: ``position`` (of the bar),
``level`` (a category, or a bin such as "10 to 20"), ``count`` (rows) and ``group`` (empty, or what
the bars are stacked by).
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    MOST_POINTS,
    axis,
    bounded_note,
    color,
    empty,
    figure,
    hover,
    in_order,
    name_ticks,
    plain,
    words,
)

#: Bars of a distribution at most.
MOST_LABELS = 60


def distribution_figure(frame: pd.DataFrame, column: str) -> go.Figure:
    """Return bars of how often each value occurs.

    Parameters
    ----------
    frame : DataFrame
        ``position``, ``level``, ``count``, ``group``; the first 60 bars are drawn.
    column : str
        Name of the column, for the axis.
    """
    x, y = axis("column", name=column), axis("rows")
    if frame.empty:
        return empty(x, y)
    drawn = frame[frame["position"] < MOST_LABELS]
    labels = drawn.drop_duplicates("position").sort_values("position")["level"]
    groups = in_order(drawn["group"])[: MOST_POINTS // len(labels)]
    made = figure(x, y, height=300)
    for position, group in enumerate(groups):
        made.add_trace(_bars(drawn[drawn["group"] == group], position, group))
    made.update_layout(barmode="stack", bargap=0.05, showlegend=groups != [""])
    made.update_xaxes(**name_ticks(labels, 20), showgrid=False)
    return made


def _bars(part: pd.DataFrame, position: int, group: object) -> go.Bar:
    lines = ["%{customdata}", words("hover.distribution")]
    return go.Bar(
        x=part["position"],
        y=part["count"],
        customdata=[plain(label) for label in part["level"]],
        marker={"color": color(position)},
        name=plain(group),
        hovertemplate=hover(lines if group == "" else [plain(group), *lines]),
    )


def describe_distribution(frame: pd.DataFrame, column: str) -> str:
    """Return the alternative text: the most common value and its share."""
    if frame.empty or frame["count"].sum() == 0:
        return words("figure.nothing")
    by_position = frame.groupby("position").agg({"level": "first", "count": "sum"})
    by_label = by_position.set_index("level")["count"]
    said = words(
        "alt.distribution",
        column=column,
        labels=len(by_label),
        top=by_label.idxmax(),
        count=int(by_label.max()),
        rows=int(by_label.sum()),
    )
    return said + bounded_note(min(MOST_LABELS, len(by_label)), len(by_label))


def words_figure(frame: pd.DataFrame) -> go.Figure:
    """Return bars of how many rows have each of the most frequent words.

    Parameters
    ----------
    frame : DataFrame
        Of ``mlcore.data.column_summary.word_frame``: ``word``, ``rows``, ``share``.
    """
    x = axis("word")
    if frame.empty:
        return empty(x, "")
    made = figure(x, "", height=90 + 22 * max(3, len(frame)))
    made.add_trace(
        go.Bar(
            x=frame["rows"],
            y=list(range(len(frame))),
            orientation="h",
            customdata=frame["share"],
            marker={"color": color(0)},
            hovertemplate=hover([words("hover.words")]),
        )
    )
    made.update_yaxes(**name_ticks(frame["word"]), autorange="reversed", showgrid=False)
    return made


def describe_words(frame: pd.DataFrame, column: str) -> str:
    """Return the alternative text: the word that stands in most rows."""
    if frame.empty:
        return words("figure.nothing")
    top, rows = frame["word"].iloc[0], int(frame["rows"].iloc[0])
    return words("alt.words", words=len(frame), column=column, top=top, rows=f"{rows:,}")
