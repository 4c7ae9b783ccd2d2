"""One click for what can be done about a finding, and one that takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from mlcore.algorithms.catalogue import class_weights, find
from mlcore.algorithms.trees import CLASS_WEIGHT
from mlcore.data.dataset import Dataset
from mlcore.data.quality import Remedy, by_hand
from mlcore.data.recipe.recipe import Recipe
from mlcore.findings import Finding
from mlcore.tasks import Task
from pages.ui import choices, show, stored
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

    offer_undo(table, identifier, page)
    show.findings(found, follow)


def offer_undo(table: Dataset, identifier: str, page: str) -> None:
    """Draw the button that takes back the last change, where there is one."""
    if stored.datasets().can_undo(identifier):
        undo_button(table, identifier, page, "remedy_undo")


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
            if remedy.weighs_classes:
                _weighing_button(remedy, page)
                continue
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


def _weighing_button(remedy: Remedy, page: str) -> None:
    """Draw the button that sets the weights of classes, or takes them back."""
    names = ", ".join(find(id, Task.CLASSIFICATION).name for id in class_weights())
    weighed = choices.are_classes_weighed()
    label = "Let every row count the same again" if weighed else remedy.label
    if st.button(
        literal(label),
        key="remedy_weigh_classes",
        icon=":material/undo:" if weighed else ":material/build:",
        help="Each class counts the same while a model learns, however few rows it has; the rows "
        f"and the test stay as they are. It sets “{CLASS_WEIGHT.label}” of {literal(names)}, where "
        "it can be changed for each.",
    ):
        words = f"Done: {label}." if weighed else f"Done: {label}. The same button takes it back."
        attempt(partial(choices.weigh_classes, not weighed), page, words)


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
