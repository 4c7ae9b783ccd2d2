"""What can be chosen about a world and about its cells, declared once.

Forms, checks and the file format are derived from these.
"""

from __future__ import annotations

from typing import Any

from mlcore.gridworld.world import MOST_SIDE, Convention, GridWorld, SlipTo
from mlcore.params import ChoiceParam, FloatParam, IntParam, Param, ParamValue

#: No reward is larger, in either direction: sums of many stay exact enough to be certified.
MOST_REWARD = 1e6
#: No wind is stronger.
MOST_WIND = 9

#: The knobs of a grid world, by the names of its fields. ``moves`` is text, as in a menu.
WORLD_PARAMS: tuple[Param, ...] = (
    FloatParam(
        name="discount",
        label="Discount",
        help=(
            "What a reward one step later is worth today. 0.9 means nine tenths; 1 means that "
            "later counts as much as now, which needs an end that can be reached."
        ),
        default=0.9,
        low=0.0,
        high=1.0,
        basic=True,
    ),
    FloatParam(
        name="step_reward",
        label="Reward of a step",
        help="Paid with each move that meets no other reward. A small cost makes short ways pay.",
        default=0.0,
        low=-MOST_REWARD,
        high=MOST_REWARD,
        basic=True,
    ),
    FloatParam(
        name="slip",
        label="Chance to slip",
        help="How often a move goes astray: 0 is never, 0.2 is one move in five.",
        default=0.0,
        low=0.0,
        high=1.0,
        basic=True,
    ),
    ChoiceParam(
        name="slip_to",
        label="Where a slip goes",
        help="To the two sides of the move, or to any of the moves, the one asked for included.",
        default=SlipTo.SIDEWAYS.value,
        choices={kind.value: kind.label for kind in SlipTo},
    ),
    ChoiceParam(
        name="moves",
        label="Moves",
        help="In how many directions one can go. With nine, staying is one of them.",
        default="4",
        choices={
            "4": "4: up, right, down, left",
            "8": "8: also along the diagonals",
            "9": "9: also staying",
        },
        basic=True,
    ),
    FloatParam(
        name="bump_reward",
        label="Reward of a bump",
        help="Paid instead of any other reward when a wall or the border stops a move.",
        default=None,
        low=-MOST_REWARD,
        high=MOST_REWARD,
        none_label="As any other move",
    ),
    ChoiceParam(
        name="convention",
        label="Rewards are paid",
        help=(
            "Books differ in this, and so do their tables: "
            + " ".join(f"{kind.label}: {kind.help}" for kind in Convention)
        ),
        default=Convention.TRANSITION.value,
        choices={kind.value: kind.label for kind in Convention},
        basic=True,
    ),
)

#: The size of a world.
SIZE_PARAMS: tuple[IntParam, ...] = (
    IntParam(
        name="rows",
        label="Rows",
        help="How many rows of cells the world has.",
        default=5,
        low=1,
        high=MOST_SIDE,
        basic=True,
    ),
    IntParam(
        name="columns",
        label="Columns",
        help="How many columns of cells the world has.",
        default=5,
        low=1,
        high=MOST_SIDE,
        basic=True,
    ),
)

#: A cell's own reward.
CELL_REWARD = FloatParam(
    name="reward",
    label="Reward",
    help="Paid for this cell instead of the reward of a step.",
    default=1.0,
    low=-MOST_REWARD,
    high=MOST_REWARD,
    basic=True,
    none_label="That of a step",
)
#: A cell's own chance to slip.
CELL_SLIP = FloatParam(
    name="chance",
    label="Chance to slip here",
    help="How often a move that starts in this cell goes astray.",
    default=0.5,
    low=0.0,
    high=1.0,
    basic=True,
    none_label="As in the whole world",
)
#: How far wind carries, along rows or along columns.
CELL_WIND = IntParam(
    name="wind",
    label="Wind",
    help="How many cells wind carries; less than 0 is up, or to the left.",
    default=0,
    low=-MOST_WIND,
    high=MOST_WIND,
)
#: What a teleport pays.
TELEPORT_REWARD = FloatParam(
    name="reward",
    label="Reward",
    help="Paid for being carried off, instead of any other reward.",
    default=None,
    low=-MOST_REWARD,
    high=MOST_REWARD,
    basic=True,
    none_label="What landing there pays",
)

#: The knobs of the linear-quadratic problem, by the names of its fields.
LINEAR_QUADRATIC_PARAMS: tuple[FloatParam, ...] = (
    FloatParam(
        name="a",
        label="Share of s that stays (a)",
        help="How much of the number s is there again a step later; 1 keeps it as it is.",
        default=1.0,
        low=-2.0,
        high=2.0,
    ),
    FloatParam(
        name="b",
        label="Effect of an action (b)",
        help="How far an action u of 1 moves the number s.",
        default=0.5,
        low=0.01,
        high=10.0,
    ),
    FloatParam(
        name="q",
        label="Cost of s being away from 0 (q)",
        help="Times the square of the number.",
        default=1.0,
        low=0.0,
        high=1000.0,
    ),
    FloatParam(
        name="r",
        label="Cost of acting (r)",
        help="Times the square of the action.",
        default=0.5,
        low=0.001,
        high=1000.0,
    ),
    FloatParam(
        name="noise",
        label="Noise",
        help="Standard deviation of what chance adds at each step.",
        default=0.1,
        low=0.0,
        high=10.0,
    ),
    FloatParam(
        name="discount",
        label="Discount",
        help="What a cost one step later counts today.",
        default=0.9,
        low=0.0,
        high=0.999,
    ),
)


def settings_of(world: GridWorld) -> dict[str, ParamValue]:
    """Return the values of :data:`WORLD_PARAMS` in a world, as a form holds them."""
    return {
        "discount": world.discount,
        "step_reward": world.step_reward,
        "slip": world.slip,
        "slip_to": world.slip_to.value,
        "moves": str(world.moves),
        "bump_reward": world.bump_reward,
        "convention": world.convention.value,
    }


def settings_fields(values: dict[str, ParamValue]) -> dict[str, Any]:
    """Return checked values of :data:`WORLD_PARAMS` as fields of :class:`GridWorld`."""
    typed: dict[str, Any] = dict(values)
    return {
        **typed,
        "slip_to": SlipTo(typed["slip_to"]),
        "moves": int(typed["moves"]),
        "convention": Convention(typed["convention"]),
    }
