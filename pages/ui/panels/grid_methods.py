"""How the world is solved or learnt: the methods, their settings, and the button that starts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import find_method, make_plan, methods_for
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.plan import SETTINGS, GridPlan
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.params import Param, ParamValue, defaults, plain_values
from mlcore.training.grid_runs import submit_grid
from pages.ui import algorithm_card, stored, watching
from pages.ui.forms import param_form
from pages.ui.grid_state import fingerprint, model, state
from pages.ui.session import workspace
from pages.ui.text import literal

#: Chosen at first.
_FIRST_AGENTS = ("sarsa", "q_learning")
_FIRST_PLANNER = "value_iteration"

_TABS = {
    Family.PLANNING: "Solve",
    Family.LEARNING: "Learn",
    Family.CONTINUOUS: "Continuous moves",
}
_ABOUT = {
    Family.PLANNING: "The rules of the world are known: compute what each cell is worth.",
    Family.LEARNING: "The rules are unknown: agents find out by trying, many of them at once.",
    Family.CONTINUOUS: "A move goes in any direction and any length up to a cell: an agent learns "
    "which, and how sure to be, with the expected-utility algorithm.",
}


def draw() -> Family:
    """Draw the choice of a method, its settings, and what starts it; return its family."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        family, known = _family()
    if family is Family.LEARNING:
        _agents(family, known)
    else:
        _one(family, known, row)
    return family


def _family() -> tuple[Family, dict[str, MethodSpec]]:
    """Draw the choice between solving and learning, and return it with its methods by id."""
    offered = methods_for(state().world)
    if len(offered) == 1:  # nothing to choose, and what was chosen before comes back
        (only,) = offered
        return only, {spec.id: spec for spec in offered[only]}
    kept = st.session_state.get("grid_family", workspace().recall("gridworld:family"))
    st.session_state["grid_family"] = kept if kept in offered else next(iter(offered))
    family = st.segmented_control(
        "What to do",
        list(offered),
        format_func=lambda choice: _TABS[Family(choice)],
        required=True,
        key="grid_family",
        help="  \n".join(f"{_TABS[one]}: {_ABOUT[one]}" for one in offered),
    )
    chosen = Family(str(family))
    stored.keep("gridworld:family", chosen.value)
    return chosen, {spec.id: spec for spec in offered[chosen]}


def _one(family: Family, known: Mapping[str, MethodSpec], row: DeltaGenerator) -> None:
    """Draw the choice of a single method; what starts it stands in the row above."""
    planning = family is Family.PLANNING
    key = "grid_method" if planning else "grid_algorithm"
    if st.session_state.get(key) not in known:
        st.session_state[key] = _FIRST_PLANNER if _FIRST_PLANNER in known else next(iter(known))
    with row:
        st.selectbox(
            "Method", list(known), format_func=lambda name: known[name].name, key=key, width=320
        )
    spec = known[st.session_state[key]]
    beside = st.container()
    # Folded, so that world, button and result are near one another.
    with st.expander(f"{spec.name}: settings, and how it works", key=f"grid_card_{spec.id}"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            params, setting = _values(spec, family)
        with right:
            card(spec)
    with beside:
        plans = _plans([spec], {spec.id: params}, setting)
    with row:
        label = "Solve this world" if planning else "Train"
        _start("grid_solve" if planning else "grid_train", label, plans)


def _agents(family: Family, known: Mapping[str, MethodSpec]) -> None:
    """Draw the choice of several agents that learn side by side."""
    first = [name for name in _FIRST_AGENTS if name in known]
    chosen = st.session_state.get("grid_agents", first)
    st.session_state["grid_agents"] = [name for name in chosen if name in known]
    names = st.multiselect(
        "Agents",
        list(known),
        format_func=lambda name: known[name].name,
        key="grid_agents",
        help="Several learn side by side, with the same luck, so that they can be compared.",
        placeholder="Choose one or several",
    )
    setting = _setting(family)
    params: dict[str, Mapping[str, Any]] = {}
    for name in names:
        with st.expander(known[name].name, key=f"grid_card_{name}"):
            left, right = st.columns([2, 3], gap="large")
            with left:
                params[name] = _params(known[name])
            with right:
                card(known[name])
    plans = _plans([known[name] for name in names], params, setting)
    _start("grid_train", "Train", plans)


def _start(key: str, label: str, plans: Sequence[GridPlan]) -> None:
    if st.button(
        label,
        key=key,
        type="primary",
        icon=":material/play_arrow:",
        disabled=not plans,
        help=None if plans else "Choose at least one method, and mend what is said above.",
    ):
        started = submit_grid(workspace(), plans, [run_name(plan) for plan in plans])
        state().awaited = frozenset(started)
        st.session_state["grid_started"] = started[0]
        watching.a_moment(started)


def _plans(
    specs: Sequence[MethodSpec],
    params: Mapping[str, Mapping[str, Any]],
    setting: Mapping[str, Any],
) -> list[GridPlan]:
    """Return the plans that can start; what stands in the way of the others is said."""
    made: list[GridPlan] = []
    said: set[str] = set()
    for spec in specs:
        try:
            plan = make_plan(state().world, spec.id, params[spec.id], setting)
            _check(plan, spec)
        except UserError as error:
            if str(error) not in said:
                st.error(literal(error), icon=":material/error:")
            said.add(str(error))
            continue
        stored.keep(f"gridworld:{spec.id}", plain_values(plan.params))
        stored.keep(f"gridworld:family:{spec.family.value}", plain_values(plan.setting))
        made.append(plan)
    return made


def _check(plan: GridPlan, spec: MethodSpec) -> None:
    """Refuse now what would fail in any case."""
    if isinstance(plan.world, LinearQuadratic):
        return
    values = json.dumps(plain_values(plan.params), sort_keys=True)
    error = _obstacle(workspace().user, fingerprint(), spec.id, values, plan)
    if error is not None:
        raise error


@st.cache_resource(max_entries=256, show_spinner=False)
def _obstacle(
    user: str, fingerprint: str, method: str, values: str, _plan: GridPlan
) -> UserError | None:
    try:
        moves = model(fingerprint, _plan.world)
        refuse = find_method(method).refuse
        if refuse is not None:
            refuse(_plan, moves)
    except UserError as error:
        return error
    return None


def _values(spec: MethodSpec, family: Family) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw the knobs of a method and of its family in one form, and return both."""
    values = _start_values(spec.params, f"gridworld:{spec.id}")
    setting = _start_values(SETTINGS[family], f"gridworld:family:{family.value}")
    knobs = (*spec.params_in(state().world), *SETTINGS[family])
    shown = param_form(knobs, values | setting, f"grid_param_{spec.id}")
    return {name: shown[name] for name in values}, {name: shown[name] for name in setting}


def _params(spec: MethodSpec) -> dict[str, Any]:
    if not spec.params:
        return {}
    values = _start_values(spec.params, f"gridworld:{spec.id}")
    return param_form(spec.params, values, f"grid_param_{spec.id}")


def _setting(family: Family) -> dict[str, Any]:
    declared = SETTINGS[family]
    if not declared:
        return {}
    values = _start_values(declared, f"gridworld:family:{family.value}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return param_form(declared, values, f"grid_setting_{family.value}")


def _start_values(params: Sequence[Param], kept: str) -> dict[str, ParamValue]:
    """Return what a form starts with: what was set last where it still fits, else defaults."""
    remembered: Mapping[str, Any] = workspace().recall(kept) or {}
    values = defaults(params)
    for param in params:
        if param.name not in remembered:
            continue
        value = remembered[param.name]
        try:
            values[param.name] = param.check(tuple(value) if isinstance(value, list) else value)
        except UserError:  # its bounds changed since
            continue
    return values


def run_name(plan: GridPlan) -> str:
    """Return what a run is called: its method, and what was set differently from the default."""
    spec = find_method(plan.method)
    told = [
        f"{_first_word(param.label)} {_value(param, plan.params[param.name])}"
        for param in spec.shown(plan.params, plan.world)
        if plan.params[param.name] != param.default
    ]
    return ", ".join([spec.name, *told[:3]])


def _first_word(label: str) -> str:
    """Return a label without what stands in brackets.

    >>> _first_word("Step size (alpha)")
    'step size'
    """
    return label.split(" (")[0].lower()


def _value(param: Param, value: ParamValue) -> str:
    if value is None:
        return (param.none_label or "none").lower()
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    words: Mapping[str, str] = getattr(param, "choices", {})
    plain = f"{value:g}" if isinstance(value, float) else str(value)
    return words[plain].lower() if plain in words else plain


def card(spec: MethodSpec) -> None:
    """Say what a method does, when it fits, and how it works."""
    algorithm_card.short(spec)
    with st.expander("How it works", key=f"grid_maths_{spec.id}"):
        st.latex(spec.maths)
        st.caption(f"Reference: {literal(spec.reference)}")
