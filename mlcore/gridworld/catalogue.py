"""All planners and agents, and the plans and runs that are made with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld import continuous, learning, planning
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.plan import SETTINGS, GridPlan, fingerprint
from mlcore.gridworld.result import GridReport, GridResult, ignore
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.worldfile import World, world_from_json, world_to_json
from mlcore.messages import listing
from mlcore.params import check_values, plain_values

#: Every method, family by family, each in the order of its menu.
METHODS: tuple[MethodSpec, ...] = (*planning.SPECS, *learning.SPECS, *continuous.SPECS)


def methods_of(*families: Family) -> tuple[MethodSpec, ...]:
    """Return the methods of some families, in the order of a menu."""
    return tuple(spec for spec in METHODS if spec.family in families)


def methods_for(world: World) -> dict[Family, tuple[MethodSpec, ...]]:
    """Return the methods that a world can be given to, by family."""
    return {family: methods_of(family) for family in Family if _suits(family, world)}


def find_method(identifier: str) -> MethodSpec:
    """Return the method of that id.

    Raises
    ------
    UserError
        ``gridworld.unknown_method``: there is none; the nearest one is offered.
    """
    known = {spec.id: spec for spec in METHODS}
    if identifier not in known:
        raise UserError(
            "gridworld.unknown_method",
            name=identifier,
            known=listing(known, most=40),
            suggestion=did_you_mean(identifier, known),
        )
    return known[identifier]


def make_plan(
    world: World,
    method: str,
    params: Mapping[str, Any] | None = None,
    setting: Mapping[str, Any] | None = None,
) -> GridPlan:
    """Return a complete, checked plan: what was given, defaults for the rest.

    Parameters
    ----------
    world : GridWorld, GymnasiumWorld or LinearQuadratic
        Where it happens.
    method : str
        Id of a method.
    params, setting : mapping, optional
        Values of the method's own parameters, and of those that its family shares.

    Raises
    ------
    UserError
        There is no such method, it does not suit the world, or a value does not fit.
    """
    spec = find_method(method)
    if not _suits(spec.family, world):
        code = "few_moves" if spec.family is Family.CONTINUOUS else "no_cells"
        raise UserError(f"gridworld.method.{code}", name=spec.name)
    return GridPlan(
        world=world,
        method=method,
        params=spec.check(params or {}),
        setting=check_values(spec.name, SETTINGS[spec.family], setting or {}),
    )


def _suits(family: Family, world: World) -> bool:
    if family is Family.CONTINUOUS:
        return not isinstance(world, GymnasiumWorld)
    return not isinstance(world, LinearQuadratic)


def run_plan(plan: GridPlan, report: GridReport = ignore) -> GridResult:
    """Do what a plan says.

    Parameters
    ----------
    plan : GridPlan
        Made by :func:`make_plan`.
    report : GridReport, optional
        Told how far it is.

    Raises
    ------
    UserError
        The method cannot do it in this world; the sentence says why.
    """
    return find_method(plan.method).run(plan, report)


def plan_to_json(plan: GridPlan) -> dict[str, Any]:
    """Return a plan as plain data that :func:`plan_from_json` reads back."""
    return {
        "world": world_to_json(plan.world),
        "method": plan.method,
        "params": plain_values(plan.params),
        "setting": plain_values(plan.setting),
    }


def plan_from_json(plain: Mapping[str, Any]) -> GridPlan:
    """Read what :func:`plan_to_json` wrote, with all its checks."""
    world = world_from_json(plain["world"])
    return make_plan(world, plain["method"], plain["params"], plain["setting"])


def world_print(world: World) -> str:
    """Return what tells a world from any other: 16 hexadecimal digits, not counting its name."""
    return fingerprint(world_to_json(world))
