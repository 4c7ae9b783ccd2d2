"""What any kind of world does, as planners and agents see it."""

from __future__ import annotations

from mlcore.errors import UserError
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld, model_of_gymnasium
from mlcore.gridworld.model import Model, model_of
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import World


def model_of_world(world: World) -> Model:
    """Return what moves do in a world that has states to be counted.

    Raises
    ------
    UserError
        The world has no cells (the linear-quadratic problem), no cell in which an agent could
        act, or is not known to Gymnasium.
    """
    if isinstance(world, GridWorld):
        return model_of(world)
    if isinstance(world, GymnasiumWorld):
        return model_of_gymnasium(world)
    raise UserError("gridworld.no_cells")
