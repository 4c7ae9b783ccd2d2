"""What is known before labels are spread: how many labels there are, and of which rows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.evaluation.few_label_checks import (
    FewLabels,
    each_class_is_judged,
    enough_labels,
    labelled_rows_are_like_the_rest,
)
from mlcore.evaluation.label_reach import GIVEN, UNLABELLED, class_count_frame
from mlcore.evaluation.labelled_shift import shift_frame
from mlcore.figures.label_counts import describe_label_count, label_count_figure
from mlcore.findings import Finding
from mlcore.setups import FewLabelsSetup
from mlcore.splitting import FewLabelsConfig
from mlcore.workflow.table import features_of
from pages.ui import show
from pages.ui.panels import few_facts, few_typed
from pages.ui.session import session, workspace
from pages.ui.text import literal

#: Cells (rows × columns) up to which labelled rows are compared with the rest at once; larger
#: tables are compared when a run is made.
MOST_CELLS_AT_ONCE = 500_000

#: Rows that are offered for labelling by hand where there are no labels to start from.
_FIRST_ROWS = 10


def rows_frame(known: pd.Series) -> pd.DataFrame:
    """Return known labels as the rows of a run that has not spread any."""
    return pd.DataFrame(
        {
            "given": known,
            "predicted": pd.Series(pd.NA, index=known.index, dtype="str"),
            "origin": known.notna().map({True: GIVEN, False: UNLABELLED}),
        }
    )


def say_tokens(table: Dataset, target: str, config: FewLabelsConfig, offered: str | None) -> None:
    """Say which rows a word for "no label" stands in, and offer one that looks like it."""
    for token in config.no_label:
        column = _table_labels(table, target).str.strip().str.casefold()
        rows = int(column.eq(token.casefold()).sum())
        said = f"stands in {rows:,} rows, which count as not labelled" if rows else "does not occur"
        said = "stands in 1 row, which counts as not labelled" if rows == 1 else said
        st.caption(f":material/label_off: “{literal(token)}” {said}.")
    if offered is not None:
        st.button(
            f"“{literal(offered)}” means “no label”",
            key="semi_take_token",
            icon=":material/label_off:",
            on_click=_take_token,
            args=(offered, config.no_label),
            help="Most rows of the column say so.",
        )


def _take_token(token: str, named: tuple[str, ...]) -> None:
    st.session_state["semi_no_label"] = ", ".join([*named, token])


def _table_labels(table: Dataset, target: str) -> pd.Series:
    """Return the column as text, as the file has it."""
    return few_facts.labels(table, target, FewLabelsConfig())


def draw(table: Dataset, setup: FewLabelsSetup, config: FewLabelsConfig) -> None:
    """Draw how many rows are labelled, in all and in each class, and what was typed in."""
    known = few_facts.labels(table, setup.target, config)
    labelled, rows = int(known.notna().sum()), len(known)
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Labelled rows",
            f"{labelled:,}",
            width="content",
            help="Rows whose label is known, in the table or typed in on this page.",
        )
        st.metric(
            "Rows without a label",
            f"{rows - labelled:,}",
            width="content",
            help="They are to get one.",
        )
        st.metric(
            "Share labelled",
            f"{labelled / rows:.1%}",
            width="content",
            help="Labelled rows of all rows.",
        )
        st.metric(
            "Classes", f"{known.nunique():,}", width="content", help="Different labels that occur."
        )
    if config.typed:
        few_typed.draw_list(table, setup, "semi_typed")
    if labelled:
        _draw_counts(class_count_frame(rows_frame(known)))
    if known.nunique() < 2:
        _start_by_hand(table, setup, known)


def _draw_counts(counts: pd.DataFrame) -> None:
    words, bars = st.columns([2, 3], gap="large")
    with words:
        show.table(
            counts[["class", "given"]].assign(share=100 * counts["given_share"]),
            alt="How many labels each class has",
            column_config={
                "class": st.column_config.TextColumn("Class", help="One of the different labels."),
                "given": st.column_config.NumberColumn("Labels", help="Rows with this label."),
                "share": st.column_config.NumberColumn(
                    "Share", format="%.1f %%", help="Of all labels, the share of this class."
                ),
            },
        )
    with bars:
        show.figure(label_count_figure(counts), describe_label_count(counts), "semi_label_counts")


def _start_by_hand(table: Dataset, setup: FewLabelsSetup, known: pd.Series) -> None:
    """Offer some rows for labelling where there are not yet labels of two classes."""
    st.info(
        "Labels of at least two classes are needed to begin. Type some in here, or choose another "
        "column.",
        icon=":material/edit:",
    )
    st.caption(f"{_FIRST_ROWS} rows drawn by lot:")
    unlabelled = known.index[_table_labels(table, setup.target).isna()]
    drawn = pd.Series(unlabelled).sample(min(_FIRST_ROWS, len(unlabelled)), random_state=0)
    few_typed.draw_editor(table, setup, sorted(drawn.tolist()), "semi_by_hand")


def draw_findings(table: Dataset, setup: FewLabelsSetup, known: pd.Series) -> None:
    """Say what to watch out for before anything runs."""
    cells = len(table.frame) * len(setup.features)
    compared = cells <= MOST_CELLS_AT_ONCE
    show.findings(_findings(workspace().user, _plan(table, setup), compared, table, setup, known))
    if not compared:
        st.caption(
            ":material/info: Whether labelled rows look like the rest is worked out with each run: "
            "the table is too large to do it at once."
        )


def _plan(table: Dataset, setup: FewLabelsSetup) -> str:
    config = setup.split
    return (
        f"{session().dataset} {table.fingerprint} {setup.target} {sorted(setup.features)} "
        f"{config.no_label} {config.typed}"
    )


@st.cache_data(max_entries=32, show_spinner="Comparing the labelled rows with the rest …")
def _findings(
    user: str,
    plan: str,
    compared: bool,
    _table: Dataset,
    _setup: FewLabelsSetup,
    _known: pd.Series,
) -> tuple[Finding, ...]:
    features = features_of(_table, _setup.features)
    kinds = {name: _table.schema[name].kind for name in _setup.features}
    shift = shift_frame(features, kinds, _known.notna().to_numpy()) if compared else None
    run = FewLabels(rows=rows_frame(_known), shift=shift)
    checks = (enough_labels, each_class_is_judged)
    found = tuple(check(run) for check in checks)
    return (*found, labelled_rows_are_like_the_rest(run)) if compared else found
