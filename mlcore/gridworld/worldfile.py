"""Worlds as files."""

from __future__ import annotations

from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.world import GridWorld

#: Whatever a run can happen in.
World = GridWorld | GymnasiumWorld | LinearQuadratic
