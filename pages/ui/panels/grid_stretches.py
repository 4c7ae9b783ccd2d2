"""How the best policy changes with what a step pays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from mlcore.errors import UserError
from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import optimal
from mlcore.gridworld.thresholds import Stretch, policy_stretches
from mlcore.gridworld.world import GridWorld
from mlcore.training.grid_runs import GridRun
from pages.ui import grid_player
from pages.ui.grid_player import Film
from pages.ui.grid_runs import world_of
from pages.ui.session import workspace
from pages.ui.text import literal

#: Worlds with more cells than this would take too long.
_MOST_CELLS = 150


def draw(run: GridRun) -> None:
    """Draw the policies of all step rewards in a run's world; worked out when asked for."""
    world = world_of(run)
    if not isinstance(world, GridWorld) or world.walls.size > _MOST_CELLS:
        return
    folded = st.expander(
        "What if a step paid something else?",
        icon=":material/tune:",
        key="grid_stretches",
        on_change="rerun",
    )
    if not folded.open:
        return
    with folded:
        try:
            found = _stretches(workspace().user, run.world, world)
        except UserError as error:
            st.error(literal(error), icon=":material/error:")
            return
        _draw(run.world, world, found)


@st.cache_resource(max_entries=16, show_spinner="Looking for where the policy changes …")
def _stretches(user: str, fingerprint: str, _world: GridWorld) -> list[Stretch]:
    return policy_stretches(_world)


def _draw(fingerprint: str, world: GridWorld, found: list[Stretch]) -> None:
    said = f"there are {len(found)} best policies, each on a stretch of its own"
    st.caption(
        f"Between {_number(found[0].low)} and {_number(found[-1].high)} a step "
        f"{said if len(found) > 1 else 'the same policy is the best one'}."
    )
    chosen = 0
    if len(found) > 1:
        chosen = st.select_slider(
            "Reward of a step",
            range(len(found)),
            format_func=lambda place: _words(found[place]),
            key=f"grid_stretch_{fingerprint}",
            value=_here(world, found),
        )
        marks = ", ".join(_number(one.low) for one in found[1:])
        st.caption(f"The best policy changes at {marks}.")
    _map(world, found[chosen])


def _here(world: GridWorld, found: list[Stretch]) -> int:
    """Return the stretch that the world is in, or the nearest one."""
    starts = np.array([stretch.low for stretch in found])
    return max(int(np.searchsorted(starts, world.step_reward, side="right")) - 1, 0)


def _number(value: float) -> str:
    # As books print them: four digits behind the point where rewards are about 1.
    return (f"{value:.4f}" if abs(value) < 10 else f"{value:.4g}").replace("-", "−")


def _words(stretch: Stretch) -> str:
    return f"{_number(stretch.low)} to {_number(stretch.high)}"


def _map(world: GridWorld, stretch: Stretch) -> None:
    model = model_of(replace(world, step_reward=stretch.middle))
    values, _ = optimal(model)
    film = Film(
        world=world,
        model=model,
        sweeps=[0],
        values=model.shown(values)[None, :],
        chosen=grid_player.first_state(model),
        alt=f"The best policy with {_number(stretch.middle)} a step, and what cells are worth.",
    )
    grid_player.draw(film, "grid_stretch_player")
