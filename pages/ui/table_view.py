"""A table in use: its rows, its columns, what was noticed."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.profile import overview_frame
from mlcore.data.schema import ColumnKind, Role
from mlcore.data.store import DatasetInfo
from mlcore.errors import UserError
from pages.ui import reading_view, show, stored
from pages.ui.confirming import confirm_deletion
from pages.ui.panels import recipe, remedies
from pages.ui.session import forget_widgets, use_dataset, workspace
from pages.ui.text import literal

_MOST_SHOWN = 1000

#: The columns of the table of columns, in the order they are shown.
_COLUMNS = {
    "column": st.column_config.TextColumn("Column"),
    "kind": st.column_config.SelectboxColumn(
        "Kind",
        options=[kind.value for kind in ColumnKind],
        required=True,
        help="  \n".join(f"{kind.value}: {kind.help}" for kind in ColumnKind),
    ),
    "role": st.column_config.SelectboxColumn(
        "Role",
        options=[role.value for role in Role],
        required=True,
        help="Feature: may be learnt from. Label: is predicted. Group and time order: divide the "
        "rows. Weight: how much a row counts while learning. Ignored: left out.",
    ),
    "missing_share": st.column_config.NumberColumn(
        "Missing", format="percent", help="Share of rows without a value."
    ),
    "distinct": st.column_config.NumberColumn("Different", help="Number of different values."),
    "distribution": st.column_config.BarChartColumn(
        "Distribution", help="How often small, medium and large values occur.", y_min=0
    ),
    "typical": st.column_config.TextColumn(
        "Typical", help="The median, or the most frequent value with its share."
    ),
    "reason": st.column_config.TextColumn("Why this kind", width="large"),
    "unreadable": st.column_config.NumberColumn(
        "Unreadable", help="Values that do not fit the kind; they are treated as missing."
    ),
}


def draw(table: Dataset, identifier: str) -> None:
    """Draw columns, findings, steps, rows and the file, each when it is looked at."""
    columns, findings, steps, rows, file = st.tabs(
        ["Columns", "Findings", "Steps", "Rows", "File"],
        key="data_part",
        on_change="rerun",
    )
    if columns.open:
        with columns:
            _columns(table, identifier)
    if findings.open:
        with findings:
            found = stored.datasets().findings(identifier)
            remedies.draw(found, table, identifier, "data.py")
    if steps.open:
        with steps:
            recipe.draw(table, identifier)
    if rows.open:
        with rows:
            show.table(table.frame.head(_MOST_SHOWN), alt=f"Rows of {table.name}")
            if len(table.frame) > _MOST_SHOWN:
                st.caption(f"The first {_MOST_SHOWN:,} of {len(table.frame):,} rows.")
    if file.open:
        with file:
            _file(identifier)


def _file(identifier: str) -> None:
    store = stored.datasets()
    reading, schema = store.reading(identifier), store.schema(identifier)
    st.caption("How the file was read. To read it in another way, bring it again.")
    reading_view.cautions(reading, schema)
    reading_view.preview(identifier)
    reading_view.decisions(reading, schema)
    reading_view.repairs(identifier, reading, undo=False)


def _columns(table: Dataset, identifier: str) -> None:
    st.caption(
        "The kind decides how a model sees a column; it was guessed and can be changed. "
        "The role says what the column is for."
    )
    if stored.datasets().can_undo(identifier):
        remedies.undo_button(table, identifier, "data.py", "kinds_undo")
    overview = _overview(workspace().user, f"{identifier}_{_state(table)}", table)
    edited = st.data_editor(
        overview,
        key=f"columns_{identifier}_{_state(table)}",
        alt="The columns of the table with kind and role, which can be changed",
        hide_index=True,
        height="content",
        disabled=[name for name in overview.columns if name not in ("kind", "role")],
        column_order=list(_COLUMNS),
        column_config=_COLUMNS,
    )
    _apply(table, identifier, edited)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = st.multiselect(
            "Change several at once",
            list(table.schema.names),
            key="columns_several",
            placeholder="Choose columns",
        )
        kind = st.selectbox(
            "to the kind", [kind.value for kind in ColumnKind], index=None, key="columns_kind"
        )
        role = st.selectbox(
            "and the role", [role.value for role in Role], index=None, key="columns_role"
        )
        if st.button("Apply", key="columns_apply", disabled=not names or not (kind or role)):
            _change(
                identifier,
                dict.fromkeys(names, ColumnKind(kind)) if kind else {},
                dict.fromkeys(names, Role(role)) if role else {},
            )


def _state(table: Dataset) -> int:
    """Return a number that changes when a kind or a role does."""
    return hash(tuple((column.name, column.kind, column.role) for column in table.schema.columns))


@st.cache_data(max_entries=8, show_spinner=False)
def _overview(user: str, key: str, _table: Dataset) -> pd.DataFrame:
    return overview_frame(_table)


def _apply(table: Dataset, identifier: str, edited: pd.DataFrame) -> None:
    kinds = {
        column.name: ColumnKind(kind)
        for column, kind in zip(table.schema.columns, edited["kind"], strict=True)
        if kind != column.kind.value
    }
    roles = {
        column.name: Role(role)
        for column, role in zip(table.schema.columns, edited["role"], strict=True)
        if role != column.role.value
    }
    if kinds or roles:
        _change(identifier, kinds, roles)


def _change(identifier: str, kinds: dict[str, ColumnKind], roles: dict[str, Role]) -> None:
    store = stored.datasets()
    before = store.schema(identifier)
    try:
        store.change(identifier, kinds=kinds, roles=roles)
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return
    stored.setup_follows(before)
    forget_widgets("setup_", "columns_", "cluster_", "semi_")
    st.rerun()


def confirm_delete(info: DatasetInfo) -> None:
    """Ask before a table and all its runs are deleted."""
    n_runs = len(stored.runs().all(info.id))
    confirm_deletion(
        "Delete this table?",
        f"The table and its {n_runs} run{'s' if n_runs != 1 else ''} are removed from this "
        "machine. This cannot be undone.",
        partial(_delete, info),
        "table_delete",
    )


def _delete(info: DatasetInfo) -> None:
    stored.runs().delete_of_dataset(info.id)
    stored.datasets().delete(info.id)
    left = stored.datasets().all()
    use_dataset(left[0].id if left else None)
