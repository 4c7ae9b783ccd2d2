"""Which registered model is asked, and how strictly."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlcore.registry.bundle_files.contract import POLICIES
from mlcore.registry.store import CHAMPION, ModelVersion, Registry
from mlcore.serving.opened import OpenVersion, open_version
from pages.ui import frame
from pages.ui.session import workspace
from pages.ui.text import literal

_POLICIES = {"warn": "Predict it, with a warning", "refuse": "Refuse to predict it"}


def choose() -> OpenVersion | None:
    """Draw the choice of a model and its version, and open it; ``None`` when there is none."""
    models = {model.name: model for model in Registry(workspace()).all()}
    if not models:
        st.info(
            "No model is registered yet. Register a trained run first; then it can be asked here.",
            icon=":material/inventory_2:",
        )
        frame.link("models.py", "Go to Models")
        return None
    left, right = st.columns([3, 2])
    with left:
        name = _select("Model", "predict_model", list(models), "Registered on the Models page.")
    versions = [version for version in models[name].versions if not version.is_archived]
    if not versions:
        st.info("All versions of this model are archived.", icon=":material/inventory_2:")
        frame.link("models.py", "Go to Models")
        return None
    with right:
        version = _version(versions)
    opened = _opened(workspace().user, version.id, version)
    _tell(opened)
    return opened


def _select(label: str, key: str, options: Sequence[str], help: str) -> str:
    if st.session_state.get(key) not in options:
        st.session_state[key] = options[0]
    return str(st.selectbox(label, options, key=key, help=help, persist_state="session"))


def _version(versions: Sequence[ModelVersion]) -> ModelVersion:
    known = {version.number: version for version in versions}
    champion = next((one for one in versions if CHAMPION in one.aliases), versions[0])
    # A box of its own for each model: numbers mean nothing across models.
    key = f"predict_version_{champion.model}"
    if st.session_state.get(key) not in known:
        st.session_state[key] = champion.number
    chosen = st.selectbox(
        "Version",
        list(known),
        format_func=lambda number: _title(known[number]),
        key=key,
        help="The champion answers unless you choose another one.",
        persist_state="session",
    )
    return known[chosen]


def _title(version: ModelVersion) -> str:
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    return f"Version {version.number}{aliases}"


@st.cache_resource(max_entries=4, show_spinner="Opening the model …")
def _opened(user: str, identifier: str, _version: ModelVersion) -> OpenVersion:
    return open_version(workspace(), _version)


def _tell(opened: OpenVersion) -> None:
    schema = opened.schema
    columns = f"{len(schema['features'])} columns"
    if schema["task"] == "clustering":
        st.caption(f"It says which cluster a row belongs to, from {columns}.")
        if not schema["assignment"]["is_exact"]:
            st.caption(f":material/info: {literal(schema['assignment']['sentence'])}")
        return
    what = "the number" if schema["task"] == "regression" else "the class"
    st.caption(f"It predicts {what} “{literal(schema['target'])}” from {columns}.")


def choose_policy() -> str:
    """Draw what happens to a row with something that training did not see."""
    if st.session_state.get("predict_policy") not in POLICIES:
        st.session_state["predict_policy"] = POLICIES[0]
    chosen = st.segmented_control(
        "A row with something that training did not see",
        POLICIES,
        format_func=_POLICIES.__getitem__,
        key="predict_policy",
        required=True,
        help=(
            "For instance a category that never occurred, or a number outside the range of "
            "training. A row that cannot be read at all is always refused."
        ),
    )
    return str(chosen)
