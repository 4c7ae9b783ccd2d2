"""How a classifier is right and wrong."""

from __future__ import annotations

from math import isnan

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.classification import (
    calibration_frame,
    class_report_frame,
    confusion_frame,
    operating_point,
    precision_recall_frame,
    roc_frame,
    rows_of_cell,
    score_distribution_frame,
    threshold_frame,
)
from mlcore.evaluation.evaluation import Evaluation
from mlcore.figures.calibration import calibration_figure, describe_calibration
from mlcore.figures.confusion import confusion_figure, describe_confusion, drawn_cells
from mlcore.figures.curves import (
    describe_precision_recall,
    describe_roc,
    describe_threshold,
    precision_recall_figure,
    roc_figure,
    threshold_figure,
)
from mlcore.figures.scores import describe_score_distribution, score_distribution_figure
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button


def confusion(run: Run, evaluation: Evaluation, table: Dataset) -> None:
    """Draw the confusion matrix, the rows behind a cell, and the report by class."""
    cells = confusion_frame(evaluation.predictions)
    shares = (
        st.segmented_control(
            "Cells show",
            ["Rows", "Share of the actual class"],
            default="Rows",
            required=True,
            key="results_confusion_unit",
        )
        != "Rows"
    )
    matrix, behind = st.columns(2, gap="large")
    with matrix:
        selected = show.figure(
            confusion_figure(cells, shares=shares),
            describe_confusion(cells),
            f"results_confusion_{run.id}_{shares}",
            on_select="rerun",
            selection_mode="points",
        )
    with behind:
        _rows_behind(selected, cells, evaluation, table)
    report = class_report_frame(evaluation.predictions)
    st.markdown("**Class by class**")
    show.table(
        report,
        alt="Precision, recall and F1 of each class",
        placeholder="–",
        column_config={
            "class": "Class",
            "actual_rows": st.column_config.NumberColumn("Rows of it"),
            "predicted_rows": st.column_config.NumberColumn("Predicted as it"),
            "hits": st.column_config.NumberColumn("Both", help="Rows that were recognised."),
            "precision": st.column_config.NumberColumn(
                "Precision",
                format="%.3f",
                help="Of the rows predicted as this class, the share that is.",
            ),
            "recall": st.column_config.NumberColumn(
                "Recall", format="%.3f", help="Of the rows of this class, the share that was found."
            ),
            "f1": st.column_config.NumberColumn(
                "F1", format="%.3f", help="High only when precision and recall both are."
            ),
        },
    )
    frame_button("Download as CSV", "results_confusion_csv", cells, "confusion.csv")


def _rows_behind(selected, cells, evaluation: Evaluation, table: Dataset) -> None:
    classes, answers = (list(dict.fromkeys(cells[name])) for name in ("actual", "predicted"))
    points = selected["selection"]["points"] if selected else []
    actual, predicted = _cell(points, cells)
    with st.container(horizontal=True):
        actual = st.selectbox(
            "Actual",
            classes,
            index=classes.index(actual),
            key=f"results_actual_{actual}_{predicted}",
        )
        predicted = st.selectbox(
            "Predicted",
            answers,
            index=answers.index(predicted),
            key=f"results_predicted_{actual}_{predicted}",
        )
    found = rows_of_cell(evaluation.predictions, actual, predicted, table.frame)
    st.caption(f"{len(found):,} rows. Click a cell of the matrix, or choose here.")
    show.table(found.head(500), alt="The rows behind the chosen cell, most certain first")


def _cell(points: list, cells) -> tuple[str, str]:
    """Return the clicked cell, or the most frequent confusion before anything was clicked."""
    if points:
        chosen = drawn_cells(cells).iloc[points[0]["point_index"]]
    else:
        wrong = cells[cells["actual"] != cells["predicted"]]
        chosen = wrong.loc[wrong["count"].idxmax()]
    return str(chosen["actual"]), str(chosen["predicted"])


def curves(evaluation: Evaluation) -> None:
    """Draw ROC and precision-recall for each class."""
    if not _has_probabilities(evaluation):
        return
    st.caption(
        "The curves put the validation rows of all folds together. Their areas can differ a little "
        "from the scores, which are means over the folds."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**ROC curve**")
        frame = roc_frame(evaluation.predictions)
        show.figure(roc_figure(frame), describe_roc(frame), "results_roc")
    with right:
        st.markdown("**Precision–recall curve**")
        frame = precision_recall_frame(evaluation.predictions)
        show.figure(precision_recall_figure(frame), describe_precision_recall(frame), "results_pr")
    if len(evaluation.classes) == 2:
        _threshold(evaluation)


def _threshold(evaluation: Evaluation) -> None:
    st.markdown("**Where to draw the line**")
    st.caption(
        "With two classes you may decide from which probability on a row counts as positive: lower "
        "finds more of them and raises more false alarms. Half is the default of the model."
    )
    positive = st.segmented_control(
        "Positive class",
        list(evaluation.classes),
        default=evaluation.classes[-1],
        required=True,
        key="results_positive",
    )
    threshold = st.slider("Threshold", 0.0, 1.0, 0.5, 0.01, key="results_threshold")
    point = operating_point(evaluation.predictions, positive, threshold)
    with st.container(horizontal=True):
        for name, words in _AT_THRESHOLD.items():
            value = "none" if isnan(point[name]) else f"{point[name]:.3f}"
            st.metric(name.capitalize(), value, help=words, border=True)
        counts = f"{point['tp']:.0f} found, {point['fn']:.0f} missed"
        alarms = f"{point['fp']:.0f} false alarms, {point['tn']:.0f} rightly left alone"
    st.caption(f"{counts}, {alarms}.")
    frame = threshold_frame(evaluation.predictions, positive)
    show.figure(threshold_figure(frame, threshold), describe_threshold(frame), "results_line")


_AT_THRESHOLD = {
    "precision": "Of the rows taken as positive, the share that is; none when no row is taken.",
    "recall": "Of the positive rows, the share that is found (also: sensitivity).",
    "specificity": "Of the negative rows, the share that is left alone.",
    "accuracy": "Share of all rows that is right.",
    "f1": "High only when precision and recall both are.",
}


def probabilities(evaluation: Evaluation) -> None:
    """Draw how far the probabilities can be believed and how they are spread."""
    if not _has_probabilities(evaluation):
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Can the probabilities be believed?**")
        frame = calibration_frame(evaluation.predictions)
        show.figure(calibration_figure(frame), describe_calibration(frame), "results_calibration")
    with right:
        st.markdown("**How sure is the model?**")
        spread = score_distribution_frame(evaluation.predictions)
        chosen = st.selectbox("Class", list(evaluation.classes), key="results_spread_class")
        one = spread[spread["class"] == chosen]
        show.figure(
            score_distribution_figure(one, chosen),
            describe_score_distribution(one, chosen),
            "results_spread",
        )


def _has_probabilities(evaluation: Evaluation) -> bool:
    if not evaluation.classes:
        st.info(
            "This algorithm gives classes but no probabilities, so there is nothing to draw here.",
            icon=":material/info:",
        )
    return bool(evaluation.classes)
