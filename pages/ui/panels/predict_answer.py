"""What the model says of one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.figures.prediction import describe_probabilities, probability_figure
from mlcore.registry.bundle_files.contract import Answers
from pages.ui import show
from pages.ui.text import literal, number


def draw(told: Answers, schema: Mapping[str, Any]) -> None:
    """Draw the answer to one row, and in words what is odd about the row."""
    if told.prediction[0] is None:
        st.markdown("**No prediction.**")
    elif schema["task"] == "regression":
        _number(told, schema)
    else:
        _class(told, schema)
    for problem in told.problems:
        is_error = problem.severity == "error"
        (st.error if is_error else st.warning)(
            literal(problem.sentence),
            icon=":material/error:" if is_error else ":material/warning:",
        )


def _number(told: Answers, schema: Mapping[str, Any]) -> None:
    st.metric(schema["target"], number(told.prediction[0]), help="What the model predicts.")
    if told.coverage is None:
        return
    low, high = (told.columns[end][0] for end in ("low", "high"))
    st.markdown(f"Between **{literal(number(low))}** and **{literal(number(high))}**")
    interval, share = schema["interval"], f"{told.coverage:.0%}"
    words = (
        f"Of {share} of the rows that were predicted unseen ({interval['rows']:,} rows), the true "
        "number lay within such an interval. It is equally wide for every row (split conformal), "
        "and says nothing about rows of another kind than those of training."
    )
    if interval.get("test_coverage") is not None:
        words += f" On the test rows it held {interval['test_coverage']:.0%}."
    st.caption(words)


def _class(told: Answers, schema: Mapping[str, Any]) -> None:
    what = "Cluster" if schema["task"] == "clustering" else schema["target"]
    st.metric(what, told.prediction[0], help="What the model predicts.")
    shares = told.probabilities
    if not shares:
        st.caption("This model names a class without a probability.")
        return
    frame = pd.DataFrame(
        {"class": list(shares), "probability": [values[0] for values in shares.values()]}
    ).sort_values("probability", ascending=False, kind="stable", ignore_index=True)
    show.figure(probability_figure(frame), describe_probabilities(frame), "predict_probabilities")
