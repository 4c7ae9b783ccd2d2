"""How strongly each two columns go together, whatever their kinds."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.relations import (
    MEASURES,
    PEARSON,
    SPEARMAN,
    by_strength,
    find_measure,
    relatable_columns,
)
from mlcore.figures.relations import describe_relations, relations_figure
from pages.ui import exploring, show
from pages.ui.panels.explore_pair import measures_table
from pages.ui.text import literal

#: Columns that are compared at first, and at most: the number of pairs grows with their square.
_AT_FIRST, _AT_MOST = 20, 40

#: Pairs of columns that are listed.
_MOST_SHOWN = 10


def draw(table: Dataset) -> None:
    """Draw the square of relations, the strongest of them, and what the measures mean."""
    known = relatable_columns(table)
    if len(known) < 2:
        st.info(
            "This takes two columns of numbers, dates, categories or yes/no.",
            icon=":material/info:",
        )
        return
    columns = _columns(known)
    for_numbers = st.segmented_control(
        "For two numbers",
        [SPEARMAN.id, PEARSON.id],
        default=SPEARMAN.id,
        required=True,
        format_func=lambda name: find_measure(name).label,
        key="explore_for_numbers",
    )
    left_out = len(table.schema.columns) - len(known)
    if left_out:
        st.caption(
            f"{left_out} columns that are text, identifiers or constant have no such measure."
            if left_out > 1
            else "One column that is text, an identifier or constant has no such measure."
        )
    exploring.say_sampled(table)
    if len(columns) < 2:
        st.info("Choose two columns or more.", icon=":material/info:")
        return
    other = PEARSON.id if for_numbers == SPEARMAN.id else SPEARMAN.id
    relations = by_strength(exploring.relations(table, columns), leave_out=other)
    exploring.figure(
        relations_figure(relations, columns),
        describe_relations(relations),
        "explore_relations",
        measures_table(relations),
    )
    _strongest(relations)
    meanings()


def _columns(known: tuple[str, ...]) -> tuple[str, ...]:
    """Draw the choice of columns where there are many; keep them in the order of their kinds."""
    if len(known) <= _AT_FIRST:
        return known
    chosen = st.multiselect(
        "Columns",
        known,
        default=known[:_AT_FIRST],
        max_selections=_AT_MOST,
        key="explore_columns",
        help=f"At most {_AT_MOST} at once.",
    )
    return tuple(name for name in known if name in chosen)


def _strongest(relations: pd.DataFrame) -> None:
    st.subheader("The strongest")
    show.table(
        measures_table(relations.head(_MOST_SHOWN)),
        alt="The strongest relations between two columns",
        height="content",
        column_order=["first", "second", "measure", "value", "said", "rows"],
        column_config={
            "first": "Column",
            "second": "and",
            "measure": "Measure",
            "value": st.column_config.NumberColumn("Value", format="%.3f"),
            "said": "In words",
            "rows": st.column_config.NumberColumn(
                "Rows", format="localized", help="In which neither value is missing."
            ),
        },
    )


def meanings() -> None:
    """Draw what each measure is for and what its 0 and 1 mean."""
    with st.expander("What the measures mean"):
        for measure in MEASURES:
            st.markdown(
                f"**{literal(measure.label)}**, for {literal(measure.between)}. "
                f"{literal(measure.meaning)} {literal(measure.reference)}"
            )
        st.caption(
            "In words: below 0.1 hardly any, below 0.3 weak, below 0.5 medium, else strong "
            "(Cohen’s rule of thumb). Measures of different names are on the same scale from 0 "
            "to 1, yet not quite comparable. None of them says that one column causes the other."
        )
