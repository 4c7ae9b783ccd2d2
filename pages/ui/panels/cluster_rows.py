"""The table with the group of each row."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.profiles import cluster_names
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import cluster_facts


def draw(run: Run, table: Dataset) -> None:
    """Draw the rows of the chosen groups in the chosen order."""
    together = cluster_facts.rows_or_reason(run, table)
    if together is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.multiselect(
            "Rows of",
            cluster_facts.names(run.id),
            format_func=cluster_facts.title,
            key=f"cluster_rows_of_{run.id}",
            placeholder="Every group",
        )
        by = st.selectbox("Sort by", list(together.columns), key=f"cluster_rows_by_{run.id}")
        falling = st.toggle("Largest first", key="cluster_rows_falling")
    shown = chosen_rows(together, wanted, by, falling)
    draw_rows(shown, "The rows of the table with their group")
    st.caption(f"{len(shown):,} rows in all. A silhouette below 0 marks a row between groups.")
    frame_button("Download these rows as CSV", "cluster_rows_csv", shown, "rows.csv")


def draw_rows(rows: pd.DataFrame, alt: str) -> None:
    """Draw rows of :func:`cluster_facts.rows`, as many as a screen can hold."""
    row, cluster, silhouette = rows.columns[:3]
    show.table(
        rows.head(cluster_facts.MOST_SHOWN),
        alt=alt,
        column_config={
            row: st.column_config.NumberColumn(pinned=True, help="Number of the row, from 0."),
            cluster: st.column_config.TextColumn(pinned=True, help="The row's group."),
            silhouette: st.column_config.NumberColumn(
                format="%.3f",
                help="−1 to 1; below 0 the row is nearer to another group. Empty for noise and for "
                "rows it was not measured on.",
            ),
        },
    )
    if len(rows) > cluster_facts.MOST_SHOWN:
        st.caption(f"The first {cluster_facts.MOST_SHOWN:,} are shown; the download has them all.")


def chosen_rows(together: pd.DataFrame, wanted: list[str], by: str, falling: bool) -> pd.DataFrame:
    """Return the rows of the wanted clusters (of all when there are none), sorted by a column."""
    cluster = together.columns[1]
    kept = together[together[cluster].isin(wanted)] if wanted else together
    # Names are text, in which 10 stands before 2.
    place = {name: number for number, name in enumerate(cluster_names(kept[cluster]))}
    return kept.sort_values(
        by,
        ascending=not falling,
        kind="stable",
        key=lambda values: values.map(place) if by == cluster else values,
    )
