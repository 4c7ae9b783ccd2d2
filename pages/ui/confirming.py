"""Ask before something is deleted for good."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def confirm_deletion(
    title: str, words: str, delete: Callable[[], None], key: str, verb: str = "Delete"
) -> None:
    """Open a dialog that says what goes, and deletes it only when told to.

    Parameters
    ----------
    title : str
        The question.
    words : str
        What is removed, as Markdown; names of users must be made literal.
    delete : callable
        Removes it.
    key : str
        The buttons are called ``<key>_yes`` and ``<key>_no``.
    verb : str, default "Delete"
        On the button that does it.
    """
    st.dialog(title)(_ask)(words, delete, key, verb)


def _ask(words: str, delete: Callable[[], None], key: str, verb: str) -> None:
    st.markdown(words)
    with st.container(horizontal=True):
        if st.button(verb, type="primary", key=f"{key}_yes", on_click=delete):
            st.rerun()
        if st.button("Keep", key=f"{key}_no"):
            st.rerun()
