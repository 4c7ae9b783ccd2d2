"""How far values can be from the exact ones: a bound that is proved, not a change that is small.

With a discount below 1 a backup brings any values nearer to the exact ones by that factor, so
that the last change bounds what is missing. With a discount of 1 nothing of the kind holds; there
the value of a policy bounds the exact values from below, and what a backup could still add,
times the number of steps that a better policy may take, bounds them from above. Rounding is
counted in everywhere.

References
----------
M. L. Puterman (1994), Markov Decision Processes, section 6.3. D. P. Bertsekas (2012), Dynamic
Programming and Optimal Control, volume II, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.exact import PolicySearch, solve_equations
from mlcore.gridworld.wording import error_words
from mlcore.gridworld.world import Numbers
from mlcore.messages import Message, message

_EPSILON = float(np.finfo(float).eps)
#: What "ends" means where no cost bounds the number of steps, and where a sentence says so.
_MOST_STEPS = 1_000_000
#: Of larger worlds no policy is evaluated where a backup proves enough: it would take minutes.
_MOST_EXACT = 3_600


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What is proved about values.

    Parameters
    ----------
    bound : float
        No value is farther from the exact one than this.
    floor : float
        More work cannot bring the bound below this.
    note : Message
        What it means, in a sentence.
    """

    bound: float
    floor: float
    note: Message


def rounding(model: Model, values: Numbers) -> float:
    """Return how far one backup may be off because numbers have 16 digits only."""
    largest = max(float(values.max()), -float(values.min()))
    return (2 * model.n_actions + 8) * _EPSILON * (_most_paid(model) + model.discount * largest)


@lru_cache(maxsize=1)
def _most_paid(model: Model) -> float:
    return max(float(model.reward.max()), -float(model.reward.min()))


def change_bound(model: Model, change: float, values: Numbers) -> float | None:
    """Return how far values are off at most after a sweep that changed them by ``change``.

    Parameters
    ----------
    model : Model
        The world.
    change : float
        The largest change by backing up all states, from old values or in place.
    values : float array
        The values after the sweep.

    Returns
    -------
    float or None
        ``None`` without discounting, where a small change proves nothing.
    """
    if model.discount == 1:
        return None
    return (model.discount * change + rounding(model, values)) / (1 - model.discount)


def certify(model: Model, values: Numbers) -> Certificate:
    """Return how far values are from those of the best policy, by a fresh backup of all states.

    Parameters
    ----------
    model : Model
        A world that has passed :func:`~.exact.check_values_exist`.
    values : float array of shape (n_states,)
        What was found.

    References
    ----------
    See the module.
    """
    if model.discount == 1:
        return _undiscounted(model, values)
    residual = float(np.abs(model.action_values(values).max(axis=1) - values).max())
    off = rounding(model, values)
    return _discounted((residual + off) / (1 - model.discount), off / (1 - model.discount))


def certify_change(model: Model, change: float, values: Numbers) -> Certificate:
    """Return the certificate of values that a sweep of all states changed by ``change``."""
    bound = change_bound(model, change, values)
    if bound is None:
        return certify(model, values)
    return _discounted(bound, rounding(model, values) / (1 - model.discount))


def certify_policy(model: Model, policy: Numbers, values: Numbers) -> Certificate:
    """Return how far values are from those of a policy.

    Parameters
    ----------
    model : Model
        The world.
    policy : float array of shape (n_states, n_actions)
        The chance of each action; none where the agent rests for ever and for nothing.
    values : float array of shape (n_states,)
        What was found.

    Raises
    ------
    UserError
        ``gridworld.too_many_steps``: rounding leaves nothing of the number of its steps.
    """
    transitions, rewards = model.under(policy)
    residual = float(np.abs(rewards + model.discount * (transitions @ values) - values).max())
    off = rounding(model, values)
    steps = expected_steps(model, policy)
    if steps == np.inf:
        raise UserError("gridworld.too_many_steps")
    bound = (residual + off) * steps
    return Certificate(
        bound=bound,
        floor=off * steps,
        note=message(
            "gridworld.certified.policy", bound=error_words(bound), steps=error_words(steps)
        ),
    )


def short_of(model: Model, values: Numbers, missing: float) -> float:
    """Return how far below some values those of a policy lie at most.

    Parameters
    ----------
    model : Model
        The world.
    values : float array of shape (n_states,)
        What is promised.
    missing : float
        By how much a step of the policy, and these values after it, fall short at most.

    Returns
    -------
    float
        Infinite where nothing is proved: without discounting, unless every step costs more than
        is missing. (A policy that lasts for ``n`` steps then pays what is missing ``n`` times,
        but cannot last long without falling below what is promised.)
    """
    missing = max(0.0, missing) + rounding(model, values)
    if model.discount < 1:
        return missing / (1 - model.discount)
    cost, last = _cost(model), _last_reward(model)
    if cost == np.inf:
        return missing
    if missing >= cost / 2:
        return float("inf")
    return missing * max(1.0, (last + cost - float(values.min())) / (cost - missing))


def expected_steps(model: Model, policy: Numbers) -> float:
    """Return a bound of the (discounted) number of steps of a policy, from any state.

    It is proved by what it is used for: where ``w - gamma P w >= c > 0``, no inverse of
    ``1 - gamma P`` is larger than ``max w / c``.
    """
    if model.discount < 1:
        return 1 / (1 - model.discount)
    transitions = model.under(policy)[0]
    steps = solve_equations(transitions, np.ones(model.n_states))
    least = float((steps - transitions @ steps).min())
    if least <= 0 or steps.min() < 0:
        return float("inf")
    return float(steps.max() / least) * (1 + 1e-9)


def _discounted(bound: float, floor: float) -> Certificate:
    note = message("gridworld.certified.discounted", bound=error_words(bound))
    return Certificate(bound=bound, floor=floor, note=note)


def _undiscounted(model: Model, values: Numbers) -> Certificate:
    quick = _by_costs(model, values) if model.n_states > _MOST_EXACT else None
    return quick or _by_a_policy(model, values)


def _by_costs(model: Model, values: Numbers) -> Certificate | None:
    """Return the bound by what a backup changes, if every step costs more than that."""
    offered = model.action_values(values).max(axis=1)
    below = short_of(model, values, float((values - offered).max()))
    steps = _steps_of_the_best(model, float(values.min()) - below)
    if steps is None or below == np.inf:
        return None
    off = rounding(model, values)
    bound = max(below, (max(0.0, float((offered - values).max())) + off) * steps)
    note = message("gridworld.certified.costs", bound=error_words(bound), steps=error_words(steps))
    return Certificate(bound=bound, floor=off * steps, note=note)


def _by_a_policy(model: Model, values: Numbers) -> Certificate:
    """Return the bound by the exact value of a policy, from below and from above."""
    search = PolicySearch(model, values=values)
    search.finish()
    exact, off = search.values, rounding(model, search.values)
    below = certify_policy(model, search.policy(), exact).bound
    offered = model.action_values(exact).max(axis=1)
    if search.rests is not None:
        offered = np.where(search.rests, np.maximum(offered, 0.0), offered)
    steps = _steps_of_the_best(model, float(exact.min()) - below)
    above = (max(0.0, float((offered - exact).max())) + off) * (steps or _MOST_STEPS)
    floor = max(below, above)
    bound = float(np.abs(values - exact).max()) + floor
    if steps is None:
        note = message(
            "gridworld.certified.ending", bound=error_words(bound), steps=f"{_MOST_STEPS:,}"
        )
    else:
        note = message(
            "gridworld.certified.costs", bound=error_words(bound), steps=error_words(steps)
        )
    return Certificate(bound=bound, floor=floor, note=note)


def _steps_of_the_best(model: Model, least: float) -> float | None:
    """Return how many steps an optimal policy takes at most, if every step costs something.

    It cannot be worth less than ``least``; with a cost of at least ``c`` a step and at most ``m``
    for the last one, ``n`` steps are worth ``m - c (n - 1)`` at most.
    """
    cost = _cost(model)
    if not 0 < cost < np.inf:
        return 1.0 if cost == np.inf else None
    return 1 + max(0.0, _last_reward(model) - least) / cost


def _cost(model: Model) -> float:
    """Return what every step costs that is not the last one; infinite if there is none."""
    return -float(np.max(model.reward, where=~model.ends, initial=-np.inf))


def _last_reward(model: Model) -> float:
    return float(np.max(model.reward, where=model.ends, initial=-np.inf))
