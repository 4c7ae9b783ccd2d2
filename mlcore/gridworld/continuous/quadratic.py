"""The linear-quadratic problem as an agent meets it: number by number, with chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.gridworld.continuous.arena import Step
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.world import Numbers

#: Episodes begin between minus and plus this.
START = 1.0
#: Beyond this an episode is broken off: the agent is not to learn what running away looks like.
FAR = 10.0


@dataclass(frozen=True, eq=False)
class Quadratic:
    """A linear-quadratic problem in which many episodes run side by side.

    Parameters
    ----------
    world : LinearQuadratic
        The problem.
    """

    world: LinearQuadratic
    n_inputs: int = 1
    n_numbers: int = 1
    bounded: bool = False

    @property
    def discount(self) -> float:
        """What a cost a step later counts."""
        return self.world.discount

    def scale(self) -> tuple[Numbers, Numbers]:
        """Return centre and half width of the states, each of shape (1,)."""
        return np.zeros(1), np.full(1, START)

    def starts(self, rng: np.random.Generator, n: int) -> Numbers:
        """Return numbers to begin with, evenly from the range, shape (n, 1)."""
        return rng.uniform(-START, START, (n, 1))

    def step(self, states: Numbers, actions: Numbers, rng: np.random.Generator) -> Step:
        """Return what comes of pushing each number."""
        world = self.world
        rewards = -(world.q * states**2 + world.r * actions**2)[:, 0]
        chance = world.noise * rng.standard_normal(states.shape)
        after = world.a * states + world.b * actions + chance
        never = np.zeros(len(states), dtype=bool)
        return Step(after, rewards, never, np.abs(after[:, 0]) > FAR, never)
