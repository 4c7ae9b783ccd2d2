"""Models that vote in place of the sources they learnt from."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.algorithms.catalogue import for_task
from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, Role
from mlcore.params import check_values, defaults
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import FusionSetup
from mlcore.tasks import Task
from pages.ui.forms import param_form

#: What learns from each source at first: quick, and sound where a source labelled few rows.
_FIRST = "logistic_regression"

_LEARNERS = {spec.id: spec for spec in for_task(Task.CLASSIFICATION) if not spec.is_baseline}


def draw(table: Dataset, setup: FusionSetup) -> FusionSetup:
    """Draw the switch and what belongs to it; return the set-up with or without models.

    Raises
    ------
    UserError
        A knob of the preparation has no value.
    """
    hindrance = _hindrance(setup)
    st.session_state.setdefault("fusion_models", setup.split.learner is not None)
    if hindrance:
        st.session_state["fusion_models"] = False
    wanted = st.toggle(
        "Let models of the sources vote",
        key="fusion_models",
        disabled=bool(hindrance),
        help=(
            "Choose n sources, train one model for each source on the rows it labelled, let each "
            f"model label every row, and fuse those votes. {hindrance}"
        ),
    )
    if not wanted:
        return replace(setup, features=(), split=replace(setup.split, learner=None))
    with st.container(border=True):
        st.caption(
            "One model for each source is trained on the rows that the source labelled, and votes "
            "on every row; for a row that it learnt from, a model votes that had not seen it."
        )
        return _chosen(table, setup)


def _hindrance(setup: FusionSetup) -> str:
    if setup.split.is_long:
        return "It needs a table with one line for each row."
    return "It needs classes, not numbers." if setup.split.numbers else ""


def _chosen(table: Dataset, setup: FusionSetup) -> FusionSetup:
    taken = (*setup.split.columns, setup.target)
    schema = table.schema
    choices = [c.name for c in schema.columns if c.kind in LEARNABLE and c.name not in taken]
    plain = [name for name in choices if schema[name].role is Role.FEATURE]
    wanted = st.session_state.get("fusion_features", setup.features or plain)
    st.session_state["fusion_features"] = [name for name in wanted if name in choices]
    features = st.multiselect(
        "Features",
        choices,
        key="fusion_features",
        placeholder="Choose one or several",
        help="The columns that the models look at; votes and gold labels are not among them.",
    )
    learner = setup.split.learner
    st.session_state.setdefault("fusion_learner", learner if learner in _LEARNERS else _FIRST)
    chosen = st.selectbox(
        "Classifier",
        list(_LEARNERS),
        format_func=lambda name: _LEARNERS[name].name,
        key="fusion_learner",
        help="What learns from each source, with its usual settings.",
    )
    with st.expander("Preparation of the features", icon=":material/tune:"):
        start = {**defaults(PREPARATION_PARAMS), **setup.preparation}
        values = param_form(PREPARATION_PARAMS, start, "fusion_prepare")
    return replace(
        setup,
        features=tuple(features),
        split=replace(setup.split, learner=chosen),
        preparation=check_values("The preparation", PREPARATION_PARAMS, values),
    )
