"""The rows as points: alike rows near each other, coloured by any column."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.maps import MAP_METHODS, MapMethod, find_map, missing_package
from mlcore.figures.table_map import describe_table_map, table_map_figure
from mlcore.messages import Message, message
from mlcore.workflow.table_map import TABLE_MAP, TableMap, table_map, table_map_plan
from pages.ui import exploring, show, stored, watching
from pages.ui.downloads import frame_button
from pages.ui.panels.cluster_map import rows_of
from pages.ui.panels.explore_label import known_label
from pages.ui.session import workspace
from pages.ui.text import literal

#: Inputs that are named for each axis.
_MOST_INPUTS = 4


def draw(table: Dataset) -> None:
    """Draw the map, and the rows that are chosen on it."""
    try:
        label = known_label(table)
        components = _map(workspace().user, exploring.state_of(table), label, table)
    except UserError as error:
        st.info(literal(error), icon=":material/info:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Map by",
            [method.id for method in MAP_METHODS],
            default=MAP_METHODS[0].id,
            required=True,
            format_func=lambda name: find_map(name).label,
            key="explore_map_method",
        )
        colour = exploring.chosen_column(
            "Colour by",
            list(table.schema.names),
            "explore_map_colour",
            default=label,
            placeholder="Nothing",
        )
    method = find_map(chosen)
    if method.warning:
        st.warning(literal(method.warning), icon=":material/warning:")
    st.caption(literal(method.help))
    frame = components.frame if method.id == "pca" else _computed(table, method, label)
    if frame is not None:
        _draw(table, components, method, frame, colour, label)


@st.cache_resource(max_entries=8, show_spinner="Laying out the rows …")
def _map(user: str, state: str, label: str | None, _table: Dataset) -> TableMap:
    return table_map(_table, label=label)


def _computed(table: Dataset, method: MapMethod, label: str | None) -> pd.DataFrame | None:
    """Return a map that a job computed, or draw what is needed to have it."""
    plan = table_map_plan(table, method.id, label)
    found = stored.analysis(TABLE_MAP, plan)
    if found is not None:
        return found
    if not method.is_installed:
        st.info(literal(missing_package(method)), icon=":material/info:")
        return None
    job = stored.analysis_job(TABLE_MAP, plan)
    if job is not None and job.is_active:
        watching.draw(job.id, cancel_key="explore_map_cancel")
        return None
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
    if st.button(f"Draw the {method.label} map", key="explore_map_start", type="primary"):
        stored.start_analysis(TABLE_MAP, plan, {"method": method.id, "label": label})
        st.rerun()
    return None


def _draw(
    table: Dataset,
    components: TableMap,
    method: MapMethod,
    frame: pd.DataFrame,
    colour: str | None,
    label: str | None,
) -> None:
    drawing, words = _drawing(
        workspace().user,
        exploring.state_of(table),
        method.id,
        colour,
        label,
        table,
        components,
        frame,
    )
    selected = show.figure(
        drawing,
        words,
        f"explore_map_{method.id}",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
    )
    frame_button("Download the numbers as CSV", "explore_map_csv", frame, "map.csv")
    show.notes([*components.notes, *(_axes(components) if method.id == "pca" else [])])
    rows = rows_of(selected)
    if not rows:
        st.caption(
            ":material/lasso_select: Draw around points (lasso or box) to see the rows behind them."
        )
        return
    st.markdown(f"**{len(rows):,} {'rows' if len(rows) > 1 else 'row'} chosen.**")
    show.table(table.frame.iloc[rows], alt="The rows behind the chosen points")


@st.cache_resource(max_entries=32, show_spinner=False)
def _drawing(
    user: str,
    state: str,
    method: str,
    colour: str | None,
    label: str | None,
    _table: Dataset,
    _components: TableMap,
    _frame: pd.DataFrame,
) -> tuple[go.Figure, str]:
    values = None
    if colour is not None:
        values = _table.frame[colour].iloc[_frame["row"]].set_axis(_frame.index)
    drawing = table_map_figure(
        _frame,
        method,
        values,
        shares=_components.shares,
        one_column=_components.one_column,
    )
    return drawing, describe_table_map(_frame, method, values)


def _axes(components: TableMap) -> list[Message]:
    """Return what each axis is made of: with + more of it lies to the right or up."""
    return [
        message(
            "table_map.axis",
            axis=number,
            names=", ".join(
                f"“{name}” ({weight:+.2f})".replace("-", "−")
                for name, weight in part[["input", "weight"]].head(_MOST_INPUTS).to_numpy()
            ),
        )
        for number, part in components.axes.groupby("axis")
    ]
