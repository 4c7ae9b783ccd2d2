"""What the world's rules say agents can reach: the lines that learning is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.exact import best_soft, epsilon_greedy, evaluate, optimal
from mlcore.gridworld.spec import Estimates
from mlcore.gridworld.world import Mask, Numbers
from mlcore.messages import Message, message

#: Larger worlds are learnt without their exact values, which would take longer than the learning.
MOST_STATES = 50_000


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where episodes begin, as values are averaged over it.

    Parameters
    ----------
    states : float array of shape (n_states,)
        The chance of each state.
    any_action : bool
        Whether the first action is any one, rather than what the agent chooses.
    """

    states: Numbers
    any_action: bool

    def mean(self, model: Model, values: Numbers) -> float:
        """Return what an episode earns on average when states are worth so much."""
        if self.any_action:
            values = model.action_values(values).mean(axis=1)
        return float(self.states @ values)


@dataclass(frozen=True, kw_only=True)
class ExactLines:
    """What is known exactly about the world and a method.

    Parameters
    ----------
    target : float array of shape (n_states,), optional
        What the states are worth, for the errors of what was learnt.
    lines : mapping of str to (Message, float)
        Name of a line to its label and its height, in the measure of discounted returns.
    notes : tuple of Message
        Why something is missing.
    """

    target: Numbers | None = None
    lines: Mapping[str, tuple[Message, float]] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()


def control_lines(
    model: Model, start: Start, epsilon: float, estimates: Estimates = Estimates.OPTIMUM
) -> ExactLines:
    """Return the lines of agents that try to act well.

    Parameters
    ----------
    model : Model
        The world.
    start : Start
        Where episodes begin.
    epsilon : float
        The share of actions that is always taken by chance; 0: none, or ever fewer.
    estimates : Estimates, default Estimates.OPTIMUM
        What the agent's values tend to. One that estimates what things are worth to itself,
        exploring included, is measured against the best that can be done while exploring.

    Returns
    -------
    ExactLines
        ``optimum``; with epsilon also ``soft_optimum``, the best that can be done while that
        share is taken by chance (where SARSA tends to), and ``soft_greedy``, what it earns to
        know the optimum and act so (where Q-learning tends to).
    """
    if model.n_states > MOST_STATES:
        return _too_large(model)
    try:
        values, action_values = optimal(model)
    except UserError as error:
        return _missing(error)
    target = values
    lines = {
        "optimum": (
            message("gridworld.learning.line.optimum"),
            start.mean(model, values),
        )
    }
    if epsilon > 0:
        share = f"{epsilon:.3g}"
        try:
            _, soft = best_soft(model, epsilon)
            known = evaluate(model, epsilon_greedy(action_values, epsilon))
        except UserError as error:
            return ExactLines(target=values, lines=lines, notes=_missing(error).notes)
        lines["soft_optimum"] = (
            message("gridworld.learning.line.soft_optimum", epsilon=share),
            start.mean(model, soft),
        )
        lines["soft_greedy"] = (
            message("gridworld.learning.line.soft_greedy", epsilon=share),
            start.mean(model, known),
        )
        if estimates is Estimates.EXPLORING:
            # Agents tell the worth of their best action.
            target = model.action_values(soft).max(axis=1)
    return ExactLines(target=target, lines=lines)


def prediction_lines(model: Model, start: Start) -> ExactLines:
    """Return the line of agents that act by chance alone: ``policy_value``."""
    if model.n_states > MOST_STATES:
        return _too_large(model)
    policy = np.full((model.n_states, model.n_actions), 1 / model.n_actions)
    try:
        values = evaluate(model, policy)
    except UserError as error:
        return _missing(error)
    label = message("gridworld.learning.line.policy_value")
    return ExactLines(target=values, lines={"policy_value": (label, start.mean(model, values))})


def _too_large(model: Model) -> ExactLines:
    note = message(
        "gridworld.learning.no_lines_size", n=f"{model.n_states:,}", most=f"{MOST_STATES:,}"
    )
    return ExactLines(notes=(note,))


def _missing(error: UserError) -> ExactLines:
    note = message("gridworld.learning.no_lines", reason=str(error.message))
    return ExactLines(notes=(note,))


def reachable(model: Model, starts: Numbers) -> Mask:
    """Return the states that can be reached from some start, shape (n_states,).

    Parameters
    ----------
    model : Model
        The world.
    starts : float array of shape (n_states,)
        The chance of each state to be the first.
    """
    reached: Mask = starts > 0
    # A move that nothing ever makes (all actions slip) leads nowhere.
    asked = (model.slip < 1)[None, :] | (model.astray.max(axis=0) > 0)[:, None]
    fresh = np.flatnonzero(reached)
    while len(fresh):
        found = np.unique(model.landing[:, fresh][asked[:, fresh] & ~model.ends[:, fresh]])
        fresh = found[~reached[found]]
        reached[fresh] = True
    return reached
