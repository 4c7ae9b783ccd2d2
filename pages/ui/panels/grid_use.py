"""Take a policy home, or let it act."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import streamlit as st

from mlcore.gridworld.continuous.room import Room
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.simulation import Comparison, compare, simulate
from mlcore.gridworld.spec import Family
from mlcore.messages import Message
from mlcore.registry.formats import Format
from mlcore.registry.grid_offers import grid_offers, prepared_grid
from mlcore.registry.network_files import NumberPolicy
from mlcore.registry.policy_files import GridPolicy
from mlcore.training.grid_runs import GridRun
from pages.ui import show, stored
from pages.ui.downloads import download_button
from pages.ui.grid_runs import figures, frame, notes, runs
from pages.ui.session import workspace
from pages.ui.text import literal, number

#: An episode of a simulation is broken off after so many steps.
_MOST_STEPS = 1000


def draw(run: GridRun) -> None:
    """Draw the downloads of a run, and the simulation of its policy."""
    offers = grid_offers(run)
    for start in range(0, len(offers), 2):
        pair = zip(st.columns(2, gap="medium"), offers[start : start + 2], strict=False)
        for column, form in pair:
            with column, st.container(border=True, height="stretch"):
                st.markdown(f"**{form.label}**")
                st.markdown(form.help)
                _button(run, form)
    _simulation(run)


def _button(run: GridRun, form: Format) -> None:
    def prepare() -> tuple[Path, str]:
        with st.spinner("Preparing and checking the file …"):
            job = stored.jobs().submit("package_grid", run.id, {"format": form.id})
            stored.wait(job)
        return prepared_grid(runs(), run.id, form.id), form.file_name(run.name)

    download_button(f"Download {form.extension}", f"download_{form.id}", prepare)


def _simulation(run: GridRun) -> None:
    st.subheader("Let it act")
    st.caption(
        "The policy walks through the world again and again. What it gets on average is compared "
        "with what it is worth by computation."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        episodes = st.number_input(
            "Episodes", min_value=2, max_value=10_000, value=1000, step=100, key="grid_episodes"
        )
        seed = st.number_input("Seed", min_value=0, max_value=2**31 - 1, value=0, key="grid_luck")
        pressed = st.button("Simulate", key="grid_simulate", icon=":material/directions_walk:")
    asked = (run.id, int(episodes or 2), int(seed or 0))
    if pressed:
        st.session_state["grid_simulated"] = asked
    if st.session_state.get("grid_simulated") != asked:
        return
    if run.spec.family is Family.CONTINUOUS:
        _told_of_numbers(*_simulated_numbers(workspace().user, *asked))
    else:
        _told(_simulated(workspace().user, *asked))


@st.cache_data(max_entries=32, show_spinner="Walking …")
def _simulated(
    user: str, run: str, episodes: int, seed: int
) -> tuple[pd.DataFrame, Comparison | None, tuple[Message, ...]]:
    result = GridResult(
        runs().get(run).plan, {"policy": frame(run, "policy")}, figures(run), notes(run)
    )
    policy = GridPolicy(result)
    walked = simulate(policy.model, policy.chances, episodes, seed, _MOST_STEPS)
    if policy.start_value is None:
        return walked, None, ()
    comparison = compare(walked, policy.start_value, policy.model, policy.start_deviation)
    return walked, comparison, comparison.notes


def _told(found: tuple[pd.DataFrame, Comparison | None, tuple[Message, ...]]) -> None:
    walked, comparison, said = found
    if comparison is None:
        st.info(
            "This policy can go on for ever, so no number says what it is worth.",
            icon=":material/info:",
        )
    elif comparison.agrees:
        st.success(literal(comparison.verdict), icon=":material/check_circle:")
    else:
        st.warning(literal(comparison.verdict), icon=":material/warning:")
    show.notes(said)
    _walked(walked)


@st.cache_data(max_entries=32, show_spinner="Walking …")
def _simulated_numbers(
    user: str, run: str, episodes: int, seed: int
) -> tuple[pd.DataFrame, dict[str, Comparison], bool]:
    policy = NumberPolicy(runs().get(run).plan, frame(run, "network"))
    walked, compared = policy.simulated(figures(run), episodes, seed, _MOST_STEPS)
    return walked, compared, isinstance(policy.arena, Room)


def _told_of_numbers(walked: pd.DataFrame, compared: dict[str, Comparison], in_room: bool) -> None:
    found = next(iter(compared.values()), None)
    if found is not None:
        st.info(literal(found.earned), icon=":material/directions_walk:")
        known = {} if math.isinf(found.rest) else compared
        st.markdown("\n".join(f"- {literal(one.beside(what))}" for what, one in known.items()))
        show.notes(found.notes)
    st.caption(
        "What acts is the mean action of the first agent, as in the download. The value function "
        "knows the policy that it was learnt with, which also tries other actions."
    )
    if in_room:
        _walked(walked)


def _walked(walked: pd.DataFrame) -> None:
    st.caption(
        f"Sum of rewards {number(walked['return'].mean())} on average, from "
        f"{number(walked['return'].min())} to {number(walked['return'].max())}; "
        f"{number(walked['length'].mean())} steps; "
        f"{100 * walked['terminated'].mean():.4g} % of the episodes came to an end within "
        f"{_MOST_STEPS:,} steps."
    )
