"""What spreading the labels came to: compare the runs, doubt one, label more, take it home."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.label_draws import GainVerdict, gain_verdict, judge_gain
from mlcore.messages import listing
from mlcore.training.runs import Run
from pages.ui import choices, show, stored
from pages.ui.panels import (
    classification,
    details,
    download,
    few_board,
    few_certainty,
    few_facts,
    few_flow,
    few_gain,
    few_next,
    few_rows,
    sealed,
)
from pages.ui.registering import register_button
from pages.ui.session import session
from pages.ui.text import literal

#: Features that one sentence names; all of them stand under Details.
_MOST_NAMED = 12


def draw(runs: list[Run], table: Dataset) -> None:
    """Draw the results of the runs on few labels of a table.

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
        st.info(
            "No labels were spread in this table yet. The button above starts with what is chosen.",
            icon=":material/label:",
        )
        return
    few_board.draw(trained, untrained)
    st.divider()
    chosen = _choose(trained)
    _answer(chosen)
    _parts(chosen, trained, table)


def _choose(trained: list[Run]) -> Run:
    state = session()
    chosen = choices.choose_run(
        trained,
        "semi_run",
        few_board.title,
        last=state.semi_run,
        best=few_board.best,
        awaited=state.semi_awaited,
    )
    if state.semi_awaited == chosen.id:
        state.semi_awaited = None
    state.semi_run = chosen.id
    return chosen


def _answer(run: Run) -> None:
    """Say how good it is, whether other rows helped, what is missing, and what was decided."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(run.name), width="stretch")
        register_button(run, "semi_register")
    features = listing(run.experiment.features, _MOST_NAMED)
    st.caption(f"Completes “{literal(run.experiment.label)}” from {literal(features)}.")
    few_board.metrics(run)
    gains = few_facts.gains(run.id)
    if judge_gain(gains) is GainVerdict.HURTS:
        st.warning(literal(gain_verdict(gains)), icon=":material/warning:")
    few_rows.say_unreached(run)
    show.notes(stored.result(run.id).notes)


def _parts(run: Run, trained: list[Run], table: Dataset) -> None:
    parts = {
        "Does it help?": lambda: few_gain.draw(run),
        "Labels flowing": lambda: few_flow.draw(run, table),
        "Certainty": lambda: few_certainty.draw(run),
        "Confusion": lambda: _confusion(run, table),
        "Label next": lambda: few_next.draw(run, trained, table),
        "Rows": lambda: few_rows.draw(run, table),
        "Findings": lambda: _findings(run),
    }
    if len(stored.result(run.id).split.test):
        parts["Test set"] = lambda: sealed.draw(run)
    parts |= {
        "Details": lambda: details.draw(run),
        "Download": lambda: download.draw(run),
    }
    tabs = st.tabs(list(parts), key="semi_part", on_change="rerun")
    for tab, draw_part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw_part()


def _confusion(run: Run, table: Dataset) -> None:
    evaluation = stored.evaluation(run.id)
    if evaluation.predictions.empty:
        st.info(
            "No label could be hidden, so there is nothing to compare. At least one class needs "
            "two labels.",
            icon=":material/info:",
        )
        return
    st.caption(
        "Labels that were known, hidden, and found again: each once. “(unlabelled)” stands for "
        "rows that no label reached."
    )
    classification.confusion(run, evaluation, table)


def _findings(run: Run) -> None:
    show.findings(few_facts.findings(run))
    few_certainty.draw_shift(run)
