"""The algorithms that spread labels, and their settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mlcore.algorithms import semi_supervised
from mlcore.algorithms.affinity import MOST_DENSE_ROWS
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.params import ParamValue
from mlcore.pipelines.inputs import estimated_inputs
from mlcore.setups import FewLabelsSetup
from pages.ui import algorithm_card, choices, stored
from pages.ui.forms import param_form
from pages.ui.session import session, workspace
from pages.ui.text import literal

_KNOWN = {spec.id: spec for spec in semi_supervised.SPECS}


@dataclass(frozen=True)
class Chosen:
    """The algorithms that were chosen.

    Parameters
    ----------
    params : mapping
        Complete parameter values by algorithm, of those that can start.
    held : tuple of str
        Names of the others.
    """

    params: Mapping[str, Mapping[str, ParamValue]]
    held: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        """Whether at least one can start."""
        return bool(self.params)


def draw(table: Dataset, setup: FewLabelsSetup) -> Chosen:
    """Draw the choice of algorithms and the settings of each."""
    st.subheader("How labels are spread")
    name = f"few_algorithms:{session().dataset}"
    remembered: Mapping[str, Any] = workspace().recall(name) or {}
    chosen = choices.choose_algorithms(
        "semi_algorithms",
        _KNOWN,
        remembered.get("chosen", list(_KNOWN)),
        "Each completes the same labels, so that they can be compared.",
    )
    shown: dict[str, dict[str, Any]] = dict(remembered.get("params", {}))
    checked = {}
    for algorithm in chosen:
        spec = _KNOWN[algorithm]
        start = choices.start_values(spec, shown.get(algorithm, {}))
        shown[algorithm], values = _settings(table, setup, spec, start)
        if values is not None:
            checked[algorithm] = values
    stored.keep(name, {"chosen": list(chosen), "params": shown})
    held = tuple(_KNOWN[name].name for name in chosen if name not in checked)
    return Chosen(checked, held)


def _settings(
    table: Dataset, setup: FewLabelsSetup, spec: AlgorithmSpec, start: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, ParamValue] | None]:
    """Draw the card and the knobs; return what they show, and the values if they can be run."""
    with st.expander(spec.name, icon=":material/tune:", key=f"semi_card_{spec.id}"):
        algorithm_card.short(spec)
        shown = param_form(spec.params, start, f"semi_{spec.id}")
        st.caption(f":material/timer: {spec.growth}")
    try:
        values = spec.check(shown)
        _check_size(table, setup, spec, values)
    except UserError as error:
        st.error(f"**{spec.name}.** {literal(error)}", icon=":material/error:")
        return shown, None
    return shown, values


def _check_size(
    table: Dataset, setup: FewLabelsSetup, spec: AlgorithmSpec, values: Mapping[str, ParamValue]
) -> None:
    """Say before the start what a run would refuse."""
    rows = len(table.frame)
    columns = estimated_inputs(setup.experiment(table, spec.id, values), table.schema)
    spec.check_table(values, rows, columns)
    if values.get("affinity") == "rbf" and rows > MOST_DENSE_ROWS:
        raise UserError("few_labels.too_many_pairs", rows=rows, most=MOST_DENSE_ROWS)
