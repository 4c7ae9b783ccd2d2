"""What a model is for, and its end."""

from __future__ import annotations

from functools import partial

import streamlit as st

from mlcore.messages import listing
from mlcore.registry.store import RegisteredModel
from pages.ui import stored
from pages.ui.attempting import attempt
from pages.ui.confirming import confirm_deletion
from pages.ui.session import session
from pages.ui.text import literal

_PAGE = "models.py"


def draw(model: RegisteredModel) -> None:
    """Draw the description and the tags of a model, and the button that deletes it."""
    description = st.text_area(
        "What it is for",
        value=model.description,
        key=f"model_description_{model.name}",
        max_chars=2000,
        help="For whoever finds it in the list, here and over HTTP.",
    )
    known = sorted({tag for one in stored.registry().all() for tag in one.tags})
    tags = st.multiselect(
        "Tags",
        known,
        default=list(model.tags),
        key=f"model_tags_{model.name}",
        accept_new_options=True,
        placeholder="Type a word and press Enter",
        help="Words to find it by, such as the project or the team.",
    )
    if st.button("Save", key="model_describe", icon=":material/save:"):
        attempt(
            partial(stored.registry().describe, model.name, description, tags),
            _PAGE,
            f"What “{model.name}” is for is saved.",
        )
    st.divider()
    _delete_button(model)


def _delete_button(model: RegisteredModel) -> None:
    used = {alias: one.number for one in model.versions for alias in one.aliases}
    if used:
        st.caption(
            f"It cannot be deleted while versions are in use, as {literal(listing(used))}: "
            "programs may be asking them. Take the aliases away under Versions first."
        )
    if st.button(
        "Delete this model",
        key="model_delete",
        icon=":material/delete:",
        disabled=bool(used),
        help="Remove the model with all its versions.",
    ):
        confirm_deletion(
            "Delete this model?",
            f"**{literal(model.name)}** and its {len(model.versions)} versions are removed. "
            "This cannot be undone. The runs they came from stay.",
            partial(_delete, model.name),
            "model_delete",
        )


def _delete(name: str) -> None:
    stored.registry().delete(name)
    session().notice = (_PAGE, f"“{name}” is deleted.")
