"""The values that sweeps begin with."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.exact import solve
from mlcore.gridworld.planning.record import MOST_KEPT
from mlcore.gridworld.planning.termination import ending_actions, resting
from mlcore.gridworld.world import Numbers


def first_values(model: Model, start: str) -> Numbers:
    """Return the values to begin with, shape (n_states,).

    Parameters
    ----------
    model : Model
        A world that has passed :func:`~.exact.check_values_exist`.
    start : str
        ``"zero"``, ``"lowest"`` or ``"automatic"``, as of :data:`~.knobs.START`.
    """
    if start == "zero" or (start == "automatic" and model.n_states <= MOST_KEPT):
        return np.zeros(model.n_states)
    return lowest_values(model)


def lowest_values(model: Model) -> Numbers:
    """Return values that no state can fall below, and that no backup lowers.

    With a discount they are all alike, ``min_s max_a r / (1 - discount * P(going on))``: exact
    where an agent can do nothing but collect the worst reward. Without, they are those of the
    shortest way to a terminal, or 0 where the agent can rest.
    """
    if model.discount < 1:
        return _worst_for_ever(model)
    policy = np.eye(model.n_actions)[ending_actions(model)]
    values = solve(model, policy)
    return np.where(resting(model), np.maximum(values, 0.0), values)


def _worst_for_ever(model: Model) -> Numbers:
    pays = _expected(model, model.reward)
    goes = _expected(model, (~model.ends).astype(float))
    alike = float((pays / (1 - model.discount * goes)).max(axis=0).min())
    return np.where(model.ends.all(axis=0) & model.terminal, model.reward[0], alike)


def _expected(model: Model, made: Numbers) -> Numbers:
    """Return the mean over what an action does, shape (n_actions, n_states)."""
    return (1 - model.slip) * made + model.slip * (model.astray @ made)
