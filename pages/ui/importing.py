"""Bring a table: a file of one's own or a sample, seen before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st
from streamlit.typing import UploadedFile

from mlcore.data.dialect import DECIMALS, DELIMITERS
from mlcore.data.encoding import ENCODINGS
from mlcore.data.reading import MARKS, Reading, ReadingOptions
from mlcore.data.samples import SAMPLES, Sample
from mlcore.data.schema import Role
from mlcore.training.jobs import JobStatus
from pages.ui import show, stored, watching
from pages.ui.session import session, use_dataset
from pages.ui.text import literal

#: What of a reading can be overruled: its label, its choices in words, what it means.
_OPTIONS: dict[str, tuple[str, Mapping[Any, str], str]] = {
    "encoding": ("Encoding", ENCODINGS, "The table that turns bytes into letters."),
    "delimiter": ("Delimiter", DELIMITERS, "What stands between two cells."),
    "header": (
        "Header",
        {True: "First line holds names", False: "No names"},
        "Whether the first line names the columns.",
    ),
    "decimal": ("Decimal mark", DECIMALS, "What stands before the decimals."),
    "marks": (
        f"Cells with only {', '.join(MARKS)}",
        {True: "Mean no value", False: "Are values"},
        "Keep them as values where such a mark is an answer, for instance of someone who looked "
        "and could not tell.",
    ),
}


def draw(first: bool) -> None:
    """Draw the two ways in, and the preview of a file that was brought."""
    if first:
        st.markdown(
            "Bring a table with one row for each thing you know about (a patient, a flower, a day) "
            "and one column for each fact. Then choose the column to predict. "
            "Or start with a sample."
        )
    own, ready = st.columns(2, gap="large")
    with own:
        _stage(
            st.file_uploader(
                "Your file",
                type=["csv", "tsv", "txt"],
                key="data_upload",
                on_change=_note_upload,
                help=(
                    "CSV or TSV. The file stays on this machine. Encoding, delimiter and decimal "
                    "mark are found out and shown."
                ),
            )
        )
    with ready:
        sample = _choose_sample()
    if session().staged:
        _draw_staged(session().staged or "")
    elif sample is not None:
        with ready:
            _describe(sample)
            if st.button(
                f"Use {sample.name}", key="data_use", type="primary", icon=":material/check:"
            ):
                _use_sample(sample)


def _choose_sample() -> Sample | None:
    known = {sample.id: sample for sample in SAMPLES}
    chosen = st.selectbox(
        "Or a sample",
        list(known),
        index=list(known).index("penguins"),
        format_func=lambda identifier: known[identifier].name,
        key="data_sample",
        help="Real tables with a free licence, and a few made for teaching, which say so.",
    )
    return known.get(chosen)


def _describe(sample: Sample) -> None:
    st.caption(
        f"{literal(sample.summary)} Source: {literal(sample.source)}. "
        f"Licence: {literal(sample.licence)}."
    )


def _use_sample(sample: Sample) -> None:
    identifier = stored.datasets().stage(sample.name, sample.path)
    with st.spinner("Reading the table …"):
        job = stored.jobs().submit("read", identifier, {})
        stored.wait(job)
    stored.datasets().set_roles(identifier, {sample.target: Role.LABEL})
    _use(identifier)


def _use(identifier: str) -> None:
    stored.datasets().register(identifier)
    use_dataset(identifier)
    st.rerun()


def _note_upload() -> None:
    """Note that the user changed the file; a page drawn again brings the same one once more."""
    session().uploading = True


def _stage(upload: UploadedFile | None) -> None:
    """Take the file that was just dropped, or forget the one that was just removed."""
    state = session()
    if not state.uploading:
        return
    state.uploading = False
    if state.staged is not None:
        stored.jobs().forget(state.staged)
        stored.datasets().delete(state.staged)
        state.staged = None
    if upload is not None:
        state.staged = stored.datasets().stage(upload.name, upload.getvalue())
        stored.jobs().submit("read", state.staged, {})


def _draw_staged(identifier: str) -> None:
    job = stored.jobs().for_subject(identifier)[-1]
    if job.is_active:
        watching.draw(job.id, "Reading the file …")
        return
    if job.status is not JobStatus.DONE:
        st.error(literal(job.error or "Reading was stopped."), icon=":material/error:")
    store = stored.datasets()
    if not store.is_read(identifier):
        return
    reading = store.reading(identifier)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("How the file was read")
        if st.button("Use this file", key="data_use", type="primary", icon=":material/check:"):
            _use(identifier)
    preview, options = st.columns([3, 1], gap="large")
    with options:
        _draw_options(identifier, reading)
    with preview:
        show.table(store.preview(identifier), alt="The first rows of the file")
        _draw_decisions(reading)


def _draw_decisions(reading: Reading) -> None:
    for caution in reading.cautions:
        st.warning(literal(caution), icon=":material/warning:")
    show.notes(reading.decisions)
    if reading.n_repairs:
        st.markdown(f"**{reading.n_repairs:,} places in the file that did not fit**")
        show.table(reading.repairs_frame(), alt="Places in the file that did not fit")


def _draw_options(identifier: str, reading: Reading) -> None:
    """Let the user overrule what was found out; a change reads the file again."""
    for name, (label, words, help_) in _OPTIONS.items():
        used = getattr(reading.options, name)
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
            args=(identifier, reading, name, key),
        )


def _in_words(words: Mapping[Any, str], value: Any) -> str:
    return words.get(value, repr(value))


def _read_again(identifier: str, reading: Reading, name: str, key: str) -> None:
    """Read with what was chosen before and now; the rest is found out anew."""
    value = st.session_state.get(key)
    if value is None or value == getattr(reading.options, name):
        # The control was drawn anew, not touched.
        return
    chosen = {before: getattr(reading.options, before) for before in reading.chosen}
    options = ReadingOptions(**{**chosen, name: value})
    stored.jobs().submit("read", identifier, options.to_json())
