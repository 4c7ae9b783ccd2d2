"""A result that is computed only when somebody asks for it, by a job."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.training.runs import Run
from pages.ui import stored, watching
from pages.ui.text import literal


def frame_or_button(
    run: Run, kind: str, result: str, label: str, why: str, key: str | None = None
) -> pd.DataFrame | None:
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
    key : str, optional
        Of the button; follows from the kind when not given.
    """
    found = stored.runs().analysis_frame(run.id, result)
    if found is not None:
        return found
    jobs = [job for job in stored.jobs().for_subject(run.id) if job.kind == kind]
    if jobs and jobs[-1].is_active:
        watching.draw(jobs[-1].id, cancel_key=f"results_cancel_{kind}")
        return None
    if jobs and jobs[-1].error:
        st.error(literal(jobs[-1].error), icon=":material/error:")
    st.caption(why)
    if st.button(label, key=key or f"results_{kind}", type="primary"):
        stored.jobs().submit(kind, run.id, {})
        st.rerun()
    return None
