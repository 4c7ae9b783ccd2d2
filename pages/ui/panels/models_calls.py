"""How programs ask a model: its address, and calls to copy."""

from __future__ import annotations

import streamlit as st

from mlcore.errors import UserError
from mlcore.registry.store import CHAMPION, ModelVersion, RegisteredModel
from mlcore.serving.beside import address
from mlcore.serving.calls import TOKEN, calls, example_row, predict_address
from pages.ui import stored
from pages.ui.panels.models_versions import choose, living
from pages.ui.session import workspace

#: Where the server is when it is started with its defaults, while there is none.
_USUAL = "http://127.0.0.1:8602"


def draw(model: RegisteredModel) -> None:
    """Draw the address of a model and ready-made calls with a row that fits."""
    choices = living(model)
    if not choices:
        st.info("Every version is archived, so none answers. Bring one back under Versions.")
        return
    server = address(workspace())
    champion = model.pointed_at(CHAMPION)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        version = choose(
            choices,
            "Version",
            "model_call_version",
            "The version that the calls below ask. The champion needs no number in the address.",
            champion.number if champion else None,
        )
        with_token = st.toggle(
            "With a token",
            key="model_call_token",
            help="Programs on this computer need none. A server that other machines reach asks for "
            "one; make it below, under Tokens.",
        )
    _where(server, model, version)
    asked = predict_address(server or _USUAL, model.name, _which(version))
    try:
        row = example_row(stored.version_facts(version).schema)
    except UserError as error:
        st.error(str(error), icon=":material/error:")
        return
    _programs(asked, row, with_token)


def _which(version: ModelVersion) -> str | None:
    return None if CHAMPION in version.aliases else str(version.number)


def _where(server: str | None, model: RegisteredModel, version: ModelVersion) -> None:
    st.markdown("**Address**")
    st.code(predict_address(server or _USUAL, model.name, _which(version)), language=None)
    if server is None:
        st.info(
            "The prediction server is not running just now; it starts with the workbench. The "
            "calls below show where it usually is.",
            icon=":material/power_off:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            "Try it in the browser",
            f"{server}/docs",
            icon=":material/open_in_new:",
            help="A page of the server that lists every address and sends requests.",
        )
        st.link_button(
            "OpenAPI",
            f"{server}/openapi.json",
            icon=":material/data_object:",
            help="The same for programs that write clients.",
        )


def _programs(asked: str, row: dict[str, object], with_token: bool) -> None:
    st.markdown("**Ready-made calls**")
    st.caption(
        "With a row of typical values. Several rows may go in one request; each gets an answer "
        "and, where something is unlike training, a warning."
    )
    made = calls(asked, row, with_token)
    for tab, call in zip(st.tabs([call.label for call in made]), made, strict=True):
        with tab:
            st.code(call.code, language=call.language)
    if with_token:
        st.caption(f"Put your token in the place of {TOKEN}, and keep it out of shared files.")
