"""Policies that leave the workbench: every form says the same, and the program acts and checks."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import make_plan, plan_from_json, plan_to_json, run_plan
from mlcore.gridworld.continuous.quadratic import Quadratic
from mlcore.gridworld.continuous.room import room_of
from mlcore.gridworld.linear_quadratic import LinearQuadratic, exact
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.simulation import compare, simulate, simulate_numbers
from mlcore.gridworld.world import Cell, GridWorld, Teleport, empty_world
from mlcore.gridworld.worldfile import read_world, world_to_json
from mlcore.messages import message
from mlcore.registry import policy_files
from mlcore.registry.bundle_files import network_policy, policy
from mlcore.registry.formats import zip_bytes
from mlcore.registry.grid_offers import (
    GRID_FORMATS,
    find_grid_format,
    grid_offers,
    package,
    prepare_grid_download,
    prepared_grid,
)
from mlcore.registry.network_files import (
    NumberPolicy,
    arena_of,
    layers_of,
    mean_actions,
    moves_of,
    network_files,
)
from mlcore.registry.packing import with_manifest
from mlcore.registry.policy_files import (
    GridPolicy,
    policy_bundle,
    policy_csv,
    policy_json,
    policy_npz,
    verify_policy_bundle,
)
from mlcore.training.context import JobContext
from mlcore.training.grid_runs import GridRunStore, grid_versions
from mlcore.training.jobs import JobQueue
from mlcore.workspace import Workspace


def solved(preset: str, method: str = "value_iteration", **params: object) -> GridResult:
    return run_plan(make_plan(find_preset(preset).make(), method, params))


@pytest.fixture(scope="module")
def lake() -> GridResult:
    """FrozenLake with a discount: slippery, one start."""
    return solved("frozen_lake_4x4", "policy_iteration")


@pytest.fixture(scope="module")
def room() -> GridResult:
    plan = make_plan(
        find_preset("small_room").make(),
        "expected_utility",
        {"updates": 8, "hidden": (8, 8), "fine_grid": 10},
        {"seeds": 1},
    )
    return run_plan(plan)


@pytest.fixture(scope="module")
def number() -> GridResult:
    plan = make_plan(
        find_preset("linear_quadratic").make(),
        "expected_utility",
        {"updates": 8, "hidden": (8, 8)},
        {"seeds": 1},
    )
    return run_plan(plan)


def unpack(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def run_program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", "policy.py", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
    )


def lines_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


# Tables and arrays


def test_the_table_has_row_column_actions_values(lake: GridResult) -> None:
    lines = lines_of(policy_csv(lake))
    own = [f"value of {name}" for name in ("up", "right", "down", "left")]
    assert list(lines[0]) == ["row", "column", "actions", "arrows", "value", *own]
    assert len(lines) == 16
    frame = lake.frames["policy"]
    for line, (_, state) in zip(lines, frame.iterrows(), strict=True):
        assert (int(line["row"]), int(line["column"])) == (state["row"], state["column"])
        assert line["actions"] == state["actions"]
        assert float(line["value"]) == state["value"]
        assert float(line["value of up"]) == state["q:up"]


def test_states_that_share_a_cell_are_told_apart() -> None:
    lines = lines_of(policy_csv(solved("taxi")))
    assert len(lines) == 500 and list(lines[0])[:3] == ["row", "column", "layer"]
    places = {(line["row"], line["column"], line["layer"]) for line in lines}
    assert len(places) == 500


def test_names_that_a_spreadsheet_would_run_are_disarmed(lake: GridResult) -> None:
    frame = lake.frames["policy"].copy()
    frame["actions"] = "=1+1"
    harmful = GridResult(lake.plan, {"policy": frame}, lake.figures)
    assert {line["actions"] for line in lines_of(policy_csv(harmful))} == {"'=1+1"}


def test_json_and_arrays_say_the_same_as_the_table(lake: GridResult) -> None:
    plain = json.loads(policy_json(lake, "lake"))
    arrays = np.load(io.BytesIO(policy_npz(lake)), allow_pickle=False)
    frame = lake.frames["policy"]
    assert plain["actions"] == [text.split(", ") if text else [] for text in frame["actions"]]
    for key in ("row", "column", "layer", "terminal", "value"):
        assert plain[key] == frame[key].tolist() == arrays[key].tolist()
    assert plain["policy_value"] == arrays["policy_value"].tolist()
    assert list(plain["q"]) == arrays["action_names"].tolist() == plain["action_names"]
    np.testing.assert_array_equal(np.transpose(list(plain["q"].values())), arrays["q"])
    np.testing.assert_allclose(arrays["chance"].sum(axis=1), 1)
    assert all(arrays[name].dtype.kind in "ifbU" for name in arrays.files)


def test_what_has_no_number_is_no_number_in_json(lake: GridResult) -> None:
    frame = lake.frames["policy"].copy()
    frame.loc[0, "q:up"] = np.nan
    text = policy_json(GridResult(lake.plan, {"policy": frame}, {}), "x").decode()
    assert "NaN" not in text and json.loads(text)["q"]["up"][0] is None


# What a policy is worth


def test_an_optimal_policy_is_worth_what_was_computed(lake: GridResult) -> None:
    own = GridPolicy(lake)
    np.testing.assert_allclose(own.values, lake.frames["policy"]["value"], atol=1e-9)
    assert own.start_value == pytest.approx(0.5420259320, abs=1e-9)


def with_actions(result: GridResult, actions: str) -> GridResult:
    """The same, doing one thing everywhere."""
    frame = result.frames["policy"].copy()
    frame.loc[~frame["terminal"], "actions"] = actions
    return GridResult(result.plan, {**result.frames, "policy": frame}, result.figures)


def test_another_policy_is_worth_what_it_is_worth() -> None:
    result = solved("sutton_barto_4x4")
    by_chance = with_actions(result, "up, right, down, left")
    expected = [0, -14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14, 0]
    np.testing.assert_allclose(GridPolicy(by_chance).values, expected, atol=1e-9)


def test_a_policy_that_goes_on_for_ever_has_no_value() -> None:
    stuck = with_actions(solved("cliff_walking"), "left")
    assert GridPolicy(stuck).values is None
    assert GridPolicy(stuck).start_value is None
    plain = json.loads(policy_json(stuck, "stuck"))
    assert plain["policy_start_value"] is None and plain["policy_value"] is None
    arrays = np.load(io.BytesIO(policy_npz(stuck)))
    assert np.isnan(arrays["policy_value"]).all()


def test_the_deviation_of_a_return_is_known_exactly() -> None:
    # One coin: 1 with the chance p, nothing else ever.
    lake = GridPolicy(run_plan(make_plan(replace(lake_world(), discount=1.0), "value_iteration")))
    share = lake.start_value
    assert share == pytest.approx(14 / 17)
    assert lake.start_deviation == pytest.approx((share * (1 - share)) ** 0.5)
    # Steps are certain, the start is not.
    steps = GridPolicy(solved("sutton_barto_4x4"))
    assert steps.values is not None
    inner = steps.values[steps.model.starts > 0]
    assert steps.start_deviation == pytest.approx(inner.std())
    # Many steps and a discount: against many episodes.
    taxi = GridPolicy(with_actions(solved("frozen_lake_8x8"), "right, down"))
    earned = simulate(taxi.model, taxi.chances, 20_000, seed=1)["discounted_return"]
    assert taxi.start_deviation == pytest.approx(earned.std(), rel=0.05)


def lake_world() -> GridWorld:
    world = find_preset("frozen_lake_4x4").make()
    assert isinstance(world, GridWorld)
    return world


def test_a_rare_reward_is_no_reason_to_doubt(tmp_path: Path) -> None:
    # It comes once in 80 episodes: most short checks never see it.
    by_chance = with_actions(solved("frozen_lake_4x4"), "left, down, right, up")
    folder = unpack(policy_bundle(by_chance, "rare", {}), tmp_path)
    ends = [run_program(folder, "--episodes", "20", "--seed", str(seed)) for seed in range(5)]
    assert [done.returncode for done in ends] == [0] * 5
    assert any("Mean return of 20 episodes: 0 " in done.stdout for done in ends)


@pytest.mark.parametrize("preset", ["windy", "sutton_barto_5x5", "frozen_lake_8x8"])
def test_sweeps_come_to_the_same_as_equations(preset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    result = solved(preset)
    by_equations = GridPolicy(result).values
    monkeypatch.setattr(policy_files, "MANY_STATES", 0)
    np.testing.assert_allclose(GridPolicy(result).values, by_equations, atol=1e-6)
    assert "q" not in json.loads(policy_json(result, "x"))


def test_sweeps_give_up_on_a_policy_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_files, "MANY_STATES", 0)
    assert GridPolicy(with_actions(solved("cliff_walking"), "left")).values is None


# The bundle


def test_the_bundle_has_everything_and_checks_itself(lake: GridResult, tmp_path: Path) -> None:
    content = policy_bundle(lake, "My *lake*", grid_versions())
    assert content == policy_bundle(lake, "My *lake*", grid_versions()), "same run, same bytes"
    verify_policy_bundle(content)
    folder = unpack(content, tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        *("README.txt", "card.md", "world.json", "plan.json", "policy.csv", "policy.json"),
        *("policy.npz", "policy.py", "moves.json", "manifest.json"),
    }
    world = read_world((folder / "world.json").read_text(encoding="utf-8"))
    assert world_to_json(world) == world_to_json(lake.plan.world)
    plain = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert plan_to_json(plan_from_json(plain)) == plan_to_json(lake.plan)
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert all(path.name in readme for path in folder.iterdir() if path.name != "README.txt")
    done = run_program(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Computed for this policy: 0.542026" in done.stdout and "They agree." in done.stdout


def test_the_program_shows_the_policy(tmp_path: Path) -> None:
    result = solved("russell_norvig_4x3")
    folder = unpack(policy_bundle(result, "4x3", {}), tmp_path)
    shown = run_program(folder).stdout.splitlines()[:3]
    assert [line.split() for line in shown] == [
        ["→", "→", "→", "*"], ["↑", "#", "↑", "*"], ["↑", "←", "←", "←"]
    ]  # fmt: skip


def test_the_program_tells_a_cliff_from_a_wall(tmp_path: Path) -> None:
    folder = unpack(policy_bundle(solved("cliff_walking"), "cliff", {}), tmp_path)
    shown = run_program(folder).stdout.splitlines()
    assert shown[3].split() == ["↑", *["x"] * 10, "*"]
    assert shown[5] == "* the episode is over; # wall; x carried off at once"


def test_the_program_acts(lake: GridResult, tmp_path: Path) -> None:
    folder = unpack(policy_bundle(lake, "lake", {}), tmp_path)
    own = policy.Policy.load(folder)
    frame = lake.frames["policy"]
    for _, state in frame.iterrows():
        action = own.act(state["row"], state["column"])
        if state["terminal"]:
            assert action is None
        else:
            assert action in state["actions"].split(", ")
    with pytest.raises(KeyError, match="Nobody can stand"):
        own.act(9, 9)


@pytest.mark.parametrize(
    "preset", ["berkeley_4x3", "russell_norvig_4x3_state", "sutton_barto_5x5", "windy", "taxi"]
)
def test_the_program_knows_every_kind_of_world(preset: str, tmp_path: Path) -> None:
    folder = unpack(policy_bundle(solved(preset), preset, {}), tmp_path)
    done = run_program(folder, "--episodes", "400", "--seed", "3")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_copy_of_the_world_has_the_outcomes_of_the_model(tmp_path: Path) -> None:
    result = solved("frozen_lake_4x4")
    folder = unpack(policy_bundle(result, "lake", {}), tmp_path)
    world, model = policy.World.load(folder), GridPolicy(result).model
    rng = Random(0)
    for state, name in ((0, "left"), (6, "down"), (14, "right")):
        seen = pd.Series([world.step(state, name, rng) for _ in range(6000)]).value_counts() / 6000
        for outcome in model.outcomes(state, model.actions.index(name)):
            key = (outcome.state, outcome.reward, outcome.ends)
            assert seen[key] == pytest.approx(outcome.probability, abs=0.03)
        assert len(seen) == len(model.outcomes(state, model.actions.index(name)))


def changed(content: bytes, name: str, change: Callable[[Any], None]) -> bytes:
    """A bundle with another file in it, its manifest in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {each: archive.read(each) for each in archive.namelist() if each != "manifest.json"}
    plain = json.loads(files[name])
    change(plain)
    files[name] = json.dumps(plain).encode()
    return zip_bytes(with_manifest("x", files, {}))


def test_a_damaged_bundle_is_noticed(lake: GridResult, tmp_path: Path) -> None:
    folder = unpack(policy_bundle(lake, "lake", {}), tmp_path)
    (folder / "policy.json").write_bytes((folder / "policy.json").read_bytes() + b" ")
    done = run_program(folder)
    assert done.returncode == 1
    assert done.stderr == "Changed or missing since it was packed: policy.json\n"
    assert run_program(folder, "--episodes", "1").returncode == 2


def test_a_value_that_is_wrong_is_noticed(lake: GridResult) -> None:
    content = policy_bundle(lake, "lake", {})
    verify_policy_bundle(content)
    wrong = changed(content, "policy.json", lambda plain: plain.update(policy_start_value=0.7))
    with pytest.raises(UserError, match="something is wrong"):
        verify_policy_bundle(wrong)
    other = changed(content, "moves.json", lambda plain: plain.update(slip=[0.0] * 16))
    with pytest.raises(UserError, match="something is wrong"):
        verify_policy_bundle(other)


def test_a_policy_that_goes_on_for_ever_is_packed_and_says_so(tmp_path: Path) -> None:
    content = policy_bundle(with_actions(solved("cliff_walking"), "left"), "stuck", {})
    verify_policy_bundle(content)
    folder = unpack(content, tmp_path)
    assert "go on for ever" in run_program(folder).stdout
    assert "go on for ever" in (folder / "card.md").read_text(encoding="utf-8")


def test_the_card_says_what_came_out_and_escapes_names(lake: GridResult) -> None:
    world = replace(find_preset("frozen_lake_4x4").make(), name="[a](http://b)", source="*c*")
    assert isinstance(world, GridWorld)
    result = run_plan(make_plan(world, "value_iteration"))
    notes = (message("gridworld.stage.solving"),)
    noted = GridResult(result.plan, result.frames, result.figures, notes)
    content = policy_bundle(noted, "My *lake*", {"python": "3.11"})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        card = archive.read("card.md").decode()
    assert "http://b" not in card and "My \\*lake\\*" in card and "\\*c\\*" in card
    assert "is worth 0.542026 on average" in card and "That is not the" not in card
    for words in ("Value iteration", "| python | 3.11 |", "Chance to slip", "Solving the Bellman"):
        assert words in card


def test_the_card_tells_a_policy_from_what_the_run_computed() -> None:
    content = policy_bundle(solved("frozen_lake_4x4", "finite_horizon"), "100 steps", {})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        card = archive.read("card.md").decode()
    assert "is worth 0.542026 on average" in card and "That is not the 0.522281" in card


def test_the_card_of_an_agent_says_how_it_learnt() -> None:
    plan = make_plan(
        find_preset("cliff_walking").make(), "sarsa", setting={"episodes": 30, "seeds": 4}
    )
    with zipfile.ZipFile(io.BytesIO(policy_bundle(run_plan(plan), "s", {}))) as archive:
        card = archive.read("card.md").decode()
    assert "by 4 agents" in card and "Exact optimum | -13 |" in card
    assert "another seed gives another policy" in card
    assert "`value of up`" in card and "how often agents acted there" in card


# Actions that are numbers


def test_a_network_answers_as_it_did(room: GridResult, number: GridResult) -> None:
    for result in (room, number):
        plain = json.loads(network_files(result, "x")["policy.json"])
        field = result.frames["field"]
        states = field[["x", "y"] if "x" in field else ["s"]].to_numpy()
        answers = np.array([network_policy.Policy(plain).act(*state) for state in states])
        expected = field[["dx", "dy"] if "x" in field else ["mean"]].to_numpy()
        np.testing.assert_allclose(answers, expected, atol=1e-12)
        layers = layers_of(result.frames["network"])
        found = mean_actions(arena_of(result.plan), layers, states)
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("which", ["room", "number"])
def test_the_bundle_of_a_network_checks_itself(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    result = request.getfixturevalue(which)
    content = policy_bundle(result, "numbers", {})
    verify_policy_bundle(content)
    folder = unpack(content, tmp_path)
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert "NUMBERS" in readme and "equally" not in readme
    done = run_program(folder, "--episodes", "100")
    assert (done.returncode, done.stderr) == (0, "")
    assert "When it was packed" in done.stdout
    assert list(np.load(folder / "policy.npz").files) == list(result.frames["field"])
    lines = lines_of((folder / "policy.csv").read_bytes())
    assert list(lines[0]) == list(result.frames["field"])

    def wrong(plain: dict) -> None:
        plain["network"][0]["biases"][0] += 0.5

    with pytest.raises(UserError, match="other numbers than when it was packed"):
        verify_policy_bundle(changed(content, "policy.json", wrong))
    with pytest.raises(UserError, match="something is wrong"):
        verify_policy_bundle(
            changed(content, "policy.json", lambda plain: plain["measured"].update(mean=99))
        )


def test_what_acts_on_the_page_is_what_is_taken_home(room: GridResult, number: GridResult) -> None:
    for result, best in ((room, "fine_grid"), (number, "optimum")):
        policy = NumberPolicy(result.plan, result.frames["network"])
        walked, compared = policy.simulated(result.figures, 2000, 1, 1000)
        assert list(compared) == ["learnt", best]
        assert compared[best].computed == result.figures["exact_start_value"]
        assert compared["learnt"].computed == result.figures["learnt_start_value_0"]
        packed = json.loads(network_files(result, "x")["policy.json"])["measured"]
        error = np.hypot(packed["deviation"] / 5000**0.5, walked["discounted_return"].sem())
        # Packed episodes end where what follows counts a thousandth.
        assert compared[best].mean == pytest.approx(packed["mean"], rel=0.01, abs=4 * error)
        again, _ = policy.simulated(result.figures, 2000, 1, 1000)
        pd.testing.assert_frame_equal(walked, again)


def test_episodes_without_an_end_are_played_until_nothing_counts() -> None:
    """The best policy of the linear-quadratic problem earns what it is worth exactly."""
    world = LinearQuadratic(noise=0.3, discount=0.99)
    best = exact(world)
    walked = simulate_numbers(Quadratic(world), best.action, 4000, seed=2)
    assert walked["terminated"].all()
    # Starts are even over -1 to 1, where the mean of the squares is a third.
    value = -best.curvature / 3 - best.constant
    assert compare(walked, value).beside("optimum").code == "gridworld.simulated.optimum.inside"
    less, more = (compare(walked, value * share).beside("learnt") for share in (1.1, 0.9))
    assert less.code == "gridworld.simulated.learnt.less"
    assert more.code == "gridworld.simulated.learnt.more"
    away = simulate_numbers(Quadratic(replace(world, a=2.0)), np.zeros_like, 50)
    assert not away["terminated"].any() and np.isinf(compare(away, value).rest)


def crowded() -> GridWorld:
    """A room with everything that can be in one."""
    world = empty_world(5, 6)
    world.walls[1, 1] = world.walls[2, 1] = world.walls[2, 4] = True
    world.terminals[0, 5] = True
    world.rewards[0, 5], world.rewards[4, 2] = 1.0, -0.5
    world.wind[:, 3] = (-1, 0)
    teleports = {
        Cell(4, 0): Teleport(Cell(0, 0), reward=-2.0),
        Cell(3, 5): Teleport(Cell(4, 4), at_once=True),
    }
    return replace(world, teleports=teleports, step_reward=-0.1, bump_reward=-0.3)


def test_the_copy_of_a_room_follows_lines_as_the_room_does() -> None:
    room, _ = room_of(crowded(), 0.0)
    copy = network_policy.Room(json.loads(json.dumps(moves_of(room))))
    rng = np.random.default_rng(0)
    rows, columns = np.nonzero(room.standing)
    drawn = rng.integers(len(rows), size=3000)
    states = np.column_stack([columns[drawn], rows[drawn]]) + rng.uniform(0.001, 0.999, (3000, 2))
    moves = rng.normal(scale=1.2, size=(3000, 2))
    # From the middle of a cell through its corner: walls beside it count.
    states[:500], moves[:500] = np.floor(states[:500]) + 0.5, np.sign(moves[:500])
    landing = room.follow(states, moves)
    for place in range(3000):
        end, reward, is_over = copy.step(states[place].tolist(), moves[place].tolist(), Random(0))
        np.testing.assert_allclose(end, landing.positions[place], atol=1e-8)
        assert reward == landing.rewards[place]
        assert is_over == landing.terminated[place]


# Downloads of a stored run


@pytest.fixture
def stored(workspace: Workspace, lake: GridResult) -> tuple[GridRunStore, str]:
    store = GridRunStore(workspace)
    run = store.create(lake.plan, "The lake")
    store.save(run, lake)
    return store, run


def test_every_download_of_a_run_is_made_once(stored: tuple[GridRunStore, str]) -> None:
    store, run = stored
    assert grid_offers(store.get(run)) == GRID_FORMATS
    for form in GRID_FORMATS:
        with pytest.raises(UserError) as caught:
            prepared_grid(store, run, form.id)
        assert caught.value.code == "registry.not_prepared"
        path = prepare_grid_download(store, run, form.id)
        before = path.stat().st_mtime_ns
        assert (
            prepare_grid_download(store, run, form.id) == path == prepared_grid(store, run, form.id)
        )
        assert path.stat().st_mtime_ns == before
        assert store.folder(run) in path.parents and path.suffix == form.extension
    # A bundle holds the run's name.
    store.rename(run, "Another name")
    again = prepare_grid_download(store, run, "bundle")
    assert again != path and len(list(again.parent.glob("bundle-*"))) == 1


def test_a_download_is_made_by_a_job(stored: tuple[GridRunStore, str]) -> None:
    store, run = stored
    JobQueue(store.workspace).submit("package_grid", run, {"format": "policy"})
    silent = SimpleNamespace(report=lambda _: None)
    package(JobContext(store.workspace, "job", run, Path("."), silent), {"format": "policy"})
    assert prepared_grid(store, run, "policy").read_bytes() == policy_csv(
        GridResult(store.get(run).plan, {"policy": store.frame(run, "policy")})
    )


def test_what_is_not_there_is_not_offered(workspace: Workspace, lake: GridResult) -> None:
    store = GridRunStore(workspace)
    run = store.create(lake.plan, "waiting")
    assert grid_offers(store.get(run)) == ()
    with pytest.raises(UserError) as caught:
        prepare_grid_download(store, run, "bundle")
    assert caught.value.code == "training.not_trained"
    with pytest.raises(UserError, match="Did you mean “bundle”"):
        find_grid_format("bundel")
