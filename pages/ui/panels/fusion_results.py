"""What came of fusing labels: compare the rules, look into one, take it home, train on it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.fusion_scores import is_cross_fitted
from mlcore.messages import message
from mlcore.training.runs import Run
from pages.ui import choices, show, stored
from pages.ui.panels import (
    download,
    fusion_agreement,
    fusion_board,
    fusion_details,
    fusion_facts,
    fusion_model,
    fusion_rows,
    fusion_sources,
    fusion_training,
)
from pages.ui.session import session
from pages.ui.text import literal


def draw(runs: list[Run], table: Dataset) -> None:
    """Draw the results of the fusions of a table.

    Parameters
    ----------
    runs : list of Run
        All of them, oldest first, also those without a result.
    table : Dataset
        The table in use.
    """
    trained = [run for run in runs if run.is_trained]
    if not trained:
        if runs:
            fusion_board.without_result(runs)
        return
    st.subheader("Results")
    fusion_board.draw(trained, [run for run in runs if not run.is_trained])
    st.divider()
    chosen = _choose(trained)
    _answer(chosen, table)
    _parts(chosen, trained, table)


def _choose(trained: list[Run]) -> Run:
    state, names = session(), fusion_facts.distinct_names(trained)
    chosen = choices.choose_run(
        trained,
        "fusion_run",
        lambda run: names[run.id],
        last=state.fusion_run,
        best=fusion_board.best,
        awaited=state.fusion_awaited,
    )
    if state.fusion_awaited == chosen.id:
        state.fusion_awaited = None
    state.fusion_run = chosen.id
    return chosen


def _answer(run: Run, table: Dataset) -> None:
    """Say what was made, what is doubtful, and offer to train on it."""
    rows = fusion_facts.frame(run.id, "rows")
    decided = int(rows["predicted"].notna().sum())
    # The button takes the room that its words need; a column would be a share of the window.
    with st.container(horizontal=True, gap="large", vertical_alignment="top"):
        with st.container():
            st.subheader(literal(run.name))
            what = "number" if fusion_facts.config_of(run).numbers else "label"
            have = "has" if decided == 1 else "have"
            st.markdown(f"{decided:,} of {len(rows):,} rows {have} a fused {what}.")
            show.notes(stored.result(run.id).notes)
            if is_cross_fitted(stored.evaluation(run.id)):
                show.notes([message("fusion.cross_fitted")])
        with st.container(width="content"):
            fusion_training.draw(run, table)


def _parts(run: Run, trained: list[Run], table: Dataset) -> None:
    parts: dict[str, Callable[[], None]] = {
        "Rows": lambda: fusion_rows.draw(run, trained, table),
        "Sources": lambda: fusion_sources.draw(run),
        "Agreement": lambda: fusion_agreement.draw(run),
        "Model": lambda: fusion_model.draw(run),
        "Findings": lambda: show.findings(fusion_facts.findings(run.id)),
        "Details": lambda: fusion_details.draw(run),
        "Download": lambda: download.draw(run),
    }
    if stored.run_frame(run.id, "likelihood") is None:
        del parts["Model"]
    tabs = st.tabs(list(parts), key="fusion_part", on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
