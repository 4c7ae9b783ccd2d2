"""A result that is computed only when somebody asks for it, by a job."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.training.runs import Run
from pages.ui import stored
from pages.ui.text import literal


def frame_or_button(run: Run, kind: str, result: str, label: str, why: str) -> pd.DataFrame | None:
    """Return the table of an analysis, or draw the button that starts it.

    Parameters
    ----------
    run : Run
        The run it belongs to.
    kind : str
        The kind of job.
    result : str
        Name of the table it leaves behind.
    label, why : str
        Of the button.
    """
    found = stored.runs().analysis_frame(run.id, result)
    if found is not None:
        return found
    jobs = [job for job in stored.jobs().for_subject(run.id) if job.kind == kind]
    if jobs and jobs[-1].is_active:
        st.fragment(_watch, run_every="0.5s")(jobs[-1].id, kind)
        return None
    if jobs and jobs[-1].error:
        st.error(literal(jobs[-1].error), icon=":material/error:")
    st.caption(why)
    if st.button(label, key=f"results_{kind}", icon=":material/calculate:"):
        stored.jobs().submit(kind, run.id, {})
        st.rerun()
    return None


def _watch(identifier: str, kind: str) -> None:
    job = stored.jobs().get(identifier)
    st.progress(job.share, text=literal(job.stage) if job.stage else "Waiting for a free place")
    if st.button("Cancel", key=f"results_cancel_{kind}", icon=":material/stop:"):
        stored.jobs().cancel(identifier)
    if not job.is_active:
        st.rerun()
