"""The groups that were found: compare the runs, doubt one, understand it, take it home."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.training.runs import Run
from pages.ui import choices, show, stored
from pages.ui.panels import (
    cluster_board,
    cluster_facts,
    cluster_groups,
    cluster_known,
    cluster_map,
    cluster_rows,
    cluster_scores,
    details,
    download,
    structure,
)
from pages.ui.registering import register_button
from pages.ui.session import session
from pages.ui.text import literal


def draw(runs: list[Run], table: Dataset) -> None:
    """Draw the results of the clusterings of a table.

    Parameters
    ----------
    runs : list of Run
        All of them, oldest first, also those without a result.
    table : Dataset
        The table in use.
    """
    st.subheader("Results")
    trained = [run for run in runs if run.is_trained]
    untrained = [run for run in runs if not run.is_trained]
    if not trained:
        st.info("No groups were looked for in this table yet.", icon=":material/bubble_chart:")
        return
    cluster_board.draw(trained, untrained)
    st.divider()
    chosen = _choose(trained)
    _answer(chosen)
    _parts(chosen, table)


def _choose(trained: list[Run]) -> Run:
    chosen = choices.choose_run(
        trained, "cluster_run", _title, last=session().cluster_run, best=cluster_board.best
    )
    session().cluster_run = chosen.id
    return chosen


def _title(run: Run) -> str:
    """Return what tells a run from the others in a menu."""
    columns = len(run.experiment.features)
    counted = f"{columns} column{'s' if columns != 1 else ''}"
    return f"{run.name} · {cluster_facts.group_count(run.id)} · {counted}"


def _answer(run: Run) -> None:
    """Say whether there are groups at all, what is doubtful, and what was decided on the way."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(run.name), width="stretch")
        register_button(run, "cluster_register")
    st.caption("Made from " + ", ".join(map(literal, run.experiment.features)) + ".")
    tested = cluster_facts.structure(run.id)
    if tested is not None:
        structure.say(tested)
    # The answer above is the first check's, at length.
    show.findings(f for f in cluster_facts.findings(run.id) if f.code != "CLUSTER001")
    show.notes(stored.result(run.id).notes)


def _parts(run: Run, table: Dataset) -> None:
    parts = {
        "Groups": lambda: cluster_groups.draw(run),
        "Map": lambda: cluster_map.draw(run, table),
        "Scores": lambda: cluster_scores.draw(run),
        "Known classes": lambda: cluster_known.draw(run, table),
        "Rows": lambda: cluster_rows.draw(run, table),
        "Details": lambda: details.draw(run),
        "Download": lambda: download.draw(run),
    }
    tabs = st.tabs(list(parts), key="cluster_part", on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
