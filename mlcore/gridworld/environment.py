"""Worlds as Gymnasium environments: any agent written for Gymnasium can live in them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from mlcore.errors import UserError
from mlcore.gridworld.model import Model, Outcome
from mlcore.gridworld.worldfile import World, read_world, write_world
from mlcore.gridworld.worlds import model_of_world

#: Probability, next state, reward and whether the episode ends, by state and action.
Table = dict[int, dict[int, list[Outcome]]]


class GridWorldEnv(gymnasium.Env[Any, Any]):
    """A world as Gymnasium sees it.

    An observation is the number of a state (cells that can be stood in, row by row), an action
    that of a move. An episode *terminates* when a terminal is reached. It is never truncated here:
    that is what Gymnasium's ``TimeLimit`` is for, see :func:`make_env`.

    Numbers of states are not always those of Gymnasium's own world of the same name, because
    nobody stands in walls and pits and they have no number here: its cliff walking counts 48
    states and this one 38 (of which its numbers 0 to 36 are the same, and the goal is 37, not 47).
    A table or a policy by its numbers must be put in order by cells, ``model.cell``, first.

    Parameters
    ----------
    model : Model
        What moves do.
    render_mode : str, optional
        ``"ansi"``: :meth:`render` returns text.

    References
    ----------
    Towers et al., Gymnasium: A Standard Interface for Reinforcement Learning Environments (2024).
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}

    def __init__(self, model: Model, render_mode: str | None = None) -> None:
        self.model = model
        self.render_mode = render_mode
        self.observation_space = spaces.Discrete(model.n_states)
        self.action_space = spaces.Discrete(model.n_actions)
        self.state = int(np.argmax(model.starts))

    @cached_property
    def P(self) -> Table:
        """What may come of each action in each state, as Gymnasium's own small worlds have it."""
        table: Table = {state: {} for state in range(self.model.n_states)}
        for state, action, outcomes in self.model.all_outcomes():
            table[state][action] = outcomes
        return table

    @property
    def initial_state_distrib(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The chance of each state to be the first, shape (n_states,)."""
        return self.model.starts

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Begin an episode in one of the starts.

        Returns
        -------
        state : int
            Where it begins.
        info : dict
            ``"prob"``: how likely that was.
        """
        super().reset(seed=seed, options=options)
        self.state = self._drawn(self.model.starts)
        return self.state, {"prob": float(self.model.starts[self.state])}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Make a move.

        Returns
        -------
        state : int
            Where it leads.
        reward : float
            What it pays.
        terminated : bool
            Whether it ends the episode.
        truncated : bool
            Always false.
        info : dict
            ``"prob"``: how likely that was.

        Raises
        ------
        UserError
            ``gridworld.environment_action``: it is no number of a move.
        """
        if not self.action_space.contains(action):
            raise UserError(
                "gridworld.environment_action", got=repr(action), last=self.model.n_actions - 1
            )
        outcomes = self.model.outcomes(self.state, int(action))
        chosen = outcomes[self._drawn(np.array([outcome.probability for outcome in outcomes]))]
        self.state = chosen.state
        return chosen.state, chosen.reward, chosen.ends, False, {"prob": chosen.probability}

    def render(self) -> str | None:
        """Return the world as text, with ``A`` where the agent is; nothing in no mode."""
        if self.render_mode != "ansi":
            return None
        model = self.model
        signs = np.full(model.rows * model.columns, "#")
        here = model.layer == model.layer[self.state]
        signs[model.cell[here]] = np.where(model.terminal[here], "T", ".")
        signs[model.cell[self.state]] = "A"
        lines = ["".join(row) for row in signs.reshape(model.rows, model.columns).tolist()]
        return "\n".join([*filter(None, [model.layers[model.layer[self.state]]]), *lines]) + "\n"

    def _drawn(self, chances: np.ndarray[Any, np.dtype[np.float64]]) -> int:
        return int(self.np_random.choice(len(chances), p=chances / chances.sum()))


def env_of(world: str, render_mode: str | None = None) -> GridWorldEnv:
    """Return the environment of a world that is written as text, as a specification holds it.

    Parameters
    ----------
    world : str
        What :func:`mlcore.gridworld.worldfile.write_world` returned.
    render_mode : str, optional
        ``"ansi"`` for text.
    """
    return GridWorldEnv(model_of_world(read_world(world)), render_mode)


def make_env(
    world: World, most_steps: int | None = None, render_mode: str | None = None
) -> gymnasium.Env[Any, Any]:
    """Return a world as an environment.

    Parameters
    ----------
    world : GridWorld or GymnasiumWorld
        Which one.
    most_steps : int, optional
        An episode that goes on so long is broken off: *truncated*, not terminated. Default: never.
    render_mode : str, optional
        ``"ansi"`` for text.

    Raises
    ------
    UserError
        The world has no states to be counted.
    """
    spec = EnvSpec(
        id="ml-workbench/GridWorld-v0",
        entry_point=f"{__name__}:{env_of.__name__}",
        max_episode_steps=most_steps,
        kwargs={"world": write_world(world)},
    )
    return gymnasium.make(spec, render_mode=render_mode)
