"""The values that sweeps begin with."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.backups import expected
from mlcore.gridworld.planning.exact import solve
from mlcore.gridworld.planning.record import MOST_KEPT
from mlcore.gridworld.planning.termination import ending_actions, resting
from mlcore.gridworld.world import Numbers

#: Without discounting the lowest values come of equations, which need gigabytes beyond this.
_MOST_SOLVED = 200_000


def first_values(model: Model, start: str) -> Numbers:
    """Return the values to begin with, shape (n_states,).

    Parameters
    ----------
    model : Model
        A world that has passed :func:`~.exact.check_values_exist`.
    start : str
        ``"zero"``, ``"lowest"`` or ``"automatic"``, as of :data:`~.knobs.START`.
    """
    return lowest_values(model) if starts_lowest(model, start) else np.zeros(model.n_states)


def starts_lowest(model: Model, start: str) -> bool:
    """Return whether :func:`first_values` are the lowest that are possible."""
    if start != "automatic":
        return start == "lowest"
    if model.discount == 1 and model.n_states > _MOST_SOLVED:
        return False
    return model.n_states > MOST_KEPT


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
    pays = expected(model, model.reward)
    ending = model.ends.any(axis=0)
    lasting = pays.max(axis=0, initial=-np.inf)[~ending] / (1 - model.discount)
    slip = model.slip[ending]
    going = (~model.ends[:, ending]).astype(float)
    goes = (1 - slip) * going + slip * (model.astray @ going)
    passing = (pays[:, ending] / (1 - model.discount * goes)).max(axis=0)
    alike = min(lasting.min(initial=np.inf), passing.min(initial=np.inf))
    # A terminal does the same whatever the move.
    known: Numbers = np.where(model.terminal, pays[0], alike)
    return known
