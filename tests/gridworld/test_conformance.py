"""One suite over all planners and agents: a new one is tested as soon as it is declared."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import (
    METHODS,
    find_method,
    make_plan,
    plan_from_json,
    plan_to_json,
    run_plan,
)
from mlcore.gridworld.plan import SETTINGS
from mlcore.gridworld.policies import probabilities
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import Family
from mlcore.gridworld.worlds import model_of_world
from mlcore.messages import SENTENCES
from mlcore.params import defaults
from mlcore.registry.policy_files import (
    policy_bundle,
    policy_csv,
    policy_json,
    policy_npz,
)
from mlcore.training.grid_runs import GridRunStore, grid_versions
from mlcore.workspace import Workspace

#: Small worlds: one with an exit, one of Gymnasium with states in layers, one that slips, and those
#: without cells.
WORLDS = {
    Family.PLANNING: ("berkeley_4x3", "taxi"),
    Family.LEARNING: ("berkeley_4x3", "frozen_lake_4x4"),
    Family.CONTINUOUS: ("small_room", "linear_quadratic"),
}

#: Enough to see that it runs.
SETTING = {
    Family.PLANNING: {},
    Family.LEARNING: {"episodes": 12, "seeds": 2, "most_steps": 200},
    Family.CONTINUOUS: {"seeds": 2},
}
PARAMS = {
    Family.PLANNING: {},
    Family.LEARNING: {},
    Family.CONTINUOUS: {"updates": 4, "hidden": (8, 8), "fine_grid": 10},
}

#: The frames of each family and the columns that they have at least.
FRAMES: dict[Family, dict[str, tuple[str, ...]]] = {
    Family.PLANNING: {
        "policy": ("state", "row", "column", "layer", "terminal", "actions", "arrows", "value"),
        "sweeps": ("sweep", "largest_change", "error_bound", "backups"),
        "values": ("sweep", "state", "value"),
    },
    Family.LEARNING: {
        "policy": (
            *("state", "row", "column", "layer", "terminal", "actions", "arrows", "value"),
            "visits",
        ),
        "episodes": ("seed", "episode", "return", "discounted_return", "length", "terminated"),
        "errors": ("seed", "episode", "rms"),
        "replay": (
            "seed",
            "episode",
            "step",
            "state",
            "row",
            "column",
            "layer",
            "action",
            "reward",
        ),
        "lines": ("name", "label", "value"),
    },
    Family.CONTINUOUS: {
        "updates": (
            *("seed", "update", "return", "length", "reached", "spread", "entropy", "value_loss"),
        ),
        "field": ("value", "exact_value"),
        "paths": ("path", "step"),
        "network": ("layer", "row", "column", "weight", "activation"),
    },
}

#: Figures that every run of a family has.
FIGURES = {
    Family.PLANNING: {"start_value", "error_bound", "sweeps", "backups", "seconds"},
    Family.LEARNING: {"start_value", "last_mean", "last_low", "last_high", "seconds"},
    Family.CONTINUOUS: {"start_value", "seconds"},
}


@dataclass(frozen=True)
class Case:
    """One method in one world."""

    method: str
    world: str

    def __str__(self) -> str:
        return f"{self.method}-{self.world}"

    @property
    def family(self) -> Family:
        return find_method(self.method).family


CASES = [Case(spec.id, world) for spec in METHODS for world in WORLDS[spec.family]]


@cache
def reports(case: Case) -> list[tuple[int, int, float | None]]:
    result_of(case)
    return _SEEN[case]


_SEEN: dict[Case, list[tuple[int, int, float | None]]] = {}


@cache
def result_of(case: Case) -> GridResult:
    seen = _SEEN.setdefault(case, [])
    family = case.family
    world = find_preset(case.world).make()
    plan = make_plan(world, case.method, PARAMS[family], SETTING[family])
    return run_plan(plan, lambda done, total, value=None: seen.append((done, total, value)))


cases = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.mark.parametrize("spec", METHODS, ids=lambda spec: spec.id)
def test_a_declaration_is_complete_and_its_bounds_hold(spec) -> None:
    assert spec.check({}) == defaults(spec.params)
    names = [param.name for param in (*spec.params, *SETTINGS[spec.family])]
    assert len(set(names)) == len(names), "settings and parameters are set by name"
    for param in (*spec.params, *SETTINGS[spec.family]):
        assert param.label and param.help.endswith((".", "?"))
        for value in param.extremes():
            assert param.check(value) == value
        if param.only_if is not None:
            assert param.only_if[0] in names
    with pytest.raises(UserError):
        spec.check({"nonsense": 1})


@cases
def test_the_documented_tables_are_there(case: Case) -> None:
    result = result_of(case)
    for name, columns in FRAMES[case.family].items():
        assert set(columns) <= set(result.frames[name].columns), name
        assert len(result.frames[name]) or name == "errors", name
    assert FIGURES[case.family] <= result.figures.keys()
    assert all(isinstance(value, float) for value in result.figures.values())
    for note in result.notes:
        assert note.code in SENTENCES and str(note)


@cases
def test_it_tells_how_far_it_is(case: Case) -> None:
    seen = reports(case)
    assert 1 <= len(seen) <= 210
    done = [one for one, _, _ in seen]
    assert done == sorted(done)
    assert all(0 <= one <= total for one, total, _ in seen)


@pytest.mark.parametrize("case", [c for c in CASES if c.family is not Family.CONTINUOUS], ids=str)
def test_the_policy_fits_its_world(case: Case) -> None:
    frame, model = result_of(case).frames["policy"], model_of_world(result_of(case).plan.world)
    assert frame["state"].tolist() == list(range(model.n_states))
    assert (frame["row"] * model.columns + frame["column"] == model.cell).all()
    assert (frame["terminal"] == model.terminal).all()
    assert ((frame["actions"] == "") == model.terminal).all()
    assert frame[[f"q:{name}" for name in model.actions]].shape == (model.n_states, model.n_actions)
    for names, arrows in zip(frame["actions"], frame["arrows"], strict=True):
        signs = [
            model.arrows[model.actions.index(name)] for name in filter(None, names.split(", "))
        ]
        assert "".join(signs) == arrows
    np.testing.assert_allclose(probabilities(frame, model).sum(axis=1), 1)


@cases
def test_the_same_plan_gives_the_same_numbers(case: Case) -> None:
    result = result_of(case)
    plain = json.loads(json.dumps(plan_to_json(result.plan)))
    again = run_plan(plan_from_json(plain))
    for name, frame in result.frames.items():
        assert_frame_equal(again.frames[name], frame)
    timed = {"seconds", *(name for name in result.figures if name.startswith("seconds"))}
    for name in result.figures.keys() - timed:
        np.testing.assert_equal(again.figures[name], result.figures[name])
    assert again.notes == result.notes


@cases
def test_what_is_stored_is_read_back(case: Case, workspace: Workspace) -> None:
    result, store = result_of(case), GridRunStore(workspace)
    run = store.create(result.plan, str(case))
    store.save(run, result)
    for name, frame in result.frames.items():
        texts = {column: "str" for column in frame if frame[column].dtype == object}
        assert_frame_equal(store.frame(run, name), frame.astype(texts))
    np.testing.assert_equal(store.figures(run), dict(result.figures))
    assert store.notes(run) == result.notes
    assert plan_to_json(store.get(run).plan) == plan_to_json(result.plan)


@cases
def test_policy_files_can_be_read(case: Case) -> None:
    result = result_of(case)
    table = result.frames["policy" if "policy" in result.frames else "field"]
    lines = list(csv.reader(io.StringIO(policy_csv(result).decode("utf-8-sig"))))
    assert len(lines) == len(table) + 1
    arrays = np.load(io.BytesIO(policy_npz(result)), allow_pickle=False)
    assert all(np.asarray(arrays[name]).dtype.kind in "ifbU" for name in arrays.files)

    def no_constant(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    plain = json.loads(policy_json(result, "x"), parse_constant=no_constant)
    assert plain["method"] == case.method


@cases
def test_the_bundle_checks_itself_in_a_clean_python(case: Case, tmp_path: Path) -> None:
    content = policy_bundle(result_of(case), str(case), grid_versions())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "policy.py", "--episodes", "50"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert find_method(case.method).name in (tmp_path / "card.md").read_text(encoding="utf-8")
