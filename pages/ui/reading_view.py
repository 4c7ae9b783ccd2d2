"""How a file was read: what may be wrong, what was decided, and which places were mended."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from mlcore.data.reading import MOST_LISTED, Reading, Repair
from mlcore.data.reading.records import KEPT
from mlcore.data.remembered import AS_LAST_TIME, chosen_options
from mlcore.data.schema import Schema
from mlcore.workspace import new_id, write_whole
from pages.ui import reading_options, show, stored
from pages.ui.downloads import download_button, frame_button
from pages.ui.session import workspace
from pages.ui.text import literal

#: Codes of places at which nothing was mended that could be taken back.
_NO_MENDS = KEPT | {"no_record"}

_COLUMNS = {
    "line": st.column_config.NumberColumn("Line", width="small", help="Of the file, from 1."),
    "what": st.column_config.TextColumn("What was odd", width="large"),
    "before": st.column_config.TextColumn("In the file", width="medium"),
    "after": st.column_config.TextColumn("Read as", width="medium"),
    "undone": st.column_config.CheckboxColumn("Taken back", width="small"),
}


#: Decisions about columns that are listed; a file may have thousands of columns.
_MOST_COLUMNS = 12


def cautions(reading: Reading, schema: Schema) -> None:
    """Draw what may be wrong, and that the file was read as an earlier one."""
    for caution in reading.cautions:
        st.warning(literal(caution), icon=":material/warning:")
    columns = [f"- {literal(caution)}" for caution in schema.main_cautions]
    if columns:
        st.warning("\n".join(columns), icon=":material/warning:")
    for decision in reading.decisions:
        if decision.code == AS_LAST_TIME:
            st.info(literal(decision), icon=":material/history:")


def preview(identifier: str) -> None:
    """Draw the first rows."""
    store = stored.datasets()
    show.table(store.preview(identifier), alt="The first rows of the file")
    _download_as_read(identifier)


def decisions(reading: Reading, schema: Schema) -> None:
    """List what was decided."""
    said = (*reading.decisions, *schema.decisions[:_MOST_COLUMNS])
    show.notes(one for one in said if one.code != AS_LAST_TIME)


def repairs(identifier: str, reading: Reading, undo: bool) -> None:
    """Draw the places that were odd, with what was made of them.

    Parameters
    ----------
    identifier : str
        The dataset.
    reading : Reading
        How it was read.
    undo : bool
        Whether mends can be taken back here.
    """
    if not reading.n_repairs:
        return
    with st.container(key="data_repairs"):
        _repairs(identifier, reading, undo)


def _repairs(identifier: str, reading: Reading, undo: bool) -> None:
    places = "1 place" if reading.n_repairs == 1 else f"{reading.n_repairs:,} places"
    st.markdown(f"**{places} in the file that did not fit**")
    frame = reading.repairs_frame()
    shown = list(_COLUMNS) if frame["undone"].any() else [n for n in _COLUMNS if n != "undone"]
    show.table(
        frame,
        alt="Places in the file that did not fit, with what was made of them",
        column_config=_COLUMNS,
        column_order=shown,
    )
    if reading.n_repairs > MOST_LISTED:
        st.caption(f"The first {MOST_LISTED:,} are listed.")
    if undo:
        _undo(identifier, reading)
    frame_button("Download this list", "data_repairs_csv", frame, f"{_stem(identifier)}-odd.csv")


def _undo(identifier: str, reading: Reading) -> None:
    """Let mends be taken back and done again."""
    mends = {repair.line: repair for repair in reading.repairs if _is_mend(repair)}
    undone = [line for line in reading.options.undone if line in mends]
    if not mends:
        return
    key = f"data_undone_{undone}"
    st.multiselect(
        "Take back mends",
        list(mends),
        default=undone,
        format_func=partial(_in_words, mends),
        key=key,
        placeholder="Choose lines",
        help="These lines are then read as they stand in the file. Remove one here to mend it "
        "again.",
        on_change=_change_undone,
        args=(identifier, reading, key),
    )


def _is_mend(repair: Repair) -> bool:
    return repair.undone or repair.what.code.rsplit(".", 1)[1] not in _NO_MENDS


def _in_words(mends: dict[int, Repair], line: int) -> str:
    before = mends[line].before
    return f"Line {line:,}: {before[:40]}{'…' if len(before) > 40 else ''}"


def _change_undone(identifier: str, reading: Reading, key: str) -> None:
    lines = tuple(sorted(st.session_state.get(key, ())))
    if lines != reading.options.undone:
        reading_options.submit(identifier, replace(chosen_options(reading), undone=lines))


def _download_as_read(identifier: str) -> None:
    def prepare() -> tuple[Path, str]:
        path = workspace().folder("exports", new_id()).with_suffix(".csv")
        with st.spinner("Writing the table …"):
            content = stored.datasets().as_read(identifier)
        workspace().require_space(len(content))
        write_whole(path, content)
        return path, stored.datasets().as_read_name(identifier)

    download_button("Download the table as it was read", "data_as_read", prepare)


def _stem(identifier: str) -> str:
    return Path(stored.datasets().file_name(identifier)).stem or "table"
