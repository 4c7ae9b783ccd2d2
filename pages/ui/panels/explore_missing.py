"""Which columns lack values, and which of them in the same rows."""

from __future__ import annotations

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.missing_patterns import MOST_PATTERNS
from mlcore.figures.missing import (
    describe_missing,
    describe_patterns,
    missing_figure,
    pattern_figure,
)
from pages.ui import exploring, show

#: Pairs of columns that are listed.
_MOST_SHOWN = 10


def draw(table: Dataset) -> None:
    """Draw the share of gaps of each column, and the rows by what they lack."""
    shares, patterns, together = exploring.missing(table)
    if shares.empty:
        st.success("No value is missing in any column.", icon=":material/check_circle:")
        return
    st.subheader("How much each column lacks")
    exploring.figure(missing_figure(shares), describe_missing(shares), "explore_missing", shares)
    st.subheader("What lacks together")
    st.caption(
        "Each line stands for all rows that lack the same columns (coloured); the most frequent "
        f"lines come first, at most {MOST_PATTERNS}."
    )
    as_text = patterns.assign(columns=patterns["columns"].map("; ".join))
    exploring.figure(
        pattern_figure(patterns),
        describe_patterns(patterns, table.schema.n_rows),
        "explore_patterns",
        as_text,
    )
    if together.empty:
        return
    st.caption(
        "Each two columns: in how many rows both lack a value, of those in which one of them does. "
        "At 100 % they always go together, which mostly has a common cause."
    )
    show.table(
        together.head(_MOST_SHOWN),
        alt="Each two columns that lack values, and how often together",
        height="content",
        column_config={
            "first": "Column",
            "second": "and",
            "both": st.column_config.NumberColumn("Both lack it", format="localized"),
            "either": st.column_config.NumberColumn("One of them does", format="localized"),
            "share": st.column_config.NumberColumn("Together", format="percent"),
        },
    )
