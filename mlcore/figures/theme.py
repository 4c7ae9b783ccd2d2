"""How every figure looks, and how text of users gets into one.

Plotly renders a small part of HTML in labels, legends and hover boxes. A column called
``<a href=…>`` would become a link there, so every text that comes from data passes
:func:`plain`.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.messages import message

#: Colours with the hues of Okabe and Ito, moved until any two (and grey) stay apart for every
#: colour vision (CIE76 distance of 20 or more) and each has contrast 3 on a white and on a dark
#: page; their yellow and sky blue vanish on white.
PALETTE: tuple[str, ...] = (
    "#0857e3",  # blue
    "#f26402",  # orange
    "#1d8b4d",  # green
    "#c616ac",  # purple
    "#0997ff",  # sky blue
    "#a84000",  # brown
)
#: What is beside the point: reference lines, other rows.
GREY = "#808080"
#: Low to high; even in lightness and the same to every colour vision.
SCALE = "Cividis"
#: Lines and points differ by more than colour.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")

#: Points sent to the browser at most; more cost seconds and show nothing more.
MOST_POINTS = 5000
#: From so many points on, the graphics card draws.
WEBGL_FROM = 1000
#: Bars of one figure at most: more names than this cannot be read.
MOST_BARS = 30
#: An axis of powers of ten names between so many and so many of them.
_FEWEST_POWERS, _MOST_POWERS = 2, 9

_GRID = "rgba(128,128,128,0.22)"
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_MARKUP = str.maketrans({"$": "&#36;", "%": "&#37;", "{": "&#123;", "}": "&#125;"})


def plain(text: object, most: int = 40) -> str:
    """Return text of a user so that Plotly shows it letter by letter.

    Tags and entities come out literally, ``$…$`` does not become a formula and ``%{…}`` is not
    filled in. Control characters and marks that turn the direction of writing become blanks.

    Parameters
    ----------
    text : object
        A class, a column name, a value.
    most : int, default 40
        Longer text is cut and ends with "…".

    >>> plain("<b>50 %</b>")
    '&lt;b&gt;50 &#37;&lt;/b&gt;'
    """
    clean = _CONTROLS.sub(" ", str(text))
    short = clean if len(clean) <= most else f"{clean[: most - 1]}…"
    # Quotes stay: they matter only inside a tag, and Plotly does not decode their entities.
    return html.escape(short, quote=False).translate(_MARKUP)


def words(code: str, /, **parameters: Any) -> str:
    """Return the sentence of a code."""
    return str(message(code, **parameters))


def axis(title: str, /, **parameters: Any) -> str:
    """Return the title of an axis; text parameters are made plain."""
    safe = {key: plain(value) for key, value in parameters.items()}
    return words(f"axis.{title}", **safe)


def number(value: float) -> str:
    """Return a number with three significant digits, as the alternative texts use it.

    >>> number(0.12345), number(-2154.3), number(float("nan"))
    ('0.123', '−2,154', '–')
    """
    if np.isnan(value):
        return "–"
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"
    return text.replace("-", "−")


def color(position: int) -> str:
    """Return the colour of the n-th series."""
    return PALETTE[position % len(PALETTE)]


def dash(position: int) -> str:
    """Return the dash pattern of the n-th line."""
    return DASHES[(position // len(PALETTE) + position) % len(DASHES)]


_TEMPLATE = go.layout.Template(
    layout={
        "colorway": PALETTE,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"align": "left"},
        "xaxis": {"gridcolor": _GRID, "zerolinecolor": _GRID, "automargin": True},
        "yaxis": {"gridcolor": _GRID, "zerolinecolor": _GRID, "automargin": True},
        "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
    }
)


def figure(x: str, y: str, height: int = 380) -> go.Figure:
    """Return an empty figure in the house style.

    Parameters
    ----------
    x, y : str
        Titles of the axes, with unit. There is no title inside a figure; pages have headings.
    height : int, default 380
        In pixels.
    """
    made = go.Figure()
    made.update_layout(
        template=_TEMPLATE,
        height=height,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
    )
    made.update_xaxes(title_text=x)
    made.update_yaxes(title_text=y)
    return made


def empty(x: str, y: str) -> go.Figure:
    """Return a figure that says that there is nothing to draw."""
    made = figure(x, y, height=160)
    made.add_annotation(
        text=words("figure.nothing"), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper"
    )
    made.update_xaxes(visible=False)
    made.update_yaxes(visible=False)
    return made


def bounded(frame: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Return at most ``most`` rows, evenly spread over the frame; first and last stay."""
    if len(frame) <= most:
        return frame
    return frame.iloc[np.linspace(0, len(frame) - 1, most).round().astype(int)]


def bounded_note(drawn: int, total: int) -> str:
    """Return a sentence for figures that draw a part of the points, else nothing."""
    return "" if drawn >= total else " " + words("figure.bounded", drawn=drawn, total=total)


def drawn_of(total: int, most: int = MOST_POINTS) -> str:
    """Return :func:`bounded_note` for a frame of so many rows."""
    return bounded_note(min(total, most), total)


def points(n_points: int, **arguments: Any) -> Any:
    """Return a trace of points or lines, drawn by the graphics card when there are many."""
    kind = go.Scattergl if n_points > WEBGL_FROM else go.Scatter
    return kind(**arguments)


def name_ticks(names: Iterable[object], most: int = 30) -> dict[str, Any]:
    """Return axis settings that put names at 0, 1, 2 and so on.

    Positions instead of names keep two long names apart that are cut to the same text.
    """
    shown = [plain(name, most) for name in names]
    return {"tickmode": "array", "tickvals": list(range(len(shown))), "ticktext": shown}


def power_name(value: float) -> str:
    """Return a power of ten, or 2 or 5 times one, as an axis names it.

    >>> power_name(0.001), power_name(2000), power_name(1e-8)
    ('0.001', '2,000', '10<sup>−8</sup>')
    """
    if 1e-4 <= value < 1e6:
        return f"{value:,g}"
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = round(value / 10.0**exponent)
    power = f"10<sup>{exponent}</sup>".replace("-", "−")
    return power if factor == 1 else f"{factor}·{power}"


def by_powers(made: go.Figure, values: Iterable[float]) -> None:
    """Make the upright axis one of powers of ten, each named in full.

    Where there are too few of them to read from, 2 and 5 times a power are named too.

    Parameters
    ----------
    made : Figure
        It is changed.
    values : iterable of float
        What is drawn; zeros and gaps have no place on such an axis.
    """
    made.update_yaxes(type="log")
    known = np.array([value for value in values if value > 0], dtype=np.float64)
    if not len(known):
        return
    low, high = float(known.min()), float(known.max())
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    if ((low <= powers) & (powers <= high)).sum() < _FEWEST_POWERS:
        fine = np.outer(powers, (1, 2, 5)).ravel()
        powers = fine[max(0, (fine <= low).sum() - 1) : (fine < high).sum() + 1]
        margin = 0.03
        made.update_yaxes(range=[np.log10(powers[0]) - margin, np.log10(powers[-1]) + margin])
    shown = powers[:: -(-len(powers) // _MOST_POWERS)]
    made.update_yaxes(tickmode="array", tickvals=shown, ticktext=[power_name(v) for v in shown])


def largest(frame: pd.DataFrame, values: Iterable[float], sign: int = 1) -> dict[str, Any]:
    """Return the first row in which ``values`` is largest (smallest with ``sign`` -1)."""
    position = int(np.nanargmax(sign * np.asarray(list(values), dtype=np.float64)))
    return {str(name): value for name, value in frame.iloc[position].items()}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows, each by column name."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def in_order(values: Iterable[Hashable]) -> list[Hashable]:
    """Return distinct values in the order in which they come first."""
    return list(dict.fromkeys(values))


def hover(lines: Sequence[str]) -> str:
    """Return a hover template of several lines, without the box of the trace's name."""
    return "<br>".join(lines) + "<extra></extra>"


def diagonal(low: float, high: float, name: str) -> go.Scatter:
    """Return a thin grey line from (low, low) to (high, high)."""
    return go.Scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": GREY, "dash": "dot", "width": 1.5},
        name=name,
        hoverinfo="skip",
    )
