"""The files of a policy whose actions are numbers: its network, its world, and a program."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlcore.gridworld.continuous.arena import Arena
from mlcore.gridworld.continuous.quadratic import FAR, START, Quadratic
from mlcore.gridworld.continuous.room import Room, room_of, shortened
from mlcore.gridworld.continuous.trials import play
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.simulation import Comparison, compare, simulate_numbers
from mlcore.gridworld.world import GridWorld, Numbers
from mlcore.registry.packing import Files, json_bytes, shipped

#: Episodes that are played when the files are made.
EPISODES = 5000
#: An episode is broken off after so many steps, or when what follows counts less than this.
MOST_STEPS = 300
LEAST_WEIGHT = 1e-3
#: States with a known answer.
N_GOLDEN = 20


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a network.

    Parameters
    ----------
    weights : float array of shape (n_in, n_out)
        What each unit takes from each unit before.
    biases : float array of shape (n_out,)
        What it takes from nothing.
    activation : str
        ``"tanh"`` or ``"linear"``.
    """

    weights: Numbers
    biases: Numbers
    activation: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data; the weights that lead to one unit stand together."""
        plain = {"weights": self.weights.T.tolist(), "biases": self.biases.tolist()}
        return {**plain, "activation": self.activation}


@dataclass(frozen=True, eq=False)
class NumberPolicy:
    """The policy of a run of the expected-utility algorithm, as it leaves the workbench.

    Parameters
    ----------
    plan : GridPlan
        What was to be learnt, and where.
    network : DataFrame
        The frame ``"network"`` that :mod:`mlcore.gridworld.continuous` documents.
    """

    plan: GridPlan
    network: pd.DataFrame

    @cached_property
    def arena(self) -> Room | Quadratic:
        """Where it acts."""
        return arena_of(self.plan)

    @cached_property
    def layers(self) -> list[Layer]:
        """The layers of its network."""
        return layers_of(self.network)

    def act(self, states: Numbers) -> Numbers:
        """Return the mean action in each state, shape (n, n_numbers)."""
        return mean_actions(self.arena, self.layers, states)

    def simulated(
        self, figures: Mapping[str, float], episodes: int, seed: int, most_steps: int
    ) -> tuple[pd.DataFrame, dict[str, Comparison]]:
        """Let it act, and return the episodes, and how they stand to what was computed.

        Parameters
        ----------
        figures : mapping
            Of its run.
        episodes, seed, most_steps : int
            See :func:`mlcore.gridworld.simulation.simulate_numbers`.

        Returns
        -------
        tuple
            The episodes, and comparisons by what :meth:`Comparison.beside` calls it; those that
            the run has no number for are left out.
        """
        walked = simulate_numbers(self.arena, self.act, episodes, seed, most_steps)
        room = self.arena if isinstance(self.arena, Room) else None
        # The policy is that of the first agent.
        told = {
            "learnt": "learnt_start_value_0",
            "optimum" if room is None else "fine_grid": "exact_start_value",
        }
        known = {what: figures[name] for what, name in told.items() if name in figures}
        return walked, {what: compare(walked, value, room) for what, value in known.items()}


def network_files(result: GridResult, name: str) -> Files:
    """Return the policy, the world and the program of a run of the expected-utility algorithm.

    Parameters
    ----------
    result : GridResult
        The run, with the frame ``"network"`` that :mod:`mlcore.gridworld.continuous` documents.
    name : str
        What the user calls it.
    """
    policy = NumberPolicy(result.plan, result.frames["network"])
    return {
        "policy.json": json_bytes(_policy(policy, name)),
        "moves.json": json_bytes(moves_of(policy.arena)),
        "policy.py": shipped("network_policy.py"),
    }


def arena_of(plan: GridPlan) -> Room | Quadratic:
    """Return the room or the problem that a plan is for."""
    if isinstance(plan.world, LinearQuadratic):
        return Quadratic(plan.world)
    noise = plan.params["noise"]
    assert isinstance(plan.world, GridWorld) and isinstance(noise, float)
    room, _ = room_of(plan.world, noise)
    return room


def layers_of(frame: pd.DataFrame) -> list[Layer]:
    """Return the layers of a network from its table."""
    found = []
    for _, own in frame.groupby("layer"):
        table = own.pivot(index="row", columns="column", values="weight").to_numpy(dtype=float)
        # The biases stand in row -1, before all others.
        found.append(Layer(table[1:], table[0], str(own["activation"].iloc[0])))
    return found


def mean_actions(arena: Arena, layers: list[Layer], states: Numbers) -> Numbers:
    """Return what a network does in each state, shape (n, n_numbers)."""
    units = states
    for layer in layers:
        units = units @ layer.weights + layer.biases
        if layer.activation == "tanh":
            units = np.tanh(units)
    return shortened(units) if isinstance(arena, Room) else units


def _most_steps(discount: float) -> int:
    """Return how long an episode is played; the program of the bundle plays as long."""
    if discount == 1:
        return MOST_STEPS
    if discount == 0:
        return 1
    return min(MOST_STEPS, math.ceil(math.log(LEAST_WEIGHT) / math.log(discount)))


def _policy(policy: NumberPolicy, name: str) -> dict[str, Any]:
    arena = policy.arena
    rng, most_steps = np.random.default_rng(0), _most_steps(arena.discount)
    earned = play(arena, policy.act, arena.starts(rng, EPISODES), rng, most_steps).returns
    states = arena.starts(rng, N_GOLDEN)
    golden = zip(states.tolist(), policy.act(states).tolist(), strict=True)
    return {
        "format": "ml-workbench-network-policy",
        "version": 1,
        "name": name,
        "method": policy.plan.method,
        "longest": 1.0 if isinstance(arena, Room) else None,
        "most_steps": most_steps,
        "measured": {
            "mean": float(earned.mean()),
            "deviation": float(earned.std(ddof=1)),
            "largest": float(np.abs(earned - earned.mean()).max()),
            "episodes": EPISODES,
        },
        "golden": [{"state": state, "action": action} for state, action in golden],
        "network": [layer.to_json() for layer in policy.layers],
    }


def moves_of(arena: Room | Quadratic) -> dict[str, Any]:
    """Return what actions do, as the program of the bundle reads it."""
    world = arena.world
    if isinstance(world, LinearQuadratic):
        return {"kind": "linear_quadratic", **vars(world), "start": START, "far": FAR}
    assert isinstance(arena, Room)
    own = np.where(np.isnan(world.rewards), world.step_reward, world.rewards)
    return {
        "kind": "room",
        "discount": world.discount,
        "noise": arena.noise,
        "bump_reward": world.bump_reward,
        "starts": np.argwhere(arena.start_cells).tolist(),
        "walls": world.walls.astype(int).tolist(),
        "terminals": world.terminals.astype(int).tolist(),
        "rewards": own.tolist(),
        "wind": world.wind[..., ::-1].tolist(),
        "teleports": [
            {
                "row": cell.row,
                "column": cell.column,
                "to": list(teleport.to),
                "reward": teleport.reward,
                "at_once": teleport.at_once,
            }
            for cell, teleport in world.teleports.items()
        ],
    }
