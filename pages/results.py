"""Compare the models, understand one, download it."""

from __future__ import annotations

import streamlit as st

from mlcore.experiment import Experiment
from mlcore.tasks import Task
from pages.ui import choices, frame, stored
from pages.ui.panels import (
    classification,
    details,
    download,
    explain,
    leaderboard,
    regression,
    scores,
    sealed,
)
from pages.ui.registering import register_button
from pages.ui.session import session
from pages.ui.text import literal

frame.heading("results.py")
table = frame.require_dataset()
runs = stored.supervised_runs(session().dataset or "")
trained = [run for run in runs if run.is_trained]
if not trained:
    st.info("No model of this table is trained yet.", icon=":material/play_arrow:")
    frame.link("train.py", "Go to Train")
    st.stop()

leaderboard.draw(trained, [run for run in runs if not run.is_trained])

st.divider()
chosen = choices.choose_run(
    trained, "results_run", leaderboard.title, last=session().run, best=leaderboard.best
)
session().run = chosen.id
evaluation = stored.evaluation(chosen.id)
experiment: Experiment = chosen.experiment

panels = {"Scores": lambda: scores.draw(chosen, evaluation)}
if experiment.task is Task.CLASSIFICATION:
    panels |= {
        "Confusion": lambda: classification.confusion(chosen, evaluation, table),
        "Curves": lambda: classification.curves(evaluation),
        "Probabilities": lambda: classification.probabilities(evaluation),
    }
else:
    panels |= {"Errors": lambda: regression.errors(chosen, evaluation, table)}
panels |= {
    "Importance": lambda: explain.importance(chosen),
    "Learning curve": lambda: explain.learning_curve(chosen),
    "Model": lambda: explain.model(chosen, evaluation),
    "Test set": lambda: sealed.draw(chosen),
    "Details": lambda: details.draw(chosen),
    "Download": lambda: download.draw(chosen),
}
with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(literal(chosen.name), width="stretch")
    register_button(chosen, "results_register")
tabs = st.tabs(list(panels), key="results_part", on_change="rerun")
for tab, draw in zip(tabs, panels.values(), strict=True):
    if tab.open:
        with tab:
            draw()
