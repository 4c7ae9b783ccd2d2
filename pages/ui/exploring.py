"""What the parts of the Explore page share: answers kept in memory, figures with their tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from mlcore.data.column_summary import summary_frame, word_frame
from mlcore.data.dataset import Dataset
from mlcore.data.missing_patterns import missing_frame, pattern_frame, together_frame
from mlcore.data.pairs import Pair, pair_frame
from mlcore.data.profile import distribution_frame
from mlcore.data.relations import MOST_ROWS, relation_frame
from mlcore.data.schema import ColumnKind
from mlcore.figures.pairs import describe_pair, pair_figure
from mlcore.messages import message
from pages.ui import show
from pages.ui.downloads import frame_button
from pages.ui.session import workspace


def state_of(table: Dataset) -> str:
    """Return a text that changes when the rows, a kind or a role of the table do."""
    columns = tuple((column.name, column.kind, column.role) for column in table.schema.columns)
    return f"{table.fingerprint}:{hash(columns)}"


def figure(drawn: go.Figure, alt: str, key: str, numbers: pd.DataFrame, **options: Any) -> Any:
    """Draw a figure with its words and the numbers to take along; return what was selected."""
    shown = show.figure(drawn, alt, key, **options)
    frame_button("Download the numbers as CSV", f"{key}_csv", numbers, f"{key}.csv")
    return shown


def say_sampled(table: Dataset) -> None:
    """Say that strengths are worked out on a part of the rows, where they are."""
    if len(table.frame) > MOST_ROWS:
        said = message("relation.sampled", drawn=f"{MOST_ROWS:,}", total=f"{len(table.frame):,}")
        show.notes([said])


# Answers are shared by all reruns and tabs and must not be changed.


def distribution(table: Dataset, column: str, by: str | None) -> pd.DataFrame:
    """Return how the values of a column are spread."""
    return _distribution(workspace().user, state_of(table), column, by, table)


@st.cache_resource(max_entries=64, show_spinner="Counting …")
def _distribution(
    user: str, state: str, column: str, by: str | None, _table: Dataset
) -> pd.DataFrame:
    return distribution_frame(_table, column, by)


def summary(table: Dataset, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a column in a few numbers, and its words where it is text."""
    return _summary(workspace().user, state_of(table), column, table)


@st.cache_resource(max_entries=64, show_spinner="Counting …")
def _summary(
    user: str, state: str, column: str, _table: Dataset
) -> tuple[pd.DataFrame, pd.DataFrame]:
    is_text = _table.schema[column].kind is ColumnKind.TEXT
    return summary_frame(_table, column), word_frame(_table, column) if is_text else pd.DataFrame()


def pair(
    table: Dataset, first: str, second: str, *, trim: bool = False, height: int = 420
) -> tuple[Pair, go.Figure, str]:
    """Return two columns against each other, their chart and its words."""
    return _pair(workspace().user, state_of(table), first, second, trim, height, table)


@st.cache_resource(max_entries=128, show_spinner="Counting …")
def _pair(
    user: str, state: str, first: str, second: str, trim: bool, height: int, _table: Dataset
) -> tuple[Pair, go.Figure, str]:
    found = pair_frame(_table, first, second, trim=trim)
    return found, pair_figure(found, height), describe_pair(found)


def relations(table: Dataset, columns: tuple[str, ...], target: str | None = None) -> pd.DataFrame:
    """Return how strongly columns go together, each with each or all with one."""
    return _relations(workspace().user, state_of(table), columns, target, table)


@st.cache_resource(max_entries=64, show_spinner="Comparing the columns …")
def _relations(
    user: str, state: str, columns: tuple[str, ...], target: str | None, _table: Dataset
) -> pd.DataFrame:
    return relation_frame(_table, columns, target)


def missing(table: Dataset) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what each column lacks, which lack it together, and each two of them."""
    return _missing(workspace().user, state_of(table), table)


@st.cache_resource(max_entries=16, show_spinner="Looking for gaps …")
def _missing(
    user: str, state: str, _table: Dataset
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return missing_frame(_table), pattern_frame(_table), together_frame(_table)


def chosen_column(
    label: str, options: list[str], key: str, *, default: str | None = None, **more: Any
) -> str | None:
    """Draw the choice of a column, or of none; what was chosen before may be gone."""
    if key not in st.session_state or st.session_state[key] not in (*options, None):
        st.session_state[key] = default if default in options else None
    return st.selectbox(label, options, index=None, key=key, **more)


def required_column(label: str, options: list[str], key: str, default: str) -> str:
    """Draw the choice of a column; what was chosen before may be gone."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    return st.selectbox(label, options, key=key)
