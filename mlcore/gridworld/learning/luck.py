"""Random numbers of many agents, of which none depends on how many agents there are."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld.world import Numbers

#: What each step needs: one number for where the move goes, one for whether to explore, one for
#: which action is taken.
MOVE, EXPLORE, CHOICE = range(3)
#: How many numbers of an agent are drawn at once.
_BLOCK = 768

#: Streams of each agent: those of its steps, of its starts, and of what only some agents need.
_STEPS, _STARTS, _EXTRA = range(3)


class Stream:
    """So many random numbers a step for each agent, drawn in blocks.

    Parameters
    ----------
    seed : int
        Of the run.
    agents : int
        How many agents there are. Agent k has a generator of its own, so its numbers are the
        same however many others learn beside it.
    width : int
        Numbers a step.
    kind : int
        Which stream of the agent it is.
    """

    def __init__(self, seed: int, agents: int, width: int, kind: int) -> None:
        self._generators = [np.random.default_rng([seed, agent, kind]) for agent in range(agents)]
        self._width = width
        self._size = max(1, _BLOCK // max(1, width))
        self._block: Numbers = np.empty((0, width, agents))
        self._next = 0

    def draw(self) -> Numbers:
        """Return the numbers of the next step, shape (width, agents)."""
        if self._next == len(self._block):
            shape = (self._size, self._width)
            drawn = [generator.random(shape) for generator in self._generators]
            self._block = np.ascontiguousarray(np.stack(drawn, axis=-1))
            self._next = 0
        self._next += 1
        row: Numbers = self._block[self._next - 1]
        return row


def steps_stream(seed: int, agents: int) -> Stream:
    """Return the luck that all methods share: rows MOVE, EXPLORE and CHOICE."""
    return Stream(seed, agents, 3, _STEPS)


def extra_stream(seed: int, agents: int, width: int) -> Stream:
    """Return the luck that only some methods need."""
    return Stream(seed, agents, width, _EXTRA)


def starts_luck(seed: int, agents: int, episodes: int) -> Numbers:
    """Return one number for the start of each episode, shape (agents, episodes).

    They do not depend on how long earlier episodes were: different methods begin alike.
    """
    return np.stack(
        [np.random.default_rng([seed, agent, _STARTS]).random(episodes) for agent in range(agents)]
    )
