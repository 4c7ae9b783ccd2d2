"""One column: its distribution, by its kind, and a few numbers."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.schema import Column, ColumnKind
from mlcore.figures.distribution import (
    describe_distribution,
    describe_words,
    distribution_figure,
    words_figure,
)
from pages.ui import exploring, show
from pages.ui.text import literal

#: Values that the bars are split by at most.
_MOST_SPLIT = 8

#: Kinds whose values have no distribution worth drawing.
_UNDRAWN = {
    ColumnKind.IDENTIFIER: "Nearly every row has a value of its own, so there is nothing to count.",
    ColumnKind.CONSTANT: "All rows have the same value, so there is nothing to compare.",
}


def draw(table: Dataset) -> None:
    """Draw the column that is chosen."""
    with st.container(horizontal=True):
        name = exploring.required_column(
            "Column", list(table.schema.names), "explore_column", _first(table)
        )
        by = _split(table)
    column = table.schema[name]
    st.caption(f"{literal(column.kind.value.capitalize())}. {literal(column.kind.help)}")
    numbers, words = exploring.summary(table, name)
    figure, told = st.columns([5, 3])
    with told:
        show.table(
            numbers,
            alt=f"The column {name} in a few numbers",
            height="content",
            column_config={"statistic": "", "value": "Value"},
        )
    with figure:
        if column.missing == table.schema.n_rows:
            st.info("No row has a value.", icon=":material/info:")
        elif column.kind in _UNDRAWN:
            st.info(_UNDRAWN[column.kind], icon=":material/info:")
        elif column.kind is ColumnKind.TEXT:
            exploring.figure(
                words_figure(words), describe_words(words, name), "explore_words", words
            )
        else:
            _distribution(table, column, by)


def _first(table: Dataset) -> str:
    """Return the first column that can be drawn, or the first one."""
    drawn = (column.name for column in table.schema.columns if column.kind not in _UNDRAWN)
    return next(drawn, table.schema.names[0])


def _split(table: Dataset) -> str | None:
    groups = [
        column.name
        for column in table.schema.columns
        if column.kind in (ColumnKind.CATEGORY, ColumnKind.YES_NO)
        and column.distinct <= _MOST_SPLIT
    ]
    return exploring.chosen_column("Split by", groups, "explore_split", placeholder="Nothing")


def _distribution(table: Dataset, column: Column, by: str | None) -> None:
    bars = exploring.distribution(table, column.name, by if by != column.name else None)
    exploring.figure(
        distribution_figure(bars, column.name),
        describe_distribution(bars, column.name),
        "explore_distribution",
        bars,
    )
