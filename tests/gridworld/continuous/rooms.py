"""Rooms to walk in, for the tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mlcore.gridworld.world import GridWorld, empty_world


def drawn(text: str, reward: float | None = 1.0, **changes: Any) -> GridWorld:
    """A world from rows of cells: "#" wall, "S" start, "G" goal, "X" trap, "." free."""
    rows = text.split()
    cells = np.array([list(row) for row in rows])
    world = empty_world(*cells.shape)
    rewards = np.full(cells.shape, np.nan)
    rewards[cells == "X"] = -1.0
    rewards[cells == "G"] = np.nan if reward is None else reward
    return replace(
        world,
        walls=cells == "#",
        terminals=(cells == "G") | (cells == "X"),
        starts=cells == "S",
        rewards=rewards,
        **{"discount": 0.95, "step_reward": -0.05} | changes,
    )


#: A wall in the middle and a goal in the corner.
BLOCK = "....G ..... .##.. .##.. ....."
