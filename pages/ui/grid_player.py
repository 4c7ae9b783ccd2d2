"""Values of a world sweep by sweep, or an agent step by step: played in the browser alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from numpy.typing import NDArray

from mlcore.gridworld.model import Model
from mlcore.gridworld.world import GridWorld, Numbers
from mlcore.gridworld.worldfile import World
from pages.ui.session import workspace

_HERE = Path(__file__).parent

_PLAYER = st.components.v2.component(
    "grid_player",
    html='<div class="player"></div>',
    css=(_HERE / "grid_player.css").read_text(encoding="utf-8"),
    js="\n".join(
        (_HERE / name).read_text(encoding="utf-8") for name in ("grid_model.js", "grid_player.js")
    ),
)

#: Worlds with more states than this are not played.
MOST_STATES = 3600
#: Up to so many values are sent in full; more are rounded to 32 bits.
_MOST_FULL = 100_000
_TYPES = {"f8": "f64", "f4": "f32", "i4": "i32", "u1": "u8"}


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One walk of an agent.

    Parameters
    ----------
    name : str
        What it is called in the list.
    states : sequence of int
        Where the agent was, the start first.
    actions : sequence of str
        What it did, one fewer than states.
    rewards : sequence of float
        What each action was paid.
    """

    name: str
    states: Sequence[int]
    actions: Sequence[str]
    rewards: Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Film:
    """What is played.

    Parameters
    ----------
    world : GridWorld or GymnasiumWorld
        Where it happens.
    model : Model
        What moves do there.
    sweeps : sequence of int
        Their numbers, the last one is shown first.
    values : float array of shape (n_sweeps, n_states)
        What each state is worth after each sweep, as shown.
    counts : str
        What they are called: a sweep, a round or a step.
    notes : sequence of str
        What is said beside each sweep.
    weights : float array of shape (n_states, n_actions), optional
        The policy that is evaluated; without it the best action counts.
    learnt : float array of shape (n_states, n_actions), optional
        Values of actions as they were learnt; without them they follow from ``values``.
    untried : bool array of shape (n_states,), optional
        States in which nobody has acted, so that their value says nothing.
    episodes : sequence of Episode
        Walks to be played instead of the sweeps.
    chosen : int, optional
        The state whose backup is shown at first.
    hint : str
        What stands beside the map before a cell is chosen.
    alt : str
        The map in words.
    """

    world: World
    model: Model
    sweeps: Sequence[int]
    values: Numbers
    counts: str = "sweep"
    notes: Sequence[str] = ()
    weights: Numbers | None = None
    learnt: Numbers | None = None
    untried: npt.NDArray[np.bool_] | None = None
    episodes: Sequence[Episode] = ()
    chosen: int | None = None
    hint: str = "Click a cell, or move to it with the arrow keys, to see how its value comes about."
    alt: str


def draw(film: Film, key: str) -> None:
    """Draw the player; everything that is pressed in it stays in the browser."""
    _PLAYER(data=_data(film), key=key)


def draw_kept(run: str, make: Callable[[], Film], key: str) -> None:
    """Draw the player with the film of a run, which is made once for all reruns.

    Parameters
    ----------
    run : str
        Its id.
    make : callable
        Returns the film.
    key : str
        Of the player; with the run it tells the film from any other.
    """
    _PLAYER(data=_kept(workspace().user, run, key, make), key=key)


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept(user: str, run: str, key: str, _make: Callable[[], Film]) -> dict[str, Any]:
    return _data(_make())


def _data(film: Film) -> dict[str, Any]:
    model = film.model
    values = np.asarray(film.values, dtype="<f8" if film.values.size <= _MOST_FULL else "<f4")
    data: dict[str, Any] = {
        "model": {
            "rows": model.rows,
            "columns": model.columns,
            "actions": list(model.actions),
            "arrows": list(model.arrows),
            "layers": list(model.layers),
            "discount": float(model.discount),
            "astray": np.asarray(model.astray).tolist(),
            "landing": _packed(model.landing, "<i4"),
            "reward": _packed(model.reward, "<f8"),
            "ends": _packed(model.ends, "u1"),
            "slip": _packed(model.slip, "<f8"),
            "terminal": _packed(model.terminal, "u1"),
            "cell": _packed(model.cell, "<i4"),
            "layer": _packed(model.layer, "<i4"),
            "extra": _packed(model.terminal_values, "<f8"),
        },
        "walls": _walls(film.world),
        "marks": _marks(film.world),
        "sweeps": list(film.sweeps),
        "counts": film.counts,
        "values": _packed(values, values.dtype.str),
        "notes": [] if film.episodes else list(film.notes),
        "weights": None if film.weights is None else _packed(film.weights, "<f8"),
        "learnt": None if film.learnt is None else _packed(film.learnt, "<f8"),
        "untried": [] if film.untried is None else np.flatnonzero(film.untried).tolist(),
        "episodes": [_episode(episode) for episode in film.episodes],
        "chosen": None if film.chosen is None else int(model.cell[film.chosen]),
        "layer": 0 if film.chosen is None else int(model.layer[film.chosen]),
        "hint": film.hint,
        "alt": film.alt,
    }
    # The player starts anew with another film only, not with every rerun.
    return data | {"id": hashlib.sha256(repr(data).encode()).hexdigest()[:16]}


def first_state(model: Model) -> int:
    """Return a state in which episodes begin."""
    return int(model.starts.argmax())


def _walls(world: World) -> list[int]:
    """Return the cells that are walls, counted row by row."""
    return np.flatnonzero(world.walls).tolist() if isinstance(world, GridWorld) else []


def _marks(world: World) -> dict[str, str]:
    """Return what terminals pay, by cell."""
    if not isinstance(world, GridWorld):
        return {}
    paid = world.terminals & ~np.isnan(world.rewards)
    cells = np.flatnonzero(paid).tolist()
    return {str(cell): _signed(float(world.rewards.ravel()[cell])) for cell in cells}


def _signed(reward: float) -> str:
    return f"{reward:+g}".replace("-", "−") if reward else "0"


def _episode(episode: Episode) -> dict[str, Any]:
    return {
        "name": episode.name,
        "states": [int(state) for state in episode.states],
        "actions": list(episode.actions),
        "rewards": [float(reward) for reward in episode.rewards],
    }


def _packed(array: NDArray[Any], dtype: str) -> dict[str, str]:
    plain = np.ascontiguousarray(array, dtype=dtype)
    return {"type": _TYPES[dtype[-2:]], "data": base64.b64encode(plain.tobytes()).decode("ascii")}
