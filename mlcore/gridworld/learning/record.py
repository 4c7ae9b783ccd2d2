"""What is written down while agents learn."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.gridworld.learning.agent import Agent, Arena, Step
from mlcore.gridworld.result import GridReport
from mlcore.gridworld.sampling import Places
from mlcore.gridworld.world import Mask, Numbers

#: Errors are kept for so many episodes of each seed at most.
MOST_ERRORS = 200
#: Steps that are kept to be played again, of all episodes together.
MOST_REPLAYED = 5000
#: A run reports so often at most.
MOST_REPORTS = 200


def kept_episodes(episodes: int, most: int = MOST_ERRORS) -> Places:
    """Return which episodes (from 1) are kept: half of them evenly, half ever more widely apart.

    Learning is quick at first and slow later; both are seen.
    """
    if episodes <= most:
        return np.arange(1, episodes + 1)
    evenly = np.linspace(1, episodes, most // 2)
    widely = np.geomspace(1, episodes, most // 2)
    return np.unique(np.round(np.concatenate([evenly, widely])).astype(np.intp))


def replayed_episodes(episodes: int) -> tuple[int, ...]:
    """Return which episodes (from 1) are kept step by step: first, middle and last."""
    return tuple(sorted({1, (episodes + 1) // 2, episodes}))


class Record:
    """Returns, lengths, visits, errors, and some episodes step by step.

    Parameters
    ----------
    arena : Arena
        Where agents learn.
    exact : float array of shape (n_states,), optional
        What the states are worth, if it is known.
    counted : bool array of shape (n_states,)
        The states whose errors count.
    """

    def __init__(self, arena: Arena, exact: Numbers | None, counted: Mask) -> None:
        shape = (arena.seeds, arena.episodes)
        self.total: Numbers = np.zeros(shape)
        self.discounted: Numbers = np.zeros(shape)
        self.length = np.zeros(shape, dtype=np.int32)
        self.terminated: Mask = np.zeros(shape, dtype=bool)
        self.visits = np.zeros(arena.seeds * arena.model.n_states, dtype=np.int64)
        self._arena = arena
        self._sum: Numbers = np.zeros(arena.seeds)
        self._worth: Numbers = np.zeros(arena.seeds)
        self._weight: Numbers = np.ones(arena.seeds)
        self._exact = None if exact is None else exact[counted]
        self._counted = np.flatnonzero(counted)
        self._is_kept = np.zeros(arena.episodes + 1, dtype=bool)
        self._is_kept[kept_episodes(arena.episodes)] = True
        self._errors: list[tuple[Places, Places, Numbers]] = []
        self._replayed = replayed_episodes(arena.episodes)
        self._replay: list[tuple[int, int, int, int, float]] = []
        self._done = self._reported = 0
        self._every = max(1, -(-arena.seeds * arena.episodes // MOST_REPORTS))
        self._lately: list[Numbers] = []

    def keep(self, step: Step) -> None:
        """Write a step down."""
        seed = step.seed
        self._sum[seed] += step.reward
        self._worth[seed] += self._weight[seed] * step.reward
        self._weight[seed] *= self._arena.model.discount
        self.visits[seed * self._arena.model.n_states + step.state] += 1
        if seed[0] == 0:
            self._keep_replay(step)

    def _keep_replay(self, step: Step) -> None:
        """Write down a step of the first seed, and where it stood in the end."""
        episode, number = int(step.episode[0] - step.over[0]) + 1, int(step.number[0])
        if episode not in self._replayed or number >= MOST_REPLAYED // len(self._replayed) - 1:
            return
        state, action = int(step.state[0]), int(step.action[0])
        self._replay.append((episode, number, state, action, float(step.reward[0])))
        if step.over[0]:
            self._replay.append((episode, number + 1, int(step.next_state[0]), -1, 0.0))

    def finish(self, step: Step, ends: Mask, agent: Agent) -> None:
        """Write down episodes that are over."""
        over = np.flatnonzero(step.over)
        seed, episode = step.seed[over], step.episode[over] - 1
        self.total[seed, episode] = self._sum[seed]
        self.discounted[seed, episode] = self._worth[seed]
        self.length[seed, episode] = step.number[over] + 1
        self.terminated[seed, episode] = ends[over]
        self._lately.append(self._worth[seed])
        self._sum[seed], self._worth[seed], self._weight[seed] = 0.0, 0.0, 1.0
        self._done += len(over)
        self._keep_errors(seed, episode + 1, agent)

    def _keep_errors(self, seed: Places, episode: Places, agent: Agent) -> None:
        if self._exact is None or not len(self._exact):
            return
        kept = self._is_kept[episode]
        if kept.any():
            off = agent.values(seed[kept])[:, self._counted] - self._exact
            rms: Numbers = np.sqrt(np.square(off).mean(axis=1))
            self._errors.append((seed[kept], episode[kept], rms))

    def is_due(self) -> bool:
        """Return whether it is time to report: not too often, and at the end."""
        new = self._done - self._reported
        return new >= self._every or (new > 0 and self._done == self.total.size)

    def report(self, report: GridReport) -> None:
        """Say how many episodes are done, and what those since the last report earned."""
        self._reported = self._done
        report(self._done, self.total.size, float(np.concatenate(self._lately).mean()))
        self._lately = []

    def errors(self) -> pd.DataFrame:
        """Return ``seed``, ``episode`` and ``rms``."""
        parts = zip(*self._errors, strict=True) if self._errors else ([], [], [])
        seed, episode, rms = (np.concatenate([[], *part]) for part in parts)
        frame = pd.DataFrame({"seed": seed.astype(int), "episode": episode.astype(int), "rms": rms})
        return frame.sort_values(["seed", "episode"], ignore_index=True)

    def replay(self) -> list[tuple[int, int, int, int, float]]:
        """Return (episode, step, state, action or -1, reward) of the first seed."""
        return self._replay
