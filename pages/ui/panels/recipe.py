"""The user's own steps before modelling: listed, moved, taken back, and one more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.recipe import formula
from mlcore.data.recipe.catalogue import STEPS, StepSpec, shown_value
from mlcore.data.recipe.fields import (
    COMPARISONS,
    CategoriesField,
    ChoiceField,
    ColumnField,
    ColumnsField,
    Field,
    FormulaField,
    NewNameField,
    PairsField,
    TextField,
    ValueField,
    ValuesField,
)
from mlcore.data.recipe.recipe import kinds_of
from mlcore.data.recipe.steps_file import write_steps
from mlcore.data.schema import ColumnKind
from mlcore.workspace import new_id, write_whole
from pages.ui import stored
from pages.ui.downloads import download_button
from pages.ui.panels.remedies import CHANGED, carry_out, undo_button
from pages.ui.session import workspace
from pages.ui.text import literal

#: The page on which the steps stand.
_PAGE = "data.py"

#: So many values are offered to be replaced or chosen, the most frequent ones.
_MOST_VALUES = 500

#: Frequent categories that are kept unless somebody chooses others.
_USUALLY_KEPT = 10


def draw(table: Dataset, identifier: str) -> None:
    """Draw the list of steps, and the form of a new one."""
    st.caption(
        "What you do to the table before a model learns from it. The file stays as it is; a model "
        "does the same steps to every new row, and so does the code of a run. Runs that were "
        "trained before keep the table they had."
    )
    if table.recipe:
        _size(table, identifier)
        for number, said in enumerate(table.recipe.sentences()):
            _step(table, identifier, number, str(said))
    with st.container(horizontal=True):
        undo_button(table, identifier, _PAGE, "recipe_undo")
        if table.recipe:
            _download(table)
    _new_step(table, identifier)


def _size(table: Dataset, identifier: str) -> None:
    before = stored.datasets().source_schema(identifier)
    rows, columns = table.schema.n_rows, len(table.schema.columns)
    st.markdown(
        f"Rows: {before.n_rows:,} → **{rows:,}**, columns: {len(before.columns):,} → "
        f"**{columns:,}**"
    )


def _download(table: Dataset) -> None:
    def prepare() -> tuple[Path, str]:
        path = workspace().folder("exports", new_id()).with_suffix(".json")
        write_whole(path, write_steps(table.recipe))
        return path, "steps.json"

    download_button("Download the steps", "recipe_download", prepare)


def _step(table: Dataset, identifier: str, number: int, said: str) -> None:
    steps = list(table.recipe.steps)
    moved = {
        "up": ("Earlier", ":material/arrow_upward:", number - 1),
        "down": ("Later", ":material/arrow_downward:", number + 1),
    }
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**{number + 1}** {literal(said)}", width="stretch")
        if _is_empty(table, steps[number].get("name", "")):
            st.caption("No row gets a value.", width="content")
        for way, (label, icon, place) in moved.items():
            if st.button(
                "",
                key=f"recipe_{way}_{number}",
                icon=icon,
                help=label,
                disabled=not 0 <= place < len(steps),
            ):
                changed = list(steps)
                changed[number], changed[place] = changed[place], changed[number]
                _set(table, identifier, changed, "The order was changed.")
        if st.button("", key=f"recipe_remove_{number}", icon=":material/close:", help="Take out"):
            left = [*steps[:number], *steps[number + 1 :]]
            _set(table, identifier, left, f"Taken out: {said}")


def _is_empty(table: Dataset, name: str) -> bool:
    """Return whether a column that a step worked out is missing in every row."""
    return name in table.schema.names and table.schema[name].missing == table.schema.n_rows


def _set(table: Dataset, identifier: str, steps: list[Any], words: str) -> None:
    carry_out(partial(stored.datasets().set_recipe, identifier, steps), table, _PAGE, words)


# A new step


def _new_step(table: Dataset, identifier: str) -> None:
    if st.session_state.pop(CHANGED, False):
        # Forgetting alone would leave the last choice on the screen, without its form.
        st.session_state["recipe_step"] = None
    chosen = st.selectbox(
        "Add a step",
        list(STEPS),
        index=None,
        placeholder="Choose what to do",
        format_func=lambda identifier: STEPS[identifier].name,
        key="recipe_step",
        help="Steps are done in their order, each on what the one before it leaves.",
    )
    if chosen is None:
        return
    spec = STEPS[chosen]
    st.caption(literal(spec.help))
    entered = _entered(spec, table)
    if entered is None:
        st.info("No column of the table fits this step.", icon=":material/info:")
        return
    if st.button("Add this step", key="recipe_add", type="primary", icon=":material/add:"):
        words = f"{spec.name}: done. Undo takes it back."
        _set(table, identifier, [*table.recipe.steps, {"step": spec.id, **entered}], words)


def _entered(spec: StepSpec, table: Dataset) -> dict[str, Any] | None:
    """Draw a control for each field; ``None`` when no column fits."""
    entered: dict[str, Any] = {}
    for field in spec.fields:
        if isinstance(field, ColumnField) and not field.offered(kinds_of(table.schema)):
            return None
        key = f"recipe_{spec.id}_{field.name}"
        if column := entered.get("column"):
            # Another column has other values: its controls start anew.
            key += f"_{column}"
        entered[field.name] = _CONTROLS[type(field)](field, entered, table, key)
    return entered


def _column(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> str:
    offered = field.offered(kinds_of(table.schema))
    chosen: str = st.selectbox(field.label, offered, key=key, help=field.help)
    return chosen


def _columns(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> list[str]:
    empty = "Every column" if field.may_be_empty else "Choose columns"
    return st.multiselect(
        field.label, list(table.schema.names), key=key, help=field.help, placeholder=empty
    )


def _words(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> str:
    return st.text_input(field.label, key=key, help=field.help)


def _formula(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> str:
    typed = st.text_input(
        field.label, key=key, help=field.help, placeholder="[weight] / [height]^2"
    )
    with st.expander("What a formula can do", icon=":material/help:"):
        st.markdown(
            "\n".join(
                f"- `{name}`: {function.help}" for name, function in formula.FUNCTIONS.items()
            )
        )
    return typed


def _choice(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> Any:
    offered = field.offered(entered, kinds_of(table.schema))
    if field.several:
        return st.pills(field.label, offered, selection_mode="multi", key=key, help=field.help)
    return st.selectbox(field.label, offered, key=key, help=field.help)


def _value(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> Any:
    return _one_value(field.label, field.help, entered["column"], table, key)


def _one_value(label: str, help_: str, column: str, table: Dataset, key: str) -> Any:
    kind = table.schema[column].kind
    if kind is ColumnKind.NUMBER:
        return st.number_input(label, value=None, step=None, format="%g", key=key, help=help_)
    if kind is ColumnKind.DATETIME:
        return st.text_input(label, key=key, help=help_, placeholder="2024-01-31")
    return st.selectbox(
        label,
        _frequent(table, column),
        index=None,
        key=key,
        help=help_,
        accept_new_options=True,
        placeholder="Choose or type a value",
    )


def _values(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> list[Any]:
    least, most = COMPARISONS[entered["comparison"]]
    column = entered["column"]
    if most > 2:
        return list(_several_values(field, column, table, key))
    labels = ["From", "To"] if most == 2 else [field.label]
    return [
        _one_value(label, field.help, column, table, f"{key}_{entered['comparison']}_{place}")
        for place, label in enumerate(labels[:most])
    ]


def _several_values(field: Any, column: str, table: Dataset, key: str) -> list[Any]:
    return st.multiselect(
        field.label,
        _frequent(table, column),
        key=f"{key}_several",
        help=field.help,
        accept_new_options=True,
        placeholder="Choose or type values",
    )


def _categories(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> list[str]:
    frequent = [str(value) for value in _frequent(table, entered["column"])]
    return st.multiselect(
        field.label, frequent, default=frequent[:_USUALLY_KEPT], key=key, help=field.help
    )


def _frequent(table: Dataset, column: str) -> list[Any]:
    """Return the most frequent values of a column, as people write them."""
    counts = table.frame[column].value_counts()
    values = counts.index[:_MOST_VALUES]
    if table.schema[column].kind is ColumnKind.DATETIME:
        return [value.isoformat().removesuffix("T00:00:00") for value in values]
    return list(values)


def _pairs(field: Any, entered: Mapping[str, Any], table: Dataset, key: str) -> list[list[Any]]:
    """Draw the values of a column, each with what it becomes; what is untouched stays."""
    column = entered["column"]
    counts = table.frame[column].value_counts().head(_MOST_VALUES)
    shown = pd.DataFrame(
        {
            "value": list(map(shown_value, counts.index)),
            "rows": counts.to_numpy(),
            "becomes": "",
            "missing": False,
        }
    )
    edited = st.data_editor(
        shown,
        key=key,
        alt=f"The values of {column}, and what each becomes",
        hide_index=True,
        disabled=["value", "rows"],
        column_config={
            "value": st.column_config.TextColumn("Value"),
            "rows": st.column_config.NumberColumn("Rows"),
            "becomes": st.column_config.TextColumn("Becomes", help=field.help),
            "missing": st.column_config.CheckboxColumn(
                "No value", help="Read it as missing from now on."
            ),
        },
    )
    pairs = []
    for old, becomes, is_missing in zip(
        counts.index, edited["becomes"], edited["missing"], strict=True
    ):
        if is_missing:
            pairs.append([old, None])
        elif isinstance(becomes, str) and becomes.strip():
            pairs.append([old, becomes.strip()])
    if len(counts) == _MOST_VALUES:
        st.caption(f"The {_MOST_VALUES:,} most frequent values.")
    return pairs


_CONTROLS: dict[type[Field], Callable[[Any, Mapping[str, Any], Dataset, str], Any]] = {
    ColumnField: _column,
    ColumnsField: _columns,
    NewNameField: _words,
    TextField: _words,
    FormulaField: _formula,
    ChoiceField: _choice,
    ValueField: _value,
    ValuesField: _values,
    PairsField: _pairs,
    CategoriesField: _categories,
}
