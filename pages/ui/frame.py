"""The table of pages and what stands around each of them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.training.jobs import Job
from pages.ui import stored
from pages.ui.session import NOTICE, session
from pages.ui.text import literal


@dataclass(frozen=True)
class PageSpec:
    """One page: its file, what it is called, and what one does there."""

    file: str
    title: str
    icon: str
    help: str


PAGES: tuple[PageSpec, ...] = (
    PageSpec("data.py", "Data", ":material/table:", "Bring a table and see what is in it."),
    PageSpec(
        "explore.py",
        "Explore",
        ":material/query_stats:",
        "Look at columns, how they go together, what is missing, and the rows as a map.",
    ),
    PageSpec(
        "setup.py",
        "Set up",
        ":material/tune:",
        "Choose what to predict, from what, and how it is judged.",
    ),
    PageSpec("train.py", "Train", ":material/play_arrow:", "Choose algorithms and train them."),
    PageSpec(
        "results.py",
        "Results",
        ":material/insights:",
        "Compare the models, understand one, download it.",
    ),
    PageSpec(
        "models.py",
        "Models",
        ":material/inventory_2:",
        "Keep models under a name, with versions, let programs ask them, and go back when one "
        "disappoints.",
    ),
    PageSpec(
        "predict.py",
        "Predict",
        ":material/online_prediction:",
        "Ask a registered model: about one row in a form, or about all rows of a file.",
    ),
    PageSpec(
        "cluster.py",
        "Find groups",
        ":material/bubble_chart:",
        "Find out whether there are groups of rows that are alike, and what sets them apart.",
    ),
    PageSpec(
        "semi_supervised.py",
        "Few labels",
        ":material/label:",
        "Complete a column in which only some rows have a label, and see whether the others help.",
    ),
    PageSpec(
        "label_fusion.py",
        "Fuse labels",
        ":material/how_to_vote:",
        "Several people, rules or models gave labels: make one label of them for each row, and see "
        "how far each of them can be trusted.",
    ),
    PageSpec(
        "gridworld.py",
        "Grid world",
        ":material/grid_on:",
        "Draw a world, solve it exactly, and watch agents learn it. It needs no table.",
    ),
    PageSpec("learn.py", "Learn", ":material/school:", "What the algorithms and the words mean."),
)


def require_dataset() -> Dataset:
    """Return the table in use, or explain what is missing and end the page."""
    table = stored.current_dataset()
    if table is None:
        st.info("There is no table yet. Bring one first.", icon=":material/table:")
        link("data.py", "Go to Data")
        st.stop()
    return table


def heading(file: str) -> None:
    """Draw the page's title and its purpose."""
    page = next(page for page in PAGES if page.file == file)
    st.title(page.title)
    st.caption(page.help)
    _notice(file)


def _notice(file: str) -> None:
    """Say what another page did, until one goes on to the next."""
    state = session()
    if state.notice is None:
        return
    page, words = state.notice
    if page == file:
        place = st.session_state[NOTICE] = st.empty()
        place.success(literal(words), icon=":material/check_circle:")
    else:
        state.notice = None


def link(file: str, label: str) -> None:
    """Draw a link to the next step."""
    st.page_link(file, label=label, icon=":material/arrow_forward:")


def sidebar_summary() -> None:
    """Say in the sidebar which table is in use and what is running."""
    with st.sidebar:
        table = stored.current_dataset()
        if table is not None:
            st.caption("Table in use")
            st.markdown(
                f"**{literal(table.name)}**  \n"
                f"{len(table.frame):,} rows, {table.frame.shape[1]} columns"
            )
        # Only while something runs: a request of an idle fragment that is under way while a page
        # hands over to another one would be answered with an empty page.
        if _training():
            st.fragment(_running, run_every="2s")()


def _training() -> list[Job]:
    return [job for job in stored.jobs().active() if job.kind in ("train", "gridworld")]


def _running() -> None:
    if active := _training():
        runs = "run" if len(active) == 1 else "runs"
        st.caption(f":material/progress_activity: {len(active)} {runs} in progress")
