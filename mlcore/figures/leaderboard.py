"""Runs side by side with their intervals."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.metrics import find_metric
from mlcore.figures.theme import (
    GREY,
    MOST_BARS,
    bounded_note,
    color,
    empty,
    figure,
    name_ticks,
    plain,
    records,
    words,
)
from mlcore.figures.theme import number as in_words


def _compared(frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return the metric of the first group and the runs that are compared by it."""
    metric = str(frame["compared_by"].iloc[0])
    same = (frame["compared_by"] == metric) & (frame["group"] == frame["group"].iloc[0])
    return metric, frame[same]


def leaderboard_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the mean score of each run with its interval, best on top.

    Only runs with the same split are drawn together: those of the largest group.

    Parameters
    ----------
    frame : DataFrame
        Of ``leaderboard``.
    """
    if frame.empty:
        return empty("", "")
    metric, runs = _compared(frame)
    shown = runs.head(MOST_BARS)
    spec = find_metric(metric)
    better = "higher_better" if spec.greater_is_better else "lower_better"
    made = figure(words(f"axis.{better}", name=spec.label), "", height=110 + 34 * len(shown))
    _add_baseline_line(made, runs, metric)
    made.add_trace(_intervals(shown, metric))
    made.update_yaxes(**name_ticks(shown["name"]), autorange="reversed", showgrid=False)
    return made


def _intervals(shown: pd.DataFrame, metric: str) -> go.Scatter:
    mean = shown[metric]
    return go.Scatter(
        x=mean,
        y=list(range(len(shown))),
        error_x={
            "type": "data",
            "array": (shown["high"] - mean).fillna(0),
            "arrayminus": (mean - shown["low"]).fillna(0),
            "thickness": 2,
            "color": GREY,
        },
        mode="markers",
        marker={
            "size": 10,
            "color": [GREY if is_baseline else color(0) for is_baseline in shown["baseline"]],
        },
        showlegend=False,
        hoverinfo="text",
        hovertext=[_details(row, metric) for row in records(shown)],
    )


def _details(row: dict[str, Any], metric: str) -> str:
    values = {key: in_words(row[key]) for key in (metric, "low", "high")}
    said = words("hover.leaderboard", mean=values[metric], low=values["low"], high=values["high"])
    return f"{plain(row['name'])}<br>{said}"


def _add_baseline_line(made: go.Figure, runs: pd.DataFrame, metric: str) -> None:
    baseline = runs.loc[runs["baseline"].astype(bool), metric].dropna()
    if len(baseline):
        made.add_vline(x=float(baseline.iloc[0]), line={"color": GREY, "dash": "dot"})


def describe_leaderboard(frame: pd.DataFrame) -> str:
    """Return the alternative text: the best run, its score and its interval."""
    if frame.empty:
        return words("figure.nothing")
    metric, runs = _compared(frame)
    best = runs.iloc[0]
    said = words(
        "alt.leaderboard",
        runs=len(runs),
        metric=find_metric(metric).label,
        name=best["name"],
        mean=in_words(best[metric]),
    )
    if pd.notna(best["low"]):
        low, high = in_words(best["low"]), in_words(best["high"])
        said += " " + words("alt.leaderboard.interval", low=low, high=high)
    return said + bounded_note(min(MOST_BARS, len(runs)), len(runs))
