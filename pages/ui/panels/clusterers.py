"""The algorithms that find groups: their settings, what they cost, and what fits instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import streamlit as st

from mlcore import settings
from mlcore.algorithms.catalogue import CLUSTERERS
from mlcore.algorithms.cost import Cost, Offer, duration_words, fits, most_rows, offers, run_cost
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.params import ParamValue
from mlcore.pipelines.inputs import estimated_inputs
from mlcore.setups import ClusterSetup
from pages.ui import algorithm_card, choices, stored
from pages.ui.forms import param_form
from pages.ui.panels import choosing
from pages.ui.panels.cluster_columns import SAMPLE
from pages.ui.session import session, workspace
from pages.ui.text import literal

#: Offered at first: round groups, groups within groups, and groups of any shape.
FIRST_CHOICE = ("k_means", "hierarchical", "hdbscan")

#: From so many seconds on, what is quicker is offered too.
PATIENCE_S = 300

_KNOWN = {spec.id: spec for spec in CLUSTERERS}


@dataclass(frozen=True)
class Chosen:
    """The algorithms that were chosen.

    Parameters
    ----------
    params : mapping
        Complete parameter values by algorithm, of those that can start.
    held : tuple of str
        Names of the others.
    cost : Cost
        What all that can start take, one after the other.
    """

    params: Mapping[str, Mapping[str, ParamValue]]
    held: tuple[str, ...]
    cost: Cost

    @property
    def is_ready(self) -> bool:
        """Whether at least one can start."""
        return bool(self.params)


@dataclass(frozen=True)
class _Size:
    """The size of the work.

    Parameters
    ----------
    rows, columns : int
        Of the prepared table.
    learned : int
        Rows that groups are made from.
    repeats : int
        Repetitions for the stability.
    """

    rows: int
    columns: int
    learned: int
    repeats: int


def draw(table: Dataset, setup: ClusterSetup) -> Chosen:
    """Draw the choice of algorithms and the settings of each."""
    st.subheader("How groups are looked for")
    name = f"clusterers:{session().dataset}"
    remembered: Mapping[str, Any] = workspace().recall(name) or {}
    size = _size(table, setup)
    suitable = [name for name in FIRST_CHOICE if _KNOWN[name].suits(size.learned)]
    chosen = choices.choose_algorithms(
        "cluster_algorithms",
        _KNOWN,
        remembered.get("chosen", suitable),
        "Each looks for groups in the same rows, so that they can be compared.",
    )
    shown: dict[str, dict[str, Any]] = dict(remembered.get("params", {}))
    checked = {}
    for algorithm in chosen:
        spec = _KNOWN[algorithm]
        start = choices.start_values(spec, shown.get(algorithm, {}))
        shown[algorithm], values = _settings(table, setup, spec, start, size)
        if values is not None:
            checked[algorithm] = values
    stored.keep(name, {"chosen": list(chosen), "params": shown})
    if size.learned < size.rows:
        st.caption(
            f":material/filter_alt: Groups are made from {size.learned:,} rows drawn by lot; the "
            f"other {size.rows - size.learned:,} are assigned to them. The number stands under "
            "Preparation and rows."
        )
    costs = [_cost(_KNOWN[name], values, size) for name, values in checked.items()]
    whole = reduce(Cost.then, costs, Cost(seconds=0.0, memory_mb=0.0))
    held = tuple(_KNOWN[name].name for name in chosen if name not in checked)
    return Chosen(checked, held, whole)


def _size(table: Dataset, setup: ClusterSetup) -> _Size:
    any_experiment = setup.experiment(table, FIRST_CHOICE[0])
    rows = len(table.frame)
    return _Size(
        rows=rows,
        columns=estimated_inputs(any_experiment, table.schema),
        learned=min(setup.split.sample or rows, rows),
        repeats=setup.split.repeats,
    )


def _settings(
    table: Dataset, setup: ClusterSetup, spec: AlgorithmSpec, start: dict[str, Any], size: _Size
) -> tuple[dict[str, Any], dict[str, ParamValue] | None]:
    """Draw the card and the knobs; return what they show, and the values if they can be run."""
    card = st.expander(spec.name, icon=":material/tune:", key=f"cluster_card_{spec.id}")
    with card:
        algorithm_card.short(spec)
        shown = param_form(spec.params, start, f"cluster_{spec.id}")
    try:
        values = spec.check(shown)
        with card:
            _estimate(spec, values, size)
            choosing.draw(table, setup, spec, values)
        if not _draw_misfit(spec, values, size):
            return shown, None
        spec.check_table(values, size.learned, size.columns)
    except UserError as error:
        st.error(f"**{spec.name}.** {literal(error)}", icon=":material/error:")
        return shown, None
    return shown, values


def _cost(spec: AlgorithmSpec, values: Mapping[str, ParamValue], size: _Size) -> Cost:
    assert spec.cost is not None
    return run_cost(
        spec.cost,
        values,
        size.rows,
        size.columns,
        sample=size.learned,
        repeats=size.repeats,
        needs_density=spec.needs_density,
    )


def _estimate(spec: AlgorithmSpec, values: Mapping[str, ParamValue], size: _Size) -> None:
    words = literal(duration_words(_cost(spec, values, size)))
    st.caption(
        f":material/timer: Takes {words}, by estimate, for {size.learned:,} rows and "
        f"{size.columns:,} prepared columns.",
        help=f"{spec.growth} Groups, scores, stability and comparisons are counted.",
    )


def _draw_misfit(spec: AlgorithmSpec, values: Mapping[str, ParamValue], size: _Size) -> bool:
    """Warn where a run would not fit, with what would; return whether it may be tried."""
    memory, seconds = float(settings.MEMORY_MB.read()), float(settings.TIME_LIMIT_S.read())
    cost = _cost(spec, values, size)
    most = most_rows(spec.id, values)
    is_refused = most is not None and size.learned > most
    is_long = cost.seconds > PATIENCE_S
    is_within = fits(cost, size.rows, size.columns, memory_mb=memory, seconds=seconds)
    if is_within and not is_refused and not is_long:
        return True
    found = offers(
        spec.id,
        values,
        size.rows,
        size.columns,
        memory_mb=memory,
        seconds=min(seconds, PATIENCE_S),
        sample=size.learned,
        repeats=size.repeats,
        needs_density=spec.needs_density,
    )
    with st.container(border=True, key=f"cluster_misfit_{spec.id}"):
        way_out = "What would do:" if found else "Choose fewer columns, or learn from fewer rows."
        words = _say_misfit(spec, str(duration_words(cost)), size, most, is_refused, is_within)
        st.warning(f"{words} {way_out}", icon=":material/warning:")
        for position, offer in enumerate(found):
            st.button(
                literal(offer.sentence),
                key=f"cluster_offer_{spec.id}_{position}",
                icon=":material/check:",
                on_click=_take,
                args=(spec, offer),
            )
    return not is_refused


def _say_misfit(
    spec: AlgorithmSpec,
    words: str,
    size: _Size,
    most: int | None,
    is_refused: bool,
    is_within: bool,
) -> str:
    if is_within and not is_refused:
        return f"**{spec.name}** takes {literal(words)}, by estimate."
    if is_refused:
        return (
            f"**{spec.name}** compares every pair of rows, and the pairs of {size.learned:,} rows "
            f"do not fit into memory (at most {most:,} rows)."
        )
    return (
        f"**{spec.name}** would take {literal(words)}, by estimate; a run may take "
        f"{settings.MEMORY_MB.read():,} MB and {settings.TIME_LIMIT_S.read() // 60:,} minutes."
    )


def _take(spec: AlgorithmSpec, offer: Offer) -> None:
    """Apply an offer to the controls."""
    changes = offer.changes
    for name in ("sample", "repeats"):
        if name in changes:
            st.session_state[f"{SAMPLE}_{name}"] = changes[name]
    algorithm = changes.get("algorithm", spec.id)
    for name, value in changes.get("params", {}).items():
        st.session_state[choosing.control(algorithm, name)] = value
    if algorithm != spec.id:
        chosen = st.session_state.get("cluster_algorithms", [])
        swapped = [algorithm if name == spec.id else name for name in chosen]
        st.session_state["cluster_algorithms"] = list(dict.fromkeys(swapped))
