"""What one browser tab is looking at: ids only, one object, one key."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mlcore.workspace import Workspace

_KEY = "session"


@dataclass
class Session:
    """Ids of what is on the screen.

    Parameters
    ----------
    dataset : str or None
        The table in use. A new tab starts with the one used last.
    staged : str or None
        A file that is being looked at but not yet used.
    uploading : bool
        Whether the file in the uploader was just changed and not yet looked at.
    run : str or None
        The run shown on the Results page.
    cluster_run : str or None
        The run whose groups are shown on the page that finds them.
    structure_job : str or None
        The test for structure that this tab asked for last.
    """

    dataset: str | None = None
    staged: str | None = None
    uploading: bool = False
    run: str | None = None
    cluster_run: str | None = None
    structure_job: str | None = None


@st.cache_resource
def _workspace() -> Workspace:
    return Workspace.open()


def workspace() -> Workspace:
    """Return the workspace of the person in front of the screen."""
    return _workspace()


def session() -> Session:
    """Return the state of this tab."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Session(dataset=workspace().recall("dataset"))
    state: Session = st.session_state[_KEY]
    return state


def use_dataset(identifier: str | None) -> None:
    """Make a table the current one, here and for tabs opened later."""
    state = session()
    state.dataset, state.staged = identifier, None
    state.run, state.cluster_run = None, None
    workspace().remember("dataset", identifier)
    forget_widgets("setup_", "train_", "results_", "columns_", "cluster_")


def forget_widgets(*prefixes: str) -> None:
    """Let widgets start from their defaults again."""
    for key in list(st.session_state):
        if str(key).startswith(prefixes):
            del st.session_state[key]
