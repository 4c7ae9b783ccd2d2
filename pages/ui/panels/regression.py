"""How far predicted numbers are from the actual ones."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.regression import (
    predicted_actual_frame,
    residual_frame,
    residual_histogram_frame,
    worst_rows_frame,
)
from mlcore.figures.regression import (
    describe_predicted_actual,
    describe_residual,
    describe_residual_histogram,
    predicted_actual_figure,
    residual_figure,
    residual_histogram_figure,
)
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button

_PREDICTED = "The predicted value"


def errors(run: Run, evaluation: Evaluation, table: Dataset) -> None:
    """Draw predicted against actual, residuals against anything, and the worst rows."""
    target = run.experiment.label
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Predicted against actual**")
        frame = predicted_actual_frame(evaluation.predictions)
        show.figure(
            predicted_actual_figure(frame, target),
            describe_predicted_actual(frame),
            "results_predicted",
        )
    with right:
        st.markdown("**How large the residuals are**")
        frame = residual_histogram_frame(evaluation.predictions)
        show.figure(
            residual_histogram_figure(frame),
            describe_residual_histogram(frame),
            "results_residual_sizes",
        )
    st.markdown("**Residuals against a column**")
    st.caption(
        "A residual is the actual value minus the predicted one. A pattern here is something the "
        "model has not understood."
    )
    chosen = st.selectbox("Column", [_PREDICTED, *table.frame.columns], key="results_residual_by")
    against = None if chosen == _PREDICTED else chosen
    column = None if against is None else table.frame[against]
    frame = residual_frame(evaluation.predictions, column)
    show.figure(
        residual_figure(frame, against),
        describe_residual(frame, against),
        "results_residuals",
    )
    st.markdown("**The rows with the largest misses**")
    worst = worst_rows_frame(evaluation.predictions, table.frame)
    show.table(worst, alt="The rows with the largest misses, largest first")
    frame_button("Download as CSV", "results_worst", worst, "worst_rows.csv")
