"""Complete a column in which only some rows have a label, and see whether the others help."""

from __future__ import annotations

import streamlit as st

from mlcore.algorithms.catalogue import find
from mlcore.messages import listing
from mlcore.tasks import Task
from mlcore.training.runs import submit_training
from pages.ui import choices, frame, stored, training_board, watching
from pages.ui.panels import few_algorithms, few_columns, few_results
from pages.ui.session import session, workspace
from pages.ui.text import literal

frame.heading("semi_supervised.py")
table = frame.require_dataset()
dataset = session().dataset or ""

setup = few_columns.draw(table)
if setup is not None:
    chosen = few_algorithms.draw(table, setup)
    if st.button(
        "Spread the labels",
        key="semi_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not chosen.is_ready,
        help=choices.why_not(chosen.is_ready, chosen.held),
    ):
        started = [setup.experiment(table, name, chosen.params[name]) for name in chosen.params]
        names = [find(name, Task.SEMI_SUPERVISED).name for name in chosen.params]
        watching.a_moment(submit_training(workspace(), dataset, started, names))
    if chosen.is_ready and chosen.held:
        st.caption(
            f":material/block: Left out, because it cannot start as it is: "
            f"{literal(listing(chosen.held))}."
        )
    st.caption("The work goes on when you leave this page, reload it or close the browser.")

training_board.draw(dataset, training_board.FEW_LABELS)
runs = stored.few_labels_runs(dataset)
if setup is not None or runs:
    few_results.draw(runs, table)
