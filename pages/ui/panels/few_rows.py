"""The table with the label of each row, and the rows that no label reaches."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.label_reach import GIVEN, PROPAGATED, UNLABELLED
from mlcore.training.runs import Run
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.panels import few_facts

#: Where a label comes from, in words.
_ORIGINS = {
    GIVEN: "given",
    PROPAGATED: "found",
    UNLABELLED: "none: no label reaches it",
}


_SHARE_HELP = (
    "Probability of this class. Where no label reaches, nothing is known: each class then has the "
    "same number, which says nothing, and the certainty is 0."
)


def say_unreached(run: Run) -> None:
    """Warn of rows that no label reaches, with what to do."""
    unreached = few_facts.n_unreached(run.id)
    if not unreached:
        return
    groups = few_facts.n_unreached_groups(run.id)
    row, group = "row" if unreached == 1 else "rows", "group" if groups == 1 else "groups"
    st.warning(
        f"No label reaches {unreached:,} {row}, in {groups:,} {group}. They stay without a label: "
        f"{few_facts.advice(run)}. The part “Label next” lists one row of each.",
        icon=":material/label_off:",
    )


def draw(run: Run, table: Dataset) -> None:
    """Draw the rows of the chosen labels and origins in the chosen order."""
    together = few_facts.rows_or_reason(run, table)
    if together is None:
        return
    _, label, _, origin = together.columns[:4]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.multiselect(
            "Labels",
            sorted(together[label].dropna().unique()),
            key=f"semi_rows_of_{run.id}",
            placeholder="Every label",
            help="Only rows with one of these labels.",
        )
        origins = st.multiselect(
            "Where the label comes from",
            list(together[origin].unique()),
            format_func=lambda name: _ORIGINS.get(name, name),
            key=f"semi_rows_origin_{run.id}",
            placeholder="Anywhere",
            help="Given in the table or typed in, found by the algorithm, or none.",
        )
        by = st.selectbox(
            "Sort by",
            list(together.columns),
            key=f"semi_rows_by_{run.id}",
            help="The column that decides the order.",
        )
        falling = st.toggle("Largest first", key="semi_rows_falling", help="Turns the order round.")
    shown = chosen_rows(together, wanted, origins, by, falling)
    _draw_rows(shown)
    unreached = few_facts.n_unreached(run.id)
    none = (
        f" No label reaches {unreached:,} of all rows: {few_facts.advice(run)}."
        if unreached
        else ""
    )
    count = "1 row" if len(shown) == 1 else f"{len(shown):,} rows"
    st.caption(f"{count}.{none}")
    if unreached:
        st.caption(
            "Such rows have certainty 0, and the same number in each column “p:…”, which stands "
            "for no probability; the download has them so too."
        )
    frame_button("Download these rows as CSV", "semi_rows_csv", shown, "rows.csv")


def _draw_rows(rows: pd.DataFrame) -> None:
    """Draw rows, as many as a screen can hold."""
    row, label, certainty, origin = rows.columns[:4]
    words = rows.head(few_facts.MOST_SHOWN)
    words = words.assign(**{origin: words[origin].map(_ORIGINS).fillna(words[origin])})
    show.table(
        words,
        alt="The rows of the table with their label",
        placeholder="–",
        column_config={
            row: st.column_config.NumberColumn(pinned=True, help="Number of the row, from 0."),
            label: st.column_config.TextColumn(
                pinned=True, help="The row's label, given or found; none where no label reaches."
            ),
            certainty: st.column_config.NumberColumn(
                format="%.3f", help="The highest probability; 0 where no label reaches."
            ),
            origin: st.column_config.TextColumn("from", help="Where the label comes from."),
            **_share_columns(rows),
        },
    )
    if len(rows) > few_facts.MOST_SHOWN:
        st.caption(f"The first {few_facts.MOST_SHOWN:,} are shown; the download has them all.")


def _share_columns(rows: pd.DataFrame) -> dict[str, object]:
    """Return what the columns of probabilities say; those of the table itself are left alone."""
    return {
        name: st.column_config.NumberColumn(format="%.3f", help=_SHARE_HELP)
        for name in few_facts.share_names(rows)
    }


def chosen_rows(
    together: pd.DataFrame, labels: list[str], origins: list[str], by: str, falling: bool
) -> pd.DataFrame:
    """Return the rows of the wanted labels and origins (of all where none is named), sorted."""
    _, label, _, origin = together.columns[:4]
    kept = together[together[label].isin(labels)] if labels else together
    kept = kept[kept[origin].isin(origins)] if origins else kept
    return kept.sort_values(by, ascending=not falling, kind="stable")
