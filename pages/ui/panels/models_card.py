"""The card of a version, and its bundle."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from mlcore.registry.formats import BUNDLE
from mlcore.registry.store import CHAMPION, ModelVersion, RegisteredModel
from mlcore.registry.version_facts import VersionFacts, pack_version
from mlcore.workspace import new_id
from pages.ui import stored
from pages.ui.downloads import download_button
from pages.ui.panels.models_versions import choose
from pages.ui.session import workspace
from pages.ui.text import literal, unlinked

#: Of a model from elsewhere nothing is known but its file.
_NO_CARD = (
    "This model was made elsewhere, so there is no card: what it learnt from, how good it is and "
    "where its limits are is known only to who made it."
)


def draw(model: RegisteredModel) -> None:
    """Draw the choice of a version, its download, its card and how it was made."""
    if not model.versions:
        st.info("No version is left, so there is no card.")
        return
    champion = model.pointed_at(CHAMPION)
    version = choose(
        model.versions,
        "Version",
        "model_card_version",
        "The version whose card is shown, as it was written when the version was registered.",
        champion.number if champion else None,
    )
    facts = stored.version_facts(version)
    _download(version)
    with st.container(border=True):
        st.markdown(_smaller(facts.card) or _NO_CARD)
    _experiment(facts)


def _smaller(card: str) -> str:
    """Return the card with headings that fit below those of the page."""
    return re.sub(r"^(#+) ", r"##\1 ", unlinked(card), flags=re.MULTILINE)


def _download(version: ModelVersion) -> None:
    def prepare() -> tuple[Path, str]:
        path = workspace().folder("exports", new_id()).with_suffix(".zip")
        path.parent.mkdir(parents=True, exist_ok=True)
        pack_version(stored.registry().checked_folder(version), path)
        return path, BUNDLE.file_name(f"{version.model} version {version.number}")

    download_button("Download the bundle", "model_download", prepare)
    st.caption(
        "The ONNX file as it came, and the columns it needs."
        if version.run is None
        else "The model without any pickle, the columns it needs, its scores, this card, exact "
        "versions of the libraries, and a program that predicts a CSV file on any computer with "
        "Python."
    )


def _experiment(facts: VersionFacts) -> None:
    if facts.experiment is None:
        return
    with st.expander("The experiment", icon=":material/science:"):
        st.caption(
            f"Everything needed to repeat the run “{literal(facts.name)}” on the same table."
        )
        st.json(facts.experiment.to_json())
