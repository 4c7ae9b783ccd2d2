"""What to do in each state, as a table: the best actions with all ties, and what they are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.gridworld.model import Model
from mlcore.gridworld.world import Mask, Numbers

#: Actions whose values differ by less than this (of the best one, or of 1) are tied.
TIED = 1e-9


def greedy(action_values: Numbers, tolerance: float = TIED) -> Mask:
    """Return the best actions of each state, all that tie.

    Parameters
    ----------
    action_values : float array of shape (n_states, n_actions)
        What each action is worth.
    tolerance : float, default 1e-9
        Actions tie with the best one within ``tolerance * max(1, |best|)``: rounding must not
        choose between actions that are worth the same.

    Returns
    -------
    bool array of shape (n_states, n_actions)
    """
    best = action_values.max(axis=1, keepdims=True)
    tied: Mask = action_values >= best - tolerance * np.maximum(1.0, np.abs(best))
    return tied


def best_within(action_values: Numbers, slack: float) -> Mask:
    """Return the best actions of each state, and those that are worse by ``slack`` at most."""
    tied: Mask = action_values >= action_values.max(axis=1, keepdims=True) - slack
    return tied


def policy_frame(
    model: Model,
    action_values: Numbers,
    values: Numbers | None = None,
    chosen: NDArray[np.generic] | None = None,
) -> pd.DataFrame:
    """Return a policy as a table, one row a state.

    Parameters
    ----------
    model : Model
        The world.
    action_values : float array of shape (n_states, n_actions)
        What each action is worth.
    values : float array of shape (n_states,), optional
        What each state is worth, terminals 0; without it that of the best action, or the mean
        over ``chosen``.
    chosen : float or bool array of shape (n_states, n_actions), optional
        The chance of each action; the likeliest ones are shown, all that tie. Without it the
        best ones by ``action_values``.

    Returns
    -------
    DataFrame
        Columns ``state``, ``row``, ``column``, ``layer`` (whole numbers), ``terminal``,
        ``actions`` (names joined by ", "; empty for a terminal), ``arrows``, ``value`` (as shown:
        a terminal with what it pays), and ``q:<action>`` for each action.
    """
    shown = greedy(action_values if chosen is None else np.asarray(chosen, dtype=float))
    shown[model.terminal] = False
    if values is None:
        values = _values(action_values, chosen)
    columns: dict[str, object] = {
        "state": np.arange(model.n_states),
        "row": model.cell // model.columns,
        "column": model.cell % model.columns,
        "layer": np.asarray(model.layer, dtype=np.int64),
        "terminal": model.terminal,
        "actions": joined(shown, model.actions, ", "),
        "arrows": joined(shown, model.arrows, ""),
        "value": model.shown(values),
    }
    for place, action in enumerate(model.actions):
        columns[f"q:{action}"] = action_values[:, place]
    return pd.DataFrame(columns)


def told(frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return a policy as people read it, on a screen and in a spreadsheet.

    Parameters
    ----------
    frame : DataFrame
        What :func:`policy_frame` returned, or a part of it.
    model : Model
        The world.

    Returns
    -------
    DataFrame
        ``row``, ``column``, ``layer`` (its words, where states share cells), ``actions``,
        ``arrows``, ``value``, ``value of <action>`` for each action, ``visits`` (of agents).
    """
    table = frame.drop(columns=["state", "terminal"])
    if len(model.layers) > 1:
        table["layer"] = table["layer"].map(dict(enumerate(model.layers)))
    else:
        table = table.drop(columns="layer")
    return table.rename(columns={f"q:{name}": value_of(name) for name in model.actions})


def value_of(action: str) -> str:
    """Return what the column with the worth of an action is called.

    >>> value_of("up")
    'value of up'
    """
    return f"value of {action}"


def probabilities(frame: pd.DataFrame, model: Model) -> Numbers:
    """Return the chance of each action when ties are broken by chance.

    Parameters
    ----------
    frame : DataFrame
        What :func:`policy_frame` returned.
    model : Model
        The world.

    Returns
    -------
    float array of shape (n_states, n_actions)
        Rows sum to 1; a terminal has all actions alike.
    """
    codes, names = pd.factorize(frame["actions"])
    rows = [[action in str(name).split(", ") for action in model.actions] for name in names]
    table = np.asarray(rows, dtype=float)
    table[table.sum(axis=1) == 0] = 1.0
    table /= table.sum(axis=1, keepdims=True)
    policy = np.empty((model.n_states, model.n_actions))
    policy[frame["state"].to_numpy()] = table[codes]
    return policy


def _values(action_values: Numbers, chosen: NDArray[np.generic] | None) -> Numbers:
    if chosen is None:
        best: Numbers = action_values.max(axis=1)
        return best
    chances = np.asarray(chosen, dtype=float)
    mean: Numbers = (chances * action_values).sum(axis=1) / chances.sum(axis=1)
    return mean


def joined(shown: Mask, names: tuple[str, ...], between: str) -> NDArray[np.object_]:
    """Return the names of the actions shown in each row, as text.

    Parameters
    ----------
    shown : bool array of shape (n_rows, n_actions)
        Which actions; each pattern of them is put together once.
    names : tuple of str
        What the actions are called.
    between : str
        Stands between two names.
    """
    codes = shown @ (1 << np.arange(len(names)))
    patterns, where = np.unique(codes, return_inverse=True)
    texts = [
        between.join(name for place, name in enumerate(names) if pattern >> place & 1)
        for pattern in patterns.tolist()
    ]
    found: NDArray[np.object_] = np.asarray(texts, dtype=object)[where]
    return found
