"""Tokens with which programs on other machines ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from mlcore.errors import UserError
from mlcore.registry.store import RegisteredModel
from mlcore.serving.tokens import ApiToken, ApiTokens
from pages.ui import show
from pages.ui.confirming import confirm_deletion
from pages.ui.session import session, workspace
from pages.ui.text import literal

_PAGE = "models.py"

#: How long a token works: words by days, ``None`` until it is revoked.
_TERMS = {30: "30 days", 90: "90 days", 365: "One year", None: "Until it is revoked"}

_ALL = "All models"


def draw(models: Sequence[RegisteredModel]) -> None:
    """Draw the form that makes a token, and the list of those that there are."""
    tokens = ApiTokens(workspace())
    there = tokens.all()
    counted = f" ({len(there)})" if there else ""
    with st.expander(f"Tokens{counted}", icon=":material/key:", key="models_tokens"):
        st.caption(
            "Programs on this computer need no token. As soon as the server listens to other "
            "machines (`python -m mlcore serve --host …`), every request must bring one."
        )
        _form(tokens, models)
        if there:
            _list(there)
            _revoke(tokens, there)


def _form(tokens: ApiTokens, models: Sequence[RegisteredModel]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name",
            key="token_name",
            max_chars=100,
            placeholder="The program or person that will use it",
            help="It stands in the list, so that you know which one to revoke.",
        )
        model = st.selectbox(
            "Opens",
            [_ALL, *(model.name for model in models)],
            key="token_model",
            help="A token for one model opens no other.",
        )
        days = st.selectbox(
            "Works for",
            list(_TERMS),
            format_func=_TERMS.__getitem__,
            index=1,
            key="token_days",
            help="After that it opens nothing; make a new one then.",
        )
        pressed = st.button("Create a token", key="token_create", icon=":material/key:")
    if pressed:
        try:
            token, _ = tokens.create(name, model=None if model == _ALL else model, days=days)
        except UserError as error:
            st.error(literal(error), icon=":material/error:")
            return
        st.dialog("Your new token", dismissible=False)(_show_once)(token)


def _show_once(token: str) -> None:
    st.code(token, language=None, wrap_lines=True)
    st.markdown(
        "**Copy it now: it is shown only this once.** What is kept here cannot be turned back into "
        "the token. A program sends it as `Authorization: Bearer …`."
    )
    if st.button("I have copied it", key="token_copied", type="primary"):
        st.rerun()


def _list(there: Sequence[ApiToken]) -> None:
    show.table(
        pd.DataFrame(
            {
                "Name": [token.name for token in there],
                "Begins with": [f"{token.start}…" for token in there],
                "Opens": [token.model or "all models" for token in there],
                "Created": [_time(token.created) for token in there],
                "Last used": [_time(token.last_used) for token in there],
                "Ends": [_time(token.expires) for token in there],
            }
        ),
        alt="The tokens, newest first",
        column_config={
            title: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
            for title in ("Created", "Last used", "Ends")
        },
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds)


def _revoke(tokens: ApiTokens, there: Sequence[ApiToken]) -> None:
    known = {token.id: token for token in there}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Token",
            list(known),
            format_func=lambda identifier: f"{known[identifier].name} ({known[identifier].start}…)",
            key="token_chosen",
            help="The one that shall open nothing from now on.",
        )
        if st.button(
            "Revoke",
            key="token_revoke",
            icon=":material/key_off:",
            help="The next request with it is refused.",
        ):
            confirm_deletion(
                "Revoke this token?",
                f"Programs that use **{literal(known[chosen].name)}** are refused from their next "
                "request on. This cannot be undone.",
                partial(_end, tokens, known[chosen]),
                "token_revoke",
                "Revoke",
            )


def _end(tokens: ApiTokens, token: ApiToken) -> None:
    tokens.revoke(token.id)
    session().notice = (_PAGE, f"The token “{token.name}” is revoked.")
