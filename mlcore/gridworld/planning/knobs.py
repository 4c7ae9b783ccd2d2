"""The knobs that planners share."""

from __future__ import annotations

from typing import cast

from mlcore.gridworld.plan import GridPlan
from mlcore.params import ChoiceParam, FloatParam, IntParam

TOLERANCE = FloatParam(
    name="tolerance",
    label="Certain to within",
    help=(
        "Work goes on until it is proved that no value is farther than this from the exact one. "
        "A smaller number takes more sweeps."
    ),
    default=1e-6,
    low=1e-12,
    high=1000.0,
    log=True,
    basic=True,
)
MOST_SWEEPS = IntParam(
    name="most_sweeps",
    label="Most sweeps",
    help=(
        "Stop after so many sweeps, even if the values are not certain yet; the bound that is "
        "shown is then larger. 1 shows a single step."
    ),
    default=100_000,
    low=1,
    high=1_000_000,
)
START = ChoiceParam(
    name="start",
    label="First values",
    help=(
        "Zero is what textbooks begin with. The lowest value that is possible at all needs far "
        "fewer sweeps where the discount is near 1, and is exact at once in corners that nothing "
        "leads out of."
    ),
    default="automatic",
    choices={
        "automatic": (
            "Zero up to 3,600 cells (and above 200,000 with a discount of 1), else the lowest "
            "possible value"
        ),
        "zero": "Zero",
        "lowest": "The lowest possible value",
    },
)


def tolerance(plan: GridPlan) -> float:
    """Return how far values may be off."""
    return cast(float, plan.params["tolerance"])


def whole(plan: GridPlan, name: str) -> int:
    """Return a parameter that is a whole number."""
    return cast(int, plan.params[name])


def choice(plan: GridPlan, name: str) -> str:
    """Return a parameter that is one of a few words."""
    return cast(str, plan.params[name])
