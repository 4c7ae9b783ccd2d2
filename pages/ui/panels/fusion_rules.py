"""The rules that make one label of several: which, and with what settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from mlcore.algorithms.catalogue import for_task
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.fusion.numbers import median
from mlcore.params import ParamValue
from mlcore.setups import FusionSetup
from mlcore.tasks import Task
from pages.ui import algorithm_card, choices, stored
from pages.ui.forms import param_form
from pages.ui.panels.fusion_facts import Read
from pages.ui.session import session, workspace
from pages.ui.text import literal

_KNOWN = {spec.id: spec for spec in for_task(Task.FUSION)}

_FIRST = ("plurality", "log_odds", "one_coin", "dawid_skene", "median", "trimmed_mean")

#: The rule that takes the user's weights.
_WEIGHTS = "weights"


@dataclass(frozen=True)
class Chosen:
    """The rules that were chosen.

    Parameters
    ----------
    params : mapping
        Complete parameter values by rule, of those that can start.
    held : mapping of str to str
        Names of the others, with the reason.
    weights : tuple of (str, float)
        The user's weights of sources.
    """

    params: Mapping[str, Mapping[str, ParamValue]]
    held: Mapping[str, str]
    weights: tuple[tuple[str, float], ...]

    @property
    def is_ready(self) -> bool:
        """Whether at least one can start."""
        return bool(self.params)

    def experiments(self, table: Dataset, setup: FusionSetup) -> list[Experiment]:
        """Return what the button starts; only the rule that takes weights is told of them."""
        made = []
        for name, params in self.params.items():
            weights = self.weights if name == _WEIGHTS else ()
            told = replace(setup, split=replace(setup.split, weights=weights))
            made.append(told.experiment(table, name, params))
        return made


def draw(setup: FusionSetup, read: Read) -> Chosen:
    """Draw the choice of rules and the settings of each."""
    st.subheader("How one label is made")
    name = f"fusers:{session().dataset}"
    remembered: Mapping[str, Any] = workspace().recall(name) or {}
    kind = "numbers" if setup.split.numbers else "classes"
    offered = [spec.id for spec in _KNOWN.values() if spec.fuses_numbers is setup.split.numbers]
    chosen = _choose(name, kind, offered, remembered, has_gold=read.gold_votes > 0)
    shown: dict[str, dict[str, Any]] = dict(remembered.get("params", {}))
    checked, held, weights = {}, {}, setup.split.weights
    for method in chosen:
        spec = _KNOWN[method]
        card = st.expander(spec.name, icon=":material/tune:", key=f"fusion_card_{method}")
        with card:
            algorithm_card.short(spec)
            shown[method] = param_form(
                spec.params, choices.start_values(spec, shown.get(method, {})), f"fusion_{method}"
            )
            if method == _WEIGHTS:
                weights = _weights(read.votes.sources, setup.split.weights)
        try:
            checked[method] = spec.check(shown[method])
            _require(spec, read, weights)
        except UserError as error:
            checked.pop(method, None)
            held[spec.name] = str(error)
    stored.keep(name, {**(workspace().recall(name) or {}), "params": shown})
    for label, reason in held.items():
        st.warning(f"**{literal(label)}.** {literal(reason)}", icon=":material/block:")
    return Chosen(checked, held, weights)


def _choose(
    name: str, kind: str, offered: list[str], remembered: Mapping[str, Any], *, has_gold: bool
) -> list[str]:
    first = [m for m in _FIRST if m in offered and (has_gold or not _KNOWN[m].needs_gold)]
    kept = remembered.get("chosen", {}).get(kind)
    # Until somebody chooses, what is offered first follows the columns: gold may be named later.
    wanted = first if kept is None else kept
    st.session_state["fusion_methods"] = [method for method in wanted if method in offered]
    return st.multiselect(
        "Rules",
        offered,
        format_func=lambda method: _KNOWN[method].name,
        key="fusion_methods",
        on_change=_remember,
        args=(name, kind),
        placeholder="Choose one or several",
        help="All of them fuse the same votes, so that they can be compared.",
    )


def _remember(name: str, kind: str) -> None:
    if "fusion_methods" not in st.session_state:
        return  # the page was left in the moment of the choice, and its widgets with it
    before: Mapping[str, Any] = workspace().recall(name) or {}
    chosen = {**before.get("chosen", {}), kind: list(st.session_state["fusion_methods"])}
    workspace().remember(name, {**before, "chosen": chosen})


def _require(spec: AlgorithmSpec, read: Read, weights: tuple[tuple[str, float], ...]) -> None:
    """Raise what would end a run before it began."""
    if spec.needs_gold and not read.gold_votes:
        raise UserError("fusion.no_gold")
    if spec.id == _WEIGHTS and not weights:
        raise UserError("fusion.no_weights")
    if spec.fuses_numbers and read.votes.values is None:
        median(read.votes)  # says which labels are no numbers


def _weights(
    sources: tuple[str, ...], saved: tuple[tuple[str, float], ...]
) -> tuple[tuple[str, float], ...]:
    """Draw a table of weights; return those that differ from 1."""
    start = st.session_state.get("fusion_weights_start")
    if start is None or tuple(start["Source"]) != sources:
        given = dict(saved)
        start = pd.DataFrame(
            {"Source": sources, "Weight": [given.get(name, 1.0) for name in sources]}
        )
        st.session_state["fusion_weights_start"] = start
        st.session_state.pop("fusion_weights", None)
    edited = st.data_editor(
        start,
        key="fusion_weights",
        hide_index=True,
        num_rows="fixed",
        disabled=["Source"],
        alt="The weight of each source",
        height=min(390, 37 * (len(sources) + 1)),
        width=420,
        column_config={
            "Weight": st.column_config.NumberColumn(
                min_value=0.0,
                required=True,
                help="What a vote of this source counts. 2 counts as much as two votes of 1; 0 "
                "counts for nothing.",
            )
        },
    )
    weights = edited["Weight"].fillna(1.0)
    pairs = zip(sources, map(float, weights), strict=True)
    return tuple((source, weight) for source, weight in pairs if weight != 1.0)
