"""Do what a button asks for, and say how it went."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from mlcore.errors import UserError
from pages.ui.session import NOTICE, session
from pages.ui.text import literal


def attempt(action: Callable[[], object], page: str, words: str) -> None:
    """Carry something out; say why it cannot be, or draw the page anew with words at its top.

    Parameters
    ----------
    action : callable
        What is to be done.
    page : str
        The file of the page.
    words : str
        What is said when it is done.
    """
    try:
        action()
    except UserError as error:
        if NOTICE in st.session_state:  # what was done before is no answer to this
            st.session_state.pop(NOTICE).empty()
            session().notice = None
        st.error(literal(error), icon=":material/error:")
        return
    session().notice = (page, words)
    st.rerun()
