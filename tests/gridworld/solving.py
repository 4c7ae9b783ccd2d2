"""Running a planner in a test."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld import planning
from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.result import GridReport, GridResult, ignore
from mlcore.gridworld.worldfile import World

PLANNERS = {spec.id: spec for spec in planning.SPECS}


def solve(world: World, method: str, report: GridReport = ignore, **params: object) -> GridResult:
    """Run a planner with defaults for all that is not given."""
    spec = PLANNERS[method]
    return spec.run(GridPlan(world=world, method=method, params=spec.check(params)), report)


def preset(name: str) -> World:
    return find_preset(name).make()


def start_of(model: Model) -> int:
    """The state in which every episode begins."""
    assert model.starts.max() == 1
    return int(model.starts.argmax())


def letters(result: GridResult) -> list[str]:
    """The best actions of each state by their initials, in the order of the actions."""
    actions = result.frames["policy"]["actions"]
    return ["".join(name[0].upper() for name in text.split(", ") if name) for text in actions]


def values_of(result: GridResult) -> np.ndarray:
    """The values as shown."""
    return result.frames["policy"]["value"].to_numpy()
