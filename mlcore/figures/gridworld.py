"""Grid worlds: how agents learn, how sweeps converge, and maps of what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from mlcore.figures.theme import (
    GREY,
    SCALE,
    axis,
    by_powers,
    color,
    dash,
    empty,
    figure,
    hover,
    in_order,
    largest,
    plain,
    power_name,
    words,
)
from mlcore.figures.theme import number as in_words
from mlcore.gridworld.views import tile_side
from mlcore.gridworld.wording import error_words

#: Arrows of a field are at most so long, in units of the distance between two.
_REACH = 0.85
#: Points of a drawn ellipse.
_ROUND = 25
_MARKS = {"start": "circle-open", "terminal": "square-open", "teleport": "diamond-open"}


def learning_curve_figure(curves: pd.DataFrame, lines: pd.DataFrame, measure: str) -> go.Figure:
    """Return what agents get, episode by episode, with bands and exact values as lines.

    Parameters
    ----------
    curves : DataFrame
        ``run`` (name), ``episode``, ``mean``, ``low``, ``high``: of
        :func:`mlcore.gridworld.views.learning_curve`, one below the other.
    lines : DataFrame
        ``label``, ``value``: drawn across; may be empty.
    measure : str
        Title of the axis, such as ``"discounted_return"``.
    """
    x, y = axis("grid.episode"), axis(f"grid.{measure}")
    if curves.empty:
        return empty(x, y)
    made = figure(x, y, height=420)
    _add_bands(made, curves, "hover.grid.episode")
    ends = [curves["episode"].min(), curves["episode"].max()]
    for position, (label, value) in enumerate(zip(lines["label"], lines["value"], strict=True)):
        name = plain(words("legend.grid.line", label=label, value=in_words(value)), 90)
        made.add_trace(
            go.Scatter(
                x=ends,
                y=[value, value],
                mode="lines",
                line={"color": GREY, "dash": dash(position + 1), "width": 2},
                name=name,
                hovertemplate=hover([name]),
            )
        )
    made.update_yaxes(range=_visible(curves, lines["value"].tolist()))
    return made


def _add_bands(made: go.Figure, curves: pd.DataFrame, code: str) -> None:
    """Add a line and its band for each run."""
    for position, name in enumerate(in_order(curves["run"])):
        curve = curves[curves["run"] == name]
        shown = plain(name)
        if curve["low"].notna().any():
            made.add_trace(_band(curve, position, shown))
        made.add_trace(
            go.Scatter(
                x=curve["episode"],
                y=curve["mean"],
                customdata=curve[["low", "high"]].round(4),
                mode="lines",
                line={"color": color(position), "dash": dash(position), "width": 2},
                name=shown,
                legendgroup=str(position),
                hovertemplate=hover([shown, words(code)]),
            )
        )


def _band(curve: pd.DataFrame, position: int, name: str) -> go.Scatter:
    known = curve.dropna(subset=["low", "high"])
    return go.Scatter(
        x=[*known["episode"], *known["episode"][::-1]],
        y=[*known["high"], *known["low"][::-1]],
        mode="lines",
        fill="toself",
        line={"width": 0, "color": color(position)},
        opacity=0.22,
        fillcolor=color(position),
        hoverinfo="skip",
        name=name,
        legendgroup=str(position),
        showlegend=False,
    )


def _visible(curves: pd.DataFrame, levels: Sequence[float]) -> list[float]:
    """Return a range in which the learnt can be told apart: first episodes may be far off."""
    late = curves[curves["episode"] > 0.1 * curves["episode"].max()]["mean"]
    values = np.array([late.quantile(0.02), curves["mean"].max(), *levels], dtype=np.float64)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    margin = 0.12 * (high - low) or 1.0
    return [low - margin, high + margin]


def describe_learning_curve(curves: pd.DataFrame, lines: pd.DataFrame, measure: str) -> str:
    """Return the alternative text: where each curve begins and ends, and the exact values."""
    if curves.empty:
        return words("figure.nothing")
    said = [
        words(
            "alt.grid.curve.one",
            name=name,
            first=in_words(curve["mean"].iloc[0]),
            last=in_words(curve["mean"].iloc[-1]),
        )
        for name, curve in curves.groupby("run", sort=False)
    ]
    levels = [
        words("legend.grid.line", label=label, value=in_words(value))
        for label, value in zip(lines["label"], lines["value"], strict=True)
    ]
    return words(
        "alt.grid.curve",
        measure=axis(f"grid.{measure}"),
        episodes=int(curves["episode"].max()),
        curves="; ".join(said),
        lines=words("alt.grid.curve.lines", listed="; ".join(levels)) if levels else "",
    )


def live_figure(live: pd.DataFrame, family: str) -> go.Figure:
    """Return how a run goes on while it is under way.

    Parameters
    ----------
    live : DataFrame
        ``step``, ``value``.
    family : str
        Of its method: planners say how far off they are, agents what they get.
    """
    planning = family == "planning"
    x, y = axis("grid.live_step"), axis("grid.live_error" if planning else "grid.live_return")
    if live.empty:
        return empty(x, y)
    made = figure(x, y, height=180)
    line = {"color": color(0), "width": 2}
    made.add_trace(go.Scatter(x=live["step"], y=live["value"], mode="lines", line=line))
    if planning and (live["value"] > 0).all():
        by_powers(made, live["value"])
    return made


def error_curve_figure(curves: pd.DataFrame) -> go.Figure:
    """Return the error of agents against the exact values, on an axis of powers of ten.

    Parameters
    ----------
    curves : DataFrame
        ``run``, ``episode``, ``mean``, ``low``, ``high``: of
        :func:`mlcore.gridworld.views.error_curve`.
    """
    x, y = axis("grid.episode"), axis("grid.rms")
    if curves.empty:
        return empty(x, y)
    made = figure(x, y)
    _add_bands(made, curves, "hover.grid.episode")
    by_powers(made, curves["mean"])
    return made


def describe_error_curve(curves: pd.DataFrame) -> str:
    """Return the alternative text: the error of each run at first and at last."""
    return _describe_ends(curves, "alt.grid.error")


def _describe_ends(curves: pd.DataFrame, code: str) -> str:
    if curves.empty:
        return words("figure.nothing")
    said = [
        words(
            "alt.grid.curve.one",
            name=name,
            first=in_words(curve["mean"].iloc[0]),
            last=in_words(curve["mean"].iloc[-1]),
        )
        for name, curve in curves.groupby("run", sort=False)
    ]
    return words(code, curves="; ".join(said))


def sweeps_figure(sweeps: pd.DataFrame) -> go.Figure:
    """Return the largest change and the certified bound, sweep by sweep, by powers of ten.

    Parameters
    ----------
    sweeps : DataFrame
        ``run`` (name), ``sweep``, ``largest_change``, ``error_bound`` (nullable).
    """
    bounded = sweeps["error_bound"].count() > 1
    x, y = axis("grid.sweep"), axis("grid.change" if bounded else "grid.change_alone")
    if sweeps.empty:
        return empty(x, y)
    made = figure(x, y)
    for position, name in enumerate(in_order(sweeps["run"])):
        of_run = sweeps[sweeps["run"] == name]
        # Runs differ by dashes too: of equal curves, each shows through the gaps of the next.
        for column, width in (("error_bound", 2.5), ("largest_change", 1.2)):
            # Powers of ten know no zero; what is exact ends the line.
            drawn = of_run[of_run[column] > 0]
            if drawn.empty:
                continue
            label = words(f"legend.grid.{column}", name=plain(name))
            made.add_trace(
                go.Scatter(
                    x=drawn["sweep"],
                    y=drawn[column],
                    mode="lines+markers" if len(drawn) < 30 else "lines",
                    marker={"size": 5},
                    line={"color": color(position), "dash": dash(position), "width": width},
                    name=label,
                    hovertemplate=hover([label, words("hover.grid.sweep")]),
                )
            )
    by_powers(made, pd.concat([sweeps["error_bound"], sweeps["largest_change"]]))
    made.update_layout(showlegend=True)
    return made


def describe_sweeps(sweeps: pd.DataFrame) -> str:
    """Return the alternative text: how many sweeps each run took and how close it came."""
    if sweeps.empty:
        return words("figure.nothing")
    said = []
    for name, of_run in sweeps.groupby("run", sort=False):
        bounds, changes = (of_run[c].dropna() for c in ("error_bound", "largest_change"))
        code = "alt.grid.sweeps.one" if len(bounds) else "alt.grid.sweeps.change"
        last = bounds if len(bounds) else changes
        shown = error_words(float(last.iloc[-1])) if len(last) else "–"
        said.append(words(code, name=name, n=int(of_run["sweep"].max()), last=shown))
    return words("alt.grid.sweeps", runs="; ".join(said))


def map_figure(
    cells: pd.DataFrame, rows: int, columns: int, what: str, places: pd.DataFrame | None = None
) -> go.Figure:
    """Return the map of a world with a colour for each cell.

    Parameters
    ----------
    cells : DataFrame
        ``row``, ``column``, ``shown``: of :func:`mlcore.gridworld.views.cells_frame`.
    rows, columns : int
        Of the world.
    what : str
        What the colours stand for: ``"value"``, ``"visits"`` (by powers of ten) or ``"walls"``.
    places : DataFrame, optional
        ``row``, ``column``, ``kind`` of cells that are marked.
    """
    x, y = axis("grid.column"), axis("grid.row")
    if cells.empty:
        return empty(x, y)
    made = figure(x, y, height=480)
    made.add_trace(_heat(cells, rows, columns, what))
    if places is not None:
        for kind in in_order(places["kind"]):
            made.add_trace(_places(places[places["kind"] == kind], str(kind)))
    made.update_xaxes(range=[-0.5, columns - 0.5], constrain="domain", zeroline=False)
    made.update_yaxes(range=[rows - 0.5, -0.5], scaleanchor="x", constrain="domain", zeroline=False)
    return made


def _heat(cells: pd.DataFrame, rows: int, columns: int, what: str) -> go.Heatmap:
    # All tiles there are: those in which nobody can stand stay empty.
    tile = tile_side(rows, columns)
    down, across = ((tile - 1) / 2 + tile * np.arange(-(-side // tile)) for side in (rows, columns))
    table = cells.pivot(index="row", columns="column", values="shown")
    table = table.reindex(index=down, columns=across)
    values = table.to_numpy(dtype=np.float64)
    visits = what == "visits"
    powers = _powers(values) if visits else range(1)
    return go.Heatmap(
        x=table.columns,
        y=table.index,
        z=np.log10(np.maximum(values, 0.1)) if visits else values,
        customdata=values,
        colorscale="Greys" if what == "walls" else SCALE,
        zmin={"walls": 0, "visits": powers[0]}.get(what),
        zmax={"walls": 1.4, "visits": powers[-1]}.get(what),
        showscale=what != "walls",
        colorbar=_power_ticks(powers) if visits else {"title": words(f"axis.grid.{what}")},
        hovertemplate=hover([words("hover.grid.cell"), words(f"hover.grid.{what}")]),
    )


def _step(places: npt.NDArray[np.float64]) -> float:
    return float(np.diff(np.sort(places)).min()) if len(places) > 1 else 1.0


def _powers(values: npt.NDArray[np.float64]) -> range:
    """Return the whole powers of ten around counts, two at least; 0 counts as 0.1."""
    low, high = (np.log10(max(of(values), 0.1)) for of in (np.nanmin, np.nanmax))
    least = int(np.floor(low))
    return range(least, max(least + 1, int(np.ceil(high))) + 1)


def _power_ticks(powers: range) -> dict[str, object]:
    names = [power_name(10.0**power) if power >= 0 else "0" for power in powers]
    return {"title": words("axis.grid.visits"), "tickvals": [*powers], "ticktext": names}


def _places(places: pd.DataFrame, kind: str) -> go.Scatter:
    name = words(f"legend.grid.{kind}")
    return go.Scatter(
        x=places["column"],
        y=places["row"],
        mode="markers",
        marker={"symbol": _MARKS[kind], "size": 10, "color": color(1), "line": {"width": 2}},
        name=name,
        hovertemplate=hover([name, words("hover.grid.place")]),
    )


def _span(middle: float, tile: int) -> str:
    """Return the rows or columns of a tile."""
    first = round(middle - (tile - 1) / 2)
    return str(first) if tile == 1 else f"{first}–{first + tile - 1}"


def describe_map(cells: pd.DataFrame, rows: int, columns: int, what: str) -> str:
    """Return the alternative text: the size, and where the largest and smallest numbers are."""
    if cells.empty:
        return words("figure.nothing")
    top, low = (largest(cells, cells["shown"], sign) for sign in (1, -1))
    tile = tile_side(rows, columns)
    written = "{:,.0f}".format if what == "visits" else in_words
    return words(
        f"alt.grid.map.{what}",
        rows=rows,
        columns=columns,
        share=f"{cells['shown'].mean():.0%}",
        top=written(top["shown"]),
        top_row=_span(float(top["row"]), tile),
        top_column=_span(float(top["column"]), tile),
        low=written(low["shown"]),
        low_row=_span(float(low["row"]), tile),
        low_column=_span(float(low["column"]), tile),
    )


def updates_figure(curve: pd.DataFrame, measure: str) -> go.Figure:
    """Return one measure of a continuous agent, update by update.

    Parameters
    ----------
    curve : DataFrame
        ``run``, ``episode`` (the update), ``mean``, ``low``, ``high``: of
        :func:`mlcore.gridworld.views.updates_curve`.
    measure : str
        ``"return"``, ``"length"``, ``"reached"``, ``"spread"``, ``"entropy"``, ``"value_loss"``.
    """
    x, y = axis("grid.update"), axis(f"grid.update_{measure}")
    known = curve.dropna(subset=["mean"])
    if known.empty:
        return empty(x, y)
    made = figure(x, y, height=300)
    _add_bands(made, known, "hover.grid.update")
    if measure == "value_loss":
        by_powers(made, known["mean"])
    return made


def describe_updates(curve: pd.DataFrame, measure: str) -> str:
    """Return the alternative text: the measure at first and at last."""
    known = curve.dropna(subset=["mean"])
    if known.empty:
        return words("figure.nothing")
    said = _describe_ends(known, "alt.grid.updates")
    return f"{axis(f'grid.update_{measure}')}. {said}"


def field_figure(
    field: pd.DataFrame,
    walls: pd.DataFrame,
    places: pd.DataFrame,
    paths: pd.DataFrame | None = None,
    *,
    exact: bool = False,
) -> go.Figure:
    """Return a room: colours for values, arrows for mean moves, ellipses for their spread.

    Parameters
    ----------
    field : DataFrame
        ``x``, ``y``, ``dx``, ``dy``, ``sigma_x``, ``sigma_y``, ``value``, ``exact_value``, on a
        grid; y runs down.
    walls : DataFrame
        ``row``, ``column`` of cells that are walls.
    places : DataFrame
        ``row``, ``column``, ``kind`` of cells that are marked.
    paths : DataFrame, optional
        ``path``, ``step``, ``x``, ``y``: drawn over it.
    exact : bool, default False
        Colours are the exact values, and there are no arrows.
    """
    shown = field.dropna(subset=["exact_value" if exact else "value"])
    if shown.empty:
        return empty(axis("grid.x"), axis("grid.y"))
    made = figure(axis("grid.x"), axis("grid.y"), height=460)
    made.add_trace(_room_heat(shown, "exact_value" if exact else "value", field))
    if not exact:
        _add_arrows(made, shown)
    if paths is not None and len(paths):
        made.add_trace(_walks(paths))
    for row, column in walls[["row", "column"]].itertuples(index=False):
        _block(made, row, column, {"fillcolor": GREY, "line": {"width": 0}})
    for row, column, kind in places[["row", "column", "kind"]].itertuples(index=False):
        style: dict[str, object] = {"line": {"color": color(1), "width": 2, "dash": _KINDS[kind]}}
        if kind == "goal":
            style |= {"label": {"text": words("legend.grid.goal").lower()}}
        _block(made, row, column, style)
    # Whole cells, whatever is drawn: both maps are then of one size.
    right, down = (float(np.ceil(field[name].max())) for name in ("x", "y"))
    made.update_xaxes(range=[0, right], constrain="domain", zeroline=False)
    made.update_yaxes(range=[down, 0], scaleanchor="x", constrain="domain", zeroline=False)
    return made


_KINDS = {"start": "dot", "terminal": "solid", "goal": "solid", "teleport": "dash"}


def _room_heat(shown: pd.DataFrame, column: str, field: pd.DataFrame) -> go.Heatmap:
    table = shown.pivot(index="y", columns="x", values=column)
    # Both maps share their colours, so that they can be compared.
    known = field[["value", "exact_value"]].to_numpy(dtype=np.float64)
    return go.Heatmap(
        x=table.columns,
        y=table.index,
        z=table.to_numpy(dtype=np.float64),
        colorscale=SCALE,
        zmin=float(np.nanmin(known)),
        zmax=float(np.nanmax(known)),
        colorbar={"title": words("axis.grid.value")},
        hovertemplate=hover([words("hover.grid.room"), words("hover.grid.value_here")]),
    )


def _add_arrows(made: go.Figure, shown: pd.DataFrame) -> None:
    """Draw every few places an arrow and the ellipse of one sigma around its end, to scale."""
    every = max(1, round(len(shown["x"].unique()) / 11))
    xs, ys = (sorted(shown[name].unique())[every // 2 :: every] for name in ("x", "y"))
    kept = shown[shown["x"].isin(xs) & shown["y"].isin(ys)]
    gap = min(_step(np.asarray(xs, dtype=float)), _step(np.asarray(ys, dtype=float)))
    longest = float(np.hypot(kept["dx"], kept["dy"]).max()) or 1.0
    scale = _REACH * gap / longest
    tip_x, tip_y = kept["x"] + scale * kept["dx"], kept["y"] + scale * kept["dy"]
    made.add_trace(
        go.Scatter(
            x=_broken(_ellipses(tip_x, scale * kept["sigma_x"], np.cos)),
            y=_broken(_ellipses(tip_y, scale * kept["sigma_y"], np.sin)),
            mode="lines",
            line={"color": "#ffffff", "width": 1},
            opacity=0.75,
            hoverinfo="skip",
            name=words("legend.grid.spread"),
            showlegend=False,
        )
    )
    made.add_trace(
        go.Scatter(
            x=_broken(np.column_stack([kept["x"], tip_x])),
            y=_broken(np.column_stack([kept["y"], tip_y])),
            mode="lines+markers",
            line={"color": "#ffffff", "width": 2},
            marker={"symbol": "arrow", "angleref": "previous", "size": [0, 9, 0] * len(kept)},
            hoverinfo="skip",
            name=words("legend.grid.mean"),
            showlegend=False,
        )
    )


def _ellipses(centre: pd.Series, sigma: pd.Series, of: np.ufunc) -> npt.NDArray[np.float64]:
    turn = np.linspace(0, 2 * np.pi, _ROUND)
    middle, reach = centre.to_numpy(dtype=np.float64), sigma.to_numpy(dtype=np.float64)
    drawn: npt.NDArray[np.float64] = middle[:, None] + reach[:, None] * of(turn)
    return drawn


def _broken(lines: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return points of many lines one after another, with a gap after each."""
    gaps = np.full((len(lines), 1), np.nan)
    return np.hstack([np.asarray(lines, dtype=np.float64), gaps]).ravel()


def _walks(paths: pd.DataFrame) -> go.Scatter:
    pieces = [
        np.vstack([path[["x", "y"]].to_numpy(dtype=np.float64), [[np.nan, np.nan]]])
        for _, path in paths.sort_values(["path", "step"]).groupby("path")
    ]
    points = np.vstack(pieces)
    return go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="lines+markers",
        line={"color": color(1), "width": 2},
        marker={"size": 5},
        name=words("legend.grid.walks"),
        hoverinfo="skip",
        showlegend=False,
    )


def _block(made: go.Figure, row: int, column: int, style: dict[str, object]) -> None:
    made.add_shape(type="rect", x0=column, x1=column + 1, y0=row, y1=row + 1, **style)


def describe_field(field: pd.DataFrame, *, exact: bool = False) -> str:
    """Return the alternative text: where values are highest, and how far they are off."""
    column = "exact_value" if exact else "value"
    shown = field.dropna(subset=[column])
    if shown.empty:
        return words("figure.nothing")
    top = largest(shown, shown[column])
    return words(
        "alt.grid.field.exact" if exact else "alt.grid.field",
        top=in_words(top[column]),
        x=in_words(top["x"]),
        y=in_words(top["y"]),
        low=in_words(shown[column].min()),
        spread=in_words(float(shown[["sigma_x", "sigma_y"]].to_numpy(dtype=np.float64).mean())),
    )


def line_field_figure(field: pd.DataFrame, what: str) -> go.Figure:
    """Return what was learnt about one number beside the exact answer.

    Parameters
    ----------
    field : DataFrame
        ``s``, ``mean``, ``sigma``, ``value``, ``exact_mean``, ``exact_value``.
    what : str
        ``"mean"`` (the action, with a band of one sigma) or ``"value"``.
    """
    x, y = axis("grid.s"), axis(f"grid.line_{what}")
    if field.empty:
        return empty(x, y)
    made = figure(x, y, height=340)
    if what == "mean":
        band = field.assign(
            episode=field["s"],
            low=field["mean"] - field["sigma"],
            high=field["mean"] + field["sigma"],
        )
        made.add_trace(_band(band, 0, words("legend.grid.spread")))
    for position, (column, name) in enumerate(
        ((what, "legend.grid.learnt"), (f"exact_{what}", "legend.grid.exact"))
    ):
        made.add_trace(
            go.Scatter(
                x=field["s"],
                y=field[column],
                mode="lines",
                line={"color": color(position), "dash": dash(position), "width": 2},
                name=words(name),
                hovertemplate=hover([words(name), words("hover.grid.line")]),
            )
        )
    return made


def describe_line_field(field: pd.DataFrame, what: str) -> str:
    """Return the alternative text: how far the learnt line is from the exact one."""
    if field.empty:
        return words("figure.nothing")
    off = (field[what] - field[f"exact_{what}"]).abs()
    return words(
        f"alt.grid.line.{what}", off=in_words(float(off.max())), mean=in_words(float(off.mean()))
    )
