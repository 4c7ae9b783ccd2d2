"""Bring a model that was made elsewhere."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import streamlit as st

from mlcore.errors import UserError
from mlcore.registry.store import checked_model_name, suggested_model_name
from pages.ui import stored, watching
from pages.ui.session import session, workspace
from pages.ui.text import literal


def draw() -> None:
    """Draw the form that takes an ONNX file; looking through it is a job's work."""
    with st.expander("Bring a model from elsewhere", icon=":material/upload_file:"):
        st.caption(
            "ONNX files are taken, and nothing else. An ONNX file lists known steps of "
            "calculation; a pickle, .joblib or .skops file is a program in disguise: opening one "
            "can do anything on this computer, so such files are never opened here. The file is "
            "looked through and tried out in a process of its own with little memory and time."
        )
        given = st.file_uploader(
            "ONNX file",
            key="import_file",
            on_change=_suggest,
            help="One file whose name ends in .onnx, without external data.",
        )
        left, right = st.columns([2, 3], gap="medium")
        name = left.text_input(
            "Name",
            key="import_name",
            max_chars=100,
            help="Under a name that is there already, the file becomes its next version.",
        )
        note = right.text_input(
            "Note",
            key="import_note",
            max_chars=2000,
            placeholder="Where it comes from, and what it was trained on",
            help="Nobody here knows how the model was made, so it is worth writing down.",
        )
        if st.button(
            "Bring it",
            key="import_submit",
            icon=":material/upload_file:",
            disabled=given is None or session().register_job is not None,
            help="Choose a file first." if given is None else "Look it through and keep it.",
        ):
            _submit(given, name, note)


def _suggest() -> None:
    given = st.session_state.get("import_file")
    if given is not None and "import_name" in st.session_state:
        st.session_state["import_name"] = suggested_model_name(PurePath(given.name).stem)


def _submit(given: Any, name: str, note: str) -> None:
    # What reads ONNX takes a while to load; only who brings such a file waits for it.
    from mlcore.registry.onnx_import import stage_import

    try:
        payload = {"name": checked_model_name(name), "note": note, "file": given.name}
        staged = stage_import(workspace(), given.name, given.getvalue())
    except UserError as error:
        st.error(literal(error), icon=":material/error:")
        return
    session().register_job = stored.jobs().submit("import_model", staged, payload)
    watching.a_moment([staged])
    st.rerun()
