"""Exact values: linear equations for a policy, policy iteration for the best one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import splu

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.termination import (
    can_end,
    check_endings,
    ending_actions,
    idle_for_ever,
    place,
    resting,
)
from mlcore.gridworld.policies import greedy
from mlcore.gridworld.world import Mask, Numbers

#: An action replaces another only if it is better by more than this (of the largest value): the
#: rounding of two that tie must not make them take turns for ever.
BETTER = 1e-12
#: Policy iteration ends by itself; this many rounds are never needed.
_MOST_ROUNDS = 10_000
#: Values of a policy that may be off by a larger share are no answer.
_MOST_OFF = 1e-3
#: Where a search starts, actions that differ by less are as good as tied.
_NEARLY = 1e-6
#: Sweeps that are cheaper than the rounds they save.
_FIRST_SWEEPS = 300

Actions = NDArray[np.int_]


def check_values_exist(model: Model) -> None:
    """Refuse a world in which the best values are no numbers.

    Raises
    ------
    UserError
        As for :func:`optimal`.
    """
    check_endings(model)
    if model.discount == 1 and (model.reward[~model.ends] > 0).any():
        PolicySearch(model).finish()


def optimal(model: Model) -> tuple[Numbers, Numbers]:
    """Return what states and actions are worth when the agent acts as well as possible.

    Parameters
    ----------
    model : Model
        The world. Without discounting, a rest for ever that costs nothing is worth 0.

    Returns
    -------
    values : float array of shape (n_states,)
        Right to about ``1e-12 / (1 - discount)`` of the largest one.
    action_values : float array of shape (n_states, n_actions)

    Raises
    ------
    UserError
        ``gridworld.no_end`` or ``gridworld.endless_reward``: the discount is 1, and some cell
        has no way to a terminal, or rewards can be collected for ever.
    """
    check_endings(model)
    search = PolicySearch(model)
    search.finish()
    return search.values, model.action_values(search.values)


def evaluate(model: Model, policy: Numbers) -> Numbers:
    """Return what states are worth under a policy, exactly.

    Parameters
    ----------
    model : Model
        The world.
    policy : float array of shape (n_states, n_actions)
        The chance of each action.

    Returns
    -------
    float array of shape (n_states,)
        Terminals 0 (under the exit convention what they pay).

    Raises
    ------
    UserError
        ``gridworld.policy_never_ends``: the discount is 1, and the policy collects rewards or
        costs for ever. ``gridworld.too_many_steps``: it takes so many steps to an end that
        rounding leaves nothing of its value.
    """
    if model.discount < 1:
        return solve(model, policy)
    stopped = np.asarray(policy, dtype=float).copy()
    stopped[idle_for_ever(model, policy)] = 0
    return _surely_solved(model, stopped)


def _surely_solved(model: Model, policy: Numbers) -> Numbers:
    """Return what states are worth under a policy without discounting, or refuse.

    Values that solve the equations up to some residual are off by it at every step.
    """
    transitions, rewards = model.under(policy)
    both = np.column_stack([rewards, np.ones(model.n_states)])
    values, steps = solve_equations(transitions, both).T
    least = float((steps - transitions @ steps).min())
    size = float(np.abs(values).max() + np.abs(rewards).max())
    missing = float(np.abs(rewards + transitions @ values - values).max()) + BETTER * 1e-3 * size
    sure = steps.min() > 0 and least > 0 and missing * steps.max() <= least * _MOST_OFF * size
    if size > 0 and not sure:
        raise UserError("gridworld.too_many_steps")
    found: Numbers = values
    return found


def best_soft(model: Model, epsilon: float) -> tuple[Numbers, Numbers]:
    """Return the best of the policies that leave every action a chance of ``epsilon / n``.

    Parameters
    ----------
    model : Model
        The world.
    epsilon : float
        The share of moves made by chance, 0 (exclusive) to 1.

    Returns
    -------
    policy : float array of shape (n_states, n_actions)
        Ties share what is left.
    values : float array of shape (n_states,)

    Raises
    ------
    UserError
        ``gridworld.no_end``: the discount is 1, and some cell has no way to a terminal.
    """
    check_endings(model)
    search = PolicySearch(model, epsilon)
    search.finish()
    if model.discount == 1:
        _surely_solved(model, search.policy())
    return epsilon_greedy(model.action_values(search.values), epsilon), search.values


def epsilon_greedy(action_values: Numbers, epsilon: float) -> Numbers:
    """Return the policy that takes a best action, and any action with the chance ``epsilon``.

    Parameters
    ----------
    action_values : float array of shape (n_states, n_actions)
        What each action is worth; those that tie are equally likely.
    epsilon : float
        The share of moves made by chance, 0 to 1.

    Returns
    -------
    float array of shape (n_states, n_actions)
    """
    best = greedy(action_values).astype(float)
    best /= best.sum(axis=1, keepdims=True)
    policy: Numbers = (1 - epsilon) * best + epsilon / action_values.shape[1]
    return policy


def solve(model: Model, policy: Numbers) -> Numbers:
    """Return the solution of the linear equations of a policy that ends, or is discounted."""
    transitions, rewards = model.under(policy)
    return solve_equations(transitions * model.discount, rewards)


def solve_equations(going: csr_array, rewards: Numbers) -> Numbers:
    """Return ``v`` with ``v = rewards + going v``, sharpened once; for several columns at once.

    Raises
    ------
    UserError
        ``gridworld.singular``: 16 digits do not tell this from equations without a solution.
    """
    system = csc_array(eye_array(len(rewards)) - going)
    # Diagonally dominant: no row needs to be exchanged, so the sparsest order may be kept.
    try:
        factors = splu(
            system,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
    except RuntimeError as error:
        # It says that a pivot is exactly 0, and nothing else.
        raise UserError("gridworld.singular") from error
    values: Numbers = factors.solve(rewards)
    sharpened: Numbers = values + factors.solve(rewards - system @ values)
    return sharpened


class PolicySearch:
    """Policy iteration, one round at a time.

    Without discounting it starts from a policy that ends, and keeps to policies that end or rest
    for nothing: an action is exchanged for a better one only, never for one that ties.

    Parameters
    ----------
    model : Model
        A world that has passed :func:`~.termination.check_endings`.
    epsilon : float, default 0
        The share of moves made by chance, whatever the policy wants.
    values : float array of shape (n_states,), optional
        Start from the actions that are best by these; by default from what a few hundred sweeps
        find.

    Attributes
    ----------
    actions : int array of shape (n_states,)
        What the policy does; ``n_actions`` stands for a rest.
    values : float array of shape (n_states,)
        What it is worth.
    rounds : int
        How many policies have been evaluated.

    References
    ----------
    M. L. Puterman (1994), Markov Decision Processes, sections 6.4 and 7.2.5.
    """

    def __init__(self, model: Model, epsilon: float = 0.0, values: Numbers | None = None) -> None:
        self.model = model
        self.epsilon = epsilon
        undiscounted = model.discount == 1 and epsilon == 0
        self.rests: Mask | None = resting(model) if undiscounted else None
        self.actions = self._started(_swept(model) if values is None else values)
        self.values = self._evaluated()
        self.rounds = 1

    def improve(self) -> int:
        """Take better actions and evaluate; return in how many states there were any."""
        better = self._better()
        changed = int((better != self.actions).sum())
        if changed:
            self.actions = better
            self._check_gain()
            self.values = self._evaluated()
            self.rounds += 1
        return changed

    def finish(self) -> None:
        """Improve until nothing is better."""
        while self.improve():
            if self.rounds >= _MOST_ROUNDS:
                raise UserError("gridworld.rounds_spent", rounds=f"{_MOST_ROUNDS:,}")

    def policy(self) -> Numbers:
        """Return the chance of each action, shape (n_states, n_actions); none where it rests."""
        model = self.model
        chosen = np.zeros((model.n_states, model.n_actions))
        going = np.flatnonzero(self.actions < model.n_actions)
        chosen[going, self.actions[going]] = 1 - self.epsilon
        chosen[going] += self.epsilon / model.n_actions
        return chosen

    def _started(self, values: Numbers) -> Actions:
        """Return the best actions by some values; without discounting, those that come to an end.

        Among actions that are nearly as good those are taken that lead towards an end.
        """
        model = self.model
        offered = model.action_values(values)
        best: Actions = offered.argmax(axis=1)
        if model.discount < 1:
            return best
        if can_end(model, _certain(best, model.n_actions)).all():
            return best
        tied = greedy(offered, _NEARLY).astype(float)
        if self.rests is not None:
            tied[self.rests & (offered.max(axis=1) <= _NEARLY)] = 0
        ended = can_end(model, tied)
        best = np.where(ended, ending_actions(model, tied), ending_actions(model, ended=ended))
        return np.where(tied.any(axis=1), best, model.n_actions)

    def _evaluated(self) -> Numbers:
        return solve(self.model, self.policy())

    def _better(self) -> Actions:
        """Return the best action of each state, the present one if it is as good."""
        offered = self.model.action_values(self.values)
        if self.rests is not None:
            offered = np.column_stack([offered, np.where(self.rests, 0.0, -np.inf)])
        states = np.arange(self.model.n_states)
        best = offered.argmax(axis=1)
        gain = offered[states, best] - offered[states, self.actions]
        tolerance = BETTER * max(1.0, float(np.abs(self.values).max()))
        return np.where(gain > tolerance, best, self.actions)

    def _check_gain(self) -> None:
        """Refuse a world in which better and better never ends.

        A policy that ends, changed for the better only, goes on for ever only if it gains by
        going round.
        """
        if self.rests is None:
            return
        for_ever = ~can_end(self.model, self.policy())
        if for_ever.any():
            raise UserError("gridworld.endless_reward", **place(self.model, for_ever))


def _swept(model: Model) -> Numbers:
    values = np.zeros(model.n_states)
    for _ in range(_FIRST_SWEEPS):
        values = model.action_values(values).max(axis=1)
    return values


def _certain(actions: Actions, n_actions: int) -> Numbers:
    return np.eye(n_actions)[actions]
