"""What one browser tab is looking at: ids only, one object, one key."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mlcore.workspace import Workspace

_KEY = "session"

#: Where the notice of the page stands, in the session's state.
NOTICE = "notice"


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
    fusion_run : str or None
        The run shown on the page that makes one label of several.
    fusion_awaited : str or None
        The run that is shown there as soon as it is trained.
    notice : tuple of str or None
        A page's file, and what it says at its top until another page is visited.
    semi_run : str or None
        The run shown on the page that completes labels.
    semi_awaited : str or None
        The run that is shown there as soon as it is trained.
    semi_undone : int
        How often labels that were typed in were taken back; tables that they are typed into then
        start anew.
    model : str or None
        Name of the registered model that is shown.
    register_run : str or None
        The run that another page wants registered.
    register_suggested : str
        The name that was suggested last for a run that is registered.
    register_job : str or None
        The job that registers a run of this tab.
    """

    dataset: str | None = None
    staged: str | None = None
    uploading: bool = False
    run: str | None = None
    cluster_run: str | None = None
    structure_job: str | None = None
    fusion_run: str | None = None
    fusion_awaited: str | None = None
    notice: tuple[str, str] | None = None
    semi_run: str | None = None
    semi_awaited: str | None = None
    semi_undone: int = 0
    model: str | None = None
    register_run: str | None = None
    register_suggested: str = ""
    register_job: str | None = None


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
    state.run, state.cluster_run, state.fusion_run = None, None, None
    state.semi_run, state.semi_awaited, state.fusion_awaited = None, None, None
    workspace().remember("dataset", identifier)
    forget_widgets(
        *("setup_", "train_", "results_", "columns_", "cluster_", "fusion_", "semi_", "recipe_"),
        "explore_",
    )


def forget_widgets(*prefixes: str) -> None:
    """Let widgets start from their defaults again."""
    for key in list(st.session_state):
        if str(key).startswith(prefixes):
            del st.session_state[key]
