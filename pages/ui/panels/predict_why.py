"""Why a row is predicted as it is, and what would have to change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.errors import UserError
from mlcore.figures.prediction import describe_steps, steps_figure
from mlcore.registry.bundle_files.contract import Answers
from mlcore.serving.changing import MOST_CHANGED, Change, Wanted, nearest_change
from mlcore.serving.explaining import Explanation, can_explain, explain
from mlcore.serving.opened import OpenVersion
from pages.ui import show
from pages.ui.panels import predict_inputs
from pages.ui.text import literal, number

Record = dict[str, Any]


def draw(opened: OpenVersion, record: Record, told: Answers) -> None:
    """Draw both, each with what it can and cannot say."""
    why, change = st.columns(2, gap="large")
    with why:
        _why(opened, record, told)
    with change:
        _change(opened, record, told)


def _row_key(opened: OpenVersion, record: Record, *more: Any) -> str:
    return json.dumps([opened.version.id, record, *more], default=str)


def _why(opened: OpenVersion, record: Record, told: Answers) -> None:
    st.subheader("What pushes it up or down")
    if not can_explain(list(told.columns), opened.schema):
        st.caption("This model gives no number and no probability that columns could add to.")
        return
    of_class = _class(opened, told)
    try:
        found = _explained(opened, record, of_class)
    except UserError as problem:
        st.caption(literal(problem))
        return
    if not found.frame["adds"].any():
        st.caption(
            "Nothing does: the model says the same of this row and of a typical one. Change a "
            "value to see what it does."
        )
        return
    alt = describe_steps(found.frame, found.start, found.end)
    show.figure(steps_figure(found.frame, found.start, found.end, of_class), alt, "predict_steps")
    st.caption(_method(found))
    with st.expander("All columns as a table"):
        _adds_table(found.frame)


def _class(opened: OpenVersion, told: Answers) -> str | None:
    if opened.schema["task"] == "regression":
        return None
    names, likely = list(told.probabilities), told.prediction[0]
    chosen = st.selectbox(
        "Of which class",
        [likely, *(name for name in names if name != likely)] if likely in names else names,
        # The predicted class comes first whenever it changes.
        key=f"predict_why_{opened.version.id[:12]}_{likely}",
        help="Whose probability is explained.",
    )
    return str(chosen)


def _explained(opened: OpenVersion, record: Record, of_class: str | None) -> Explanation:
    """Return the explanation; that of the row on the screen is kept, not worked out again."""
    key = _row_key(opened, record, of_class)
    kept = st.session_state.get("predict_explained")
    if kept is None or kept[0] != key:
        kept = (key, explain(opened.model, opened.schema, record, of_class))
        st.session_state["predict_explained"] = kept
    explanation: Explanation = kept[1]
    return explanation


def _method(found: Explanation) -> str:
    way = (
        "All ways to mix the two rows were asked for, so the numbers are exact."
        if found.is_exact
        else "There are too many ways to mix the two rows to ask for all; orders were drawn, and "
        "the table shows how uncertain each number is."
    )
    return (
        "Baseline Shapley values: starting from a typical row (middle numbers, most frequent "
        "categories), its columns are replaced by those of this row in every order; each bar is "
        f"the mean change. They sum to the prediction. {way} They tell what the model does, not "
        "what causes what."
    )


def _adds_table(frame: pd.DataFrame) -> None:
    uncertain = frame["error"].any()
    show.table(
        frame if uncertain else frame.drop(columns="error"),
        alt="What each column adds to the prediction",
        column_config={
            "column": "Column",
            "value": "This row",
            "typical": "Typical row",
            "adds": st.column_config.NumberColumn("Adds", format="%.4g"),
            "error": st.column_config.NumberColumn("± standard error", format="%.2g"),
        },
    )


def _change(opened: OpenVersion, record: Record, told: Answers) -> None:
    st.subheader("What would have to change")
    wanted = _wanted(opened, told)
    if wanted is None:
        return
    names = [feature["name"] for feature in opened.schema["features"]]
    locked = st.multiselect(
        "Columns that must stay",
        names,
        key=f"predict_locked_{opened.version.id[:12]}",
        format_func=str,
        help="For instance what nobody can change, such as an age.",
        placeholder="None",
        persist_state="page",
    )
    key = _row_key(opened, record, wanted, locked)
    if st.button(
        "Find the nearest change",
        key="predict_change",
        icon=":material/search:",
        help="Looks for the row most like this one for which the model says something else.",
    ):
        try:
            with st.spinner("Asking the model …"):
                found = _searched(opened, record, wanted, locked)
            st.session_state["predict_changed"] = (key, found)
        except UserError as problem:
            st.error(literal(problem), icon=":material/error:")
    kept = st.session_state.get("predict_changed")
    if kept is not None and kept[0] == key:
        _told(opened, kept[1])
    st.caption(
        f"A search of fixed steps: tenths of the training range and frequent categories, up to "
        f"{MOST_CHANGED} columns at once, the fewest columns first, then the smallest change; "
        "never outside what training saw, and free text stays. What it finds was asked of the "
        "model; a nearer row may exist. It is no advice: the model knows no causes."
    )


def _searched(
    opened: OpenVersion, record: Record, wanted: Wanted, locked: list[str]
) -> Change | None:
    return nearest_change(opened.model, opened.schema, record, wanted, locked)


def _wanted(opened: OpenVersion, told: Answers) -> Wanted | None:
    now, key = told.prediction[0], f"predict_wanted_{opened.version.id[:12]}"
    if opened.schema["task"] == "regression":
        return _wanted_number(float(now), key)
    names = [name for name in opened.schema["classes"] if name != now]
    if not names:
        st.caption("This model knows no other class.")
        return None
    options = [None, *names]
    chosen = st.selectbox(
        "So that the model says",
        options,
        format_func=lambda name: "anything else" if name is None else str(name),
        key=f"{key}_{now}",
        help=f"Now it says “{literal(now)}”.",
    )
    return Wanted(now=now, name=chosen)


def _wanted_number(now: float, key: str) -> Wanted:
    direction, limit = st.columns(2)
    with direction:
        way = st.segmented_control(
            "So that the prediction is",
            ("at least", "at most"),
            default="at least",
            key=f"{key}_way",
            required=True,
            help="Which side of the number it should lie on.",
        )
    with limit:
        # A fresh field for each side and prediction: it starts a tenth away from it.
        start = now + abs(now) * (0.1 if way == "at least" else -0.1)
        value = st.number_input(
            "this number",
            value=float(f"{start:.3g}"),
            format="%g",
            key=f"{key}_{way}_{now:.6g}",
            help=f"Now it is {number(now)}.",
        )
    return Wanted(at_least=value) if way == "at least" else Wanted(at_most=value)


def _told(opened: OpenVersion, found: Change | None) -> None:
    if found is None:
        st.info(
            "No such row was found within the ranges of training. Release a column, or want "
            "something nearer.",
            icon=":material/search_off:",
        )
        return
    show.table(
        found.frame,
        alt="The columns that change, now and then",
        height="content",
        column_config={"column": "Column", "now": "Now", "then": "Then"},
    )
    st.markdown(f"Then the model says **{literal(_outcome(found.answer))}**.")
    st.button(
        "Put these values into the form",
        key="predict_take",
        icon=":material/input:",
        on_click=_take,
        args=(opened, found.values),
        help="The answer above then follows.",
    )


def _outcome(answer: Mapping[str, Any]) -> str:
    said = answer["prediction"]
    if not isinstance(said, str):
        return number(said)
    share = (answer.get("probabilities") or {}).get(said)
    return said if share is None else f"{said} ({share:.0%})"


def _take(opened: OpenVersion, values: Mapping[str, Any]) -> None:
    for place, feature in enumerate(opened.schema["features"]):
        if feature["name"] in values:
            predict_inputs.fill(opened, place, values[feature["name"]])
