"""What few labels come to: whether other rows help, how certain answers are, class shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.label_draws import Method
from mlcore.evaluation.label_reach import PROPAGATED, UNLABELLED
from mlcore.figures.theme import (
    GREY,
    MOST_BARS,
    SYMBOLS,
    axis,
    bounded_note,
    color,
    dash,
    empty,
    figure,
    hover,
    largest,
    name_ticks,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words

#: Places at which both methods stand in every figure of theirs: colour, dash and symbol.
_METHODS = (Method.ALONE.value, Method.WITH_UNLABELLED.value)


def draws_figure(summary: pd.DataFrame) -> go.Figure:
    """Return accuracy against the number of labels, with and without the other rows.

    Parameters
    ----------
    summary : DataFrame
        Of ``draw_summary``; bands are its intervals.
    """
    x, y = axis("labels_in_all"), axis("held_out_accuracy")
    if summary.empty:
        return empty(x, y)
    made = figure(x, y)
    lines = [summary[summary["method"] == method] for method in _METHODS]
    for position, line in enumerate(lines):
        known = line.dropna(subset=["low", "high"])
        if len(known) > 1:
            made.add_trace(_band(known, position))
    for position, line in enumerate(lines):
        made.add_trace(_line(line, position))
    _by_size(made, summary)
    low = float(np.nanmin([summary["mean"].min(), summary["low"].min()]))
    made.update_yaxes(range=[max(0.0, low - 0.05), 1.0])
    return made


def _band(line: pd.DataFrame, position: int) -> go.Scatter:
    sizes = line["size"].tolist()
    return go.Scatter(
        x=[*sizes, *sizes[::-1]],
        y=[*line["high"], *line["low"].iloc[::-1]],
        fill="toself",
        fillcolor=_translucent(color(position)),
        line={"width": 0},
        mode="lines",
        legendgroup=str(position),
        showlegend=False,
        hoverinfo="skip",
    )


def _translucent(hue: str) -> str:
    red, green, blue = (int(hue[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def _line(line: pd.DataFrame, position: int) -> go.Scatter:
    name = words(f"legend.{_METHODS[position]}")
    return go.Scatter(
        x=line["size"],
        y=line["mean"],
        customdata=line[["low", "high"]],
        mode="lines+markers",
        line={"color": color(position), "dash": dash(position), "width": 2},
        marker={"symbol": SYMBOLS[position], "size": 8},
        cliponaxis=False,  # a point at 1 would be cut in half by the end of the axis
        legendgroup=str(position),
        name=name,
        hovertemplate=hover([name, words("hover.draws")]),
    )


def _by_size(made: go.Figure, frame: pd.DataFrame) -> None:
    """Name the sizes; they grow by a factor, so equal factors are equally far apart."""
    sizes = sorted(frame["size"].unique().tolist())
    made.update_xaxes(type="log", tickvals=sizes, ticktext=[str(size) for size in sizes])
    made.update_xaxes(range=[np.log10(sizes[0]) - 0.08, np.log10(sizes[-1]) + 0.08])


def describe_draws(summary: pd.DataFrame) -> str:
    """Return the alternative text: both accuracies at the fewest and at the most labels."""
    if summary.empty:
        return words("figure.nothing")
    table = summary.pivot(index="size", columns="method", values="mean").sort_index()
    first, last = table.iloc[0], table.iloc[-1]
    return words(
        "alt.draws",
        repeats=int(summary["repeats"].max()),
        first=int(table.index[0]),
        last=int(table.index[-1]),
        alone_first=in_words(first[_METHODS[0]]),
        with_first=in_words(first[_METHODS[1]]),
        alone_last=in_words(last[_METHODS[0]]),
        with_last=in_words(last[_METHODS[1]]),
    )


def gain_figure(gains: pd.DataFrame) -> go.Figure:
    """Return what the other rows add to accuracy at each number of labels.

    Parameters
    ----------
    gains : DataFrame
        Of ``gain_frame``; whiskers are its intervals, drawn in percentage points. An interval
        that leaves out the line at 0 tells help from harm.
    """
    x, y = axis("labels_in_all"), axis("gain")
    if gains.empty:
        return empty(x, y)
    made = figure(x, y, height=300)
    shown = 100 * gains[["gain", "low", "high"]]
    made.add_hline(y=0, line={"color": GREY, "dash": "dot", "width": 1.5})
    made.add_trace(
        go.Scatter(
            x=gains["size"],
            y=shown["gain"],
            customdata=shown[["low", "high"]],
            error_y={
                "type": "data",
                "array": (shown["high"] - shown["gain"]).fillna(0),
                "arrayminus": (shown["gain"] - shown["low"]).fillna(0),
                "thickness": 1.5,
            },
            mode="markers",
            marker={"color": color(1), "symbol": SYMBOLS[1], "size": 9},
            showlegend=False,
            hovertemplate=hover([words("hover.gain")]),
        )
    )
    _by_size(made, gains)
    return made


def describe_gain(gains: pd.DataFrame) -> str:
    """Return the alternative text: the gain at the fewest and at the most labels."""
    if gains.empty:
        return words("figure.nothing")
    ends = {"first": gains.iloc[0], "last": gains.iloc[-1]}
    shown = {
        f"{end}_{name}": "–" if np.isnan(row[name]) else f"{100 * row[name]:+.1f}"
        for end, row in ends.items()
        for name in ("gain", "low", "high")
    }
    return words("alt.gain", **shown, **{end: int(row["size"]) for end, row in ends.items()})


def certainty_figure(frame: pd.DataFrame) -> go.Figure:
    """Return how many answers are how certain; unreached rows are a grey bar left of 0.

    Parameters
    ----------
    frame : DataFrame
        Of ``certainty_frame``.
    """
    x, y = axis("certainty"), axis("rows")
    if frame.empty or frame["rows"].sum() == 0:
        return empty(x, y)
    made = figure(x, y, height=300)
    bars = frame[frame["origin"] == PROPAGATED]
    width = bars["high"] - bars["low"]
    made.add_trace(
        go.Bar(
            x=(bars["low"] + bars["high"]) / 2,
            y=bars["rows"],
            width=width,
            customdata=bars[["low", "high"]],
            marker={"color": color(0), "line": {"width": 0}},
            name=words("legend.propagated"),
            hovertemplate=hover([words("hover.certainty")]),
        )
    )
    unreached = frame[frame["origin"] == UNLABELLED]
    if len(unreached):
        made.add_trace(_unreached_bar(unreached))
    made.update_layout(barmode="overlay", bargap=0.02, showlegend=True)
    made.update_xaxes(range=[-0.1 if len(unreached) else -0.01, 1.01], dtick=0.1, tick0=0)
    made.update_xaxes(tickvals=np.arange(0, 1.01, 0.2).round(1), zeroline=False)
    return made


def _unreached_bar(unreached: pd.DataFrame) -> go.Bar:
    return go.Bar(
        x=[-0.055],
        y=unreached["rows"],
        width=0.06,
        marker={"color": GREY, "line": {"width": 0}},
        name=words("legend.unreached"),
        hovertemplate=hover([words("hover.unreached")]),
    )


def describe_certainty(frame: pd.DataFrame) -> str:
    """Return the alternative text: how many answers are sure, unsure, and missing."""
    if frame.empty or frame["rows"].sum() == 0:
        return words("figure.nothing")
    bars = frame[frame["origin"] == PROPAGATED]
    said = words(
        "alt.certainty",
        rows=int(bars["rows"].sum()),
        sure=int(bars.loc[bars["low"] > 0.949, "rows"].sum()),
        unsure=int(bars.loc[bars["high"] < 0.601, "rows"].sum()),
    )
    unreached = int(frame.loc[frame["origin"] == UNLABELLED, "rows"].sum())
    if not unreached:
        return said
    code = "alt.certainty.unreached.one" if unreached == 1 else "alt.certainty.unreached"
    return f"{said} {words(code, rows=unreached)}"


def class_share_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the share of each class among the given labels and among the answers.

    Shares and not counts, because a few labels beside thousands of answers cannot be seen.

    Parameters
    ----------
    frame : DataFrame
        Of ``class_count_frame``; the first 30 classes are drawn.
    """
    x, y = axis("class_share"), axis("class")
    if frame.empty:
        return empty(x, y)
    drawn = frame.head(MOST_BARS)
    made = figure(x, y, height=140 + 34 * max(3, len(drawn)))
    for position, part in enumerate(("given", "propagated")):
        name = words(f"legend.{part}")
        made.add_trace(
            go.Bar(
                x=100 * drawn[f"{part}_share"].fillna(0),
                y=list(range(len(drawn))),
                text=[f"{count:,}" for count in drawn[part]],
                customdata=[plain(one) for one in drawn["class"]],
                textposition="outside",
                cliponaxis=False,
                orientation="h",
                marker={"color": color(position), "pattern": _hatching(position)},
                name=name,
                hovertemplate=hover([name, words("hover.class_share")]),
            )
        )
    made.update_layout(barmode="group", bargap=0.3, legend={"traceorder": "normal"})
    # The counts beside the bars need a place, too.
    most = 100 * drawn[["given_share", "propagated_share"]].max().max()
    made.update_xaxes(range=[0, 1.1 * most])
    made.update_yaxes(**name_ticks(drawn["class"]), autorange="reversed", showgrid=False)
    return made


def _hatching(position: int) -> dict[str, object]:
    """Return stripes for the second kind of bars, so that they differ by more than colour."""
    return {"shape": ("", "/")[position], "fillmode": "overlay", "fgopacity": 0.35, "size": 6}


def describe_class_share(frame: pd.DataFrame) -> str:
    """Return the alternative text: the most frequent class before and after."""
    if frame.empty or frame["given"].sum() == 0:
        return words("figure.nothing")
    given, answered = int(frame["given"].sum()), int(frame["propagated"].sum())
    top = largest(frame, frame["given"])
    shared = {
        "classes": len(frame),
        "given": given,
        "top": top["class"],
        "top_share": f"{100 * top['given_share']:.0f} %",
    }
    note = bounded_note(min(MOST_BARS, len(frame)), len(frame))
    if not answered:
        return words("alt.class_share.given", **shared) + note
    most = largest(frame, frame["propagated"])
    share = f"{100 * most['propagated_share']:.0f} %"
    more = {"propagated": answered, "answer": most["class"], "answer_share": share}
    return words("alt.class_share", **shared, **more) + note
