"""The linear-quadratic problem as an agent meets it: number by number, with chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlcore.gridworld.continuous.arena import Step
from mlcore.gridworld.continuous.trials import play
from mlcore.gridworld.linear_quadratic import LinearQuadratic, exact
from mlcore.gridworld.world import Numbers

#: Episodes begin between minus and plus this.
START = 1.0
#: Beyond this an episode is broken off: the agent is not to learn what running away looks like.
FAR = 10.0
#: What lies so far ahead that it counts less than this is not played any more.
FORGOTTEN = 1e-4
#: Short or long, the episodes that are played have about so many steps together.
_STEPS = 400_000
#: Without discounting too, an episode has an end.
_LONGEST = 20_000


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


@dataclass(frozen=True, eq=False)
class _Lost(Quadratic):
    """The same problem, where a step pays how much worse it is than the best one."""

    def step(self, states: Numbers, actions: Numbers, rng: np.random.Generator) -> Step:
        """Return what comes of pushing each number."""
        best, world = exact(self.world), self.world
        price = world.r + world.discount * world.b**2 * best.curvature
        worse = -price * (actions - best.action(states))[:, 0] ** 2
        return super().step(states, actions, rng)._replace(rewards=worse)


def worth(
    world: LinearQuadratic,
    act: Callable[[Numbers], Numbers],
    starts: Numbers,
    rng: np.random.Generator,
) -> float | None:
    """Return the mean value of a policy without end, or ``None`` if numbers run away.

    It is the exact value of the best policy plus the discounted sum of how much worse each step
    is than the best step from the same number, averaged over episodes. That is far less a matter
    of luck than the sum of rewards, and it is played until nothing that follows counts.

    Parameters
    ----------
    world : LinearQuadratic
        The problem.
    act : callable
        From numbers to actions, both of shape (n, 1).
    starts : float array of shape (n, 1)
        Where episodes begin; of long episodes only some are played.
    rng : Generator
        Where the chance comes from.

    References
    ----------
    Kakade, S. and Langford, J. (2002). Approximately optimal approximate reinforcement learning.
    ICML, lemma 6.1.
    """
    n_steps = horizon(world.discount)
    played = starts[: max(1, _STEPS // n_steps)]
    trials = play(_Lost(world), act, played, rng, n_steps)
    if trials.broken.any():
        return None
    return float(exact(world).value(starts[:, 0]).mean() + trials.returns.mean())


def horizon(discount: float, forgotten: float = FORGOTTEN) -> int:
    """Return after how many steps nothing counts any more.

    >>> horizon(0.9), horizon(0.9, 0.01), horizon(0.0), horizon(1.0)
    (88, 44, 1, 20000)
    """
    if discount <= forgotten:
        return 1
    if discount >= 1:
        return _LONGEST
    return min(_LONGEST, math.ceil(math.log(forgotten) / math.log(discount)))
