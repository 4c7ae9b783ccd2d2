"""``--steps``: the table, the run and the bundle are those of the pages."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlcore.__main__ import main
from mlcore.command_line.reports import score_report
from mlcore.data.dataset import Dataset
from mlcore.data.recipe.steps_file import write_steps
from mlcore.data.store import DatasetStore
from mlcore.params import defaults
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import default_setup
from mlcore.tasks import Task
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace

CSV = "age,weight,day,town,ill\n" + "".join(
    f"{'-1' if n % 11 == 3 else 20 + n % 50},{50 + n * 7 % 40},2024-01-{1 + n % 28:02d},"
    f"{('Ulm', 'ulm', 'Bern')[n % 3]},{('yes', 'no')[n * 7 % 40 > 17]}\n"
    for n in range(90)
)
STEPS: list[dict[str, Any]] = [
    {"step": "replace", "column": "age", "values": [[-1, None]]},
    {"step": "replace", "column": "town", "values": [["ulm", "Ulm"]]},
    {"step": "keep_rows", "column": "age", "comparison": "is not missing", "values": []},
    {"step": "derive", "name": "load", "formula": "[weight] / [age]"},
    {"step": "date_parts", "column": "day", "parts": ["weekday"]},
    {"step": "rename", "column": "town", "to": "place"},
    {"step": "drop", "columns": ["day"]},
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("steps")
    (folder / "ill.csv").write_text(CSV, encoding="utf-8")
    (folder / "steps.json").write_text(json.dumps(STEPS), encoding="utf-8")
    return folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(command: str, folder: Path, *arguments: object) -> Any:
        paths = [str(folder / "ill.csv"), "--steps", str(folder / "steps.json")]
        assert main([command, *paths, "--json", *map(str, arguments)]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return run


def stored(workspace: Workspace) -> Dataset:
    """Return the table as the Data page would have made it."""
    store = DatasetStore(workspace)
    identifier = store.stage("ill.csv", CSV.encode())
    store.read(identifier)
    store.register(identifier)
    store.set_recipe(identifier, STEPS)
    return store.load(identifier)


def test_a_training_is_that_of_the_pages(
    told: Any, files: Path, workspace: Workspace, tmp_path: Path
) -> None:
    dataset = stored(workspace)
    plain = told(
        "train", files, "--target", "ill", "--algorithm", "decision_tree", "--out", tmp_path
    )
    assert plain["dataset"]["fingerprint"] == dataset.fingerprint
    assert plain["dataset"]["steps"] == STEPS == dataset.recipe.to_json()
    assert "place" in plain["features"] and "load" in plain["features"]
    setup = default_setup(dataset, "ill", Task.CLASSIFICATION)
    setup = replace(setup, preparation=defaults(PREPARATION_PARAMS))
    run = plain["runs"][1]
    experiment = setup.experiment(dataset, "decision_tree", run["parameters"])
    assert run["scores"] == score_report(run_experiment(dataset, experiment))
    with zipfile.ZipFile(run["paths"][0]) as bundle:
        assert json.loads(bundle.read("experiment.json")) == experiment.to_json()
        bundle.extractall(tmp_path / "bundle")
    # The bundle takes the file's own columns, and says which row the steps leave out.
    rows = tmp_path / "rows.csv"
    rows.write_text("\n".join(CSV.splitlines()[:6]) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "predict.py", str(rows), str(tmp_path / "out.csv")],
        cwd=tmp_path / "bundle",
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    said = "1 rows are such as were left out of training: Only rows where “age” is not missing."
    assert said in done.stderr


def test_other_commands_take_steps_too(told: Any, files: Path, workspace: Workspace) -> None:
    mark = stored(workspace).fingerprint
    groups = told("cluster", files, "--algorithm", "k_means", "--repeats", "0")
    assert groups["dataset"]["fingerprint"] == mark
    assert "load" in groups["features"]
    spread = told("propagate", files, "--target", "ill", "--algorithm", "label_propagation",
                  "--repeats", "0")  # fmt: skip
    assert spread["dataset"]["fingerprint"] == mark


def test_the_file_that_the_data_page_offers_does(
    told: Any, files: Path, tmp_path: Path, workspace: Workspace
) -> None:
    dataset = stored(workspace)
    (tmp_path / "ill.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "steps.json").write_bytes(write_steps(dataset.recipe))
    plain = told("train", tmp_path, "--target", "ill", "--algorithm", "baseline")
    assert plain["dataset"]["fingerprint"] == dataset.fingerprint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file “steps.json”"),
        ("[{}]", "Step 1 of “steps.json”"),
        ('[{"step": "fill", "column": "aeg", "value": 1}]', "Did you mean “age”?"),
        (
            '[{"step": "keep_rows", "column": "age", "comparison": "is more than", '
            '"values": [999]}]',
            "None of the 90 rows is left",
        ),
    ],
)
def test_wrong_steps_are_refused_in_a_sentence(
    content: str | None, said: str, tmp_path: Path, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = tmp_path / "steps.json"
    if content is not None:
        steps.write_text(content, encoding="utf-8")
    arguments = ["train", str(files / "ill.csv"), "--target", "ill", "--steps", str(steps)]
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and "Traceback" not in err


def test_models_of_sources_do_the_steps_before_they_vote(told: Any, tmp_path: Path) -> None:
    step = {"step": "derive", "name": "half", "formula": "[x] / 2"}
    lines = [f"{n % 13},{'ab'[n % 13 > 6]},{'ab'[n % 13 > 5]}" for n in range(60)]
    (tmp_path / "ill.csv").write_text("\n".join(["x,ann,ben", *lines]), encoding="utf-8")
    (tmp_path / "steps.json").write_text(json.dumps([step]), encoding="utf-8")
    plain = told(
        "fuse", tmp_path, "--sources", "ann,ben", "--method", "plurality", "--features", "half",
        "--learner", "decision_tree", "--out", tmp_path / "out",
    )  # fmt: skip
    (run,) = plain["runs"]
    assert run["error"] is None
    with zipfile.ZipFile(run["paths"][0]) as bundle:
        bundle.extractall(tmp_path / "bundle")
    (tmp_path / "rows.csv").write_text("x\n0\n12\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "fuse.py", str(tmp_path / "rows.csv"), str(tmp_path / "fused.csv")],
        cwd=tmp_path / "bundle",
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(tmp_path / "fused.csv")["label"].tolist() == ["a", "b"]


#: Tables of votes with steps that change them: the lines, the options, what new lines become.
VOTES = {
    "a column for each source": (
        [
            "n,ann,ben,cid",
            *(f"{n},{'tf'[n % 2]},{'TF'[n % 2]}!,{'tf'[n % 3 > 0]}" for n in range(40)),
        ],
        [
            {"step": "replace", "column": "ben", "values": [["T!", "t"], ["F!", "f"]]},
            {"step": "rename", "column": "ben", "to": "bea"},
            {"step": "keep_rows", "column": "cid", "comparison": "is one of", "values": ["f"]},
        ],
        ["--sources", "ann,bea,cid"],
        "rows are such as were left out of the first table.",
    ),
    "a line for each vote": (
        [
            "item,who,says",
            *(f"r{n},{who},{'12'[n % 2]}" for n in range(30) for who in ("ann", "ben", "cid")),
            *(f"r{n},cid,9" for n in range(30, 35)),
        ],
        [
            {"step": "replace", "column": "says", "values": [[2, 3]]},
            {"step": "keep_rows", "column": "says", "comparison": "is less than", "values": [9]},
        ],
        ["--row", "item", "--source", "who", "--label", "says"],
        "votes are such as were left out of the first table; they do not count.",
    ),
}


@pytest.mark.parametrize(("lines", "steps", "options", "said"), VOTES.values(), ids=VOTES)
def test_new_votes_go_through_the_steps_of_the_first(
    lines: list[str], steps: Any, options: list[str], said: str, told: Any, tmp_path: Path
) -> None:
    (tmp_path / "ill.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "steps.json").write_text(json.dumps(steps), encoding="utf-8")
    plain = told("fuse", tmp_path, *options, "--method", "plurality", "--out", tmp_path / "out")
    (run,) = plain["runs"]
    assert run["error"] is None
    with zipfile.ZipFile(run["paths"][0]) as bundle:
        bundle.extractall(tmp_path / "bundle")
    for arguments in ([], [str(tmp_path / "ill.csv"), str(tmp_path / "fused.csv")]):
        done = subprocess.run(
            [sys.executable, "-I", "fuse.py", *arguments],
            cwd=tmp_path / "bundle",
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert said in done.stderr
    # The libraries that steps need are asked for.
    manifest = tmp_path / "bundle" / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"pandas"', '"no-such"'), "utf-8")
    lacking = subprocess.run(
        [sys.executable, "-I", "fuse.py"],
        cwd=tmp_path / "bundle",
        capture_output=True,
        encoding="utf-8",
    )
    assert lacking.returncode == 2 and "Not installed: no-such" in lacking.stderr
    there, here = pd.read_csv(tmp_path / "fused.csv"), pd.read_csv(run["paths"][1])
    if "cid" in there:
        there = there[there["cid"] == "f"]
    assert there["label"].tolist() == here["label"].tolist() and len(here) > 20
