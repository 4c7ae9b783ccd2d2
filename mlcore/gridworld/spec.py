"""The declaration of one way to solve a world, or to learn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mlcore.gridworld.world import GridWorld
from mlcore.params import Param, ParamValue, check_values, shown_params

if TYPE_CHECKING:
    from mlcore.gridworld.model import Model
    from mlcore.gridworld.plan import GridPlan
    from mlcore.gridworld.result import GridReport, GridResult
    from mlcore.gridworld.worldfile import World


class Family(StrEnum):
    """What a method works with."""

    PLANNING = "planning"
    LEARNING = "learning"
    CONTINUOUS = "continuous"

    @property
    def label(self) -> str:
        """The words of a menu."""
        return {
            "planning": "Solve: the world is known",
            "learning": "Learn: by trying",
            "continuous": "Learn: moves of any direction and length",
        }[self.value]


class Estimates(StrEnum):
    """What the values of an agent tend to, and so what its errors are measured against."""

    OPTIMUM = "optimum"
    #: What it is worth to the agent itself, which explores.
    EXPLORING = "exploring"
    #: What it is worth to the agent itself, which explores less the surer it is.
    SURER = "surer"
    BY_CHANCE = "by_chance"


@dataclass(frozen=True, kw_only=True)
class MethodSpec:
    """Everything the workbench knows about one planner or agent.

    Menu, form, check, learning card and conformance tests are derived from it.

    Parameters
    ----------
    id : str
        Stable name for files and the command line, such as ``"q_learning"``.
    name : str
        What people call it.
    family : Family
        What it works with.
    run : callable
        ``(plan, report) -> GridResult``.
    params : tuple of Param
        Its knobs, basic ones first.
    summary, use_when, avoid_when : str
        Plain sentences for the card.
    maths : str
        Its update in LaTeX.
    reference : str
        The paper or book of the method.
    only_drawn : tuple of str, default ()
        Names of knobs that count in drawn worlds alone.
    estimates : Estimates, optional
        Of an agent that learns values of states: what they tend to.
    counts : str, default "sweep"
        What a planner counts, such as ``"round"``.
    refuse : callable, optional
        ``(plan, model)``: raises a sentence (``UserError``) where a planner is bound to fail, at
        once; what can only be found out by running is not its business.
    """

    id: str
    name: str
    family: Family
    run: Callable[[GridPlan, GridReport], GridResult]
    params: tuple[Param, ...] = ()
    summary: str
    use_when: str
    avoid_when: str
    maths: str
    reference: str
    only_drawn: tuple[str, ...] = ()
    estimates: Estimates | None = None
    counts: str = "sweep"
    refuse: Callable[[GridPlan, Model], None] | None = None

    def check(self, values: Mapping[str, Any]) -> dict[str, ParamValue]:
        """Return a complete set of parameter values, or raise a sentence (``UserError``)."""
        return check_values(self.name, self.params, values)

    def params_in(self, world: World) -> tuple[Param, ...]:
        """Return the knobs that count in a world, in order."""
        idle = () if isinstance(world, GridWorld) else self.only_drawn
        return tuple(param for param in self.params if param.name not in idle)

    def shown(self, values: Mapping[str, ParamValue], world: World) -> tuple[Param, ...]:
        """Return the knobs that matter in a world with these (complete) values, in order."""
        return shown_params(self.params_in(world), values)
