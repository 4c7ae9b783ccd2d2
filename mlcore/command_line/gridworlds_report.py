"""How runs in grid worlds are told: as text on the terminal, or as one JSON object."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.command_line.catalogue import param_report
from mlcore.command_line.reports import number, plain, records
from mlcore.gridworld.catalogue import METHODS, find_method, world_print
from mlcore.gridworld.plan import SETTINGS, GridPlan
from mlcore.gridworld.presets import PRESETS
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import World
from mlcore.gridworld.worlds import model_of_world
from mlcore.messages import SENTENCES, Message, message
from mlcore.registry.bundle_files.policy import LEGEND
from mlcore.registry.policy_card import told_figures, world_name

#: A larger world is not printed, and its policy not part of the JSON object.
MOST_PRINTED, MOST_STATES = 24, 10_000

#: Figures of learning, side by side, after what was earned last.
_SIDE_BY_SIDE = ("start_value", "optimum", "soft_optimum")
_ENDS = ("mean", "low", "high")


@dataclass(frozen=True, eq=False, kw_only=True)
class GridOutcome:
    """What became of one method.

    Parameters
    ----------
    plan : GridPlan
        What was run.
    seconds : float
        How long it took.
    result : GridResult, optional
        Missing when the run failed.
    why : Message, optional
        Why it failed, or why its files could not be written.
    paths : tuple of Path
        What was written.
    """

    plan: GridPlan
    seconds: float
    result: GridResult | None = None
    why: Message | None = None
    paths: tuple[Path, ...] = ()

    @property
    def spec(self) -> MethodSpec:
        """The method."""
        return find_method(self.plan.method)

    @property
    def name(self) -> str:
        """What a bundle of it is called."""
        return f"{world_name(self.plan.world)}: {self.spec.name}"


@dataclass(frozen=True, eq=False, kw_only=True)
class GridWorldsReport:
    """All that a call of ``gridworld solve`` or ``gridworld train`` has to tell.

    Parameters
    ----------
    world : GridWorld, GymnasiumWorld or LinearQuadratic
        Where all runs happened.
    outcomes : tuple of GridOutcome
        What became of each method.
    """

    world: World
    outcomes: tuple[GridOutcome, ...]


def as_json(report: GridWorldsReport) -> dict[str, Any]:
    """Return the object that ``--json`` prints; ``docs/command_line.md`` documents it."""
    return {"world": _world(report.world), "runs": [_run(each) for each in report.outcomes]}


def _world(world: World) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": world_name(world),
        "fingerprint": world_print(world),
        "discount": world.discount,
    }
    if isinstance(world, GridWorld):
        told |= {"rows": world.rows, "columns": world.columns, "convention": world.convention.value}
    return told


def _run(outcome: GridOutcome) -> dict[str, Any]:
    plan, result, why = outcome.plan, outcome.result, outcome.why
    told: dict[str, Any] = {
        "method": plan.method,
        "name": outcome.spec.name,
        "params": plain(plan.params),
        "setting": plain(plan.setting),
        "seconds": outcome.seconds,
        "figures": {},
        "lines": [],
        "policy": None,
        "notes": [],
        "error": None if why is None else {"code": why.code, "sentence": str(why)},
        "paths": list(map(str, outcome.paths)),
    }
    if result is None:
        return told
    policy = result.frames.get("policy")
    return {
        **told,
        "figures": {name: number(value) for name, value in result.figures.items()},
        "lines": records(result.frames["lines"]) if "lines" in result.frames else [],
        "policy": None if policy is None or len(policy) > MOST_STATES else records(policy),
        "notes": list(map(str, result.notes)),
    }


def print_report(report: GridWorldsReport) -> None:
    """Print what came out on standard output, why runs failed on standard error."""
    print("; ".join(_world_words(report.world)) + ".")
    learnt = [each for each in report.outcomes if each.result and "last_mean" in _figures(each)]
    if len(learnt) > 1:
        print("", _side_by_side(learnt).to_string(index=False), sep="\n")
    for outcome in report.outcomes:
        _print_outcome(outcome, is_alone=len(report.outcomes) == 1)


def _world_words(world: World) -> Iterator[str]:
    yield world_name(world)
    if isinstance(world, GridWorld):
        yield f"{world.rows} × {world.columns} cells"
    yield f"discount {world.discount:g}"


def _figures(outcome: GridOutcome) -> dict[str, float]:
    return {} if outcome.result is None else dict(outcome.result.figures)


def _side_by_side(outcomes: list[GridOutcome]) -> pd.DataFrame:
    """Return the figures of several agents, a line each."""
    table = pd.DataFrame({"Agent": [each.spec.name for each in outcomes]})
    table[str(message("gridworld.command.last"))] = [_last(_figures(each)) for each in outcomes]
    for name in _SIDE_BY_SIDE:
        cells = [_shown(_figures(each).get(name, math.nan)) for each in outcomes]
        if any(cell != "-" for cell in cells):
            table[SENTENCES[f"gridworld.figure.{name}"]] = cells
    return table


def _last(figures: dict[str, float]) -> str:
    mean, low, high = (_shown(figures.get(f"last_{name}", math.nan)) for name in _ENDS)
    return f"{mean} ({low} to {high})"


def _shown(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else "-"


def _print_outcome(outcome: GridOutcome, is_alone: bool) -> None:
    """Print the policy, the figures, notes and files of a run, or why it failed."""
    result = outcome.result
    if result is not None:
        print("", outcome.spec.name, sep="\n")
        for label, value in told_figures(result.figures).items():
            print(f"  {label}: {_shown(value)}")
        if is_alone and "policy" in result.frames:
            print("", *_pictures(outcome, result), sep="\n")
        for note in result.notes:
            print(f"- {note}")
    for path in outcome.paths:
        print(f"Written: {path}")
    if outcome.why is not None:
        print(f"{outcome.spec.name} failed: {outcome.why}", file=sys.stderr)


def _pictures(outcome: GridOutcome, result: GridResult) -> Iterator[str]:
    """Yield the arrows and the values of a small world, cell by cell."""
    world, model = outcome.plan.world, model_of_world(outcome.plan.world)
    if max(model.rows, model.columns) > MOST_PRINTED or len(model.layers) > 1:
        yield str(message("gridworld.command.too_large"))
        return
    frame = result.frames["policy"]
    ended, over, wall, pit = frame["terminal"], *LEGEND
    pits = world.pits if isinstance(world, GridWorld) else ()
    for cells in (
        frame["arrows"].mask(ended, over),
        frame["value"].map(lambda value: f"{value:.4f}" if math.isfinite(value) else "-"),
    ):
        places = zip(frame["row"], frame["column"], strict=True)
        at = dict.fromkeys(pits, pit) | dict(zip(places, cells, strict=True))
        wide = max(map(len, at.values()))
        for row in range(model.rows):
            line = [at.get((row, column), wall).rjust(wide) for column in range(model.columns)]
            yield "  " + " ".join(line)
        yield ""
    yield "  " + "; ".join(f"{sign} {meaning}" for sign, meaning in LEGEND.items())


def print_catalogue(is_json: bool) -> None:
    """Print the worlds that come ready and all methods."""
    if is_json:
        print(json.dumps(_catalogue(), indent=2, ensure_ascii=False))
        return
    print("Worlds")
    for preset in PRESETS:
        print(f"  {preset.id:<24} {preset.name}: {preset.summary}")
    for family in Family:
        print("", f"{family.label} ({_command(family)})", sep="\n")
        for spec in METHODS:
            if spec.family is family:
                print(f"  {spec.id:<24} {spec.name}: {spec.summary}")


def _command(family: Family) -> str:
    return "gridworld solve" if family is Family.PLANNING else "gridworld train"


def _catalogue() -> dict[str, Any]:
    return {
        "worlds": [
            {
                "id": preset.id,
                "name": preset.name,
                "summary": preset.summary,
                "source": preset.source,
            }
            for preset in PRESETS
        ],
        "methods": [
            {
                "id": spec.id,
                "name": spec.name,
                "family": spec.family.value,
                "summary": spec.summary,
                "use_when": spec.use_when,
                "avoid_when": spec.avoid_when,
                "reference": spec.reference,
                "params": [param_report(param) for param in spec.params],
                "setting": [param_report(param) for param in SETTINGS[spec.family]],
            }
            for spec in METHODS
        ],
    }
