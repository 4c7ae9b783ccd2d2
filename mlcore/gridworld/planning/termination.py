"""Whether episodes end: without discounting nothing has a value before that is settled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from mlcore.errors import UserError
from mlcore.gridworld.model import Model
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.world import Mask, Numbers


def check_endings(model: Model) -> None:
    """Refuse a world without discounting in which an agent may be caught for ever.

    Raises
    ------
    UserError
        ``gridworld.no_end``: the discount is 1, and from some cell no terminal can be reached,
        whatever the policy.
    """
    if model.discount < 1:
        return
    caught = ~can_end(model)
    if caught.any():
        raise UserError("gridworld.no_end", count=int(caught.sum()), **place(model, caught))


def refuse_endless(plan: GridPlan, model: Model) -> None:
    """Refuse what :func:`check_endings` does, before anything is begun."""
    check_endings(model)


def is_endless(model: Model) -> bool:
    """Return whether from some cell no terminal can be reached, whatever the policy."""
    return not bool(can_end(model).all())


def can_end(model: Model, policy: Numbers | Mask | None = None) -> Mask:
    """Return from which states an episode may come to an end.

    Parameters
    ----------
    model : Model
        The world.
    policy : array of shape (n_states, n_actions), optional
        The chance of each action; ``None``: any may be taken. A state without any counts as ended.

    Returns
    -------
    bool array of shape (n_states,)
    """
    chosen = np.ones((model.n_states, model.n_actions)) if policy is None else policy
    return _next_to_the_end(model, chosen)[: model.n_states] >= 0


def ending_actions(
    model: Model, allowed: Numbers | Mask | None = None, ended: Mask | None = None
) -> NDArray[np.int_]:
    """Return an action for each state that leads towards an end, by the fewest moves.

    Parameters
    ----------
    model : Model
        The world.
    allowed : array of shape (n_states, n_actions), optional
        Actions that may be taken are not 0; ``None``: all.
    ended : bool array of shape (n_states,), optional
        States that are as good as an end.

    Returns
    -------
    int array of shape (n_states,)
        Of no meaning where there is no end to be reached, or it is reached already.
    """
    chosen = np.ones((model.n_states, model.n_actions)) if allowed is None else allowed.copy()
    if ended is not None:
        chosen[ended] = 0
    following = _next_to_the_end(model, chosen)[: model.n_states]
    at_end = following == model.n_states
    towards = np.where(model.ends, at_end, model.landing == following)
    chance = np.where(chosen.T > 0, _chance(model, towards.astype(float)), -1.0)
    best: NDArray[np.int_] = chance.argmax(axis=0)
    return best


def resting(model: Model) -> Mask:
    """Return where an agent can stay for ever, for sure and for nothing.

    These are the maximal end components of what pays exactly 0 and does not end. Without
    discounting such a rest is worth 0, which may be better than any end.

    Returns
    -------
    bool array of shape (n_states,)

    References
    ----------
    L. de Alfaro (1997), Formal verification of probabilistic systems, section 3.3.
    """
    quiet = _chance(model, (model.ends | (model.reward != 0)).astype(float)) == 0
    while quiet.any():
        component = _components(model, quiet.T)
        leaves = component[model.landing] != component
        kept = quiet & (_chance(model, leaves.astype(float)) == 0)
        if (kept == quiet).all():
            break
        quiet = kept
    rests: Mask = quiet.any(axis=0)
    return rests


def idle_for_ever(model: Model, policy: Numbers) -> Mask:
    """Return where a policy without discounting keeps going for ever, and for nothing.

    Raises
    ------
    UserError
        ``gridworld.policy_never_ends``: it keeps going for ever where rewards are paid, so that
        they add up to no number.
    """
    caught = ~can_end(model, policy)
    if not caught.any():
        return caught
    made = _made(model, policy) > 0
    component = _components(model, policy)
    left = np.zeros(component.max() + 1, dtype=bool)
    left[component[(made & (component[model.landing] != component)).any(axis=0)]] = True
    for_ever = caught & ~left[component]
    paid = for_ever & (made & (model.reward != 0)).any(axis=0)
    if paid.any():
        raise UserError("gridworld.policy_never_ends", **place(model, paid))
    return for_ever


def place(model: Model, where: Mask) -> dict[str, int]:
    """Return row and column of the first state of a mask, for a sentence."""
    row, column = divmod(int(model.cell[int(where.argmax())]), model.columns)
    return {"row": row, "column": column}


def _made(model: Model, chosen: Numbers | Mask) -> Numbers:
    """Return the chance of each move, shape (n_moves, n_states); 0 only if it is impossible."""
    chances = np.asarray(chosen, dtype=float)
    made: Numbers = ((1 - model.slip)[:, None] * chances).T
    if model.slip.any():
        made += model.slip * (model.astray.T @ chances.T)
    return made


def _chance(model: Model, moves: Numbers) -> Numbers:
    """Return the chance of an action to make one of some moves, shape (n_actions, n_states)."""
    return (1 - model.slip) * moves + model.slip * (model.astray @ moves)


def _next_to_the_end(model: Model, chosen: Numbers | Mask) -> NDArray[np.int_]:
    """Return the next state on a shortest way to the end, or -1; the end itself is n_states."""
    end = model.n_states
    made = _made(model, chosen) > 0
    move, state = np.nonzero(made)
    target = np.where(model.ends[move, state], end, model.landing[move, state])
    ended = np.flatnonzero(~made.any(axis=0))
    backwards = csr_array(
        (
            np.ones(len(state) + len(ended), dtype=np.int8),
            (np.r_[target, np.full(len(ended), end)], np.r_[state, ended]),
        ),
        shape=(end + 1, end + 1),
    )
    following = breadth_first_order(backwards, end, return_predecessors=True)[1]
    found: NDArray[np.int_] = np.where(following < 0, -1, following).astype(np.int_)
    return found


def _components(model: Model, chosen: Numbers | Mask) -> NDArray[np.int_]:
    """Return the strongly connected component of each state, by the moves that are possible."""
    move, state = np.nonzero((_made(model, chosen) > 0) & ~model.ends)
    graph = csr_array(
        (np.ones(len(state), dtype=np.int8), (state, model.landing[move, state])),
        shape=(model.n_states, model.n_states),
    )
    found: NDArray[np.int_] = connected_components(graph, connection="strong")[1]
    return found
