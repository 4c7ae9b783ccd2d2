"""What is in training and what came of it, redrawn while something runs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.evaluation.metrics import MAIN_METRIC, find_metric
from mlcore.figures.loss import loss_figure
from mlcore.training.jobs import JobStatus
from mlcore.training.runs import Run
from pages.ui import frame, stored
from pages.ui.text import duration, literal, number

#: Runs that ended are listed here up to this number; the rest is on the Results page.
_MOST_ENDED = 12

_ENDED = {
    JobStatus.DONE: ("Done", ":material/check_circle:", "green"),
    JobStatus.FAILED: ("Failed", ":material/error:", "red"),
    JobStatus.CANCELLED: ("Cancelled", ":material/cancel:", "gray"),
    JobStatus.INTERRUPTED: ("Interrupted", ":material/power_off:", "orange"),
}


def draw(dataset: str) -> None:
    """Draw the board of a table's runs; it refreshes itself only while something is active."""
    active = any(run.job and run.job.is_active for run in stored.runs().all(dataset))
    st.fragment(_board, run_every="0.5s" if active else None)(dataset, active)


def _board(dataset: str, was_active: bool) -> None:
    runs = [run for run in stored.runs().all(dataset) if run.job is not None]
    active = [run for run in runs if run.job and run.job.is_active]
    if was_active and not active:
        st.rerun()
    if active:
        _draw_active(active)
    ended = [run for run in reversed(runs) if run not in active][:_MOST_ENDED]
    if ended:
        _draw_ended(ended)


def _draw_active(active: list[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("In training")
        if st.button(
            "Cancel" if len(active) == 1 else "Cancel all",
            key="train_cancel",
            icon=":material/stop:",
        ):
            for run in active:
                _cancel(run)
    for run in active:
        _draw_running(run, alone=len(active) == 1)


def _draw_running(run: Run, alone: bool) -> None:
    job = run.job
    assert job is not None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(run.name)}**", width="stretch")
            st.caption(_time(run), width="content")
            if not alone:
                st.button(
                    "Cancel",
                    key=f"train_cancel_{run.id}",
                    on_click=_cancel,
                    args=(run,),
                    icon=":material/stop:",
                )
        st.progress(job.share, text=_stage(run))
        if len(job.live) > 1:
            curve = pd.DataFrame(job.live, columns=["step", "value"])
            st.plotly_chart(
                loss_figure(curve.assign(fold=0, name="training_loss")),
                key=f"train_live_{run.id}",
                height=180,
                alt=f"Loss of {run.name} so far, step by step",
                config={"displayModeBar": False},
            )


def _time(run: Run) -> str:
    job = run.job
    if job is None or job.started is None:
        return "Waiting"
    return f"{duration(job.elapsed)} elapsed"


def _stage(run: Run) -> str:
    job = run.job
    if job is None or job.status is JobStatus.QUEUED:
        return "Waiting for a free place"
    words = literal(job.stage) if job.stage else "Starting"
    if job.step:
        words += f", step {job.step}" + (f" of at most {job.steps}" if job.steps else "")
    return words


def _cancel(run: Run) -> None:
    if run.job is not None:
        stored.jobs().cancel(run.job.id)


def _draw_ended(ended: list[Run]) -> None:
    st.subheader("Finished")
    task = ended[0].experiment.task
    metric = find_metric(MAIN_METRIC[task])
    for run in ended:
        job = run.job
        assert job is not None
        words, icon, colour = _ENDED[job.status]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":{colour}[{icon}] **{literal(run.name)}** {words.lower()}", width=330)
            if run.is_trained:
                st.markdown(_score(run), width="stretch")
            elif job.error:
                st.markdown(literal(job.error), width="stretch")
            st.caption(duration(job.elapsed), width="content")
    st.caption(f"{metric.label}, mean over the validation rows of each fold. {metric.help}")
    if any(run.is_trained for run in ended):
        frame.link("results.py", "See the results")


def _score(run: Run) -> str:
    metric = find_metric(MAIN_METRIC[run.experiment.task])
    scores = stored.evaluation(run.id).scores
    values = scores.loc[scores["metric"] == metric.id, "value"]
    spread = f" ± {number(values.std())}" if len(values) > 1 else ""
    return f"{metric.label} {number(values.mean())}{spread}"
