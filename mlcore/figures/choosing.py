"""Figures for choosing: all criteria over k, the sorted distances, the eigenvalues."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.criteria import CRITERIA, CriterionSpec, defined_rows
from mlcore.evaluation.density import eps_outcome
from mlcore.evaluation.spectrum import suggest_by_eigengap
from mlcore.figures.theme import (
    GREY,
    axis,
    bounded,
    color,
    empty,
    figure,
    hover,
    plain,
    words,
)
from mlcore.figures.theme import number as in_words

#: Panels side by side; more become too narrow for a phone.
_COLUMNS = 2
_PANEL_HEIGHT = 190


def _shown(table: pd.DataFrame) -> list[CriterionSpec]:
    """Return the criteria with a value for at least one number of groups."""
    return [spec for spec in CRITERIA if len(table) and len(defined_rows(table, spec))]


def sweep_figure(table: pd.DataFrame, suggestions: pd.DataFrame) -> go.Figure:
    """Return one panel for each criterion over the number of groups.

    Parameters
    ----------
    table : DataFrame
        Of ``sweep``; whiskers are its standard errors and deviations.
    suggestions : DataFrame
        Of ``suggestions``; the suggested number is marked by a larger point and a dotted line.
    """
    shown = _shown(table)
    if not shown:
        return empty(axis("groups"), "")
    n_rows = -(-len(shown) // _COLUMNS)
    made = figure("", "", height=60 + _PANEL_HEIGHT * n_rows)
    made.set_subplots(
        rows=n_rows,
        cols=_COLUMNS,
        shared_xaxes="all",
        subplot_titles=[plain(_title(spec), 60) for spec in shown],
        vertical_spacing=0.28 / n_rows,
    )
    suggested = dict(zip(suggestions["criterion"], suggestions["k"], strict=True))
    for position, spec in enumerate(shown):
        _add_panel(made, table, spec, suggested.get(spec.id), divmod(position, _COLUMNS))
    made.update_layout(showlegend=False)
    made.update_annotations(font_size=13)
    _label_lowest(made, len(shown))
    return made


def _title(spec: CriterionSpec) -> str:
    return words(f"choosing.panel.{spec.better}", name=spec.label)


def _label_lowest(made: go.Figure, n_panels: int) -> None:
    """Put the axis title and the numbers under the lowest panel of each column."""
    for position in range(max(0, n_panels - _COLUMNS), n_panels):
        row, column = divmod(position, _COLUMNS)
        made.update_xaxes(
            title_text=axis("groups"), showticklabels=True, row=row + 1, col=column + 1
        )
    made.update_xaxes(dtick=1)


def _add_panel(
    made: go.Figure, table: pd.DataFrame, spec: CriterionSpec, k: int | None, place: tuple[int, int]
) -> None:
    rows = defined_rows(table, spec)
    row, column = place[0] + 1, place[1] + 1
    spread = None
    if spec.spread:
        spread = {"type": "data", "array": rows[spec.spread].fillna(0), "thickness": 1}
    is_suggested = rows["k"] == k
    made.add_trace(
        go.Scatter(
            x=rows["k"],
            y=rows[spec.column],
            error_y=spread,
            mode="lines+markers",
            line={"color": color(0), "width": 2},
            marker={
                "size": [14 if marked else 6 for marked in is_suggested],
                "symbol": ["star" if marked else "circle" for marked in is_suggested],
                "color": [color(1) if marked else color(0) for marked in is_suggested],
                "opacity": 1,
            },
            name=plain(spec.label),
            hovertemplate=hover([plain(spec.label), words("hover.sweep")]),
        ),
        row=row,
        col=column,
    )
    if k is not None:
        made.add_vline(x=k, line={"color": GREY, "dash": "dot", "width": 1.5}, row=row, col=column)


def describe_sweep(table: pd.DataFrame, suggestions: pd.DataFrame) -> str:
    """Return the alternative text: what was tried and what each criterion suggests."""
    if table.empty:
        return words("figure.nothing")
    said = words(
        "alt.sweep",
        criteria=len(_shown(table)),
        low=int(table["k"].min()),
        high=int(table["k"].max()),
        rows=int(table["rows"].iloc[0]),
    )
    pairs = zip(suggestions["label"], suggestions["k"], strict=True)
    listed = ", ".join(words("alt.sweep.one", name=label, k=int(k)) for label, k in pairs)
    return f"{said} {words('alt.sweep.suggested', listed=listed)}" if listed else said


def k_distance_figure(frame: pd.DataFrame, eps: float | None = None) -> go.Figure:
    """Return the sorted distances to the ``min_samples``-th neighbour.

    Parameters
    ----------
    frame : DataFrame
        Of ``k_distance_frame``.
    eps : float, optional
        Where the line lies; rows below it would be core points.
    """
    x, y = axis("sorted_rows"), axis("k_distance")
    if frame.empty:
        return empty(x, y)
    drawn = bounded(frame)
    made = figure(x, y)
    made.add_trace(
        go.Scatter(
            x=drawn["position"],
            y=drawn["distance"],
            mode="lines",
            line={"color": color(0), "width": 2},
            hovertemplate=hover([words("hover.k_distance")]),
        )
    )
    if eps is not None:
        _add_level(made, eps, words("choosing.line.eps", value=in_words(eps)))
    made.update_layout(showlegend=False)
    return made


def _add_level(made: go.Figure, height: float, text: str) -> None:
    made.add_hline(
        y=height,
        line={"color": color(1), "dash": "dash", "width": 2},
        annotation_text=text,
        annotation_position="top left",
    )


def describe_k_distance(frame: pd.DataFrame, eps: float | None = None) -> str:
    """Return the alternative text: the range of the distances and what the line does."""
    if frame.empty:
        return words("figure.nothing")
    distances = frame["distance"]
    said = words(
        "alt.k_distance",
        rows=len(frame),
        low=in_words(float(distances.iloc[0])),
        middle=in_words(float(distances.median())),
        high=in_words(float(distances.iloc[-1])),
    )
    if eps is None:
        return said
    share = round(100 * eps_outcome(frame, eps))
    return f"{said} {words('alt.k_distance.line', eps=in_words(eps), share=share)}"


def eigengap_figure(frame: pd.DataFrame) -> go.Figure:
    """Return the smallest eigenvalues, those before the suggested gap in another colour.

    Parameters
    ----------
    frame : DataFrame
        Of ``eigengap_frame``.
    """
    x, y = axis("eigenvalue_position"), axis("eigenvalue")
    if frame.empty:
        return empty(x, y)
    k = suggest_by_eigengap(frame)
    made = figure(x, y)
    before = frame["position"] <= k
    parts = ((before, "below", 0, "circle"), (~before, "above", 1, "square"))
    for chosen, name, position, symbol in parts:
        _add_eigenvalues(made, frame[chosen], words(f"legend.gap.{name}"), position, symbol)
    made.add_vline(x=k + 0.5, line={"color": GREY, "dash": "dot", "width": 1.5})
    made.update_xaxes(dtick=1)
    return made


def _add_eigenvalues(
    made: go.Figure, rows: pd.DataFrame, name: str, position: int, symbol: str
) -> None:
    gaps: Sequence[str] = [in_words(float(gap)) for gap in rows["gap"]]
    made.add_trace(
        go.Scatter(
            x=rows["position"],
            y=rows["eigenvalue"],
            mode="markers",
            marker={"color": color(position), "symbol": symbol, "size": 9},
            customdata=gaps,
            name=name,
            hovertemplate=hover([words("hover.eigengap")]),
        )
    )


def describe_eigengap(frame: pd.DataFrame) -> str:
    """Return the alternative text: where the gap lies, between which eigenvalues."""
    if frame.empty:
        return words("figure.nothing")
    k = suggest_by_eigengap(frame)
    row = frame.iloc[k - 1]
    return words(
        "alt.eigengap",
        count=len(frame),
        k=k,
        below=in_words(float(row["eigenvalue"])),
        above=in_words(float(row["eigenvalue"] + row["gap"])),
    )
