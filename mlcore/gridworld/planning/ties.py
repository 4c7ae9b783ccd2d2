"""Which actions are best, as far as values are certain: all that tie, and none that cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.certificate import short_of
from mlcore.gridworld.planning.exact import evaluate
from mlcore.gridworld.policies import best_within
from mlcore.gridworld.world import Mask, Numbers

#: Values that are certain to less than this still tell actions apart that differ by more.
_LOOSEST = 1e-4
#: What rounding may make of two actions that are worth the same, of the largest value.
_ROUNDING = 1e-12
_TIGHTER = 0.1
#: Of larger worlds a policy is not evaluated, but what it loses is bounded.
_MOST_EVALUATED = 3_600


def best_actions(model: Model, action_values: Numbers, values: Numbers, bound: float) -> Mask:
    """Return the best actions with all that tie.

    Actions tie where their values differ by less than they may be off. That is too generous
    where little is lost often: the policy that chooses among them by chance has to be worth what
    the values promise, less the bound.

    Parameters
    ----------
    model : Model
        The world.
    action_values : float array of shape (n_states, n_actions)
        What each action is worth.
    values : float array of shape (n_states,)
        What each state is promised to be worth.
    bound : float
        How far the values may be off.

    Returns
    -------
    bool array of shape (n_states, n_actions)
    """
    tried: Mask | None = None
    for slack in _slacks(model, action_values, bound):
        tied = best_within(action_values, slack)
        if tried is not None and (tied == tried).all():
            continue
        missing = float((values - _mean(tied, action_values)).max())
        if short_of(model, values, missing) <= bound or _is_worth(model, tied, values - bound):
            break
        tried = tied
    return tied


def _slacks(model: Model, action_values: Numbers, bound: float) -> Iterator[float]:
    least = _ROUNDING * float(np.abs(action_values).max())
    slack = min(2 * model.discount * bound, _LOOSEST)
    while slack > least:
        yield slack + least
        slack *= _TIGHTER
    yield least


def _mean(tied: Mask, action_values: Numbers) -> Numbers:
    """Return what a step is worth that chooses by chance among some actions."""
    mean: Numbers = np.einsum("sa,sa->s", tied, action_values) / tied.sum(axis=1)
    return mean


def _is_worth(model: Model, tied: Mask, least: Numbers) -> bool:
    """Return whether it is known that the policy of these actions is worth so much."""
    if model.n_states > _MOST_EVALUATED:
        return False
    try:
        worth = evaluate(model, tied / tied.sum(axis=1, keepdims=True))
    except UserError:
        return False
    return bool((worth >= least).all())
