"""The label against every other column, the strongest relation first."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.relations import by_strength, relatable_columns
from mlcore.data.schema import Role
from mlcore.figures.relations import describe_label, label_figure
from pages.ui import exploring, show
from pages.ui.panels.explore_pair import measures_table
from pages.ui.panels.explore_relations import meanings
from pages.ui.session import session, workspace
from pages.ui.text import literal

#: Columns that are compared at most, in the order of the table.
_MOST_COLUMNS = 200
#: Small charts that are drawn at a time.
_CHARTS = 6


def draw(table: Dataset) -> None:
    """Draw how strongly each column goes with the label, and small charts of the strongest."""
    known = relatable_columns(table)
    names = [name for name in table.schema.names if name in known]
    target = exploring.chosen_column(
        "Label",
        names,
        "explore_label",
        default=known_label(table),
        placeholder="Choose what is to be predicted",
        help="A number, date, category or yes/no.",
    )
    if target is None:
        st.info("Choose the column that is to be predicted.", icon=":material/label:")
        return
    others = tuple(name for name in names if name != target)[:_MOST_COLUMNS]
    if not others:
        st.info("There is no other column to compare with.", icon=":material/info:")
        return
    st.caption(
        "All rows are looked at, also those that will be sealed for the test: what is chosen here "
        "may suit them a little too well."
    )
    if len(names) - 1 > len(others):
        show_first = f"The first {_MOST_COLUMNS} of {len(names) - 1:,} columns are compared."
        st.caption(f":material/info: {show_first}")
    exploring.say_sampled(table)
    relations = by_strength(exploring.relations(table, others, target))
    exploring.figure(
        label_figure(relations),
        describe_label(relations),
        "explore_label_relations",
        measures_table(relations),
    )
    meanings()
    _charts(table, target, relations["second"][relations["strength"].notna()].tolist())


def known_label(table: Dataset) -> str | None:
    """Return the column that is marked as label, or chosen on the page that sets up."""
    marked = table.schema.with_role(Role.LABEL)
    plain = workspace().recall(f"setup:{session().dataset}")
    return marked[0] if marked else plain["target"] if plain else None


def _charts(table: Dataset, target: str, names: list[str]) -> None:
    if not names:
        return
    st.subheader("One by one")
    n_pages = -(-len(names) // _CHARTS)
    page = 1
    if n_pages > 1:
        page = st.pagination(n_pages, key=f"explore_page_{n_pages}")
    first = (page - 1) * _CHARTS
    shown = names[first : first + _CHARTS]
    for place in range(0, len(shown), 2):
        for column, name in zip(st.columns(2), shown[place : place + 2], strict=False):
            with column:
                st.markdown(f"**{literal(name)}**")
                _, drawing, words = exploring.pair(table, name, target, trim=True, height=300)
                show.figure(drawing, words, f"explore_chart_{first + place}_{name}")
