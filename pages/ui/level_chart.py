"""A chart with a horizontal line that can be dragged, or moved with the arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent

_CHART = st.components.v2.component(
    "level_chart",
    html='<div class="chart"></div>',
    css=(_HERE / "level_chart.css").read_text(encoding="utf-8"),
    js=(_HERE / "level_chart.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the drawing.

    Parameters
    ----------
    x, y : sequence of float
        Its points, in order.
    color : str, optional
        Of what lies below the level; the page's accent when not given.
    """

    x: Sequence[float]
    y: Sequence[float]
    color: str = ""


@dataclass(frozen=True, kw_only=True)
class LevelChart:
    """What is drawn, and where the line may go.

    Parameters
    ----------
    lines : sequence of Line
        The drawing; what lies above the level is grey.
    x_title, y_title : str
        Titles of the axes.
    x_ticks : bool
        Whether places on the horizontal axis mean something.
    low, high : float
        The line stays between them.
    name : str
        What the line is, for screen readers: "Radius (eps)".
    readings : sequence of (float, str)
        What to say at the line, each from its level on; rising. It is said while dragging, before
        the page knows of it.
    alt : str
        The drawing in words.
    """

    lines: Sequence[Line]
    x_title: str
    y_title: str
    x_ticks: bool
    low: float
    high: float
    name: str
    readings: Sequence[tuple[float, str]]
    alt: str


def draw(chart: LevelChart, level: float, key: str, on_move: Callable[[float], None]) -> None:
    """Draw the chart with its line at a level.

    Parameters
    ----------
    chart : LevelChart
        What is drawn.
    level : float
        Where the line lies; moved into the chart's bounds.
    key : str
        Of the component.
    on_move : callable
        Given the new level when the line is let go, before the page is drawn again.
    """

    def moved() -> None:
        if key in st.session_state:  # else the page was left while the line was dragged
            on_move(min(max(float(st.session_state[key].moved), chart.low), chart.high))

    data: dict[str, Any] = {
        "lines": [
            {"points": [[float(x), float(y)] for x, y in zip(line.x, line.y, strict=True)]}
            | {"color": line.color}
            for line in chart.lines
        ],
        "xTitle": chart.x_title,
        "yTitle": chart.y_title,
        "xTicks": chart.x_ticks,
        "low": chart.low,
        "high": chart.high,
        "name": chart.name,
        "readings": [[float(start), words] for start, words in chart.readings],
        "alt": chart.alt,
        "level": min(max(level, chart.low), chart.high),
    }
    _CHART(data=data, key=key, on_moved_change=moved)
