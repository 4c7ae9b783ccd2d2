"""Episodes of all seeds at once: each walks its own, and begins the next when it is over."""

from __future__ import annotations

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.learning.agent import Agent, Arena, Luck, Step
from mlcore.gridworld.learning.luck import (
    CHOICE,
    EXPLORE,
    MOVE,
    extra_stream,
    starts_luck,
    steps_stream,
)
from mlcore.gridworld.learning.record import Record
from mlcore.gridworld.result import GridReport
from mlcore.gridworld.sampling import Places, Sampler, start_states
from mlcore.gridworld.world import Mask, Numbers

#: No rewards add up to more; a table with such numbers grows without end.
MOST_VALUE = 1e30


def starts_of(arena: Arena, exploring: bool) -> Numbers:
    """Return the chance of each state to be the first, shape (n_states,)."""
    if not exploring:
        return arena.model.starts
    anywhere = ~arena.model.terminal
    chances: Numbers = anywhere / anywhere.sum()
    return chances


class Walk:
    """A run of one agent.

    Parameters
    ----------
    arena : Arena
        Where.
    agent : Agent
        Who.
    seed : int
        Start of the random numbers.
    record : Record
        What is written down.
    """

    def __init__(self, arena: Arena, agent: Agent, seed: int, record: Record) -> None:
        self._arena, self._agent, self._record = arena, agent, record
        self._sampler = Sampler(arena.model)
        self._luck = steps_stream(seed, arena.seeds)
        self._extra = extra_stream(seed, arena.seeds, agent.width)
        luck = starts_luck(seed, arena.seeds, arena.episodes)
        starts = starts_of(arena, agent.exploring_starts)
        self._starts = start_states(starts, luck).astype(np.int32)
        self._seed: Places = np.arange(arena.seeds)
        self._state: Places = self._starts[:, 0].astype(np.intp)
        self._episode: Places = np.zeros(arena.seeds, dtype=np.intp)
        self._number: Places = np.zeros(arena.seeds, dtype=np.intp)
        self._move: Numbers = np.zeros(arena.seeds)

    def run(self, report: GridReport) -> None:
        """Walk until all seeds have had all their episodes.

        Raises
        ------
        UserError
            ``gridworld.learning.diverged``: what is learnt has no limits.
        """
        luck = self._draw()
        action = self._agent.start(self._seed, self._state, self._episode, luck)
        # Tables that overflow are looked for, and told in a sentence.
        with np.errstate(over="ignore", invalid="ignore"):
            while len(self._seed):
                action = self._go(action)
                if self._record.is_due():
                    self._check()
                    self._record.report(report)

    def _check(self) -> None:
        if not np.abs(self._agent.mean_values()).max() < MOST_VALUE:
            raise UserError("gridworld.learning.diverged")

    def _draw(self) -> Luck:
        """Return the luck of the next choice, and keep that of the move it leads to."""
        rows, extra = self._luck.draw(), self._extra.draw()
        if len(self._seed) < self._arena.seeds:
            rows, extra = rows[:, self._seed], extra[:, self._seed]
        self._move = rows[MOVE]
        return Luck(rows[EXPLORE], rows[CHOICE], extra)

    def _go(self, action: Places) -> Places:
        """Make one step of all seeds, let the agent learn from it, and return what it does next."""
        state, reward, ends = self._sampler.step(self._state, action, self._move)
        over = ends | (self._number >= self._arena.most_steps - 1)
        any_over = bool(over.any())
        step = Step(
            seed=self._seed,
            state=self._state,
            action=action,
            reward=reward,
            next_state=state,
            carry=np.where(ends, 0.0, self._arena.model.discount),
            over=over,
            any_over=any_over,
            onward=self._onward(state, over) if any_over else state,
            number=self._number,
            episode=self._episode + over,
        )
        self._record.keep(step)
        following = self._agent.step(step, self._draw())
        if not any_over:
            self._state, self._number = state, self._number + 1
            return following
        self._record.finish(step, ends, self._agent)
        return self._begun(step, following)

    def _onward(self, state: Places, over: Mask) -> Places:
        """Return where seeds act next: those whose episode is over at their next start."""
        after = np.minimum(self._episode + 1, self._arena.episodes - 1)
        return np.where(over, self._starts[self._seed, after], state)

    def _begun(self, step: Step, action: Places) -> Places:
        """Begin new episodes, and leave out seeds that have had all of theirs."""
        stays = step.episode < self._arena.episodes
        self._seed, self._move = step.seed[stays], self._move[stays]
        self._state, self._episode = step.onward[stays], step.episode[stays]
        self._number = np.where(step.over, 0, step.number + 1)[stays]
        return action[stays]
