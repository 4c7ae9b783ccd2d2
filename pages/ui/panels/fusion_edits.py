"""Votes changed by hand: kept beside the table, listed, and taken back."""

from __future__ import annotations

from typing import TypeAlias

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.setups import FusionSetup
from pages.ui.panels import fusion_facts
from pages.ui.session import workspace
from pages.ui.text import literal

Edit: TypeAlias = tuple[str, str, str | None]

#: Changed votes that are listed with a button each, the last ones.
_MOST_LISTED = 20


def all_edits() -> list[Edit]:
    """Return the changed votes of the table in use, in the order they were made."""
    kept = workspace().recall(fusion_facts.edits_key()) or []
    return [(str(row), str(source), label) for row, source, label in kept]


def usable(table: Dataset, setup: FusionSetup) -> tuple[Edit, ...]:
    """Return those changed votes whose row and source are among what is read now.

    Raises
    ------
    UserError
        The set-up does not fit the table, or there is no vote.
    """
    edits = all_edits()
    if not edits:
        return ()
    votes = fusion_facts.bare(table, setup).votes
    rows, sources = set(votes.names), set(votes.sources)
    return tuple(edit for edit in edits if edit[0] in rows and edit[1] in sources)


def change(row: str, source: str, label: str | None, original: str | None) -> None:
    """Keep a changed vote; one that is what the table says is no change."""
    kept = [edit for edit in all_edits() if edit[:2] != (row, source)]
    changed = [] if label == original else [(row, source, label)]
    _keep([*kept, *changed])


def _keep(edits: list[Edit]) -> None:
    workspace().remember(fusion_facts.edits_key(), [list(edit) for edit in edits])


def _undo(row: str, source: str) -> None:
    _keep([edit for edit in all_edits() if edit[:2] != (row, source)])


def draw(used: tuple[Edit, ...]) -> None:
    """List the changed votes, each with a button that takes it back.

    Parameters
    ----------
    used : tuple of Edit
        Those that count with the columns that are chosen now.
    """
    edits = all_edits()
    if not edits:
        return
    count = f"{len(edits):,} changed vote{'s' if len(edits) != 1 else ''}"
    with st.expander(count, icon=":material/edit:"):
        st.caption("They count in every run that is started from now on; the file stays as it is.")
        if len(used) < len(edits):
            st.caption(
                f":material/info: {len(edits) - len(used):,} of them "
                f"{'waits' if len(edits) - len(used) == 1 else 'wait'}: row or source is not among "
                "the columns that are chosen now."
            )
        for row, source, label in reversed(edits[-_MOST_LISTED:]):
            _draw_edit(row, source, label)
        if len(edits) > _MOST_LISTED:
            st.caption(f"The last {_MOST_LISTED} are listed.")
        st.button(
            "Undo all",
            key="fusion_undo_all",
            icon=":material/undo:",
            on_click=_keep,
            args=([],),
        )


def _draw_edit(row: str, source: str, label: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo",
            key=f"fusion_undo_{row}_{source}",
            icon=":material/undo:",
            on_click=_undo,
            args=(row, source),
        )
        now = "no vote" if label is None else f"**{literal(label)}**"
        st.markdown(f"Row {literal(row)}, {literal(source)}: {now}", width="stretch")
