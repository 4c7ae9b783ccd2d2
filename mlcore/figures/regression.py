"""Predicted against actual values, and residuals."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    GREY,
    axis,
    bounded,
    color,
    diagonal,
    drawn_of,
    empty,
    figure,
    hover,
    largest,
    name_ticks,
    points,
    words,
)
from mlcore.figures.theme import number as in_words


def _marks(n_points: int) -> dict[str, object]:
    """Return the look of a cloud: the more points, the smaller and fainter."""
    return {"color": color(0), "size": 5 if n_points > 500 else 7, "opacity": 0.55}


def predicted_actual_figure(frame: pd.DataFrame, target: str) -> go.Figure:
    """Return predicted against actual values; a perfect model lies on the diagonal.

    Parameters
    ----------
    frame : DataFrame
        Of ``predicted_actual_frame``.
    target : str
        Name of the label, for the axes.
    """
    x, y = axis("actual_of", name=target), axis("predicted_of", name=target)
    if frame.empty:
        return empty(x, y)
    drawn = bounded(frame)
    made = figure(x, y, height=420)
    both = frame[["actual", "predicted"]]
    made.add_trace(diagonal(both.min().min(), both.max().max(), words("legend.perfect")))
    made.add_trace(
        points(
            len(drawn),
            x=drawn["actual"],
            y=drawn["predicted"],
            customdata=drawn[["row", "residual"]],
            mode="markers",
            marker=_marks(len(drawn)),
            name=words("legend.rows"),
            hovertemplate=hover([words("hover.predicted_actual")]),
        )
    )
    return made


def describe_predicted_actual(frame: pd.DataFrame) -> str:
    """Return the alternative text: the correlation, and how many rows lie above the diagonal."""
    if frame.empty:
        return words("figure.nothing")
    varies = frame["actual"].nunique() > 1 and frame["predicted"].nunique() > 1
    correlation = frame["actual"].corr(frame["predicted"]) if varies else float("nan")
    too_high = 100 * float((frame["predicted"] > frame["actual"]).mean())
    said = words(
        "alt.predicted_actual",
        rows=len(frame),
        correlation=in_words(correlation),
        too_high=in_words(too_high),
    )
    return said + drawn_of(len(frame))


def residual_figure(frame: pd.DataFrame, against: str | None = None) -> go.Figure:
    """Return residuals beside the predicted value or beside a column.

    Parameters
    ----------
    frame : DataFrame
        Of ``residual_frame``.
    against : str, optional
        Name of the column; without it, ``value`` is the predicted value.
    """
    x = axis("column", name=against) if against is not None else axis("predicted_value")
    y = axis("residual")
    present = frame.dropna(subset=["value"])
    if present.empty:
        return empty(x, y)
    if not _on_a_scale(present["value"]):
        return _residuals_by_category(present, x, y)
    drawn = bounded(present)
    made = figure(x, y)
    made.add_hline(y=0, line={"color": GREY, "dash": "dot", "width": 1.5})
    made.add_trace(
        points(
            len(drawn),
            x=drawn["value"],
            y=drawn["residual"],
            customdata=drawn["row"],
            mode="markers",
            marker=_marks(len(drawn)),
            showlegend=False,
            hovertemplate=hover([words("hover.residual")]),
        )
    )
    return made


def _on_a_scale(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)


def _residuals_by_category(frame: pd.DataFrame, x: str, y: str, most: int = 20) -> go.Figure:
    """Return a box for each of the most common categories."""
    names = frame["value"].value_counts().index[:most].tolist()
    kept = frame[frame["value"].isin(names)]
    place = {name: position for position, name in enumerate(names)}
    drawn = bounded(kept)
    made = figure(x, y)
    made.add_hline(y=0, line={"color": GREY, "dash": "dot", "width": 1.5})
    made.add_trace(
        go.Box(
            x=drawn["value"].map(place),
            y=drawn["residual"],
            marker={"color": color(0), "size": 4},
            boxpoints="outliers",
            showlegend=False,
        )
    )
    made.update_xaxes(**name_ticks(names))
    return made


def describe_residual(frame: pd.DataFrame, against: str | None = None) -> str:
    """Return the alternative text: mean and spread of the residuals, and any trend."""
    present = frame.dropna(subset=["value"])
    if present.empty:
        return words("figure.nothing")
    name = against if against is not None else words("axis.predicted_value")
    said = words(
        "alt.residual",
        name=name,
        mean=in_words(present["residual"].mean()),
        spread=in_words(present["residual"].std()),
        rows=len(present),
    )
    return said + drawn_of(len(present))


def residual_histogram_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the histogram of ``residual_histogram_frame``."""
    x, y = axis("residual"), axis("rows")
    if frame.empty or frame["count"].sum() == 0:
        return empty(x, y)
    made = figure(x, y)
    made.add_trace(
        go.Bar(
            x=(frame["low"] + frame["high"]) / 2,
            y=frame["count"],
            width=frame["high"] - frame["low"],
            customdata=frame[["low", "high", "share"]],
            marker={"color": color(0)},
            showlegend=False,
            hovertemplate=hover([words("hover.residual_histogram")]),
        )
    )
    made.add_vline(x=0, line={"color": GREY, "dash": "dot", "width": 1.5})
    made.update_layout(bargap=0.02)
    return made


def describe_residual_histogram(frame: pd.DataFrame) -> str:
    """Return the alternative text: the most common residuals and the extremes."""
    if frame.empty or frame["count"].sum() == 0:
        return words("figure.nothing")
    top = largest(frame, frame["count"])
    return words(
        "alt.residual_histogram",
        rows=int(frame["count"].sum()),
        low=in_words(frame["low"].min()),
        high=in_words(frame["high"].max()),
        top_low=in_words(top["low"]),
        top_high=in_words(top["high"]),
        count=int(top["count"]),
    )
