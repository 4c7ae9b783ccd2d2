"""``python -m mlcore gridworld``: solve a world, learn it, list what there is, as documented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlcore.__main__ import main
from mlcore.command_line import gridworlds
from mlcore.gridworld.catalogue import METHODS, find_method, make_plan, run_plan
from mlcore.gridworld.plan import SETTINGS
from mlcore.gridworld.presets import PRESETS, find_preset
from mlcore.gridworld.worldfile import write_world

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
QUICK = ("--episodes", "30", "--seeds", "3")


def section(heading: str) -> str:
    return DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def no_constant(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


def read(text: str) -> Any:
    return json.loads(text, parse_constant=no_constant)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["gridworld", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def cliff(tmp_path: Path) -> Path:
    path = tmp_path / "cliff.json"
    path.write_text(write_world(find_preset("cliff_walking").make()), encoding="utf-8")
    return path


# Solving


def test_a_world_file_is_solved(call: Any, cliff: Path) -> None:
    status, out, err = call("solve", cliff)
    assert (status, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert "Cliff walking; 4 × 12 cells; discount 1." in out
    assert "  Value at the start: -13" in out.splitlines()
    assert ["→"] * 11 + ["↓"] in lines
    assert ["↑", *"xxxxxxxxxx", "*"] in lines
    assert "Certain to within" in out


def test_solving_says_in_json_what_the_core_computes(call: Any, cliff: Path) -> None:
    status, out, err = call("solve", cliff, "--method", "policy_iteration", "--json")
    told = read(out)
    (run,) = told["runs"]
    assert (status, err, run["error"]) == (0, "", None)
    result = run_plan(make_plan(find_preset("cliff_walking").make(), "policy_iteration"))
    frame = result.frames["policy"]
    policy = pd.DataFrame(run["policy"])
    assert policy["value"].tolist() == frame["value"].tolist()
    assert policy["actions"].tolist() == frame["actions"].tolist()
    assert run["figures"]["start_value"] == pytest.approx(-13)
    assert told["world"]["name"] == "Cliff walking"


def test_a_discount_replaces_the_one_of_the_world(call: Any, cliff: Path) -> None:
    _, out, _ = call("solve", cliff, "--discount", "0.9", "--json")
    told = read(out)
    assert told["world"]["discount"] == 0.9
    assert told["runs"][0]["figures"]["start_value"] == pytest.approx(-7.4581341717, abs=1e-6)


def test_frozen_lake_text_is_a_world(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "lake.txt"
    path.write_text("SFFF\nFHFH\nFFFH\nHFFG\n", encoding="utf-8")
    status, out, _ = call("solve", path, "--discount", "0.99", "--json")
    assert status == 0
    start = read(out)["runs"][0]["figures"]["start_value"]
    assert start == pytest.approx(0.5420259320, abs=1e-5)


def test_several_planners_agree(call: Any) -> None:
    flags = ("--method", "value_iteration", "--method", "linear_programming")
    _, out, _ = call("solve", "russell_norvig_4x3", *flags, "--json")
    one, other = (run["figures"]["start_value"] for run in read(out)["runs"])
    assert one == pytest.approx(other, abs=1e-5)


def test_states_in_layers_are_not_printed(call: Any) -> None:
    status, out, _ = call("solve", "taxi")
    assert status == 0
    assert "Value at the start: 7.93" in out and "too large to be printed" in out


# Learning


def test_agents_stand_side_by_side(call: Any, cliff: Path) -> None:
    agents = ("--agent", "sarsa", "--agent", "q_learning")
    status, out, err = call("train", cliff, *agents, *QUICK)
    assert (status, err) == (0, "")
    table = out.split("\n\n")[1].splitlines()
    assert "Return of the last tenth (95 % interval)" in table[0] and "Exact optimum" in table[0]
    assert [line.split()[0] for line in table[1:]] == ["SARSA", "Q-learning"]
    assert all(re.search(r"-[\d.]+ \(-?[\d.]+ to -?[\d.]+\)", line) for line in table[1:])


def test_settings_reach_the_agents_they_are_meant_for(call: Any, cliff: Path) -> None:
    agents = ("--agent", "sarsa", "--agent", "q_learning", "--agent", "n_step_sarsa")
    sets = ("--set", "alpha=0.5", "--set", "sarsa.epsilon=0.2", "--set", "n=4")
    _, out, _ = call("train", cliff, *agents, *QUICK, "--seed", 7, *sets, "--json")
    sarsa, q_learning, n_step = read(out)["runs"]
    assert [run["params"]["alpha"] for run in (sarsa, q_learning, n_step)] == [0.5] * 3
    assert (sarsa["params"]["epsilon"], q_learning["params"]["epsilon"]) == (0.2, 0.1)
    assert n_step["params"]["n"] == 4
    expected = {"episodes": 30, "seeds": 3, "most_steps": 1000, "seed": 7}
    assert sarsa["setting"] == q_learning["setting"] == expected


def test_learning_is_the_same_as_in_the_core(call: Any, cliff: Path) -> None:
    _, out, _ = call("train", cliff, *QUICK, "--json")
    (run,) = read(out)["runs"]
    plan = make_plan(
        find_preset("cliff_walking").make(), "q_learning", setting={"episodes": 30, "seeds": 3}
    )
    figures = run_plan(plan).figures
    assert run["figures"]["last_mean"] == figures["last_mean"]
    assert {line["name"] for line in run["lines"]} >= {"optimum", "soft_optimum"}


def test_moves_of_any_direction_are_learnt(call: Any, tmp_path: Path) -> None:
    flags = ("--agent", "expected_utility", "--seeds", "1", "--set", "updates=5")
    status, out, _ = call("train", "linear_quadratic", *flags, "--json", "--out", tmp_path)
    (run,) = read(out)["runs"]
    assert status == 0 and run["policy"] is None
    assert run["figures"]["exact_gain"] == pytest.approx(0.9294916248735609)
    names = ["expected_utility.zip", "expected_utility.csv", "expected_utility_updates.csv"]
    assert [Path(path).name for path in run["paths"]] == names


# What is told, and what is written


@pytest.mark.parametrize(
    "given",
    [("solve", "windy"), ("train", "windy", *QUICK), ("solve", "sutton_barto_4x4")],
    ids=["solve", "train", "drawn"],
)
def test_the_json_object_is_the_documented_one(call: Any, given: tuple[str, ...]) -> None:
    told = read(call(*given, "--json")[1])
    own = section("The JSON object of a grid world")
    documented = set(re.findall(r"`(\w+)`", own))
    fields = set(re.findall(r"^\| `(\w+)` ", own, re.MULTILINE))
    (run,) = told["runs"]
    shared = {"name", "seconds", "notes", "error", "paths"}
    assert set(told) | set(run) == fields | shared
    assert set(told["world"]) | set(run["figures"]) | set(run["setting"]) <= documented
    columns = {name for name in run["policy"][0] if not name.startswith("q:")}
    assert columns <= documented
    assert not run["lines"] or set(run["lines"][0]) <= documented


def test_what_is_written_is_a_bundle_a_table_and_the_course(
    call: Any, cliff: Path, tmp_path: Path
) -> None:
    out_folder = tmp_path / "made" / "here"
    status, out, _ = call("train", cliff, *QUICK, "--out", out_folder)
    assert status == 0
    written = ["q_learning.csv", "q_learning.zip", "q_learning_episodes.csv"]
    assert sorted(path.name for path in out_folder.iterdir()) == written
    assert out.count("Written: ") == 3
    assert len(pd.read_csv(out_folder / "q_learning.csv")) == 38
    assert len(pd.read_csv(out_folder / "q_learning_episodes.csv")) == 90
    with zipfile.ZipFile(out_folder / "q_learning.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    done = subprocess.run(
        [sys.executable, "-I", "policy.py"], cwd=tmp_path / "unpacked", capture_output=True
    )
    assert done.returncode == 0
    card = (tmp_path / "unpacked" / "card.md").read_text(encoding="utf-8")
    assert card.startswith("# Cliff walking\\: Q-learning\n")


def test_the_list_names_worlds_and_methods(call: Any) -> None:
    status, out, _ = call("list")
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ")}
    assert status == 0
    assert listed == {preset.id for preset in PRESETS} | {spec.id for spec in METHODS}
    told = read(call("list", "--json")[1])
    assert [world["id"] for world in told["worlds"]] == [preset.id for preset in PRESETS]
    assert [method["id"] for method in told["methods"]] == [spec.id for spec in METHODS]
    for method in told["methods"]:
        spec = find_method(method["id"])
        assert [param["name"] for param in method["params"]] == [p.name for p in spec.params]
        shared = [param.name for param in SETTINGS[spec.family]]
        assert [param["name"] for param in method["setting"]] == shared


# What cannot be used

REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown world": (("solve", "clif_walking"), "Did you mean “cliff_walking”?"),
    "unknown planner": (("solve", "windy", "--method", "value_itaration"), "“value_iteration”"),
    "unknown agent": (("train", "windy", "--agent", "sarsaa"), "Did you mean “sarsa”?"),
    "an agent that solves": (
        ("train", "windy", "--agent", "value_iteration"), "method of “gridworld solve”"
    ),
    "a planner that learns": (
        ("solve", "windy", "--method", "q_learning"), "method of “gridworld train”"
    ),
    "unknown setting": (("train", "windy", "--set", "alfa=1"), "Did you mean “alpha”?"),
    "setting without value": (("train", "windy", "--set", "alpha"), "NAME=VALUE"),
    "setting of another": (("train", "windy", "--set", "sarsa.alpha=1"), "Add --agent sarsa"),
    "setting out of range": (("train", "windy", "--set", "epsilon=2"), "between 0 and 1"),
    "setting of a wrong type": (("train", "windy", "--episodes", "many"), "a whole number"),
    "no such setting": (
        ("train", "small_room", "--agent", "expected_utility", "--episodes", "5"), "“episodes”"
    ),
    "discount of a wrong type": (("solve", "windy", "--discount", "high"), "a number"),
    "discount out of range": (("solve", "windy", "--discount", "1.5"), "between 0 and 1"),
    "a number without cells": (("solve", "linear_quadratic"), "needs a world of cells"),
    "a world with few moves": (
        ("train", "taxi", "--agent", "expected_utility"), "moves in any direction"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_explained_in_one_sentence(
    call: Any, tmp_path: Path, case: str
) -> None:
    given, words = REFUSED[case]
    status, out, err = call(*given, "--out", tmp_path / "made")
    assert (status, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\x00", "is not text"), (b"{", "cannot be understood"), (b'{"a": 1}', "“format”")],
    ids=["no text", "no JSON", "no world"],
)
def test_a_file_that_holds_no_world_is_refused(
    call: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "world.json"
    path.write_bytes(content)
    status, out, err = call("solve", path)
    assert (status, out) == (2, "")
    assert words in err and len(err.splitlines()) == 1


def test_a_folder_that_cannot_be_made_is_refused(call: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, out, err = call("solve", "windy", "--out", tmp_path / "file")
    assert (status, out) == (2, "")
    assert "Name another folder after --out" in err


def test_a_run_that_fails_does_not_stop_the_others(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "closed.txt"
    # No way out of the first cell, without a discount.
    world = find_preset("sutton_barto_4x4").make()
    world.terminals[0, 0] = False
    world.walls[0, 1] = world.walls[1, 0] = True
    path.write_text(write_world(world), encoding="utf-8")
    flags = ("--method", "value_iteration", "--method", "finite_horizon")
    status, out, err = call("solve", path, *flags, "--json")
    failed, done = read(out)["runs"]
    assert (status, failed["error"]["code"], done["error"]) == (1, "gridworld.no_end", None)
    assert (failed["policy"], failed["figures"], failed["paths"]) == (None, {}, [])
    status, out, err = call("solve", path, *flags)
    assert status == 1 and err.startswith("Value iteration failed: ")


def test_the_defaults_exist() -> None:
    families = gridworlds.FAMILIES
    assert find_method(gridworlds.DEFAULT_METHOD).family in families["solve"]
    assert {find_method(name).family for name in gridworlds.DEFAULT_AGENTS} <= {*families["train"]}


@pytest.mark.parametrize("given", [(), ("solve",), ("train",), ("list",)])
def test_help_is_there(given: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["gridworld", *given, "--help"])
    assert caught.value.code == 0
    assert "usage: python -m mlcore gridworld" in capsys.readouterr().out


def test_it_runs_as_a_program_of_its_own(cliff: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "mlcore", "gridworld", "solve", str(cliff)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "ascii", "WORKBENCH_HOME": str(home), "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Value at the start: -13" in done.stdout
    assert not home.exists(), "nothing is written unless asked for"
