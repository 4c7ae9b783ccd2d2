"""One row: a form drawn from what the model learnt, and its answer."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.errors import UserError
from mlcore.registry.bundle_files import contract
from mlcore.serving.opened import OpenVersion
from pages.ui.panels import predict_answer, predict_inputs, predict_why
from pages.ui.text import literal


def draw(opened: OpenVersion, policy: str) -> None:
    """Draw form and answer; both follow every touch without drawing the rest of the page."""
    st.fragment(_draw)(opened, policy)


def _draw(opened: OpenVersion, policy: str) -> None:
    form, answer = st.columns([3, 2], gap="large")
    with form:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("The row")
            st.button(
                "Start again",
                key="predict_reset",
                icon=":material/restart_alt:",
                help="Fill in the typical values again.",
                on_click=predict_inputs.reset,
                args=(opened,),
            )
        record = predict_inputs.draw(opened)
    try:
        told = _answers(opened, record, policy)
    except UserError as problem:  # a model from elsewhere that cannot calculate this row
        with answer:
            st.error(literal(problem), icon=":material/error:")
        return
    with answer, st.container(key="predict_answer"):
        st.subheader("The answer")
        predict_answer.draw(told, opened.schema)
    if told.prediction[0] is not None:
        predict_why.draw(opened, record, told)


def _answers(opened: OpenVersion, record: dict[str, Any], policy: str) -> contract.Answers:
    reading = contract.read_records([record], opened.schema)
    return contract.answers(opened.model, opened.schema, reading, policy)
