"""One click for what can be done about a finding, and one that takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.quality import Remedy, by_hand
from mlcore.data.recipe.recipe import Recipe
from mlcore.findings import Finding
from pages.ui import show, stored
from pages.ui.attempting import attempt
from pages.ui.session import forget_widgets
from pages.ui.text import literal

#: Stands in the session until the page is drawn anew after a change.
CHANGED = "table_changed"

#: Choices on pages that may name columns as they were before.
_CHOICES = ("setup_", "columns_", "cluster_", "semi_", "recipe_", "explore_", "distribution_")


def draw(
    found: Iterable[Finding],
    table: Dataset,
    identifier: str,
    page: str,
    beneath: Callable[[Finding], None] = lambda finding: None,
) -> None:
    """List findings with a button for each thing that can be done at once.

    Parameters
    ----------
    found : iterable of Finding
        What was noticed.
    table : Dataset
        The table it was noticed in.
    identifier : str
        Of the table in the store.
    page : str
        The file of the page.
    beneath : callable, optional
        Draws what else belongs to a finding.
    """

    def follow(finding: Finding) -> None:
        _buttons(table, identifier, page, finding)
        beneath(finding)

    if stored.datasets().can_undo(identifier):
        undo_button(table, identifier, page, "remedy_undo")
    show.findings(found, follow)


def undo_button(table: Dataset, identifier: str, page: str, key: str) -> None:
    """Draw the button that takes back the last change of kinds, steps or roles."""
    if st.button(
        "Undo the last change",
        key=key,
        icon=":material/undo:",
        disabled=not stored.datasets().can_undo(identifier),
        help="Takes back the last change of steps, of what a column holds or of what it is for; "
        "again, the one before it.",
    ):
        undo = partial(stored.datasets().undo, identifier)
        carry_out(undo, table, page, "The last change was taken back.")


def _buttons(table: Dataset, identifier: str, page: str, finding: Finding) -> None:
    offered = stored.remedies(finding, table)
    if not offered:
        if reason := by_hand(finding):
            st.caption(literal(reason))
        return
    with st.container(horizontal=True):
        for number, remedy in enumerate(offered):
            said = " ".join(map(str, _said(remedy)))
            if st.button(
                literal(remedy.label),
                key=f"remedy_{finding.code}_{number}",
                icon=":material/build:",
                help=literal(said) if said else None,
            ):
                words = f"Done: {remedy.label}. Undo takes it back."
                do = partial(stored.datasets().carry_out, identifier, remedy)
                carry_out(do, table, page, words)


def _said(remedy: Remedy) -> list[object]:
    return list(Recipe.from_json(remedy.steps).sentences()[:5])


def carry_out(action: Callable[[], object], table: Dataset, page: str, words: str) -> None:
    """Change a table, or say why it cannot be; then draw the page anew, with words at its top.

    Parameters
    ----------
    action : callable
        Changes the table in the store.
    table : Dataset
        The table before.
    page : str
        The file of the page.
    words : str
        What is said when it is done.
    """

    def change() -> None:
        with st.spinner("Changing the table …"):
            action()
        stored.setup_follows(table.schema)
        forget_widgets(*_CHOICES)
        st.session_state[CHANGED] = True

    attempt(change, page, words)
