"""What is running in the world on the screen, and what did not end well."""

from __future__ import annotations

from itertools import takewhile

import pandas as pd
import streamlit as st

from mlcore.figures.gridworld import live_figure
from mlcore.gridworld.spec import Family
from mlcore.training.grid_runs import GridRun
from mlcore.training.jobs import JobStatus
from pages.ui import stored
from pages.ui.grid_runs import runs_here
from pages.ui.text import duration, literal

_ENDED = {
    JobStatus.FAILED: ("failed", ":material/error:", "red"),
    JobStatus.CANCELLED: ("cancelled", ":material/cancel:", "gray"),
    JobStatus.INTERRUPTED: ("interrupted", ":material/power_off:", "orange"),
}
#: So many runs that did not end well are told.
_MOST_TOLD = 4


def draw(family: Family) -> None:
    """Draw the board; it refreshes itself only while something is active."""
    active = any(run.job and run.job.is_active for run in runs_here(family))
    st.fragment(_board, run_every="0.5s" if active else None)(family, active)


def _board(family: Family, was_active: bool) -> None:
    runs = runs_here(family)
    active = [run for run in runs if run.job and run.job.is_active]
    if was_active and not active:
        st.rerun()
    if active:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("In progress")
            st.button(
                "Cancel" if len(active) == 1 else "Cancel all",
                key="grid_cancel",
                icon=":material/stop:",
                on_click=_cancel,
                args=(active,),
            )
        for run in active:
            _running(run)
    _told(runs)


def _cancel(runs: list[GridRun]) -> None:
    for run in runs:
        if run.job is not None:
            stored.jobs().cancel(run.job.id)


def _running(run: GridRun) -> None:
    job = run.job
    assert job is not None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(run.name)}**", width="stretch")
            st.caption(duration(job.elapsed), width="content")
        stage = literal(job.stage) if job.stage else "Waiting for a free place"
        st.progress(job.share, text=stage)
        if len(job.live) > 1:
            live = pd.DataFrame(job.live, columns=["step", "value"])
            st.plotly_chart(
                live_figure(live, run.spec.family.value),
                key=f"grid_live_{run.id}",
                height=180,
                alt=f"{run.name} so far",
                config={"displayModeBar": False},
            )


def _told(runs: list[GridRun]) -> None:
    """Tell the latest runs that did not end well, as long as no later one did."""
    latest = reversed([run for run in runs if run.job is not None])
    failed = list(takewhile(lambda run: run.job is not None and run.job.status in _ENDED, latest))
    for run in failed[:_MOST_TOLD]:
        assert run.job is not None
        words, icon, colour = _ENDED[run.job.status]
        reason = f": {literal(run.job.error)}" if run.job.error else ""
        st.markdown(f":{colour}[{icon}] **{literal(run.name)}** {words}{reason}")
