"""Find groups of rows that are alike, and see whether they hold."""

from __future__ import annotations

import streamlit as st

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.cost import duration_words
from mlcore.messages import listing
from mlcore.tasks import Task
from mlcore.training.runs import submit_training
from pages.ui import choices, frame, stored, training_board, watching
from pages.ui.panels import cluster_columns, clusterers, clusters, structure
from pages.ui.session import session, workspace
from pages.ui.text import literal

frame.heading("cluster.py")
table = frame.require_dataset()
dataset = session().dataset or ""

setup = cluster_columns.draw(table)
if setup is not None:
    structure.draw(table, setup)
    chosen = clusterers.draw(table, setup)
    if st.button(
        "Find groups",
        key="cluster_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not chosen.is_ready,
        help=choices.why_not(chosen.is_ready, chosen.held),
    ):
        started = [setup.experiment(table, name, chosen.params[name]) for name in chosen.params]
        names = [find(name, Task.CLUSTERING).name for name in chosen.params]
        watching.a_moment(submit_training(workspace(), dataset, started, names))
    if chosen.is_ready and chosen.held:
        st.caption(
            f":material/block: Left out, because it cannot start as it is: "
            f"{literal(listing(chosen.held))}."
        )
    if chosen.is_ready:
        st.caption(f":material/timer: Takes {literal(duration_words(chosen.cost))}, by estimate.")
    st.caption("The work goes on when you leave this page, reload it or close the browser.")

training_board.draw(dataset, training_board.CLUSTERING)
clusters.draw(stored.cluster_runs(dataset), table)
