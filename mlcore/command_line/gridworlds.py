"""The command ``gridworld``: solve a world exactly, or let agents learn it."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcore.command_line.given import assignments, parse, parse_all
from mlcore.command_line.gridworlds_report import (
    GridOutcome,
    GridWorldsReport,
    as_json,
    print_catalogue,
    print_report,
)
from mlcore.command_line.running import attempt, make_folder, not_written, tell
from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.catalogue import METHODS, find_method, make_plan, methods_of, run_plan
from mlcore.gridworld.knobs import LINEAR_QUADRATIC_PARAMS, WORLD_PARAMS
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.plan import SETTINGS, GridPlan
from mlcore.gridworld.presets import PRESETS, find_preset
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.worldfile import World, read_world
from mlcore.messages import listing, message
from mlcore.params import Param
from mlcore.registry.exports import csv_bytes
from mlcore.registry.policy_files import policy_bundle, policy_csv, verify_policy_bundle
from mlcore.training.grid_runs import grid_versions
from mlcore.workspace import write_whole

#: What is run when none is named.
DEFAULT_METHOD = "value_iteration"
DEFAULT_AGENTS = ("q_learning",)

#: Which methods each command runs.
FAMILIES: Mapping[str, tuple[Family, ...]] = {
    "solve": (Family.PLANNING,),
    "train": (Family.LEARNING, Family.CONTINUOUS),
}

#: The table of each family that is written beside the policy.
_COURSE = {
    Family.PLANNING: "sweeps",
    Family.LEARNING: "episodes",
    Family.CONTINUOUS: "updates",
}

_FORM, _EXAMPLE = "NAME=VALUE", "epsilon=0.1 or q_learning.epsilon=0.1"


def gridworld(options: argparse.Namespace) -> int:
    """Do what was asked with a grid world and print what came of it.

    Returns
    -------
    int
        0, or 1 when a run failed or its files could not be written; the others went on.

    Raises
    ------
    UserError
        The world or an option cannot be used; nothing was run.
    """
    if options.action == "list":
        print_catalogue(options.json)
        return 0
    world = world_of(options.world, options.discount)
    plans = plans_of(world, options)
    if options.out is not None:
        make_folder(options.out)
    outcomes = [_run(plan) for plan in plans]
    if options.out is not None:
        outcomes = [_written(outcome, options.out) for outcome in outcomes]
    report = GridWorldsReport(world=world, outcomes=tuple(outcomes))
    if options.json:
        print(json.dumps(as_json(report), indent=2, ensure_ascii=False))
    else:
        print_report(report)
    return int(any(outcome.why for outcome in outcomes))


def world_of(given: str, discount: str | None = None) -> World:
    """Return the world that a command line names: a file, or one that comes ready.

    Parameters
    ----------
    given : str
        The path of a JSON file or of FrozenLake text, or the id of a preset.
    discount : str, optional
        Replaces the world's own.

    Raises
    ------
    UserError
        There is neither a file nor a preset of that name, or the file holds no world.
    """
    path = Path(given)
    world = read_world(_text(path)) if path.is_file() else _ready(given)
    if discount is None:
        return world
    knobs = LINEAR_QUADRATIC_PARAMS if isinstance(world, LinearQuadratic) else WORLD_PARAMS
    (param,) = (knob for knob in knobs if knob.name == "discount")
    value = param.check(parse(param, discount))
    assert isinstance(value, float)
    return replace(world, discount=value)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("gridworld.command.not_text", path=path.name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError("gridworld.command.cannot_read", path=path.name, reason=reason) from error


def _ready(given: str) -> World:
    known = [preset.id for preset in PRESETS]
    if given not in known:
        raise UserError(
            "gridworld.command.no_world",
            name=given,
            known=listing(known, most=len(known)),
            suggestion=did_you_mean(given, known),
        )
    return find_preset(given).make()


def plans_of(world: World, options: argparse.Namespace) -> list[GridPlan]:
    """Return one plan for each method that was named.

    Raises
    ------
    UserError
        There is no such method or setting, or a value does not fit.
    """
    specs = [_method(name, options.action) for name in dict.fromkeys(_named(options))]
    texts = _settings(specs, options.set)
    return [
        make_plan(
            world,
            spec.id,
            parse_all(spec.name, spec.params, texts[spec.id]),
            _shared(spec, options),
        )
        for spec in specs
    ]


def _named(options: argparse.Namespace) -> Iterable[str]:
    if options.method:
        return list(options.method)
    return (DEFAULT_METHOD,) if options.action == "solve" else DEFAULT_AGENTS


def _method(name: str, action: str) -> MethodSpec:
    fitting = [spec.id for spec in methods_of(*FAMILIES[action])]
    if name in fitting:
        return find_method(name)
    if name in {spec.id for spec in METHODS}:
        other = "train" if action == "solve" else "solve"
        raise UserError("gridworld.command.other_action", name=name, other=other)
    raise UserError(
        "gridworld.unknown_method",
        name=name,
        known=listing(fitting, most=len(fitting)),
        suggestion=did_you_mean(name, fitting),
    )


def _settings(specs: list[MethodSpec], given: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the parameters that were set, by method, as text."""
    texts: dict[str, dict[str, str]] = {spec.id: {} for spec in specs}
    for name, value in assignments(given, _FORM, _EXAMPLE).items():
        method, dot, parameter = name.rpartition(".")
        if dot and method not in texts:
            flag = "--agent" if specs[0].family is not Family.PLANNING else "--method"
            raise UserError("command.not_run", given=name, algorithm=method, flag=flag)
        for spec in _receivers(specs, method, parameter):
            texts[spec.id][parameter] = value
    return texts


def _receivers(specs: list[MethodSpec], method: str, parameter: str) -> list[MethodSpec]:
    """Return the methods that a setting is meant for: the one named, or all that have it."""
    if method:
        return [spec for spec in specs if spec.id == method]
    having = [spec for spec in specs if parameter in {param.name for param in spec.params}]
    # A name that nobody has goes to the first, whose check says what there is.
    return having or specs[:1]


def _shared(spec: MethodSpec, options: argparse.Namespace) -> dict[str, Any]:
    """Return what was said of episodes, agents and seed, as far as it was."""
    values = {}
    for name, param in shared_params(options.action).items():
        if (text := getattr(options, f"shared_{name}")) is not None:
            own = {each.name: each for each in SETTINGS[spec.family]}
            values[name] = parse(own.get(name, param), text)
    return values


def shared_params(action: str) -> dict[str, Param]:
    """Return the knobs that the methods of a command share, by name."""
    return {
        param.name: param for family in reversed(FAMILIES[action]) for param in SETTINGS[family]
    }


def _run(plan: GridPlan) -> GridOutcome:
    name = find_method(plan.method).name
    tell(message("gridworld.command.running", name=name))
    started = time.perf_counter()
    result, why = attempt(lambda: run_plan(plan), name)
    seconds = time.perf_counter() - started
    return GridOutcome(plan=plan, seconds=seconds, result=result, why=why)


def _written(outcome: GridOutcome, folder: Path) -> GridOutcome:
    """Return the outcome with bundle, policy and course of the run as files, or why not."""
    result, name = outcome.result, outcome.plan.method
    if result is None:
        return outcome
    course = _COURSE[outcome.spec.family]
    paths = [folder / f"{name}.zip", folder / f"{name}.csv", folder / f"{name}_{course}.csv"]
    try:
        bundle = policy_bundle(result, outcome.name, grid_versions())
        verify_policy_bundle(bundle)
        contents = (bundle, policy_csv(result), csv_bytes(result.frames[course]))
        for path, content in zip(paths, contents, strict=True):
            write_whole(path, content)
    except UserError as error:
        return replace(outcome, why=error.message)
    except OSError as error:
        return replace(outcome, why=not_written(folder, error))
    return replace(outcome, paths=tuple(paths))
