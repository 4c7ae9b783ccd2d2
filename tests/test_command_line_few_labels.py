"""``python -m mlcore propagate``: few labels completed and doubted, as documented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_moons
from threadpoolctl import threadpool_limits

from mlcore.__main__ import main
from mlcore.algorithms.catalogue import CATALOGUE
from mlcore.algorithms.semi_supervised import PROPAGATION
from mlcore.command_line import running
from mlcore.command_line.experiments import DEFAULT_ALGORITHMS
from mlcore.command_line.options import parser
from mlcore.evaluation.few_labels_board import hidden_accuracy
from mlcore.evaluation.label_draws import gain_frame, gain_verdict
from mlcore.evaluation.summary import summarise
from mlcore.setups import FewLabelsSetup
from mlcore.splitting import FewLabelsConfig
from mlcore.tasks import Task
from mlcore.workflow import run_experiment

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
GRAPH = ("--algorithm", "label_propagation")


def section(heading: str) -> str:
    return DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def no_constant(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


def read(text: str) -> Any:
    return json.loads(text, parse_constant=no_constant)


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    points, labels = make_moons(200, noise=0.05, random_state=3)
    frame = pd.DataFrame(points.round(4), columns=["x", "y"])
    return frame.assign(moon=np.where(labels == 0, "upper", "lower"))


@pytest.fixture(scope="module")
def moons(truth: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    known = np.random.default_rng(0).permutation(len(truth))[:24]
    path = tmp_path_factory.mktemp("tables") / "moons.csv"
    truth.assign(moon=truth["moon"].where(truth.index.isin(known))).to_csv(path, index=False)
    return path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> tuple[int, str, str]:
        with threadpool_limits(1):
            status = main(["propagate", *map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def to_file(frame: pd.DataFrame) -> Path:
        path = tmp_path / "table.csv"
        frame.to_csv(path, index=False)
        return path

    return to_file


def test_the_json_object_is_the_documented_one(call: Any, moons: Path, tmp_path: Path) -> None:
    status, out, err = call(moons, "--target", "moon", *GRAPH, "--out", tmp_path, "--json")
    assert (status, err) == (0, "")
    told = read(out)
    (run,) = told["runs"]
    own = section("The JSON object of few labels")
    documented = set(re.findall(r"`(\w+)`", own))
    fields = set(re.findall(r"^\| `(\w+)` ", own, re.MULTILINE))
    above = section("The JSON object of a training") + section("The JSON object of a clustering")
    shared = set(re.findall(r"`(\w+)`", above)) & (set(told) | set(run))
    assert fields | shared == set(told) | set(run)
    assert shared <= documented
    parts = (
        *(told["labels"], told["labels"]["classes"][0], told["split"], told["split"]["rows"]),
        *(told["shift"], told["shift"]["columns"][0], run["gain"], run["gain"]["sizes"][0]),
        *(run["interval"], run["answers"][0], run["next"][0], run["findings"][0]),
    )
    for part in parts:
        assert set(part) <= documented
    assert set(run["parameters"]) == {param.name for param in PROPAGATION.params}


def test_it_tells_what_the_core_computes(call: Any, moons: Path) -> None:
    _, out, _ = call(
        moons, "--target", "moon", *GRAPH, "--param", "label_propagation.n_neighbors=4",
        "--repeats", "4", "--folds", "3", "--seed", "2", "--rival", "naive_bayes", "--json",
    )  # fmt: skip
    told = read(out)
    (run,) = told["runs"]
    arguments = ["propagate", str(moons), "--target", "m"]
    dataset = running.read_file(parser().parse_args(arguments)).dataset
    config = FewLabelsConfig(folds=3, repeats=4, seed=2, rival="naive_bayes")
    setup = FewLabelsSetup(target="moon", features=("x", "y"), split=config)
    with threadpool_limits(1):
        result = run_experiment(
            dataset, setup.experiment(dataset, "label_propagation", {"n_neighbors": 4})
        )
    expected = summarise(result.evaluation, Task.CLASSIFICATION).set_index("metric")
    assert set(run["scores"]) == set(expected.index)
    for metric in ("accuracy", "balanced_accuracy"):
        assert run["scores"][metric]["mean"] == pytest.approx(expected.loc[metric, "mean"])
        assert run["scores"][metric]["spread"] == pytest.approx(expected.loc[metric, "std"])
    accuracy = hidden_accuracy(result.evaluation)
    assert run["interval"] == pytest.approx(
        {"mean": accuracy.mean, "low": accuracy.low, "high": accuracy.high, "labels": 24}
    )
    gains = gain_frame(result.frames["draws"])
    assert [line["size"] for line in run["gain"]["sizes"]] == list(gains["size"])
    assert [line["gain"] for line in run["gain"]["sizes"]] == pytest.approx(list(gains["gain"]))
    for line in run["gain"]["sizes"]:
        assert line["with_unlabelled"] - line["alone"] == pytest.approx(line["gain"])
    assert run["gain"]["sentence"] == str(gain_verdict(gains))
    assert [line["row"] for line in run["next"]] == list(result.frames["next"]["row"])
    assert told["split"] | config.values() == told["split"]
    assert told["labels"]["labelled"] == 24 == told["split"]["rows"]["development"]


def test_the_bundle_and_the_completed_rows_are_right(
    call: Any, moons: Path, truth: pd.DataFrame, tmp_path: Path
) -> None:
    _, out, _ = call(moons, "--target", "moon", *GRAPH, "--repeats", "0", "--out", tmp_path)
    bundle, rows = (tmp_path / f"label_propagation.{kind}" for kind in ("zip", "csv"))
    assert [f"Written: {path}" in out for path in (bundle, rows)] == [True, True]
    completed = pd.read_csv(rows)
    assert list(completed["label"]) == list(truth["moon"])
    assert completed["part"].value_counts().to_dict() == {"propagated": 176, "given": 24}
    assert list(completed["row"]) == list(range(200))
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "bundle")
    done = subprocess.run(
        [sys.executable, "-I", "predict.py", moons, "answers.csv"],
        cwd=tmp_path / "bundle",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answers = pd.read_csv(tmp_path / "bundle" / "answers.csv")["prediction"]
    assert list(answers) == list(truth["moon"])


def test_by_default_every_way_to_spread_labels_is_tried(call: Any, moons: Path) -> None:
    known = {spec.id for spec in CATALOGUE if spec.task is Task.SEMI_SUPERVISED}
    assert set(DEFAULT_ALGORITHMS[Task.SEMI_SUPERVISED]) == known
    status, out, _ = call(moons, "--target", "moon", "--repeats", "2")
    assert status == 0
    assert "24 of 200 rows have a label: “lower” 15, “upper” 9." in out
    assert "Do the labelled rows look like the rest? Labelled rows look like the others" in out
    # All 24 hidden labels are found again, which is no certainty: Wilson's interval says so.
    assert re.search(r"Label propagation +1\.000 \(0\.862 to 1\.000\) +1\.000 +0 ", out)
    assert "Self-training:\n" in out
    assert len(re.findall(r"^Label next, rows counted from 0", out, re.MULTILINE)) == 3


def islands() -> pd.DataFrame:
    """Return two groups with labels and one far away without any."""
    random = np.random.default_rng(1)
    centres = np.repeat([[0, 0], [5, 5], [90, 90]], 30, axis=0)
    frame = pd.DataFrame(centres + random.normal(size=(90, 2)), columns=["x", "y"])
    label = pd.Series(np.repeat(["a", "b", "c"], 30), dtype="str")
    return frame.assign(group=label.where(frame.index % 3 == 0).where(label != "c"))


def test_rows_that_no_label_reaches_stay_unlabelled(call: Any, write: Any, tmp_path: Path) -> None:
    path = write(islands())
    base = (path, "--target", "group", *GRAPH, "--repeats", "2", "--out", tmp_path)
    status, out, _ = call(*base, "--json")
    (run,) = read(out)["runs"]
    assert (status, run["unreached"]) == (0, 30)
    assert (run["next"][0]["reason"], run["next"][0]["region_rows"]) == ("unreached", 30)
    completed = pd.read_csv(tmp_path / "label_propagation.csv")
    assert (completed["part"][60:] == "unlabelled").all()
    assert completed["label"][60:].isna().all() and completed["label"][:60].notna().all()
    out = call(*base)[1]
    assert "Warning: No label reaches 30 rows" in out
    assert f"{run['next'][0]['row']} (no label reaches it)" in out
    assert "Do the labelled rows look like the rest? In 2 of 2 columns" in out


def test_it_warns_where_the_other_rows_hurt(call: Any, write: Any) -> None:
    random = np.random.default_rng(0)
    # A straight border across many columns: near rows say little, a linear classifier sees it.
    points = random.normal(size=(300, 8))
    frame = pd.DataFrame(points, columns=list("abcdefgh")).round(4)
    half = pd.Series(np.where(points.sum(axis=1) > 0, "up", "down"), dtype="str")
    frame["half"] = half.where(frame.index < 100)
    path = write(frame)
    base = (path, "--target", "half", *GRAPH, "--prepare", "scaling=none")
    told = read(call(*base, "--json")[1])
    assert told["runs"][0]["gain"]["verdict"] == "hurts"
    assert "Warning: The rows without a label hurt" in call(*base)[1]


def test_what_means_no_label_is_told(call: Any, write: Any, truth: pd.DataFrame) -> None:
    words = truth["moon"].where(truth.index % 5 == 0, "todo").where(truth.index % 7 != 0, "?")
    path = write(truth.assign(moon=words))
    base = (path, "--target", "moon", *GRAPH, "--repeats", "0")
    status, out, _ = call(
        *base, "--no-label", "TODO", "--no-label", "?", "--no-label", "none", "--json"
    )
    told = read(out)
    expected = int((truth.index % 5 == 0).sum() - (truth.index % 35 == 0).sum())
    assert (status, told["labels"]["labelled"]) == (0, expected)
    assert told["split"]["no_label"] == ["TODO", "?", "none"]
    rows = int((words == "todo").sum())
    assert told["labels"]["notes"] == [
        f"“TODO” stands in {rows} rows, which count as not labelled.",
        "“none”, named after --no-label, does not occur in “moon”. Check how it is written.",
    ]
    out = call(*base, "--no-label", "todo")[1]
    assert "- “todo” stands in" in out
    assert "not measured: --repeats 0 leaves it out." in out


def test_columns_left_out_and_filled_in_are_said(
    call: Any, write: Any, truth: pd.DataFrame
) -> None:
    frame = truth.assign(unit="cm", x=truth["x"].where(truth.index % 20 != 3))
    path = write(frame.assign(moon=frame["moon"].where(frame.index % 4 == 0)))
    told = read(call(path, "--target", "moon", *GRAPH, "--repeats", "0", "--json")[1])
    assert told["features"] == ["x", "y"]
    assert [each["column"] for each in told["left_out"]] == ["unit"]
    assert told["filled"] == {
        "rows": 10,
        "columns": [{"column": "x", "how": "median of the column"}],
    }


REFUSED: dict[str, tuple[list[str], str]] = {
    "unknown target": (["--target", "mon"], "Did you mean “moon”?"),
    "no label": (["--target", "nothing"], "no row has one"),
    "one class": (["--no-label", "upper"], "every labelled row says “lower”"),
    "unknown feature": (["--features", "z"], "has no column called “z”"),
    "feature of no use": (["--kind", "x=identifier", "--features", "x"], "Leave it out of --feat"),
    "target as feature": (["--features", "moon"], "cannot also be a feature"),
    "unknown algorithm": (["--algorithm", "label_prop"], "Did you mean “label_propagation”?"),
    "algorithm of another task": (["--algorithm", "k_means"], "no algorithm “k_means”"),
    "unknown rival": (["--rival", "forest"], "Did you mean “random_forest”?"),
    "rival that learns nothing": (["--rival", "baseline"], "“logistic_regression”"),
    "unknown parameter": (["--param", "self_training.alpha=1"], "no setting called “alpha”"),
    "out of range": (["--param", "label_spreading.alpha=2"], "must lie between"),
    "not among": (
        [*GRAPH, "--param", "self_training.threshold=0.8"],
        "Add --algorithm self_training",
    ),
    "bad folds": (["--folds", "1"], "must lie between 2 and 20"),
    "bad preparation": (["--prepare", "scaling=loud"], "must be one of"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_input_that_cannot_be_used_is_explained_in_one_sentence(
    call: Any, write: Any, truth: pd.DataFrame, tmp_path: Path, case: str
) -> None:
    path = write(truth.assign(nothing=np.nan))
    given, words = REFUSED[case]
    target = [] if "--target" in given else ["--target", "moon"]
    status, out, err = call(path, *target, *given, "--out", tmp_path / "models")
    assert (status, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "models").exists()


def test_a_run_that_fails_does_not_stop_the_others(call: Any, moons: Path, tmp_path: Path) -> None:
    dense = ("--param", "label_spreading.affinity=rbf", "--algorithm", "label_spreading", *GRAPH)
    base = (moons, "--target", "moon", "--repeats", "0", *dense)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("mlcore.algorithms.affinity.MOST_DENSE_ROWS", 100)
        status, out, _ = call(*base, "--json", "--out", tmp_path)
        failed, done = read(out)["runs"]
        assert status == 1
        assert failed["error"]["code"] == "few_labels.too_many_pairs"
        assert (failed["scores"], failed["gain"], failed["paths"]) == ({}, None, [])
        assert done["error"] is None and len(done["paths"]) == 2
        status, out, err = call(*base)
    assert status == 1
    assert err.startswith("Label spreading failed: All pairs of rows are compared")
    assert "Label propagation:" in out


def test_what_cannot_be_written_is_said(call: Any, moons: Path, tmp_path: Path) -> None:
    (tmp_path / "label_propagation.csv").mkdir()
    base = (moons, "--target", "moon", *GRAPH, "--repeats", "0", "--out", tmp_path, "--json")
    status, out, _ = call(*base)
    (run,) = read(out)["runs"]
    assert (status, run["error"]["code"]) == (1, "command.cannot_write")


def test_it_runs_as_a_program_of_its_own(moons: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "mlcore", "propagate", str(moons), "--target"]
    done = subprocess.run(
        [*command, "moon", *GRAPH, "--repeats", "2"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "ascii", "WORKBENCH_HOME": str(tmp_path), "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "24 of 200 rows have a label" in done.stdout
    assert list(tmp_path.iterdir()) == [], "nothing is written unless asked for"
