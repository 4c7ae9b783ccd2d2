"""The rows as points, and the rows behind points that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.maps import (
    MAP_METHODS,
    MapMethod,
    explained,
    find_map,
    map_notes,
    missing_package,
)
from mlcore.evaluation.profiles import cluster_names
from mlcore.figures.maps import describe_map, map_figure
from mlcore.messages import Message
from mlcore.training.runs import Run
from mlcore.workflow.exploring import sample_matrix
from pages.ui import show, stored
from pages.ui.analysis import frame_or_button
from pages.ui.downloads import frame_button
from pages.ui.panels import cluster_facts, cluster_rows
from pages.ui.session import workspace
from pages.ui.text import literal


def draw(run: Run, table: Dataset) -> None:
    """Draw the map by the chosen method, and the rows that were chosen on it."""
    chosen = st.segmented_control(
        "Map by",
        [method.id for method in MAP_METHODS],
        default=MAP_METHODS[0].id,
        required=True,
        format_func=lambda name: find_map(name).label,
        key="cluster_map_method",
    )
    method = find_map(chosen)
    if method.warning:
        st.warning(literal(method.warning), icon=":material/warning:")
    same = cluster_facts.is_of(run, table)
    if not same:
        cluster_facts.say_changed()
    places = _places(run, method, same)
    if places is None:
        return
    st.caption(literal(method.help))
    frame = places.assign(cluster=cluster_facts.clusters(run.id).loc[places["row"]].to_numpy())
    selected = show.figure(
        _drawing(
            workspace().user,
            run.id,
            method.id,
            run.experiment.features,
            frame,
            table if same else None,
        ),
        describe_map(frame, method.id),
        f"cluster_map_{run.id}_{method.id}",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
    )
    if not same:
        return
    show.notes(_about(workspace().user, run.id, method.id, table)[0])
    _draw_selected(run, table, rows_of(selected))


def _places(run: Run, method: MapMethod, same: bool) -> pd.DataFrame | None:
    """Return the map, or draw what is needed to have it."""
    name = f"map_{method.id}"
    found = stored.run_frame(run.id, name)
    if found is not None or not same:
        return found
    if not method.is_installed:
        st.info(literal(missing_package(method)), icon=":material/info:")
        return None
    return frame_or_button(
        run,
        "map",
        name,
        f"Draw the {method.label} map",
        literal(method.help),
        key=f"cluster_map_{method.id}",
        payload={"method": method.id},
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _drawing(
    user: str,
    run: str,
    method: str,
    features: tuple[str, ...],
    _frame: pd.DataFrame,
    _table: Dataset | None,
) -> go.Figure:
    if _table is None:
        return map_figure(_frame, method)
    _, shares, one_column = _about(user, run, method, _table)
    others = [name for name in _table.frame.columns if name not in features]
    texts = _table.frame[[*features, *others]].iloc[_frame["row"]].apply(_as_text)
    return map_figure(_frame, method, texts=texts, shares=shares, one_column=one_column)


def _as_text(values: pd.Series) -> pd.Series:
    """Return whole numbers without decimals, and everything else as it is."""
    return values.map("{:.10g}".format, na_action="ignore") if values.dtype.kind == "f" else values


@st.cache_data(max_entries=32, show_spinner=False)
def _about(
    user: str, run: str, method: str, _table: Dataset
) -> tuple[tuple[Message, ...], tuple[float, float], bool]:
    """Return what is said beside a map, how much of the spread it shows, and if it is a line."""
    experiment = stored.runs().get(run).experiment
    rows = stored.result(run).split.development
    matrix = sample_matrix(_table, experiment, stored.model(run), rows)
    return map_notes(method, matrix), explained(matrix), matrix.shape[1] == 1


def rows_of(selected: Mapping[str, Any] | None) -> list[int]:
    """Return the numbers of the rows behind the points that were chosen, rising.

    Parameters
    ----------
    selected : mapping or None
        What the chart returned; each point carries its row, alone or in a list.
    """
    points = selected["selection"]["points"] if selected else []
    carried = [point.get("customdata") for point in points]
    rows = [value[0] if isinstance(value, list | tuple) else value for value in carried]
    return sorted({int(row) for row in rows if row is not None})


def counts_of(clusters: pd.Series, rows: list[int]) -> dict[str, int]:
    """Return how many of the rows each cluster has, clusters in order, noise last."""
    counts = clusters.loc[rows].value_counts()
    return {name: int(counts[name]) for name in cluster_names(clusters.loc[rows])}


def _draw_selected(run: Run, table: Dataset, chosen: list[int]) -> None:
    if not chosen:
        st.caption(
            ":material/lasso_select: Draw around points (lasso or box) to see the rows behind them."
        )
        return
    together = cluster_facts.rows_or_reason(run, table)
    if together is None:
        return
    counts = counts_of(cluster_facts.clusters(run.id), chosen)
    told = ", ".join(f"{cluster_facts.title(name)}: {count:,}" for name, count in counts.items())
    plural = "s" if len(chosen) != 1 else ""
    st.markdown(f"**{len(chosen):,} row{plural} chosen.** {literal(told)}.")
    rows = together.iloc[chosen]
    cluster_rows.draw_rows(rows, "The rows behind the chosen points")
    frame_button("Download as CSV", "cluster_map_csv", rows, "chosen_rows.csv")
