"""Make one label of the labels of several sources, and see how far each can be trusted."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.training.runs import submit_training
from pages.ui import choices, frame, stored, training_board, watching
from pages.ui.panels import fusion_facts, fusion_results, fusion_rules, fusion_votes
from pages.ui.session import session, workspace

frame.heading("label_fusion.py")
table = frame.require_dataset()
dataset = session().dataset or ""

read = fusion_votes.draw(table)
if read is not None:
    setup, votes = read
    chosen = fusion_rules.draw(setup, votes)
    # Changed votes are kept by themselves: they outlive a change of the columns.
    kept = replace(setup, split=replace(setup.split, weights=chosen.weights, edits=()))
    stored.keep(f"fusion:{dataset}", kept.to_json())
    if st.button(
        "Fuse the labels",
        key="fusion_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not chosen.is_ready,
        help=choices.why_not(chosen.is_ready, chosen.held, "rule"),
    ):
        started = chosen.experiments(table, setup)
        names = [fusion_facts.run_name(experiment) for experiment in started]
        watching.a_moment(submit_training(workspace(), dataset, started, names))
    st.caption("The work goes on when you leave this page, reload it or close the browser.")

training_board.draw(dataset, training_board.FUSION)
fusion_results.draw(stored.fusion_runs(dataset), table)
