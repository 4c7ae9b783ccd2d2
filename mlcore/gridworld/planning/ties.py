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
        if _keeps_the_promise(model, tied, values, bound):
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


def _keeps_the_promise(model: Model, tied: Mask, values: Numbers, bound: float) -> bool:
    """Return whether the policy of these actions is worth what is promised, less the bound."""
    policy = tied / tied.sum(axis=1, keepdims=True)
    next_step = (policy * model.action_values(values)).sum(axis=1)
    if short_of(model, values, float((values - next_step).max())) <= bound:
        return True
    if model.n_states > _MOST_EVALUATED:
        return False
    try:
        worth = evaluate(model, policy)
    except UserError:
        return False
    return bool((worth >= values - bound).all())
