"""Labels that are typed in on the page: kept with the set-up, taken back, used by the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.setups import FewLabelsSetup
from mlcore.workflow.given_labels import clean_label, spellings_of
from pages.ui import stored
from pages.ui.panels import few_facts
from pages.ui.session import session
from pages.ui.text import literal

#: The column of an editor that labels are typed into, and that of the rows' numbers; a name that
#: the table uses itself gets underscores behind it.
LABEL, ROW = "label", "row"


def typed_labels(table: Dataset, target: str) -> dict[int, str]:
    """Return the labels that were typed in for a column, by row."""
    return dict(stored.saved_few_labels_setup(table, target).split.typed)


def put(table: Dataset, target: str, changes: Mapping[int, str | None]) -> None:
    """Keep labels that were typed in; an empty one takes a label back.

    Parameters
    ----------
    table : Dataset
        The table in use.
    target : str
        The column that is completed.
    changes : mapping of int to str or None
        What was typed, by row.
    """
    setup = stored.saved_few_labels_setup(table, target)
    known = spellings_of(classes(table, setup))
    labels = dict(setup.split.typed)
    for row, text in changes.items():
        label = clean_label(text, known, setup.split.no_label)
        if label is None:
            labels.pop(row, None)
        else:
            labels[row] = label
    # As they were typed: a later one moves no row to another fold.
    split = replace(setup.split, typed=tuple(labels.items()))
    stored.save_few_labels_setup(replace(setup, split=split))


def classes(table: Dataset, setup: FewLabelsSetup) -> list[str]:
    """Return the labels that there are, sorted: of the table and typed in."""
    return sorted(few_facts.labels(table, setup.target, setup.split).dropna().unique())


# --- taking back -------------------------------------------------------------------------------


def draw_list(table: Dataset, setup: FewLabelsSetup, key: str) -> None:
    """List the labels that were typed in; each can be taken back, and all at once."""
    typed = typed_labels(table, setup.target)
    st.session_state[key] = list(typed)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Labels typed in",
            list(typed),
            key=key,
            format_func=lambda row: f"row {row}: {typed[row]}",
            placeholder="All are taken back",
            help=(
                "They count instead of what the table has and are used by the next run; the table "
                "itself is not changed. Remove one to take it back."
            ),
            on_change=_take_back,
            args=(table, setup.target, key),
        )
        st.button(
            "Take all back",
            key=f"{key}_none",
            icon=":material/undo:",
            on_click=_take_all_back,
            args=(table, setup.target),
        )


def _take_back(table: Dataset, target: str, key: str) -> None:
    if key not in st.session_state:
        return  # the page was left in that moment, and its widgets with it
    kept = set(st.session_state[key])
    _undo(table, target, [row for row in typed_labels(table, target) if row not in kept])


def _take_all_back(table: Dataset, target: str) -> None:
    _undo(table, target, list(typed_labels(table, target)))


def _undo(table: Dataset, target: str, rows: Sequence[int]) -> None:
    put(table, target, dict.fromkeys(rows))
    session().semi_undone += 1


# --- typing in ---------------------------------------------------------------------------------


def draw_editor(
    table: Dataset,
    setup: FewLabelsSetup,
    rows: Sequence[int],
    key: str,
    beside: pd.DataFrame | None = None,
    config: Mapping[str, Any] | None = None,
) -> None:
    """Draw rows of the table with a column that a label can be typed into.

    Parameters
    ----------
    table : Dataset
        The table in use.
    setup : FewLabelsSetup
        Whose labels are typed.
    rows : sequence of int
        Which rows.
    key : str
        Of the editor.
    beside : DataFrame of shape (n_rows, …), optional
        More columns, drawn before those of the table.
    config : mapping, optional
        How these are drawn.
    """
    shown, row, label = editor_frame(table, setup, rows, beside)
    # After an undo the editor starts anew: it would show, and hand in again, what was taken back.
    place = f"{key}_{session().semi_undone}"
    known = classes(table, setup)
    choice = st.column_config.TextColumn(
        f"Label of {setup.target}"[:40],
        pinned=True,
        width=170,
        help="Click twice and type. "
        + (f"Labels so far: {literal(', '.join(known[:12]))}." if known else "Any word will do."),
    )
    st.data_editor(
        shown,
        key=place,
        alt=f"Rows of {table.name}; labels can be typed in",
        hide_index=True,
        height="content",
        disabled=[name for name in shown.columns if name != label],
        column_config={
            row: st.column_config.NumberColumn(
                "Row", pinned=True, width=70, help="Number of the row, from 0."
            ),
            label: choice,
            **(config or {}),
        },
        on_change=_typed,
        args=(table, setup.target, tuple(rows), place, label),
        placeholder="–",
    )


def editor_frame(
    table: Dataset,
    setup: FewLabelsSetup,
    rows: Sequence[int],
    beside: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, str, str]:
    """Return rows as an editor shows them, and what its columns of rows and labels are called."""
    own = table.frame.drop(columns=setup.target).iloc[list(rows)].reset_index(drop=True)
    taken = set(own.columns)
    row, label = free_name(ROW, taken), free_name(LABEL, taken)
    typed = typed_labels(table, setup.target)
    front = pd.DataFrame(
        {row: list(rows), label: pd.Series([typed.get(number) for number in rows], dtype="str")}
    )
    parts = [front, own] if beside is None else [front, beside.reset_index(drop=True), own]
    return pd.concat(parts, axis=1), row, label


def free_name(name: str, taken: set[str]) -> str:
    """Return a name that no column of the table has."""
    while name in taken:
        name += "_"
    return name


def _typed(table: Dataset, target: str, rows: Sequence[int], key: str, label: str) -> None:
    put(table, target, edited(st.session_state.get(key, {}), rows, label))


def edited(state: Mapping[str, Any], rows: Sequence[int], label: str) -> dict[int, str | None]:
    """Return what was typed into an editor, by row of the table.

    Parameters
    ----------
    state : mapping
        What Streamlit keeps of the editor.
    rows : sequence of int
        The rows it shows.
    label : str
        The column that labels are typed into.
    """
    changes = state.get("edited_rows", {}).items()
    return {rows[int(place)]: line[label] for place, line in changes if label in line}
