"""What the model has learnt, and what it would learn from more rows."""

from __future__ import annotations

import streamlit as st

from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.metrics import MAIN_METRIC, find_metric
from mlcore.evaluation.views import (
    coefficient_frame,
    importance_frame,
    model_views,
    tree_frame,
)
from mlcore.figures.importance import (
    coefficient_figure,
    describe_coefficient,
    describe_importance,
    describe_permutation_importance,
    importance_figure,
    permutation_importance_figure,
)
from mlcore.figures.learning import describe_learning_curve, learning_curve_figure
from mlcore.figures.loss import describe_loss, loss_figure
from mlcore.figures.tree import describe_tree, tree_figure
from mlcore.pipelines.describe import feature_table
from mlcore.training.runs import Run
from pages.ui import show, stored
from pages.ui.analysis import frame_or_button
from pages.ui.downloads import frame_button
from pages.ui.text import literal


def importance(run: Run) -> None:
    """Draw how much the model needs each column."""
    found = frame_or_button(
        run,
        "importance",
        "importance",
        "Compute importance",
        "Permutation importance: one column after the other is shuffled in validation rows, and "
        "the loss in score is measured. It takes one fit and a few predictions for each column.",
    )
    if found is None:
        return
    metric = find_metric(MAIN_METRIC[run.experiment.task])
    show.figure(
        permutation_importance_figure(found, metric.label),
        describe_permutation_importance(found),
        "results_importance_figure",
    )
    st.caption(
        "Two columns that say the same thing can both look unimportant: shuffling one leaves the "
        "other."
    )
    frame_button("Download as CSV", "results_importance_csv", found, "importance.csv")


def learning_curve(run: Run) -> None:
    """Draw the score against the number of training rows."""
    fits = 5 * len(stored.runs().result(run.id).split.folds)
    found = frame_or_button(
        run,
        "learning_curve",
        "learning_curve",
        "Compute learning curve",
        f"The model is trained {fits} times on growing shares of the training rows. The curve "
        "shows whether more rows would help and whether it learns its rows by heart.",
    )
    if found is None:
        return
    metric = find_metric(MAIN_METRIC[run.experiment.task])
    show.figure(
        learning_curve_figure(found, metric.label),
        describe_learning_curve(found),
        "results_learning_figure",
    )
    frame_button("Download as CSV", "results_learning_csv", found, "learning_curve.csv")


def model(run: Run, evaluation: Evaluation) -> None:
    """Draw the model itself, as far as it can be looked into."""
    pipeline = stored.model(run.id)
    names = feature_table(pipeline)
    views = model_views(pipeline)
    if not evaluation.curves.empty:
        st.markdown("**Loss, step by step**")
        show.figure(
            loss_figure(evaluation.curves), describe_loss(evaluation.curves), "results_loss"
        )
    if "coefficients" in views:
        st.markdown("**Coefficients**")
        frame = coefficient_frame(pipeline, names)
        classes = [name for name in frame["class"].unique() if name]
        towards = (
            st.selectbox("Towards the class", classes, key="results_coefficient_class")
            if len(classes) > 1
            else None
        )
        show.figure(
            coefficient_figure(frame, towards),
            describe_coefficient(frame, towards),
            "results_coefficients",
        )
        show.table(frame, alt="Coefficients with the scale each is measured on")
        frame_button("Download as CSV", "results_coefficients_csv", frame, "coefficients.csv")
    if "importances" in views:
        st.markdown("**Importances inside the trees**")
        st.caption(
            "How much each input lowers the impurity over all splits. It favours columns with many "
            "values; permutation importance does not."
        )
        frame = importance_frame(pipeline, names)
        show.figure(importance_figure(frame), describe_importance(frame), "results_impurity")
    if "tree" in views:
        st.markdown("**The tree**")
        depth = st.slider("Levels shown", 1, 8, 3, key="results_tree_depth")
        frame = tree_frame(pipeline, names, max_depth=depth)
        show.figure(tree_figure(frame), describe_tree(frame), "results_tree")
    if not views and evaluation.curves.empty:
        st.info(
            f"{literal(run.experiment.spec.name)} has no coefficients, tree or loss curve to draw. "
            "Permutation importance works for every model.",
            icon=":material/info:",
        )
