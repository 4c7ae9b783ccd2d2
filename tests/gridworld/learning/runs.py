"""Running agents in a test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlcore.gridworld import learning
from mlcore.gridworld.learning.agent import Agent, Arena
from mlcore.gridworld.learning.record import Record
from mlcore.gridworld.learning.walking import Walk
from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import SETTINGS, GridPlan
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.result import GridReport, GridResult, ignore
from mlcore.gridworld.spec import Family
from mlcore.gridworld.world import GridWorld, empty_world
from mlcore.gridworld.worldfile import World
from mlcore.params import check_values

AGENTS = {spec.id: spec for spec in learning.SPECS}


def preset(name: str) -> World:
    return find_preset(name).make()


def learn(
    world: World,
    agent: str,
    params: dict[str, object] | None = None,
    report: GridReport = ignore,
    **setting: object,
) -> GridResult:
    """Run agents with defaults for all that is not given."""
    spec = AGENTS[agent]
    checked = check_values(spec.name, SETTINGS[Family.LEARNING], setting)
    plan = GridPlan(world=world, method=agent, params=spec.check(params or {}), setting=checked)
    return spec.run(plan, report)


def trained(
    model: Model,
    agent: str,
    params: dict[str, object] | None = None,
    *,
    seeds: int = 3,
    episodes: int = 20,
    most_steps: int = 1000,
    seed: int = 0,
) -> tuple[Agent, Record]:
    """Let agents learn a model that need not be a world, and return what they know."""
    arena = Arena(model=model, seeds=seeds, episodes=episodes, most_steps=most_steps)
    spec = AGENTS[agent]
    made = spec.run.args[0](arena, spec.check(params or {}))
    record = Record(arena, None, ~model.terminal)
    Walk(arena, made, seed, record).run(ignore)
    return made, record


def corridor(
    length: int = 5, discount: float = 1.0, slip: float = 0.0, left: float = 0.0
) -> GridWorld:
    """Cells in a row between two terminals, of which the right one pays 1; starts in the middle."""
    world = empty_world(1, length + 2)
    world.terminals[0, [0, -1]] = True
    world.rewards[0, -1] = 1.0
    world.rewards[0, 0] = left
    world.starts[0, (length + 1) // 2] = True
    return replace(world, discount=discount, slip=slip)


def by_seed(result: GridResult, column: str = "return", after: int = 0) -> np.ndarray:
    """The mean of a column over each seed's episodes after some."""
    frame = result.frames["episodes"]
    means = frame[frame["episode"] > after].groupby("seed")[column].mean()
    return means.to_numpy(dtype=float)


def standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
