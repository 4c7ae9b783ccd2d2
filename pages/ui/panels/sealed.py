"""The sealed rows: opened on purpose, and counted."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.evaluation.metrics import MAIN_METRIC, find_metric
from mlcore.training.openings import count_openings
from mlcore.training.runs import Run
from pages.ui import show, stored
from pages.ui.analysis import frame_or_button
from pages.ui.downloads import frame_button
from pages.ui.session import workspace
from pages.ui.text import number


def draw(run: Run) -> None:
    """Draw the seal and its button, or the final scores."""
    openings = count_openings(workspace(), run.dataset_id)
    n_test = len(stored.runs().result(run.id).split.test)
    if n_test == 0:
        st.info("This run was set up without a test set.", icon=":material/lock_open:")
        return
    scores = stored.runs().analysis_frame(run.id, "test_scores")
    if scores is None:
        _sealed(run, n_test)
    else:
        _opened(run, scores, n_test)
    if openings:
        times = "once" if openings == 1 else f"{openings} times"
        st.caption(
            f":material/visibility: The test set of this table was opened {times} in all. Each "
            "time it helps to choose a model, its score becomes a little too good."
        )


def _sealed(run: Run, n_test: int) -> None:
    st.markdown(
        f":material/lock: **{n_test:,} test rows are sealed.** They have not been used for "
        "training or for comparing. Open them once you have chosen your model: the score is then "
        "what you may expect on new rows."
    )
    frame_or_button(
        run,
        "open_test",
        "test_scores",
        "Open the test set",
        "How often the test set of a table was opened is counted and shown.",
        key="results_open_test",
    )


def _opened(run: Run, scores: pd.DataFrame, n_test: int) -> None:
    main = scores[scores["metric"] == MAIN_METRIC[run.experiment.task]].iloc[0]
    label = find_metric(main["metric"]).label
    st.metric(
        f"{label} on {n_test:,} test rows",
        number(main["value"]),
        help=find_metric(main["metric"]).help,
    )
    show.intervals(scores, "Final scores on the test rows with their bootstrap intervals")
    st.caption(
        "From and to hold the middle 95 % of the scores when the test rows are drawn again and "
        "again (bootstrap)."
    )
    frame_button("Download as CSV", "results_test_csv", scores, "test_scores.csv")
