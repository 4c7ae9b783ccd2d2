"""A result that is computed only when somebody asks for it, by a job."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.training.runs import Run
from pages.ui import stored, watching
from pages.ui.text import literal


def frame_or_button(
    run: Run,
    kind: str,
    result: str,
    label: str,
    why: str,
    key: str | None = None,
    payload: Mapping[str, Any] = MappingProxyType({}),
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
    payload : mapping
        What the job is told.
    """
    found = stored.run_frame(run.id, result)
    if found is not None:
        return found
    plan = {"run": run.id, **payload}
    job = stored.analysis_job(kind, plan)
    if job and job.is_active:
        watching.draw(job.id, cancel_key=f"results_cancel_{kind}")
        return None
    if job and job.error:
        st.error(literal(job.error), icon=":material/error:")
    st.caption(why)
    if st.button(label, key=key or f"results_{kind}", type="primary"):
        stored.start_analysis(kind, plan, payload, run.id)
        st.rerun()
    return None
