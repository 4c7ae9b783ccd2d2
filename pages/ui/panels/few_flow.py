"""The labels on their way over the map, round by round."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.maps import explained, find_map
from mlcore.figures.label_flow import describe_label_flow, label_flow_figure
from mlcore.training.runs import Run
from mlcore.workflow.exploring import sample_matrix
from mlcore.workflow.semi_supervised import SHOWN_ROWS
from pages.ui import show, stored
from pages.ui.downloads import frame_button
from pages.ui.panels import few_facts
from pages.ui.session import workspace
from pages.ui.text import literal


def draw(run: Run, table: Dataset) -> None:
    """Draw the map with its controls."""
    rows, flow = few_facts.frame(run.id, "rows"), few_facts.frame(run.id, "flow")
    _say(run, len(rows))
    drawn, alt = _drawing(workspace().user, run.id, table if few_facts.is_of(run, table) else None)
    show.figure(drawn, alt, f"semi_flow_{run.id}")
    st.caption(literal(find_map("pca").help))
    frame_button("Download as CSV", "semi_flow_csv", flow, "label_flow.csv")


def _say(run: Run, n_rows: int) -> None:
    if few_facts.has_graph(run):
        st.caption(
            "In each round every row takes over what its neighbours say. Large outlined points are "
            "given labels; grey points have none yet; the fainter a point, the less certain. Point "
            "at one to see its probabilities."
        )
    else:
        st.caption(
            "In each round the classifier labels the rows it is sure of and learns from them too. "
            "Large outlined points are given labels; grey points were never sure enough. Point at "
            "one to see its probabilities at the end."
        )
    if n_rows > SHOWN_ROWS:
        st.caption(
            f":material/filter_alt: {SHOWN_ROWS:,} of {n_rows:,} rows are drawn, by lot, labelled "
            "rows first."
        )


@st.cache_resource(max_entries=8, show_spinner="Drawing the labels …")
def _drawing(user: str, run: str, _table: Dataset | None) -> tuple[go.Figure, str]:
    places, flow = few_facts.frame(run, "map_pca"), few_facts.frame(run, "flow")
    rows, edges = few_facts.frame(run, "rows"), few_facts.frame(run, "edges")
    shares = None
    if _table is not None:
        plan = stored.runs().get(run).experiment
        seen = rows["row"].to_numpy()
        shares = explained(sample_matrix(_table, plan, stored.model(run), seen))
    return (
        label_flow_figure(places, flow, edges, rows, shares=shares),
        describe_label_flow(places, flow, rows),
    )
