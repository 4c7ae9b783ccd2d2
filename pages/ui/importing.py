"""Bring a table: a file, a paste from the clipboard or a sample, seen before it is used."""

from __future__ import annotations

import streamlit as st
from streamlit.typing import UploadedFile

from mlcore.data.reading.formats import ENDINGS
from mlcore.data.samples import SAMPLES, Sample
from mlcore.data.schema import Role
from mlcore.training.jobs import JobStatus
from pages.ui import reading_options, reading_view, stored, watching
from pages.ui.session import session, use_dataset
from pages.ui.text import literal

#: What pasted text is called.
_PASTED = "pasted table"

#: Characters that the box for pasting takes; larger tables come as files.
_MOST_PASTED = 5_000_000


def draw(first: bool) -> None:
    """Draw the ways in, and the preview of a file that was brought."""
    if first:
        st.markdown(
            "Bring a table with one row for each thing you know about (a patient, a flower, a day) "
            "and one column for each fact. Then choose the column to predict. "
            "Or start with a sample."
        )
    own, ready = st.columns(2, gap="large")
    with own:
        _stage_upload(
            st.file_uploader(
                "Your file",
                type=list(ENDINGS),
                key="data_upload",
                on_change=_note_upload,
                help=(
                    "CSV and other text with any delimiter, Excel, OpenDocument, Parquet or JSON, "
                    "also packed (gz, zip, zst). The file stays on this machine. How it is written "
                    "is found out and shown."
                ),
            )
        )
        with st.expander("Or paste a table", icon=":material/content_paste:"):
            st.text_area(
                "Cells from a spreadsheet, or lines of text",
                key="data_paste",
                height=120,
                max_chars=_MOST_PASTED,
                on_change=_stage_paste,
                placeholder="Paste here, then press Ctrl+Enter",
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
        job = stored.jobs().submit("read", identifier, {"anew": True})
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


def _stage_upload(upload: UploadedFile | None) -> None:
    """Take the file that was just dropped, or forget the one that was just removed."""
    state = session()
    if not state.uploading:
        return
    state.uploading = False
    _forget_staged()
    if upload is not None:
        _stage(upload.name, upload.getvalue())


def _stage_paste() -> None:
    """Take what was just pasted."""
    text = st.session_state["data_paste"]
    if text.strip():
        _forget_staged()
        _stage(_PASTED, text.encode("utf-8", "replace"))


def _stage(name: str, content: bytes) -> None:
    session().staged = identifier = stored.datasets().stage(name, content)
    stored.jobs().submit("read", identifier, {})


def _forget_staged() -> None:
    state = session()
    if state.staged is not None:
        stored.jobs().forget(state.staged)
        stored.datasets().delete(state.staged)
        state.staged = None


def _draw_staged(identifier: str) -> None:
    job = stored.jobs().for_subject(identifier)[-1]
    if job.is_active:
        watching.draw(job.id, "Reading the file …")
        return
    if job.status is not JobStatus.DONE:
        st.error(literal(job.error or "Reading was stopped."), icon=":material/error:")
    store = stored.datasets()
    if not store.is_read(identifier):
        reading_options.draw(identifier, None)
        return
    reading, schema = store.reading(identifier), store.schema(identifier)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("How the file was read")
        if st.button("Use this file", key="data_use", type="primary", icon=":material/check:"):
            _use(identifier)
    reading_view.cautions(reading, schema)
    preview, options = st.columns([3, 1], gap="large")
    with options:
        reading_options.draw(identifier, reading)
    with preview:
        reading_view.preview(identifier)
        reading_view.decisions(reading, schema)
    reading_view.repairs(identifier, reading, undo=True)
