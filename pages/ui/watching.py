"""Wait for a job on the screen, without holding the page."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from pages.ui import stored
from pages.ui.text import literal

#: Seconds the page waits for what was just started, before it shows it as in progress.
_MOMENT = 0.6


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


def a_moment(started: Sequence[str]) -> None:
    """Wait for runs just started, but not for long: what is done at once is shown at once.

    Without it even the shortest run would be drawn as in progress first, and its result only when
    the board looks again.

    Parameters
    ----------
    started : sequence of str
        Their ids.
    """
    patience = time.monotonic() + _MOMENT
    while time.monotonic() < patience and any(map(_is_active, started)):
        time.sleep(0.02)


def _is_active(run: str) -> bool:
    return any(job.is_active for job in stored.jobs().for_subject(run))
