"""Choose algorithms and train them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.algorithms.catalogue import baseline, find, for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.experiment import Experiment
from mlcore.setups import Setup
from mlcore.tasks import Task
from mlcore.training.runs import submit_training
from pages.ui import algorithm_card, choices, frame, stored, training_board, watching
from pages.ui.forms import param_form
from pages.ui.session import session, workspace
from pages.ui.text import literal

#: Offered at first: a straight line, a set of rules, and the strongest all-rounder.
FIRST_CHOICE = {
    "classification": ["logistic_regression", "random_forest", "hist_gradient_boosting"],
    "regression": ["linear_regression", "random_forest", "hist_gradient_boosting"],
}

frame.heading("train.py")
table = frame.require_dataset()
setup = stored.require_setup(table)
if setup is None:
    st.info("Choose what to predict first.", icon=":material/tune:")
    frame.link("setup.py", "Go to Set up")
    st.stop()

remembered = choices.remembered(setup.task)
st.markdown(
    f"Predict **{literal(setup.target)}** from {len(setup.features)} "
    f"feature{'s' if len(setup.features) != 1 else ''}, {setup.task.value}."
)
specs = [spec for spec in for_task(setup.task) if not spec.is_baseline]
known = {spec.id: spec for spec in specs}
chosen = choices.choose_algorithms(
    "train_algorithms",
    known,
    remembered.get("chosen", FIRST_CHOICE[setup.task.value]),
    "Each is trained on the same rows, so their scores can be compared.",
)
if setup.task is Task.CLASSIFICATION and choices.are_classes_weighed():
    st.caption("Classes weigh alike where an algorithm can; it was chosen on the Set up page.")


def settings_of(spec: AlgorithmSpec) -> dict[str, Any]:
    """Draw the knobs of an algorithm and return their values."""
    start = choices.start_values(spec, remembered.get("params", {}).get(spec.id, {}))
    with st.expander(spec.name, icon=":material/tune:"):
        algorithm_card.short(spec)
        return param_form(spec.params, start, f"train_{spec.task}_{spec.id}")


values = {name: settings_of(known[name]) for name in chosen}


def experiments(setup: Setup) -> list[Experiment]:
    """Return what the button starts: the chosen algorithms and, once for a set-up, the baseline."""
    wanted = [setup.experiment(table, name, values[name]) for name in chosen]
    line = setup.experiment(table, baseline(setup.task).id)
    there = any(run.experiment == line for run in stored.runs().all(session().dataset))
    return wanted if there else [line, *wanted]


if st.button(
    "Train",
    key="train_start",
    type="primary",
    icon=":material/play_arrow:",
    disabled=not chosen,
):
    started = experiments(setup)
    choices.remember(setup.task, values, chosen=chosen)
    names = [find(e.algorithm, e.task).name for e in started]
    watching.a_moment(submit_training(workspace(), session().dataset or "", started, names))

st.caption("Training goes on when you leave this page, reload it or close the browser.")

training_board.draw(session().dataset or "", training_board.SUPERVISED)
