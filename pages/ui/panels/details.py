"""Exactly what was done."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from mlcore.messages import message
from mlcore.pipelines.build import build_pipeline
from mlcore.pipelines.describe import preparation_table
from mlcore.tasks import SUPERVISED_TASKS, Task
from mlcore.training.runs import Run
from pages.ui import algorithm_card, show, stored
from pages.ui.text import duration, literal


def draw(run: Run) -> None:
    """Show the pipeline, the preparation, the parameters and the experiment."""
    experiment, result = run.experiment, stored.result(run.id)
    st.caption(f"{_WHAT_TOOK[experiment.task]} took {duration(result.seconds)}.")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Algorithm**")
        algorithm_card.short(experiment.spec)
        show.table(
            pd.DataFrame(
                {
                    "parameter": list(experiment.params),
                    "value": [str(value) for value in experiment.params.values()],
                }
            ),
            alt="The parameters of the algorithm",
        )
    with right:
        st.markdown("**Preparation**")
        show.table(preparation_table(experiment), alt="The preparation, step by step")
        st.markdown("**Made with**")
        show.table(
            pd.DataFrame(result.versions.items(), columns=["library", "version"]),
            alt="Versions of the libraries",
        )
    st.markdown("**The exact pipeline**")
    schema = stored.runs().schema(run.id)
    st.code(repr(build_pipeline(experiment, schema)), language="python")
    if experiment.task is Task.CLUSTERING:
        _assignment(run)
    if experiment.task is Task.SEMI_SUPERVISED:
        _induction(run)
    st.markdown("**The experiment**")
    st.caption("Everything needed to repeat this run on the same table.")
    st.code(json.dumps(experiment.to_json(), indent=2, ensure_ascii=False), language="json")


#: What the seconds of a run are.
_WHAT_TOOK = {
    **dict.fromkeys(SUPERVISED_TASKS, "All fits and predictions"),
    Task.CLUSTERING: "Finding the groups once and giving every row to one",
    Task.SEMI_SUPERVISED: "Spreading labels, once for each fold and once with all of them,",
}


def _assignment(run: Run) -> None:
    """Show what gives new rows to the groups, which may be another object than what found them."""
    spec = run.experiment.spec
    assert spec.assignment is not None
    way = spec.assignment(spec.check(run.experiment.params))
    st.markdown("**How new rows are given to the groups**")
    st.markdown(literal(message(f"clustering.assignment.{way.id}")))
    st.code(repr(stored.model(run.id).named_steps["model"]), language="python")


def _induction(run: Run) -> None:
    """Show what predicts new rows, which may be another object than what spread the labels."""
    st.markdown("**How new rows are predicted**")
    st.markdown(literal(message(f"few_labels.induction.{run.experiment.algorithm}")))
    st.code(repr(stored.model(run.id).named_steps["model"]), language="python")
