"""Wait for a job on the screen, without holding the page."""

from __future__ import annotations

import streamlit as st

from pages.ui import stored
from pages.ui.text import literal


def draw(job: str, words: str | None = None, *, cancel_key: str | None = None) -> None:
    """Draw a job's progress, and the page anew once it has ended.

    Parameters
    ----------
    job : str
        Its id.
    words : str, optional
        What stands at the bar; the stage the job is at when not given.
    cancel_key : str, optional
        Key of a button that cancels it; none when not given.
    """
    st.fragment(_watch, run_every="0.4s")(job, words, cancel_key)


def _watch(identifier: str, words: str | None, cancel_key: str | None) -> None:
    job = stored.jobs().get(identifier)
    if not job.is_active:
        st.rerun()
    stage = literal(job.stage) if job.stage else "Waiting for a free place"
    st.progress(job.share, text=words or stage)
    if cancel_key and st.button("Cancel", key=cancel_key, icon=":material/stop:"):
        stored.jobs().cancel(identifier)
