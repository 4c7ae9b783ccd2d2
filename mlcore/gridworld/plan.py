"""The record that describes a run in a grid world completely."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlcore.gridworld.spec import Family
from mlcore.params import IntParam, Param, ParamValue

if TYPE_CHECKING:
    from mlcore.gridworld.worldfile import World

_SEED = IntParam(
    name="seed",
    label="Seed",
    help="The start of the random numbers. The same seed gives the same run.",
    default=0,
    low=0,
    high=2**31 - 1,
)

#: The knobs that all methods of a family share, so that runs can be compared.
SETTINGS: Mapping[Family, tuple[Param, ...]] = {
    Family.PLANNING: (),
    Family.LEARNING: (
        IntParam(
            name="episodes",
            label="Episodes",
            help="How many times an agent walks from a start to an end.",
            default=500,
            low=1,
            high=100_000,
            basic=True,
        ),
        IntParam(
            name="seeds",
            label="Agents of each kind",
            help=(
                "How many agents learn the same, each with luck of its own. One alone shows "
                "chance; twenty show the method."
            ),
            default=20,
            low=1,
            high=200,
            basic=True,
        ),
        IntParam(
            name="most_steps",
            label="Longest episode (steps)",
            help=(
                "An episode that goes on so long is broken off. That is no end: what would have "
                "followed still counts for what the agent learns."
            ),
            default=1000,
            low=1,
            high=100_000,
        ),
        _SEED,
    ),
    Family.CONTINUOUS: (
        IntParam(
            name="seeds",
            label="Agents",
            help="How many agents learn the same, each with luck of its own.",
            default=3,
            low=1,
            high=20,
            basic=True,
        ),
        _SEED,
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class GridPlan:
    """Everything that a run will do. Same plan, same libraries: same numbers.

    Parameters
    ----------
    world : GridWorld, GymnasiumWorld or LinearQuadratic
        Where it happens.
    method : str
        Id of a planner or an agent, see :mod:`mlcore.gridworld.catalogue`.
    params : mapping
        Values of the method's own parameters, complete.
    setting : mapping
        Values of :data:`SETTINGS` of its family, complete.
    """

    world: World
    method: str
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    setting: Mapping[str, ParamValue] = field(default_factory=dict)


def fingerprint(plain: Mapping[str, Any]) -> str:
    """Return what tells one world (as plain data) from any other: 16 hexadecimal digits.

    Its name and its source do not count.
    """
    counted = {key: value for key, value in plain.items() if key not in ("name", "source")}
    text = json.dumps(counted, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
