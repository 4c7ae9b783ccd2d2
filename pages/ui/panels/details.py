"""Exactly what was done."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from mlcore.pipelines.build import build_pipeline
from mlcore.pipelines.describe import preparation_table
from mlcore.training.runs import Run
from pages.ui import algorithm_card, show, stored
from pages.ui.text import duration


def draw(run: Run) -> None:
    """Show the pipeline, the preparation, the parameters and the experiment."""
    experiment, store = run.experiment, stored.runs()
    result = store.result(run.id)
    st.caption(f"All fits and predictions took {duration(result.seconds)}.")
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
    st.code(repr(build_pipeline(experiment, store.schema(run.id))), language="python")
    st.markdown("**The experiment**")
    st.caption("Everything needed to repeat this run on the same table.")
    st.code(json.dumps(experiment.to_json(), indent=2, ensure_ascii=False), language="json")
