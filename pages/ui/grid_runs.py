"""Runs in the world on the screen, and what they left behind, read once for all reruns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from mlcore.gridworld.model import Model
from mlcore.gridworld.spec import Family
from mlcore.gridworld.views import (
    Learnt,
    cells_frame,
    error_curve,
    last_returns,
    learning_curve,
    updates_curve,
)
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import World
from mlcore.messages import Message
from mlcore.training.grid_runs import GridRun, GridRunStore
from pages.ui import grid_state
from pages.ui.grid_state import fingerprint, state
from pages.ui.session import workspace

#: Tables of worlds with more cells than this take so much memory that few are kept.
_LARGE = 50_000


def runs() -> GridRunStore:
    """Return the runs in grid worlds of this workspace."""
    return GridRunStore(workspace())


def runs_here(family: Family) -> list[GridRun]:
    """Return the runs of a family in the world on the screen, oldest first."""
    return [run for run in runs().all(fingerprint()) if run.spec.family is family]


def done_here(family: Family) -> list[GridRun]:
    """Return those of them that have a result; if none has, those of before its last changes."""
    done = [run for run in runs_here(family) if run.is_done]
    before = state().before.get(family)
    if done or before is None:
        return done
    return [run for run in runs().all(before) if run.spec.family is family and run.is_done]


def is_past(run: GridRun) -> bool:
    """Return whether the world was changed since a run."""
    return run.world != fingerprint()


def world_of(run: GridRun) -> World:
    """Return the world of a run, which need not be the one on the screen."""
    return _world(workspace().user, run.world, run)


@st.cache_resource(max_entries=8, show_spinner=False)
def _world(user: str, fingerprint: str, _run: GridRun) -> World:
    return _run.plan.world


def model_of_run(run: GridRun) -> Model:
    """Return what moves do in the world of a run; it is shared and must not be changed."""
    return grid_state.model(run.world, world_of(run))


def names_of(some: Sequence[GridRun]) -> dict[str, str]:
    """Return what runs are called, by id; those of one name are told apart by a number."""
    counted: dict[str, int] = {}
    names = {}
    for run in some:
        counted[run.name] = counted.get(run.name, 0) + 1
        again = f" ({counted[run.name]})" if counted[run.name] > 1 else ""
        names[run.id] = f"{run.name}{again}"
    return names


def choose(key: str, done: Sequence[GridRun], label: str = "Look at one run") -> GridRun:
    """Draw the choice of a run: what was awaited first, then what was chosen, then the newest.

    Parameters
    ----------
    key : str
        Of the widget.
    done : sequence of GridRun
        Those with a result, oldest first, at least one.
    label : str
        Stands above the choice.
    """
    known = {run.id: run for run in reversed(done)}
    names = names_of(done)
    arrived = [run for run in known if run in state().awaited]
    if arrived:
        # A box of its own: the one on the screen may report its old choice before it hears.
        st.session_state[f"{key}_since"] = arrived[0]
        state().awaited -= frozenset(arrived)
    since = st.session_state.get(f"{key}_since")
    key = key if since is None else f"{key}_since_{since}"
    if st.session_state.get(key) not in known:
        st.session_state[key] = since if since in known else next(iter(known))
    if len(known) > 1:
        st.selectbox(label, list(known), format_func=lambda run: names[run], key=key, width=480)
    return known[st.session_state[key]]


@st.cache_resource(max_entries=64, show_spinner=False)
def _frame(user: str, run: str, name: str) -> pd.DataFrame:
    return _read(run, name)


def _read(run: str, name: str) -> pd.DataFrame:
    found = runs().frame(run, name)
    return pd.DataFrame() if found is None else found


def frame(run: str, name: str) -> pd.DataFrame:
    """Return a table of a run, empty where it has none; it is shared and must not be changed."""
    world = state().world
    large = isinstance(world, GridWorld) and world.walls.size > _LARGE
    kept = _large_frame if large else _frame
    return kept(workspace().user, run, name)


@st.cache_resource(max_entries=2, show_spinner="Opening the run …")
def _large_frame(user: str, run: str, name: str) -> pd.DataFrame:
    return _read(run, name)


@st.cache_resource(max_entries=64, show_spinner=False)
def _tiles(user: str, run: str, column: str, _model: Model) -> pd.DataFrame:
    policy = frame(run, "policy")
    # Nobody acts in a terminal, so nothing is counted there.
    shown = policy[~policy["terminal"]] if column == "visits" else policy
    return cells_frame(shown, column, _model.rows, _model.columns)


def tiles(run: GridRun, column: str) -> pd.DataFrame:
    """Return what the map of a run's policy shows, see ``cells_frame``."""
    return _tiles(workspace().user, run.id, column, model_of_run(run))


@st.cache_resource(max_entries=256, show_spinner=False)
def _figures(user: str, run: str) -> tuple[Mapping[str, float], tuple[Message, ...]]:
    return runs().figures(run), runs().notes(run)


def figures(run: str) -> Mapping[str, float]:
    """Return the single numbers of a run."""
    return _figures(workspace().user, run)[0]


def notes(run: str) -> tuple[Message, ...]:
    """Return what was decided or noticed in a run."""
    return _figures(workspace().user, run)[1]


@st.cache_resource(max_entries=256, show_spinner=False)
def _curve(user: str, run: str, table: str, measure: str) -> pd.DataFrame:
    # Not through the cache of frames: episodes are many, and their curve is all that is shown.
    found = runs().frame(run, table)
    if found is None or found.empty:
        return pd.DataFrame()
    if table == "errors":
        return error_curve(found)
    if table == "updates":
        return updates_curve(found, measure)
    return learning_curve(found, measure)


def curves(some: Mapping[str, str], table: str, measure: str = "") -> pd.DataFrame:
    """Return the curves of several runs, one below the other, each with its name in ``run``.

    Parameters
    ----------
    some : mapping of str to str
        Names by id.
    table : str
        ``"episodes"``, ``"errors"`` or ``"updates"``.
    measure : str
        The column that is shown.
    """
    found = [
        curve.assign(run=name)
        for run, name in some.items()
        if not (curve := _curve(workspace().user, run, table, measure)).empty
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["run"])


@st.cache_resource(max_entries=256, show_spinner=False)
def _late(user: str, run: str) -> tuple[int, pd.Series]:
    episodes = runs().frame(run, "episodes")
    assert episodes is not None
    return int(episodes["episode"].max()), last_returns(episodes)


def learnt(some: Sequence[GridRun], names: Mapping[str, str]) -> list[Learnt]:
    """Return what the comparison of agents needs to know of runs."""
    found = []
    for run in some:
        episodes, late = _late(workspace().user, run.id)
        luck = int(str(run.plan.setting["seed"]))
        found.append(Learnt(id=run.id, name=names[run.id], episodes=episodes, late=late, luck=luck))
    return found
