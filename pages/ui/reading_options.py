"""What of a reading can be overruled; a change reads the file again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from mlcore.data.dialect import COMMENTS, DECIMALS, DELIMITERS
from mlcore.data.encoding import ENCODINGS
from mlcore.data.reading import DATE_ORDERS, MARKS, Reading, ReadingOptions, TablePlace
from mlcore.data.remembered import AS_LAST_TIME, chosen_options
from pages.ui import stored

#: Options with fixed choices: label, choices in words, what it means.
_CHOICES: dict[str, tuple[str, Mapping[Any, str], str]] = {
    "encoding": ("Encoding", ENCODINGS, "The table that turns bytes into letters."),
    "delimiter": ("Delimiter", DELIMITERS, "What stands between two cells."),
    "header": (
        "Header",
        {True: "First line holds names", False: "No names"},
        "Whether the first line names the columns.",
    ),
    "decimal": ("Decimal mark", DECIMALS, "What stands before the decimals."),
    "thousands": (
        "Thousands mark",
        {
            None: "Found out",
            "": "None",
            ",": "comma",
            ".": "point",
            " ": "space",
            "'": "apostrophe",
        },
        "What stands between thousands, as in 1,000,000.",
    ),
    "dates": (
        "Dates such as 03/04/2021",
        {None: "Found out", **DATE_ORDERS},
        "Which comes first where a date leaves it open.",
    ),
    "quote": (
        "Quotation mark",
        {'"': 'Double: "', "'": "Single: '", "": "None"},
        "What encloses cells in which the delimiter stands.",
    ),
    "escape": (
        "Mark inside quotes",
        {"": "Doubled", "\\": "After a backslash"},
        "How a quotation mark is written inside an enclosed cell.",
    ),
    "comment": (
        "Comment lines",
        {"": "None", **{sign: f"Begin with {sign}" for sign in COMMENTS}},
        "Lines that are left out.",
    ),
    "marks": (
        f"Cells with only {', '.join(MARKS)}",
        {True: "Mean no value", False: "Are values"},
        "Keep them as values where such a mark is an answer, for instance of someone who looked "
        "and could not tell. Words such as “none” beside numbers and dates go with them.",
    ),
}

#: Those that are looked at first, and those that stay folded.
_FIRST = ("encoding", "delimiter", "header", "decimal")
_MORE = ("thousands", "dates", "quote", "escape", "comment", "marks")

#: What can be said of a file that could not be read at all.
_UNREAD = ("encoding", "delimiter", "header")

#: A choice of these makes what was chosen about lines and headers meaningless.
_PLACES = ("sheet", "table")


def draw(identifier: str, reading: Reading | None) -> None:
    """Draw the options that mean something for a file.

    Parameters
    ----------
    identifier : str
        The dataset that is being looked at.
    reading : Reading or None
        How it was read; ``None`` when it could not be read.
    """
    with st.container(key="data_options"):
        if reading is None:
            _unread(identifier)
            return
        chosen, used = chosen_options(reading), reading.options
        if any(said.code == AS_LAST_TIME for said in reading.decisions) or reading.chosen:
            st.button(
                "Detect anew",
                key="data_anew",
                icon=":material/restart_alt:",
                help="Forgets what was chosen about this file, and about the last one with the "
                "same columns.",
                on_click=_anew,
                args=(identifier,),
            )
        _places(identifier, reading, chosen)
        for name in _FIRST:
            if getattr(used, name) is not None:
                _choice(identifier, name, getattr(used, name), chosen)
        with st.expander("More"):
            if used.skip is not None:
                _skip(identifier, used.skip, chosen)
            for name in _MORE:
                value = getattr(used, name)
                if value is not None or None in _CHOICES[name][1]:
                    _choice(identifier, name, value, chosen)


def _unread(identifier: str) -> None:
    """Offer the options that may let a file be read."""
    chosen = ReadingOptions.from_json(st.session_state.get(f"data_tried_{identifier}", {}))
    st.caption("If you know how the file is written, say so; it is then read again.")
    for name in _UNREAD:
        _choice(identifier, name, getattr(chosen, name), chosen)


def _choice(identifier: str, name: str, used: Any, chosen: ReadingOptions) -> None:
    label, words, help_ = _CHOICES[name]
    if used is None and None not in words:
        words = {None: "Found out", **words}
    options = list(words) if used in words else [used, *words]
    # A new reading may find something else: its value is part of the key.
    key = f"data_read_{name}_{used!r}"
    st.selectbox(
        label,
        options,
        index=options.index(used),
        format_func=partial(_in_words, words),
        key=key,
        help=help_,
        on_change=_read_again,
        args=(identifier, chosen, name, used, key),
    )


def _in_words(words: Mapping[Any, str], value: Any) -> str:
    return words.get(value, repr(value))


def _places(identifier: str, reading: Reading, chosen: ReadingOptions) -> None:
    """Offer the sheets of a workbook and the tables of a file, where there are several."""
    used = reading.options
    if len(reading.sheets) > 1:
        key = f"data_read_sheet_{used.sheet!r}"
        st.selectbox(
            "Sheet",
            reading.sheets,
            index=reading.sheets.index(used.sheet or reading.sheets[0]),
            key=key,
            on_change=_read_again,
            args=(identifier, chosen, "sheet", used.sheet, key),
        )
    if len(reading.tables) > 1:
        key = f"data_read_table_{used.table!r}"
        st.selectbox(
            "Table",
            range(len(reading.tables)),
            index=used.table or 0,
            format_func=partial(_place_in_words, reading.tables),
            key=key,
            help="The file holds several tables; the largest is read unless you choose another.",
            on_change=_read_again,
            args=(identifier, chosen, "table", used.table, key),
        )


def _place_in_words(tables: tuple[TablePlace, ...], number: int) -> str:
    place = tables[number]
    return f"From line {place.first_line:,}: {place.n_rows:,} rows, {place.n_columns:,} columns"


def _skip(identifier: str, used: int, chosen: ReadingOptions) -> None:
    key = f"data_read_skip_{used}"
    st.number_input(
        "Lines before the table",
        min_value=0,
        value=used,
        key=key,
        help="So many lines at the beginning are left out.",
        on_change=_read_again,
        args=(identifier, chosen, "skip", used, key),
    )


def _read_again(identifier: str, chosen: ReadingOptions, name: str, used: Any, key: str) -> None:
    """Read with what was chosen before and now; the rest is found out anew."""
    if key not in st.session_state or st.session_state[key] == used:
        # The control was drawn anew, not touched.
        return
    if name in _PLACES:
        chosen = replace(chosen, skip=None, header=None, undone=())
        chosen = chosen if name == "table" else replace(chosen, table=None)
    submit(identifier, replace(chosen, **{name: st.session_state[key]}))


def submit(identifier: str, options: ReadingOptions) -> None:
    """Read a file again with these options."""
    plain = options.to_json()
    st.session_state[f"data_tried_{identifier}"] = plain
    # Nothing chosen is a choice as well, once there was one.
    stored.jobs().submit("read", identifier, plain if options.chosen else {"anew": True})


def _anew(identifier: str) -> None:
    stored.jobs().submit("read", identifier, {"anew": True})
