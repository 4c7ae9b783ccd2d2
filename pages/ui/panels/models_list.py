"""The registered models, and the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from mlcore.registry.store import CHAMPION, ModelVersion, RegisteredModel
from pages.ui import show
from pages.ui.session import session

#: So many models are seen at a glance; more can be searched.
_GLANCE = 6


def draw(models: Sequence[RegisteredModel]) -> RegisteredModel:
    """Draw the list of models, and return the one that is chosen."""
    show.table(
        _table(_found(models) if len(models) > _GLANCE else models),
        alt="The registered models",
        column_config={
            "Champion": st.column_config.TextColumn(
                help="The version that answers when a program names none."
            ),
            "Tags": st.column_config.ListColumn(),
            "Newest": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
    )
    return _choose(models)


def _table(models: Sequence[RegisteredModel]) -> pd.DataFrame:
    columns: dict[str, object] = {
        "Model": [model.name for model in models],
        "Champion": [_number(model.pointed_at(CHAMPION)) for model in models],
        "Versions": [len(model.versions) for model in models],
        "Newest": [_newest(model) for model in models],
    }
    if any(model.description for model in models):
        columns["What it is for"] = [model.description for model in models]
    if any(model.tags for model in models):
        columns["Tags"] = [list(model.tags) for model in models]
    return pd.DataFrame(columns)


def _found(models: Sequence[RegisteredModel]) -> list[RegisteredModel]:
    wanted = st.text_input(
        "Find",
        key="models_filter",
        placeholder="Part of a name, a tag or what it is for",
        type="search",
        help="The list shows the models in which these letters occur.",
    )
    asked = (wanted or "").casefold()
    return [
        model
        for model in models
        if asked in " ".join((model.name, *model.tags, model.description)).casefold()
    ]


def _number(version: ModelVersion | None) -> str:
    return "none" if version is None else f"version {version.number}"


def _newest(model: RegisteredModel) -> datetime | None:
    return datetime.fromtimestamp(_latest(model)) if model.versions else None


def _latest(model: RegisteredModel) -> float:
    return max((one.created for one in model.versions), default=0.0)


def _choose(models: Sequence[RegisteredModel]) -> RegisteredModel:
    known = {model.name: model for model in models}
    state = session()
    if st.session_state.get("models_model") not in known:
        st.session_state["models_model"] = (
            state.model if state.model in known else max(models, key=_latest).name
        )
    chosen = st.selectbox(
        "Look at one model",
        list(known),
        key="models_model",
        help="Everything below is about this model.",
    )
    state.model = chosen
    return known[chosen]
