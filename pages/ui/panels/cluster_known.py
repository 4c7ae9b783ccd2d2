"""The groups beside classes that are known, which they were never made from."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.dataset import Dataset
from mlcore.data.schema import MOST_NUMERIC_CLASSES, Column, ColumnKind, Role
from mlcore.evaluation.agreement import NoiseRule, contingency_frame, external_scores
from mlcore.figures.agreement import contingency_figure, describe_contingency
from mlcore.messages import listing
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import cluster_facts
from pages.ui.session import workspace
from pages.ui.text import literal

_NOISE_RULES: dict[NoiseRule, str] = {"group": "One more group", "left_out": "Left out"}


def draw(run: Run, table: Dataset) -> None:
    """Draw the choice of a column, and how well the groups agree with its classes."""
    if not cluster_facts.is_of(run, table):
        cluster_facts.say_changed()
        return
    offered = [c for c in candidates(table) if c.name not in run.experiment.features]
    used = [c.name for c in candidates(table) if c.name in run.experiment.features]
    st.markdown(
        "If a column holds classes that you know already, see how far the groups agree with them. "
        "Such a column is only compared with afterwards; it was never used for finding the groups."
    )
    if used:
        st.caption(
            f"Not offered, because the groups were made from them: {literal(listing(used, 12))}. "
            "Leave such a column out of the columns above and start again to compare with it."
        )
    if not offered:
        st.info(
            "There is no other column with classes: a category, yes or no, or a number with few "
            "different values.",
            icon=":material/info:",
        )
        return
    _compare(run, table, offered)


def candidates(table: Dataset) -> list[Column]:
    """Return the columns that may hold classes, one marked as label first."""
    columns = [column for column in table.schema.columns if _has_classes(column)]
    return sorted(columns, key=lambda column: column.role is not Role.LABEL)


def _has_classes(column: Column) -> bool:
    if column.kind is ColumnKind.NUMBER:
        return 2 <= column.distinct <= MOST_NUMERIC_CLASSES
    return column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO)


def _compare(run: Run, table: Dataset, offered: list[Column]) -> None:
    column, noise, as_shares = _choices(run, offered)
    scores, cells = _compared(workspace().user, run.id, column, noise, table)
    left, right = st.columns([5, 4], gap="large")
    with left:
        st.markdown("**How well they agree**")
        _draw_scores(scores)
    with right:
        st.markdown("**Which classes are in which group**")
        show.figure(
            contingency_figure(cells, shares=as_shares),
            describe_contingency(cells),
            "cluster_contingency",
        )
        frame_button("Download as CSV", "cluster_contingency_csv", cells, "contingency.csv")


def _choices(run: Run, offered: list[Column]) -> tuple[str, NoiseRule, bool]:
    """Draw the choices; return the column, what becomes of noise, and if cells hold shares."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "Column with known classes", [c.name for c in offered], key=f"cluster_known_{run.id}"
        )
        noise: NoiseRule = "group"
        if NOISE_NAME in cluster_facts.names(run.id):
            noise = st.segmented_control(
                "Rows that are noise",
                list(_NOISE_RULES),
                default="group",
                required=True,
                format_func=lambda rule: _NOISE_RULES[rule],
                key="cluster_known_noise",
                help="Leaving them out flatters an algorithm that leaves out what is hard.",
            )
        unit = st.segmented_control(
            "Cells show",
            ["Rows", "Share of the group"],
            default="Rows",
            required=True,
            key="cluster_known_unit",
        )
    return column, noise, unit != "Rows"


def _draw_scores(scores: pd.DataFrame) -> None:
    show.table(
        scores[["label", "value", "help"]],
        alt="How well the groups agree with the known classes",
        height="content",
        column_config={
            "label": st.column_config.TextColumn("Score", width=210),
            "value": st.column_config.NumberColumn("Value", format="%.3f", width="small"),
            "help": st.column_config.TextColumn("What it says", width="large"),
        },
    )
    rows = int(scores["rows"].max())
    st.caption(f"{rows:,} rows with a known class were compared.")
    frame_button("Download as CSV", "cluster_known_csv", scores, "known_classes.csv")


@st.cache_data(max_entries=16, show_spinner="Comparing …")
def _compared(
    user: str, run: str, column: str, noise: NoiseRule, _table: Dataset
) -> tuple[pd.DataFrame, pd.DataFrame]:
    clusters, known = cluster_facts.clusters(run), _table.frame[column]
    return external_scores(clusters, known, noise), contingency_frame(clusters, known)
