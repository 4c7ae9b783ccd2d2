"""What groups are made from: columns, their preparation, and how many rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.schema import LEARNABLE, Column, ColumnKind, Role, Schema
from mlcore.errors import UserError
from mlcore.params import ChoiceParam, Param, check_values, defaults
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import ClusterSetup, check_features
from mlcore.splitting import SAMPLE_PARAMS, SampleConfig
from pages.ui import stored
from pages.ui.forms import param_form
from pages.ui.session import session
from pages.ui.text import literal

#: Keys of the controls of the sample are these with the parameter's name behind.
SAMPLE = "cluster_sample"

#: Kinds that stay aside at first.
_WIDE = (ColumnKind.TEXT, ColumnKind.DATETIME)


def _without_label(param: Param) -> Param:
    """Return the knob without the choice that needs a label."""
    if param.name != "encoding" or not isinstance(param, ChoiceParam):
        return param
    return replace(
        param,
        choices={name: words for name, words in param.choices.items() if name != "target"},
        help=(
            "One-hot: one yes/no feature for each category. Ordinal: a number for each category, "
            "in alphabetical order. Automatic: one-hot; of a column with many categories the most "
            "frequent ones get a feature each and all others share one."
        ),
    )


#: The knobs of the preparation where there is no label.
PREPARATION: tuple[Param, ...] = tuple(map(_without_label, PREPARATION_PARAMS))


def draw(table: Dataset) -> ClusterSetup | None:
    """Draw what is chosen before the algorithms; ``None`` when it cannot be used, and why."""
    saved = stored.saved_cluster_setup(table)
    features = _features(table.schema, saved)
    with st.expander("Preparation and rows", icon=":material/tune:"):
        st.caption("How columns become numbers that can be compared.")
        preparation = param_form(
            PREPARATION, {**defaults(PREPARATION), **saved.preparation}, "cluster_prepare"
        )
        st.caption("Which rows are learnt from, and how often the result is checked.")
        with st.container(horizontal=True):
            sample = param_form(
                [replace(param, basic=True) for param in SAMPLE_PARAMS],
                saved.split.values(),
                SAMPLE,
            )
    try:
        check_features(table.schema, tuple(features))
        setup = ClusterSetup(
            features=tuple(features),
            split=SampleConfig.checked(sample),
            preparation=check_values("The preparation", PREPARATION, preparation),
        )
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return None
    stored.keep(f"cluster:{session().dataset}", setup.to_json())
    return setup


def _features(schema: Schema, saved: ClusterSetup) -> list[str]:
    st.subheader("What rows are compared by")
    labels = schema.with_role(Role.LABEL)
    choices = [c.name for c in schema.columns if c.kind in LEARNABLE and c.name not in labels]
    wanted = st.session_state.get("cluster_features", saved.features)
    # The table may have changed since: what cannot be chosen any more is dropped.
    st.session_state["cluster_features"] = [name for name in wanted if name in choices]
    features = st.multiselect(
        "Columns",
        choices,
        key="cluster_features",
        placeholder="Choose one or several",
        help=(
            "Rows are alike when these columns are alike. A column that has nothing to do with "
            "the question hides groups that the others would show."
        ),
    )
    for line in _left_aside([c for c in schema.columns if c.name not in features]):
        st.caption(line)
    return features


def _left_aside(columns: list[Column]) -> Iterable[str]:
    """Say which columns stay out by themselves, and why."""
    labels = [c for c in columns if c.role is Role.LABEL]
    if labels:
        yield (
            f":material/label: Left aside: {_names(labels)}. What is known already must not decide "
            "which rows are alike; it can be compared with the groups afterwards. The role can be "
            "changed on the Data page."
        )
    wide = [c for c in columns if c.kind in _WIDE and c.role is Role.FEATURE]
    if wide:
        yield (
            f":material/notes: Left aside at first: {_names(wide)}. Text and dates become many "
            "numbers each, which would outweigh the other columns."
        )
    others = [
        c
        for c in columns
        if c.role is not Role.LABEL
        and (
            c.kind not in LEARNABLE or c.role in (Role.IGNORED, Role.GROUP, Role.TIME, Role.WEIGHT)
        )
    ]
    if others:
        yield f":material/block: Left aside for their kind or role: {_names(others)}."


def _names(columns: list[Column]) -> str:
    return literal(", ".join(f"{column.name} ({column.kind.value})" for column in columns))
