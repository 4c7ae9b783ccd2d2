"""The sealed rows: opened on purpose, and counted."""

from __future__ import annotations

import streamlit as st

from mlcore.evaluation.metrics import MAIN_METRIC, find_metric
from mlcore.training.openings import count_openings
from mlcore.training.runs import Run
from pages.ui import show, stored
from pages.ui.downloads import frame_button
from pages.ui.session import workspace
from pages.ui.text import literal


def draw(run: Run) -> None:
    """Draw the seal and its button, or the final scores."""
    openings = count_openings(workspace(), run.dataset_id)
    n_test = len(stored.runs().result(run.id).split.test)
    if n_test == 0:
        st.info("This run was set up without a test set.", icon=":material/lock_open:")
        return
    scores = stored.runs().analysis_frame(run.id, "test_scores")
    if scores is None:
        _sealed(run, n_test, openings)
    else:
        _opened(run, scores, n_test)
    if openings:
        times = "once" if openings == 1 else f"{openings} times"
        st.caption(
            f":material/visibility: The test set of this table was opened {times} in all. Each "
            "time it helps to choose a model, its score becomes a little too good."
        )


def _sealed(run: Run, n_test: int, openings: int) -> None:
    st.markdown(
        f":material/lock: **{n_test:,} test rows are sealed.** They have not been used for "
        f"training "
        "or for comparing. Open them once you have chosen your model: the score is then what you "
        "may expect on new rows. How often the test set of a table was opened is counted and shown."
    )
    jobs = [job for job in stored.jobs().for_subject(run.id) if job.kind == "open_test"]
    if jobs and jobs[-1].is_active:
        st.fragment(_watch, run_every="0.5s")(jobs[-1].id)
        return
    if jobs and jobs[-1].error:
        st.error(literal(jobs[-1].error), icon=":material/error:")
    if st.button(
        "Open the test set",
        key="results_open_test",
        type="primary",
        icon=":material/lock_open:",
    ):
        stored.jobs().submit("open_test", run.id, {})
        st.rerun()


def _watch(identifier: str) -> None:
    st.progress(0.0, text="Predicting the test rows …")
    if not stored.jobs().get(identifier).is_active:
        st.rerun()


def _opened(run: Run, scores, n_test: int) -> None:
    main = scores[scores["metric"] == MAIN_METRIC[run.experiment.task]].iloc[0]
    label = find_metric(main["metric"]).label
    st.metric(
        f"{label} on {n_test:,} test rows",
        f"{main['value']:.4g}",
        help=find_metric(main["metric"]).help,
    )
    readable = scores.assign(metric=[find_metric(name).label for name in scores["metric"]])
    show.table(
        readable,
        alt="Final scores on the test rows with their bootstrap intervals",
        height="content",
        column_config={
            name: st.column_config.NumberColumn(format="%.4g") for name in ("value", "low", "high")
        },
    )
    st.caption(
        "Low and high hold the middle 95 % of the scores when the test rows are drawn again and "
        "again (bootstrap)."
    )
    frame_button("Download as CSV", "results_test_csv", scores, "test_scores.csv")
