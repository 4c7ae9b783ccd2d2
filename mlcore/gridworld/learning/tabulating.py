"""The tables of a run."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from mlcore.gridworld.learning.agent import Agent, Arena
from mlcore.gridworld.learning.exact_lines import ExactLines
from mlcore.gridworld.learning.record import Record
from mlcore.gridworld.policies import policy_frame

#: The part of the episodes, at the end, by which agents are compared.
LAST_PART = 0.1
_CONFIDENCE = 0.95


def episodes_frame(record: Record) -> pd.DataFrame:
    """Return ``seed``, ``episode``, ``return``, ``discounted_return``, ``length``, ``terminated``.

    Seeds count from 0, episodes from 1.
    """
    seeds, episodes = record.total.shape
    return pd.DataFrame(
        {
            "seed": np.repeat(np.arange(seeds), episodes),
            "episode": np.tile(np.arange(1, episodes + 1), seeds),
            "return": record.total.ravel(),
            "discounted_return": record.discounted.ravel(),
            "length": record.length.ravel().astype(np.int64),
            "terminated": record.terminated.ravel(),
        }
    )


def learnt_policy(arena: Arena, agent: Agent, record: Record) -> pd.DataFrame:
    """Return what was learnt, mean over seeds, as a policy table with ``visits``."""
    frame = policy_frame(
        arena.model, agent.action_values(), values=agent.mean_values(), chosen=agent.policy()
    )
    frame["visits"] = record.visits.reshape(arena.seeds, -1).sum(axis=0)
    return frame


def replay_frame(arena: Arena, record: Record) -> pd.DataFrame:
    """Return some episodes of the first seed step by step.

    A row is a state in which the seed stood, the action that it took there, and what that paid;
    the last row of an episode is where it ended up, with an empty action and reward 0.
    """
    model = arena.model
    rows = record.replay()
    columns = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(4))
    episode, step, state, action = columns
    names = np.array([*model.actions, ""], dtype=object)
    return pd.DataFrame(
        {
            "seed": np.zeros(len(rows), dtype=np.int64),
            "episode": episode,
            "step": step,
            "state": state,
            "row": model.cell[state] // model.columns,
            "column": model.cell[state] % model.columns,
            "layer": np.asarray(model.layer, dtype=np.int64)[state],
            "action": names[action],
            "reward": np.array([row[4] for row in rows], dtype=float),
        }
    )


def lines_frame(exact: ExactLines) -> pd.DataFrame:
    """Return ``name``, ``label`` (plain words) and ``value`` (as a discounted return)."""
    rows = [(name, str(label), value) for name, (label, value) in exact.lines.items()]
    frame = pd.DataFrame(rows, columns=["name", "label", "value"])
    return frame.astype({"name": object, "label": object, "value": float})


def last_figures(record: Record) -> dict[str, float]:
    """Return the mean discounted return at the end, with its 95 % interval over seeds.

    The interval needs two seeds; with one there is only ``last_mean``.
    """
    seeds, episodes = record.discounted.shape
    last = max(1, math.floor(episodes * LAST_PART))
    means = record.discounted[:, -last:].mean(axis=1)
    mean = float(means.mean())
    if seeds == 1:
        return {"last_mean": mean}
    error = float(means.std(ddof=1)) / math.sqrt(seeds)
    reach = float(stats.t.ppf((1 + _CONFIDENCE) / 2, seeds - 1)) * error
    return {"last_mean": mean, "last_low": mean - reach, "last_high": mean + reach}
