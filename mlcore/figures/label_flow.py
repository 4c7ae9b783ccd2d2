"""Labels on their way over the map, round by round.

The picture is one trace of rows whose looks change from frame to frame, below one of the labelled
rows, which stay as they are. Back and Step are buttons whose target every frame renews, because a
button of Plotly can only go to a frame that is named when it is drawn.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.evaluation import PROBABILITY
from mlcore.evaluation.label_reach import class_names
from mlcore.figures.maps import axis_titles, symbol
from mlcore.figures.theme import GREY, color, empty, figure, hover, plain, records, words

#: Lines between neighbours that are drawn at most; more are a grey cloud.
MOST_EDGES = 4000
#: Classes of a row's final distribution that its hover box shows.
MOST_SHARES = 3
#: Milliseconds that a round stays on the screen while the rounds are played.
ROUND_TIME = 600
#: Certain rows are drawn fully, uncertain ones down to this opacity.
FAINTEST = 0.4

_UNREACHED = "circle-open"
_ON_BUTTON, _BUTTON = "#1C2B33", "#EEF1EF"


def label_flow_figure(
    map_frame: pd.DataFrame,
    flow: pd.DataFrame,
    edges: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    round: int | None = None,
    shares: tuple[float, float] | None = None,
) -> go.Figure:
    """Return the map with labels spreading over it, to be stepped through or of a single round.

    Labelled rows are large and outlined and keep their label. Rows that no label has reached yet
    are small and grey; the others have the colour and symbol of their class and are the fainter
    the less certain they are. Axes and legend stay the same over all rounds. Of each row the
    first entry of ``customdata`` is its number.

    Parameters
    ----------
    map_frame : DataFrame
        ``row``, ``x``, ``y``.
    flow : DataFrame
        ``round``, ``row``, ``predicted`` (class or null), ``certainty``; rows that are not on the
        map are not drawn.
    edges : DataFrame
        ``start``, ``end``: row numbers of neighbours; an even spread of at most 4,000 is drawn.
    rows : DataFrame
        Rows of the run: ``row``, ``given``, ``predicted``, ``p:<class>`` …
    round : int, optional
        Draw this round alone, without controls; by default all are there, with Back, Step, Play,
        Pause and a slider, and the figure opens with round 0.
    shares : tuple of float, optional
        Of ``explained``, for the axes.
    """
    x, y = axis_titles("pca", shares)
    scene = _Scene(map_frame, flow, rows)
    if scene.places.empty:
        return empty(x, y)
    made = figure(x, y, height=560)
    made.add_trace(_edge_lines(edges, scene.places))
    first = scene.rounds[0] if round is None else round
    made.add_trace(_spreading(scene, first))
    made.add_trace(_pinned(scene))
    for trace in _legend(scene.classes):
        made.add_trace(trace)
    _lay_out(made, scene.places)
    if round is None and len(scene.rounds) > 1:
        _animate(made, scene)
    return made


class _Scene:
    """The drawn rows, each with its place, and what they are in each round."""

    def __init__(self, map_frame: pd.DataFrame, flow: pd.DataFrame, rows: pd.DataFrame) -> None:
        self.classes = class_names(rows)
        self.codes: dict[str | None, int] = {name: n for n, name in enumerate(self.classes)}
        self.symbols = np.array([*(symbol(n) for n in range(len(self.classes))), _UNREACHED])
        self.rounds = sorted(int(one) for one in flow["round"].unique())
        drawn = map_frame[map_frame["row"].isin(flow["row"].unique())]
        known = rows.drop_duplicates("row").set_index("row")
        self.places = drawn.set_index("row").sort_index()
        self.details = known.reindex(self.places.index)
        is_given = self.details["given"].notna()
        self.pinned = self.places.index[is_given]
        self.others = self.places.index[~is_given]
        self._by_round = dict(list(flow.groupby("round")))
        self._now = cache(self._said_now)

    def looks_of(self, round_number: int) -> dict[str, Any]:
        """Return what changes from round to round: looks and hover texts of the other rows."""
        now = self._by_round[round_number].set_index("row").reindex(self.others)
        names = [None if pd.isna(name) else str(name) for name in now["predicted"]]
        certainty = np.nan_to_num(now["certainty"].to_numpy(dtype=np.float64)).round(2)
        # Numbers on a scale of colours: Plotly checks each colour by name, which takes seconds.
        codes = np.array([self.codes.get(name, -1) for name in names], dtype=np.int16)
        faint = FAINTEST + (1 - FAINTEST) * certainty
        said = [self._now(name, value) for name, value in zip(names, certainty, strict=True)]
        return {
            "marker": {
                "color": codes,
                "symbol": self.symbols[codes],
                "opacity": np.where(codes < 0, 0.7, faint).round(2).astype(np.float32),
                "size": np.where(codes < 0, 5, 8).astype(np.int8),
            },
            "hovertext": np.array(said, dtype=object),
        }

    @property
    def scale(self) -> dict[str, Any]:
        """The colours of the codes: grey for -1, then those of the classes."""
        hues = [GREY, *(color(n) for n in range(len(self.classes)))]
        steps = [[(n + end) / len(hues), hue] for n, hue in enumerate(hues) for end in (0, 1)]
        return {"colorscale": steps, "cmin": -1.5, "cmax": len(hues) - 1.5}

    @staticmethod
    def _said_now(name: str | None, certainty: float) -> str:
        if name is None:
            return words("hover.flow.none")
        return words("hover.flow.now", name=plain(name, 24), certainty=f"{certainty:.2f}")

    def custom(self, numbers: pd.Index[Any]) -> list[list[object]]:
        """Return for each row its number and its distribution at the end."""
        return [
            [int(number), _said_at_the_end(row)]
            for number, row in zip(numbers, records(self.details.loc[numbers]), strict=True)
        ]


def _said_at_the_end(row: dict[str, Any]) -> str:
    """Return the highest probabilities of a row; nothing where a run has none."""
    found = [
        (float(value), name.removeprefix(PROBABILITY))
        for name, value in row.items()
        if name.startswith(PROBABILITY) and not pd.isna(value) and value > 0
    ]
    if not found:
        return words("hover.flow.end.none") if pd.isna(row.get("predicted")) else ""
    best = sorted(found, key=lambda pair: -pair[0])[:MOST_SHARES]
    said = [
        words("hover.flow.share", name=plain(name, 24), share=f"{value:.2f}")
        for value, name in best
    ]
    return words("hover.flow.end", shares=", ".join(said))


def _edge_lines(edges: pd.DataFrame, places: pd.DataFrame) -> go.Scatter:
    inside = edges[edges["start"].isin(places.index) & edges["end"].isin(places.index)]
    chosen = np.linspace(0, len(inside) - 1, min(MOST_EDGES, len(inside))).round().astype(int)
    ends = inside.iloc[chosen]
    lines = np.full((len(ends), 3, 2), np.nan, dtype=np.float32)
    lines[:, 0] = places.loc[ends["start"], ["x", "y"]]
    lines[:, 1] = places.loc[ends["end"], ["x", "y"]]
    return go.Scatter(
        x=lines[:, :, 0].ravel(),
        y=lines[:, :, 1].ravel(),
        mode="lines",
        line={"color": GREY, "width": 0.6},
        opacity=0.45,
        hoverinfo="skip",
        showlegend=False,
    )


def _at(places: pd.DataFrame, numbers: pd.Index[Any]) -> dict[str, npt.NDArray[np.float32]]:
    return {name: places.loc[numbers, name].to_numpy(dtype=np.float32) for name in ("x", "y")}


def _spreading(scene: _Scene, round_number: int) -> go.Scatter:
    looks = scene.looks_of(round_number)
    marker = {**looks["marker"], **scene.scale, "line": {"width": 0}, "showscale": False}
    return go.Scatter(
        **_at(scene.places, scene.others),
        marker=marker,
        hovertext=looks["hovertext"],
        customdata=scene.custom(scene.others),
        mode="markers",
        showlegend=False,
        hovertemplate=hover([words("hover.flow"), "%{hovertext}", "%{customdata[1]}"]),
    )


def _pinned(scene: _Scene) -> go.Scatter:
    given = [str(name) for name in scene.details.loc[scene.pinned, "given"]]
    codes = [scene.codes[name] for name in given]
    return go.Scatter(
        **_at(scene.places, scene.pinned),
        customdata=scene.custom(scene.pinned),
        hovertext=[words("hover.flow.given", name=plain(name, 24)) for name in given],
        mode="markers",
        marker={
            "color": [color(code) for code in codes],
            "symbol": [symbol(code) for code in codes],
            "size": 15,
            "line": {"color": GREY, "width": 2.5},
        },
        showlegend=False,
        hovertemplate=hover([words("hover.flow"), "%{hovertext}", "%{customdata[1]}"]),
    )


def _legend(classes: list[str]) -> list[go.Scatter]:
    """Return traces without rows, so that the legend is the same in all rounds."""
    looks = [({"color": color(n), "symbol": symbol(n), "size": 9}, plain(name))
             for n, name in enumerate(classes)]  # fmt: skip
    grey = {"color": GREY, "symbol": _UNREACHED, "size": 7}
    outlined = {**grey, "size": 13, "line": {"color": GREY, "width": 2.5}}
    looks += [(grey, words("legend.none_yet")), (outlined, words("figure.flow.pinned"))]
    return [
        go.Scatter(x=[None], y=[None], mode="markers", marker=marker, name=name)
        for marker, name in looks
    ]


def _lay_out(made: go.Figure, places: pd.DataFrame) -> None:
    """Fix the axes, so that nothing moves but the labels, and put the legend to the right."""
    for name, update in (("x", made.update_xaxes), ("y", made.update_yaxes)):
        low, high = float(places[name].min()), float(places[name].max())
        margin = 0.05 * (high - low) or 1.0
        update(range=[low - margin, high + margin], zeroline=False)
    made.update_yaxes(scaleanchor="x", scaleratio=1)
    at_right = {"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top"}
    made.update_layout(
        legend={**at_right, "itemclick": False, "itemdoubleclick": False}, hovermode="closest"
    )


# --- controls ----------------------------------------------------------------------------------


def _animate(made: go.Figure, scene: _Scene) -> None:
    # Plain records: objects of Plotly would be checked twice.
    made.frames = [
        {
            "name": str(number),
            "data": [{"type": "scatter", **scene.looks_of(number)}],
            "traces": [1],
            "layout": {"updatemenus": [_buttons(scene.rounds, place)]},
        }
        for place, number in enumerate(scene.rounds)
    ]
    made.update_layout(
        updatemenus=[_buttons(scene.rounds, 0)],
        sliders=[_slider(scene.rounds)],
        height=made.layout.height + 90,
    )


def _show(number: int | None, duration: int = 0) -> list[Any]:
    """Return the arguments of a call that shows a round, or (``None``) plays what follows."""
    timing = {"frame": {"duration": duration, "redraw": True}, "transition": {"duration": 0}}
    told = None if number is None else [str(number)]
    return [told, {"mode": "immediate", "fromcurrent": True, **timing}]


def _buttons(rounds: list[int], place: int) -> dict[str, Any]:
    """Return Back, Step, Play and Pause as they are while the round at ``place`` is shown."""
    back, step = rounds[max(0, place - 1)], rounds[min(len(rounds) - 1, place + 1)]
    actions = (
        ("figure.flow.back", _show(back)),
        ("figure.flow.step", _show(step)),
        ("figure.flow.play", _show(None, ROUND_TIME)),
        # No frame at all, at once: what waits to be played is dropped.
        ("figure.flow.pause", [[None], {"mode": "immediate", "frame": {"duration": 0}}]),
    )
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 1.02,
        "yanchor": "bottom",
        # Plotly lights up a button under the pointer; dark words can be read on both.
        "bgcolor": _BUTTON,
        "bordercolor": GREY,
        "font": {"color": _ON_BUTTON},
        "buttons": [
            {"label": words(label), "method": "animate", "args": arguments}
            for label, arguments in actions
        ],
    }


def _slider(rounds: list[int]) -> dict[str, Any]:
    return {
        "active": 0,
        "x": 0,
        "len": 1.0,
        "pad": {"t": 45, "b": 5},
        "currentvalue": {"prefix": words("figure.flow.round") + " "},
        "bgcolor": GREY,
        "bordercolor": GREY,
        "steps": [
            {"label": str(number), "method": "animate", "args": _show(number)} for number in rounds
        ],
    }


def describe_label_flow(
    map_frame: pd.DataFrame, flow: pd.DataFrame, rows: pd.DataFrame, *, round: int | None = None
) -> str:
    """Return the alternative text: how many rows have an answer after a round.

    Parameters
    ----------
    map_frame, flow, rows : DataFrame
        As for :func:`label_flow_figure`.
    round : int, optional
        The round that is drawn; by default the last one is told, and that there are others.
    """
    scene = _Scene(map_frame, flow, rows)
    if scene.places.empty:
        return words("figure.nothing")
    told = scene.rounds[-1] if round is None else round
    now = flow[(flow["round"] == told) & flow["row"].isin(scene.others)]
    reached = int(now["predicted"].notna().sum())
    said = words(
        "alt.flow",
        rows=len(scene.places),
        labelled=len(scene.pinned),
        round=told,
        reached=reached,
        unreached=len(scene.others) - reached,
    )
    if round is not None or len(scene.rounds) < 2:
        return said
    return f"{said} {words('alt.flow.rounds', last=told)}"
