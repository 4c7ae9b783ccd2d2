"""What was learnt, as tables; the package says what their columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mlcore.gridworld.continuous.actor_critic import Agent, Update
from mlcore.gridworld.continuous.fine_grid import FineGrid
from mlcore.gridworld.continuous.room import Room, shortened
from mlcore.gridworld.linear_quadratic import ExactAnswer
from mlcore.gridworld.world import Numbers

#: About so many points are shown along the longer side of a room, and at most so many a cell.
_ALONG, _A_CELL = 20, 4
#: The names of an :class:`Update`'s numbers in the table.
_COLUMNS = ("return", "length", "reached", "spread", "entropy", "value_loss")


def updates_frame(seen: Sequence[Sequence[Update]], has_goal: bool) -> pd.DataFrame:
    """Return the table of updates: one row an update of each agent.

    Parameters
    ----------
    seen : sequence of sequence of Update
        Of each agent.
    has_goal : bool
        Whether episodes have an end, so that ``reached`` and ``length`` mean anything.
    """
    rows = [
        (seed, number, *update)
        for seed, updates in enumerate(seen)
        for number, update in enumerate(updates, start=1)
    ]
    frame = pd.DataFrame(rows, columns=["seed", "update", *_COLUMNS])
    frame[list(_COLUMNS)] = frame[list(_COLUMNS)].astype(float)
    if not has_goal:
        frame[["length", "reached"]] = np.nan
    return frame


def room_field(room: Room, agent: Agent, exact: FineGrid) -> pd.DataFrame:
    """Return policy and values at evenly spaced points of a room."""
    per_cell = int(np.clip(_ALONG // max(room.world.rows, room.world.columns), 1, _A_CELL))
    standing = np.kron(room.standing, np.ones((per_cell, per_cell), dtype=bool))
    rows, columns = np.nonzero(standing)
    points = (np.column_stack([columns, rows]) + 0.5) / per_cell
    reaches = room.open[rows // per_cell, columns // per_cell] & exact.settled
    mean, sigma = shortened(agent.act(points)), agent.spread(points)
    return pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1],
            "dx": mean[:, 0],
            "dy": mean[:, 1],
            "sigma_x": sigma[:, 0],
            "sigma_y": sigma[:, 1],
            "value": agent.value(points),
            "exact_value": np.where(reaches, exact.at(points), np.nan),
        }
    )


def quadratic_field(s: Numbers, agent: Agent, exact: ExactAnswer) -> pd.DataFrame:
    """Return policy and values at some numbers, beside the exact ones."""
    states = s[:, None]
    return pd.DataFrame(
        {
            "s": s,
            "mean": agent.act(states)[:, 0],
            "sigma": agent.spread(states)[:, 0],
            "value": agent.value(states),
            "exact_mean": exact.action(s),
            "exact_value": exact.value(s),
        }
    )


def paths_frame(paths: Sequence[Numbers], names: Sequence[str]) -> pd.DataFrame:
    """Return the table of episodes, one row a step.

    Parameters
    ----------
    paths : sequence of float array of shape (n_steps, n_inputs)
        The states of each episode.
    names : sequence of str
        What the numbers of a state are called.
    """
    tables = [
        pd.DataFrame(path, columns=list(names)).assign(path=number, step=range(len(path)))
        for number, path in enumerate(paths)
    ]
    return pd.concat(tables, ignore_index=True)[["path", "step", *names]]


def network_frame(agent: Agent) -> pd.DataFrame:
    """Return the numbers of the mean action, for states as they are.

    The scaling of the states is worked into the first layer, and outputs that only make the
    spread are left out.
    """
    centre, half = agent.arena.scale()
    network, n_numbers = agent.policy.network, agent.policy.n_numbers
    layers = network.layers(agent.policy_params[: network.n_params].copy())
    weights, biases = layers[0]
    layers[0] = weights / half[:, None], biases - (centre / half) @ weights
    layers[-1] = layers[-1][0][:, :n_numbers], layers[-1][1][:n_numbers]
    last = "tanh" if agent.policy.bounded else "linear"
    activations = ["tanh"] * (len(layers) - 1) + [last]
    tables = [
        _layer_frame(number, np.vstack([biases, weights]), activation)
        for number, ((weights, biases), activation) in enumerate(
            zip(layers, activations, strict=True), start=1
        )
    ]
    return pd.concat(tables, ignore_index=True)


def _layer_frame(number: int, numbers: Numbers, activation: str) -> pd.DataFrame:
    rows, columns = np.indices(numbers.shape)
    return pd.DataFrame(
        {
            "layer": number,
            "row": rows.ravel() - 1,
            "column": columns.ravel(),
            "weight": numbers.ravel(),
            "activation": activation,
        }
    )


def mean_figures(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return means over agents by name, and each agent's own figure with its number after it."""
    names = dict.fromkeys(name for own in figures for name in own)
    found = {}
    for name in names:
        values = {seed: own[name] for seed, own in enumerate(figures) if name in own}
        found[name] = float(np.mean(list(values.values())))
        found |= {f"{name}_{seed}": value for seed, value in values.items()}
    return found
