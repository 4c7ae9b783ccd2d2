"""Exactly what was fused, and how."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from mlcore.algorithms.catalogue import find
from mlcore.fusion.config import FUSION_PARAMS
from mlcore.messages import listing
from mlcore.params import ChoiceParam, Param
from mlcore.pipelines.describe import preparation_table
from mlcore.tasks import Task
from mlcore.training.runs import Run
from pages.ui import algorithm_card, show, stored
from pages.ui.panels import fusion_facts
from pages.ui.text import duration


def draw(run: Run) -> None:
    """Show the rule, how the votes were read, and the experiment."""
    experiment, result = run.experiment, stored.result(run.id)
    st.caption(f"Fusing all votes once took {duration(result.seconds)}.")
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Rule**")
        algorithm_card.short(experiment.spec)
        if experiment.params:
            show.table(
                pd.DataFrame(
                    {
                        "parameter": list(experiment.params),
                        "value": [str(value) for value in experiment.params.values()],
                    }
                ),
                alt="The parameters of the rule",
            )
        st.caption(f"Reference: {experiment.spec.reference}")
    with right:
        st.markdown("**How the votes were read**")
        show.table(
            _reading(run),
            alt="How the votes were read",
            column_config={"value": st.column_config.TextColumn(width="large")},
        )
        st.markdown("**Made with**")
        show.table(
            pd.DataFrame(result.versions.items(), columns=["library", "version"]),
            alt="Versions of the libraries",
        )
    if fusion_facts.config_of(run).learner is not None:
        st.markdown("**How the features of the models were prepared**")
        show.table(preparation_table(experiment), alt="The preparation, step by step")
    st.markdown("**The experiment**")
    st.caption("Everything needed to repeat this run on the same table.")
    st.code(json.dumps(experiment.to_json(), indent=2, ensure_ascii=False), language="json")


def _reading(run: Run) -> pd.DataFrame:
    config, most = fusion_facts.config_of(run), 12
    told = {
        "Votes in": listing(config.columns, most),
        "Gold column": run.experiment.target or "none",
        "Labels that mean “I do not know”": listing(config.abstain, most) or "none",
        "Labels are": "numbers on a scale" if config.numbers else "classes",
        "Order of the classes": listing(config.order, most) or "none",
        "Weights given": ", ".join(f"{s}: {w:g}" for s, w in config.weights[:most]) or "none",
        "Changed votes": f"{len(config.edits):,}",
        "Models that vote": "none"
        if config.learner is None
        else find(config.learner, Task.CLASSIFICATION).name,
        **{param.label: _in_words(param, getattr(config, param.name)) for param in FUSION_PARAMS},
    }
    return pd.DataFrame(told.items(), columns=["what", "value"])


def _in_words(param: Param, value: object) -> str:
    return param.choices[str(value)] if isinstance(param, ChoiceParam) else str(value)
