"""Where the votes stand: one column for each source, or one line for each vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.fusion.config import FusionConfig
from mlcore.setups import FusionSetup
from pages.ui import frame
from pages.ui.panels import fusion_facts
from pages.ui.text import literal

_LAYOUTS = {"wide": "One column for each source", "long": "One line for each vote"}

#: What is still to be chosen, by whether each line is a vote.
_MISSING = {
    False: (
        "Choose the columns that hold the labels of the sources. If this table has none, bring "
        "one that does; the sample “Photo tags by nine annotators” shows what it looks like."
    ),
    True: "Choose the three columns: what was labelled, by whom, and with which label.",
}

#: The three columns of a long table: what the control is called, and what it holds.
_PARTS = {
    "row": ("Row", "The column that names what was labelled, such as a document or a photo."),
    "source": ("Source", "The column that names who gave the label."),
    "label": ("Label", "The column with the label that was given."),
}


def draw(table: Dataset, saved: FusionSetup) -> FusionSetup | None:
    """Draw the choice of columns; ``None`` while one of a long table is missing."""
    st.subheader("Where the votes stand")
    is_long = _layout(table, saved)
    names = list(table.schema.names)
    split = _long(names, saved) if is_long else _wide(names, saved)
    if split is None:
        st.info(_MISSING[is_long], icon=":material/arrow_upward:")
        frame.link("data.py", "Bring another table")
        return None
    return replace(saved, target=st.session_state.get("fusion_gold"), split=split)


def _layout(table: Dataset, saved: FusionSetup) -> bool:
    """Draw how the table holds votes; return whether each line is a vote."""
    found = fusion_facts.layout(table)
    st.session_state.setdefault("fusion_layout", "long" if saved.split.is_long else "wide")
    chosen = st.segmented_control(
        "The table has",
        list(_LAYOUTS),
        format_func=lambda layout: _LAYOUTS[layout],
        required=True,
        key="fusion_layout",
        help=(
            "A source is whoever gave labels: a person, a rule, a model. A vote is the label that "
            "a source gave to a row."
        ),
    )
    otherwise = " You chose otherwise." if chosen != found.layout else ""
    st.caption(f":material/search: {literal(found.reason)}{otherwise}")
    return chosen == "long"


def _known(key: str, wanted: object, names: Sequence[str]) -> None:
    """Give a select box a value that it has; the table may have changed since."""
    value = st.session_state.get(key, wanted)
    st.session_state[key] = value if value in names else None


def _wide(names: list[str], saved: FusionSetup) -> FusionConfig | None:
    wanted = st.session_state.get("fusion_sources", saved.split.sources)
    st.session_state["fusion_sources"] = [name for name in wanted if name in names]
    sources, gold = st.columns([3, 1], gap="medium")
    with sources:
        chosen = st.multiselect(
            "Sources",
            names,
            key="fusion_sources",
            placeholder="Choose two or more",
            on_change=_leave_gold_out,
            help="The columns with votes. An empty cell is no vote.",
        )
    with gold:
        _gold(names, saved)
    if not chosen:
        return None
    return replace(saved.split, sources=tuple(chosen), row=None, source=None, label=None, edits=())


def _long(names: list[str], saved: FusionSetup) -> FusionConfig | None:
    chosen: dict[str, str | None] = {}
    for place, part in zip(st.columns(4, gap="medium"), [*_PARTS, "gold"], strict=True):
        with place:
            if part == "gold":
                _gold(names, saved)
                continue
            label, words = _PARTS[part]
            _known(f"fusion_{part}", getattr(saved.split, part), names)
            chosen[part] = st.selectbox(
                label,
                names,
                index=None,
                key=f"fusion_{part}",
                placeholder="Choose the column",
                help=words,
            )
    if None in chosen.values():
        return None
    split = replace(saved.split, sources=(), learner=None, edits=())
    return replace(split, row=chosen["row"], source=chosen["source"], label=chosen["label"])


def _gold(names: list[str], saved: FusionSetup) -> None:
    _known("fusion_gold", saved.target, names)
    st.selectbox(
        "Gold column",
        names,
        index=None,
        key="fusion_gold",
        placeholder="None",
        on_change=_leave_source_out,
        help=(
            "A column with labels that are known to be right; it may be empty for most rows. It "
            "shows how good each source and each rule is. A hundred gold rows tell a lot."
        ),
    )


def _leave_source_out() -> None:
    """A column that became gold is no source any more."""
    state = st.session_state
    gold = state.get("fusion_gold")
    state["fusion_sources"] = [name for name in state.get("fusion_sources", []) if name != gold]


def _leave_gold_out() -> None:
    """A column that became a source is gold no more."""
    state = st.session_state
    if state.get("fusion_gold") in state.get("fusion_sources", []):
        state["fusion_gold"] = None
