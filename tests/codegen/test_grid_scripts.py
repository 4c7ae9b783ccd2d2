"""The script of a run in a grid world prints the numbers of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from script_process import ScriptProcess, check_formatted, printed_scores

from mlcore.codegen.grid_script import grid_script
from mlcore.gridworld.catalogue import METHODS, make_plan, run_plan
from mlcore.gridworld.drawing import drawn
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.planning import compiled
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import Family, MethodSpec
from mlcore.gridworld.world import Cell, Convention, GridWorld, SlipTo, Teleport
from mlcore.gridworld.worldfile import World, write_world
from mlcore.gridworld.worlds import model_of_world

Repeat = Callable[[GridResult], None]

#: Long enough to learn something, to end and to be broken off.
SHORT = {"episodes": 12, "seeds": 3, "most_steps": 30, "seed": 5}

CELLS = tuple(spec for spec in METHODS if spec.family is not Family.CONTINUOUS)
PLANNERS = tuple(spec for spec in CELLS if spec.family is Family.PLANNING)
AGENTS = tuple(spec for spec in CELLS if spec.family is Family.LEARNING)

#: Moves by chance take many sweeps to the end of a cliff.
QUICK = {"policy_evaluation": {"how": "equations"}}

#: Slips and walls without discounting, falls, endless with bumps and teleports, diagonals in wind.
PRESETS = (
    "russell_norvig_4x3",
    "cliff_walking",
    "sutton_barto_5x5",
    "windy_kings_moves",
    "berkeley_4x3",
)


def run(world: World | str, method: str, params: Mapping[str, Any] = {}) -> GridResult:
    made = find_preset(world).make() if isinstance(world, str) else world
    spec = next(spec for spec in METHODS if spec.id == method)
    setting = SHORT if spec.family is Family.LEARNING else {}
    return run_plan(make_plan(made, method, params, setting))


def numbers(out: str) -> dict[str, float]:
    """Return what a script printed; what it counts is called ``sweeps``."""
    lines = [line.split() for line in out.splitlines()]
    named = {line[0]: float(line[1]) for line in lines if line and line[0] in (*SHOWN, *COUNTED)}
    return {"sweeps" if name in COUNTED else name: value for name, value in named.items()}


SHOWN = ("start_value", "error_bound", "last_mean")
COUNTED = ("sweeps", "rounds", "steps")


@pytest.fixture
def repeats(process: ScriptProcess, tmp_path: Path) -> Repeat:
    """Run the script of a run, and compare what it prints with the run."""

    def check(result: GridResult) -> None:
        path = tmp_path / "script.py"
        path.write_text(grid_script(result, "My run", {}).to_python(), encoding="utf-8")
        if not isinstance(result.plan.world, GymnasiumWorld):
            (tmp_path / "world.json").write_text(write_world(result.plan.world), encoding="utf-8")
        found = numbers(process.run(path))
        names = [name for name in (*SHOWN, "sweeps") if name in result.figures]
        expected = {name: result.figures[name] for name in names}
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)

    return check


@pytest.mark.parametrize("world", PRESETS)
@pytest.mark.parametrize("spec", CELLS, ids=lambda spec: spec.id)
def test_every_method_repeats_its_run(spec: MethodSpec, world: str, repeats: Repeat) -> None:
    repeats(run(world, spec.id, QUICK.get(spec.id, {})))


def strange(**rules: Any) -> GridWorld:
    """A world with a little of everything."""
    world = drawn(["S..#.", ".....", ".#..T", "..S..", "T...."], 'Strange “world” \\ "quoted"')
    world.rewards[2, 4], world.rewards[1, 2] = 2.5, -0.25
    world.wind[3, 2], world.wind[1, 0] = (-1, 0), (1, 1)
    world.slips[1, 1], world.slips[0, 0] = 0.5, 0.0
    teleports = {
        Cell(3, 1): Teleport(Cell(0, 0), -3.0, True),
        Cell(3, 4): Teleport(Cell(1, 1), None, True),
        Cell(0, 4): Teleport(Cell(2, 0), None, False),
        Cell(4, 4): Teleport(Cell(1, 3), 0.75, False),
    }
    made = {"slip": 0.1, "step_reward": -0.1, "bump_reward": -0.5, "discount": 0.9, **rules}
    return replace(world, teleports=teleports, **made)


STRANGE: tuple[dict[str, Any], ...] = (
    {},
    {"convention": Convention.STATE, "moves": 8},
    {"convention": Convention.EXIT, "slip_to": SlipTo.ANYWHERE},
    {"moves": 9, "bump_reward": None, "slip_to": SlipTo.ANYWHERE},
    {"discount": 1.0},
)


@pytest.mark.parametrize("rules", STRANGE, ids=str)
def test_worlds_are_written_as_they_are(rules: dict[str, Any], tmp_path: Path) -> None:
    world = strange(**rules)
    model = model_of_world(world)
    script = grid_script(run(world, "finite_horizon", {"horizon": 1}), "x", {})
    place: dict[str, Any] = {}
    exec(script.to_python(), place)
    ends = place["ends"]
    assert (np.where(ends, 0, place["landing"]) == np.where(model.ends, 0, model.landing)).all()
    assert (place["reward"] == model.reward).all()
    assert (ends == model.ends).all()
    assert place["starts"].tolist() == np.flatnonzero(model.starts).tolist()
    assert (np.where(model.terminal, 0, place["slip"]) == model.slip).all()
    assert (place["astray"] == model.astray).all()


@pytest.mark.parametrize("rules", STRANGE[:4], ids=str)
@pytest.mark.parametrize(
    "method", ["modified_policy_iteration", "policy_evaluation", "n_step_sarsa"]
)
def test_methods_in_strange_worlds(method: str, rules: dict[str, Any], repeats: Repeat) -> None:
    repeats(run(strange(**rules), method))


def large(**rules: Any) -> GridWorld:
    """A world too large to be written out, of several squares, with a little of everything."""
    signs = np.full((61, 60), ".")
    signs[1:58, 33], signs[40, 5:50] = "#", "#"
    signs[0, 0], signs[60, 59], signs[5, 50] = "S", "T", "T"
    world = drawn(["".join(row) for row in signs], "Large")
    world.rewards[5, 50], world.rewards[20, 20] = 2.5, -1.25
    world.wind[3, 2], world.slips[7, 1] = (-1, 0), 0.5
    small = strange()
    kept = ("slip", "step_reward", "bump_reward", "discount", "teleports")
    return replace(world, **{**{name: getattr(small, name) for name in kept}, **rules})


COSTS = {"discount": 1.0, "step_reward": -1.0, "bump_reward": -1.0, "teleports": {}}

LARGE: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("value_iteration", {}, {}),
    ("value_iteration", {"most_sweeps": 3}, {"discount": 0.99}),
    ("value_iteration", {"order": "synchronous", "tolerance": 1.0}, COSTS),
    ("policy_iteration", {"start": "greedy"}, {}),
    ("q_learning", {}, {}),
)


@pytest.mark.parametrize(("method", "params", "rules"), LARGE, ids=str)
def test_large_worlds_are_read_from_their_file(
    method: str, params: dict[str, Any], rules: dict[str, Any], repeats: Repeat
) -> None:
    repeats(run(large(**rules), method, params))


@pytest.mark.parametrize("rules", [{}, {"slip": 0.0, "slips": np.full((5, 5), np.nan)}], ids=str)
def test_compiled_sweeps_part_by_part(
    rules: dict[str, Any], repeats: Repeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    for name in ("_WORTH_IT_AT_ONCE", "_WORTH_IT_LOADED"):
        monkeypatch.setattr(compiled, name, 1)
    result = run(strange(**rules), "value_iteration", {"order": "blocks"})
    assert result.figures["compiled"]
    repeats(result)


KNOBS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("value_iteration", "berkeley_4x3", {"order": "in_place", "start": "lowest"}),
    ("value_iteration", "windy", {"order": "in_place", "start": "lowest"}),
    ("value_iteration", "sutton_barto_5x5", {"most_sweeps": 3}),
    ("value_iteration", "russell_norvig_4x3_state", {"most_sweeps": 3}),
    ("value_iteration", "frozen_lake_4x4", {"tolerance": 1e-12, "start": "lowest"}),
    ("q_value_iteration", "sutton_barto_5x5", {"start": "lowest", "tolerance": 0.01}),
    ("value_iteration", "berkeley_4x3", {"order": "blocks"}),
    ("value_iteration", "frozen_lake_8x8", {"order": "blocks", "start": "lowest"}),
    ("value_iteration", "russell_norvig_4x3", {"order": "blocks"}),
    ("value_iteration", "taxi", {"order": "blocks", "most_sweeps": 2}),
    ("value_iteration", "windy", {"order": "blocks", "most_sweeps": 4}),
    ("policy_evaluation", "sutton_barto_4x4", {"policy": "optimal"}),
    ("policy_evaluation", "russell_norvig_4x3", {}),
    ("policy_evaluation", "berkeley_4x3", {}),
    ("policy_evaluation", "berkeley_4x3", {"how": "equations", "policy": "optimal"}),
    ("policy_iteration", "frozen_lake_4x4", {"start": "greedy"}),
    ("modified_policy_iteration", "sutton_barto_5x5", {"sweeps_between": 0}),
    ("modified_policy_iteration", "windy", {"sweeps_between": 3, "most_sweeps": 2}),
    ("finite_horizon", "taxi", {"horizon": 7}),
    ("prioritised", "frozen_lake_8x8", {"tolerance": 1e-9, "start": "lowest"}),
    ("prioritised", "windy", {"start": "lowest"}),
    ("prioritised", "dyna_maze", {"most_sweeps": 2}),
    ("prioritised", "russell_norvig_4x3", {"most_sweeps": 3}),
    ("q_learning", "taxi", {"step_size": "average", "initial_value": 1.5}),
    ("sarsa", "windy", {"epsilon_decay": "linear"}),
    ("expected_sarsa", "windy_kings_moves", {"epsilon_decay": "linear", "alpha": 1.0}),
    ("double_q_learning", "windy", {"step_size": "average", "initial_value": 1.0}),
    ("n_step_sarsa", "cliff_walking", {"n": 1, "step_size": "average"}),
    ("n_step_sarsa", "cliff_walking", {"n": 100}),
    ("sarsa_lambda", "windy", {"traces": "accumulating", "step_size": "average"}),
    ("dyna_q", "dyna_maze", {"planning_steps": 0, "epsilon": 0.0}),
    ("dyna_q", "berkeley_4x3", {"planning_steps": 3, "step_size": "average"}),
    ("monte_carlo", "berkeley_4x3", {"exploring_starts": True, "step_size": "average"}),
    ("monte_carlo", "sutton_barto_5x5", {"exploring_starts": True, "epsilon_decay": "linear"}),
    ("td0", "sutton_barto_4x4", {"step_size": "average", "initial_value": -2.0}),
    ("reinforce", "berkeley_4x3", {"baseline": False, "most_change": None}),
    ("reinforce", "dyna_maze", {"from_start": True, "initial_value": 0.5}),
    ("actor_critic", "berkeley_4x3", {"from_start": True, "most_change": None}),
)


@pytest.mark.parametrize(("method", "world", "params"), KNOBS, ids=str)
def test_parameters_reach_the_script(
    method: str, world: str, params: dict[str, Any], repeats: Repeat
) -> None:
    repeats(run(world, method, params))


@pytest.mark.parametrize("id", ["FrozenLake-v1", "CliffWalkingSlippery-v1", "Taxi-v4"])
@pytest.mark.parametrize("method", ["value_iteration", "q_learning"])
def test_worlds_of_gymnasium(id: str, method: str, repeats: Repeat) -> None:
    repeats(run(GymnasiumWorld(id=id, discount=0.9), method))


def test_a_world_without_wind_has_no_code_for_wind() -> None:
    plain = grid_script(run("sutton_barto_4x4", "q_learning"), "x", {}).to_python()
    for word in ("wind", "SLIP", "slide", "PITS", "DOORS", "REWARDS", "BUMP", '#"', "more."):
        assert word not in plain
    assert "scipy" not in plain


#: Enough to learn something; numbers that drift by themselves, cost nothing or run away besides.
LITTLE = {"updates": 3, "samples": 48, "hidden": (4, 3), "passes": 2, "learning_rate": 0.01}

ROOM = drawn(["S...#.", ".....T", ".#..#.", "..S...", "T....."], "A room")


def room(**rules: Any) -> GridWorld:
    """A room with a little of everything."""
    world = strange(**{"discount": 0.95, **rules})
    world.rewards[4, 0] = -1.0
    return replace(world, slip=0.0, slips=np.full((5, 5), np.nan))


CONTINUOUS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (LinearQuadratic(), {}),
    (LinearQuadratic(a=0.5, q=0.0, noise=0.0), {"spread": "place", "hidden": (3,)}),
    (LinearQuadratic(b=0.0, a=0.9, r=2.0), {"entropy_bonus": 0.0}),
    (LinearQuadratic(a=3.0, q=2.0), {}),
    (room(), {"noise": 0.1}),
    (replace(ROOM, step_reward=-1.0, discount=1.0), {"spread": "place", "samples": 400}),
    (room(starts=np.zeros((5, 5), dtype=bool), bump_reward=None), {"initial_sigma": 1.5}),
)


def learnt(world: World, params: dict[str, Any]) -> GridResult:
    small = {"fine_grid": 10} if isinstance(world, GridWorld) else {}
    plan = make_plan(world, "expected_utility", {**LITTLE, **small, **params}, {"seeds": 2})
    return run_plan(plan)


@pytest.mark.parametrize(("world", "params"), CONTINUOUS, ids=lambda value: str(value)[:30])
def test_continuous_moves(
    world: Any, params: dict[str, Any], process: ScriptProcess, tmp_path: Path
) -> None:
    result = learnt(world, params)
    path = tmp_path / "script.py"
    path.write_text(grid_script(result, "x", {}).to_python(), encoding="utf-8")
    found = {name: values[0] for name, values in printed_scores(process.run(path)).items()}
    own = {name for name in result.figures if not name[-1].isdigit()} - {"seconds"}
    # The best values in a room come from a fine grid of places, which is no part of the agent.
    own -= {"exact_start_value"} if isinstance(world, GridWorld) else set()
    expected = {name: result.figures[name] for name in own}
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


def restful(**changes: Any) -> GridWorld:
    """A world without discounting where resting for nothing is better than any end, or as good."""
    world = drawn(["S..T", "....", ".#..", "T..."], "Rest")
    world.rewards[0, 3] = -1.0
    world.rewards[1, 1], world.rewards[2, 3] = -2.0, -1.0
    return replace(world, **{"discount": 1.0, "step_reward": 0.0, **changes})


RESTFUL: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    *((spec.id, {}, {"slip": 0.2}) for spec in PLANNERS if spec.id != "finite_horizon"),
    ("value_iteration", {"start": "lowest"}, {"slip": 0.2}),
    ("value_iteration", {"order": "blocks"}, {}),
    ("policy_evaluation", {"policy": "optimal"}, {"slip": 0.2}),
    ("policy_iteration", {"start": "greedy"}, {"slip": 0.2}),
)


@pytest.mark.parametrize(("method", "params", "rules"), RESTFUL, ids=str)
def test_rests_for_ever(
    method: str, params: dict[str, Any], rules: dict[str, Any], repeats: Repeat
) -> None:
    repeats(run(restful(**rules), method, params))


def test_scripts_are_formatted_and_clean(tmp_path: Path) -> None:
    runs = [run(world, method, params) for method, world, params in KNOBS]
    runs += [run(strange(**rules), "linear_programming") for rules in STRANGE[:4]]
    runs += [run(preset, "prioritised") for preset in PRESETS]
    runs += [run(restful(**rules), method, params) for method, params, rules in RESTFUL]
    runs += [learnt(world, params) for world, params in CONTINUOUS]
    runs += [run(large(**rules), method, params) for method, params, rules in LARGE]
    for number, result in enumerate(runs):
        text = grid_script(result, "x", {}).to_python()
        (tmp_path / f"script_{number}.py").write_text(text, encoding="utf-8")
    check_formatted(tmp_path)


def test_the_notebook_holds_the_same_code() -> None:
    script = grid_script(run("windy", "sarsa"), "x", {})
    notebook = nbformat.reads(script.to_notebook(), as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 6
    assert all(cell in script.to_python() for cell in code)
