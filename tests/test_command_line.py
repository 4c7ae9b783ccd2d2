"""``python -m mlcore``: the same numbers as the pages, documented output, exit status 0, 1 or 2."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlcore.__main__ import main
from mlcore.algorithms.catalogue import CATALOGUE, baseline
from mlcore.command_line import running
from mlcore.command_line.options import DEFAULT_ALGORITHMS
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.metrics import metrics_for
from mlcore.splitting import SPLIT_PARAMS, SplitConfig
from mlcore.tasks import SUPERVISED_TASKS, Task

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = load_iris(as_frame=True).frame
    names = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    frame.columns = pd.Index(names)
    frame["species"] = frame["species"].map({0: "setosa", 1: "versicolor", 2: "virginica"})
    path = tmp_path_factory.mktemp("tables") / "iris.csv"
    frame.to_csv(path, index=False)
    return path


class Answer:
    """Exit status and what was printed."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object) -> Answer:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:
            status = int(left.code or 0)
        return Answer(status, *capsys.readouterr())

    return run


def test_scores_are_those_of_a_script_written_by_hand(call: Any, iris: Path) -> None:
    answer = call(
        "train", iris, "--target", "species", "--algorithm", "logistic_regression", "--json"
    )
    assert answer.status == 0
    assert answer.err == ""
    frame = pd.read_csv(iris)
    X, y = frame.drop(columns="species"), frame["species"]
    development, _ = next(StratifiedShuffleSplit(1, test_size=0.2, random_state=0).split(X, y))
    X, y = X.iloc[sorted(development)], y.iloc[sorted(development)]
    run = answer.json["runs"][1]
    model = LogisticRegression(
        C=run["parameters"]["C"], max_iter=run["parameters"]["max_iter"], random_state=0
    )
    theirs = cross_validate(
        make_pipeline(StandardScaler(), model),
        X,
        y,
        cv=StratifiedKFold(5, shuffle=True, random_state=0),
        scoring=["accuracy", "f1_macro", "neg_log_loss"],
    )
    scores = run["scores"]
    for metric, name, sign in [
        ("accuracy", "accuracy", 1), ("f1_macro", "f1_macro", 1), ("log_loss", "neg_log_loss", -1),
    ]:  # fmt: skip
        values = pd.Series(sign * theirs[f"test_{name}"])
        assert scores[metric]["mean"] == pytest.approx(values.mean(), abs=1e-12)
        assert scores[metric]["spread"] == pytest.approx(values.std(), abs=1e-12)
        assert scores[metric]["folds"] == 5


def test_the_json_object_is_the_documented_one(call: Any, iris: Path, tmp_path: Path) -> None:
    answer = call(
        "train", iris, "--target", "species", "--algorithm", "decision_tree", "--json",
        "--out", tmp_path / "models", "--features", "petal_length,petal_width",
        "--param", "decision_tree.max_depth=2", "--prepare", "scaling=robust",
        "--folds", "3", "--test-share", "0.3", "--seed", "4",
    )  # fmt: skip
    plain = answer.json
    assert answer.status == 0
    assert list(plain) == [
        "dataset", "task", "target", "features", "weight", "preparation", "split", "main_metric",
        "runs",
    ]  # fmt: skip
    assert (plain["dataset"]["name"], plain["dataset"]["rows"]) == ("iris", 150)
    assert plain["dataset"]["columns"]["species"]["kind"] == "category"
    assert (plain["task"], plain["target"]) == ("classification", "species")
    assert plain["features"] == ["petal_length", "petal_width"]
    assert plain["weight"] is None
    assert plain["preparation"]["scaling"] == "robust"
    split = plain["split"]
    assert (split["method"], split["folds"], split["test_share"], split["seed"]) == (
        "stratified", 3, 0.3, 4,
    )  # fmt: skip
    assert split["rows"] == {"development": 105, "test": 45, "unlabelled": 0}
    assert [run["algorithm"] for run in plain["runs"]] == ["baseline", "decision_tree"]
    for run in plain["runs"]:
        assert set(run["scores"]) == {metric.id for metric in metrics_for(Task.CLASSIFICATION)}
        assert run["seconds"] > 0
        assert run["error"] is None
        (path,) = run["paths"]
        assert "predict.py" in zipfile.ZipFile(path).namelist()
    assert plain["runs"][1]["parameters"]["max_depth"] == 2


def test_the_documentation_shows_every_key(call: Any, iris: Path) -> None:
    answer = call("train", iris, "--target", "species", "--algorithm", "baseline", "--json")
    text = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")

    def keys(plain: Any, depth: int = 0) -> set[str]:
        if isinstance(plain, list):
            return set().union(*(keys(item, depth) for item in plain))
        if not isinstance(plain, dict):
            return set()
        inner = (keys(value, depth + 1) for value in plain.values())
        return set(plain).union(*inner)

    columns = {"sepal_length", "sepal_width", "petal_length", "petal_width", "species"}
    metrics = {metric.id for metric in metrics_for(Task.CLASSIFICATION)}
    undocumented = [key for key in keys(answer.json) - columns - metrics if f"`{key}`" not in text]
    assert undocumented == []
    for param in SPLIT_PARAMS:
        flag = "split" if param.name == "method" else param.name.replace("_", "-")
        assert f"`--{flag}" in text


def test_without_a_choice_a_few_algorithms_compete(call: Any, iris: Path) -> None:
    answer = call("train", iris, "--target", "species", "--folds", "2")
    assert answer.status == 0
    assert "120 rows train and compare models in 2 folds; 30 test rows stay sealed." in answer.out
    for name in ("Logistic regression", "Random forest", "Gradient boosting", "Baseline"):
        assert name in answer.out
    assert "Balanced accuracy against the baseline" in answer.out


@pytest.mark.parametrize("task", SUPERVISED_TASKS)
def test_the_default_algorithms_exist(task: Task) -> None:
    known = {spec.id for spec in CATALOGUE if spec.task is task}
    assert set(DEFAULT_ALGORITHMS[task]) <= known - {baseline(task).id}


def test_a_run_that_fails_does_not_stop_the_others(
    call: Any, iris: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    run_experiment = running.run_experiment

    def breaks_for_trees(dataset: Any, experiment: Any) -> Any:
        if experiment.algorithm == "decision_tree":
            raise ZeroDivisionError("a secret cell")
        return run_experiment(dataset, experiment)

    monkeypatch.setattr(running, "run_experiment", breaks_for_trees)
    arguments = (
        "train", iris, "--target", "species",
        "--algorithm", "decision_tree", "--algorithm", "naive_bayes",
    )  # fmt: skip
    answer = call(*arguments, "--json")
    assert answer.status == 1
    _, failed, done = answer.json["runs"]
    assert failed["error"]["code"] == "training.defect"
    assert failed["scores"] == {} and failed["paths"] == []
    assert done["error"] is None and done["scores"]["accuracy"]["mean"] > 0.9
    assert "a secret cell" not in (home / "logs" / "defects.log").read_text(encoding="utf-8")
    answer = call(*arguments)
    assert answer.status == 1
    assert answer.err.startswith("Decision tree failed: Something went wrong")
    assert "Naive Bayes" in answer.out


def test_a_run_that_cannot_work_says_why(call: Any, iris: Path) -> None:
    answer = call(
        "train", iris, "--target", "species", "--algorithm", "k_nearest_neighbors",
        "--param", "k_nearest_neighbors.n_neighbors=100", "--json",
    )  # fmt: skip
    assert answer.status == 1
    assert "there are only 96 rows to learn from" in answer.json["runs"][1]["error"]["sentence"]


REFUSED: dict[str, tuple[list[str], str]] = {
    "unknown target": (["--target", "speces"], "Did you mean “species”?"),
    "unknown feature": (["--features", "petal"], "has no column called “petal”"),
    "feature of no use": (
        ["--features", "petal_width", "--kind", "petal_width=identifier"],
        "“petal_width” is identifier, which cannot be learnt from. Leave it out of --features",
    ),
    "target as feature": (["--features", "species"], "cannot also be a feature"),
    "wrong task": (["--task", "regression"], "Predicting a number needs a number column"),
    "unknown algorithm": (["--algorithm", "random_forrest"], "Did you mean “random_forest”?"),
    "unknown parameter": (["--param", "random_forest.trees=3"], "no setting called “trees”"),
    "bad value": (["--param", "random_forest.n_estimators=many"], "expects a whole number"),
    "out of range": (["--param", "random_forest.n_estimators=0"], "must lie between"),
    "not trained": (["--param", "svr.C=3"], "There is no algorithm “svr” for this task"),
    "not among": (["--param", "naive_bayes.var_smoothing=1"], "Add --algorithm naive_bayes"),
    "no value": (["--param", "random_forest.n_estimators"], "Write it as ID.NAME=VALUE"),
    "no algorithm": (["--param", "n_estimators=3"], "Write it as ID.NAME=VALUE"),
    "bad preparation": (["--prepare", "scaling=loud"], "must be one of"),
    "bad split": (["--split", "lot"], "must be one of “stratified”"),
    "bad folds": (["--folds", "1"], "must lie between 2 and 20"),
    "no number": (["--test-share", "some"], "expects a number, but got 'some'"),
    "group missing": (["--split", "group"], "a column that holds the group"),
    "unknown weight": (["--weight", "trust"], "no column called “trust”"),
    "weight of words": (["--weight", "species"], "cannot also say how much a row counts"),
    "weight as feature": (
        ["--weight", "petal_width", "--features", "petal_width"],
        "cannot also be a feature",
    ),
    "unknown group": (["--group", "person"], "no column called “person”"),
    "bad kind": (["--kind", "species=numbers"], "must be one of “number”"),
    "kind of nothing": (["--kind", "speces=number"], "Did you mean “species”?"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_input_that_cannot_be_used_is_explained_in_one_sentence(
    call: Any, iris: Path, case: str
) -> None:
    given, words = REFUSED[case]
    target = [] if "--target" in given else ["--target", "species"]
    answer = call("train", iris, *target, *given)
    assert answer.status == 2
    assert answer.out == ""
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_missing_file_is_named_with_its_folder(call: Any, tmp_path: Path) -> None:
    answer = call("train", tmp_path / "gone.csv", "--target", "x")
    assert answer.status == 2
    assert answer.err.startswith(f"There is no file “gone.csv” (looked in {tmp_path}).")


def test_what_is_no_table_is_refused(call: Any, tmp_path: Path) -> None:
    folder = call("train", tmp_path, "--target", "x")
    assert folder.status == 2 and "cannot be read" in folder.err
    (tmp_path / "empty.csv").write_bytes(b"")
    empty = call("train", tmp_path / "empty.csv", "--target", "x")
    assert empty.status == 2 and len(empty.err.splitlines()) == 1


def test_a_table_that_cannot_be_divided_is_refused_before_any_training(
    call: Any, tmp_path: Path
) -> None:
    path = tmp_path / "small.csv"
    path.write_text("x,y\n1,a\n2,b\n3,a\n", encoding="utf-8")
    answer = call("train", path, "--target", "y", "--out", tmp_path / "models")
    assert answer.status == 2
    assert "too few" in answer.err
    assert not (tmp_path / "models").exists()


def test_a_folder_that_cannot_be_made_is_refused(call: Any, iris: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    answer = call("train", iris, "--target", "species", "--out", tmp_path / "file")
    assert answer.status == 2
    assert "Nothing can be written to" in answer.err


def test_kinds_groups_and_times_are_taken(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    rows = [f"{i % 8},{i},{i % 3},{'ab'[i % 2]}" for i in range(80)]
    path.write_text("\n".join(["person,hour,code,y", *rows]), encoding="utf-8")
    base = ("train", path, "--target", "y", "--algorithm", "naive_bayes", "--json")
    grouped = call(*base, "--group", "person", "--kind", "code=category").json
    assert (grouped["split"]["method"], grouped["split"]["group"]) == ("group", "person")
    assert "person" not in grouped["features"]
    assert grouped["dataset"]["columns"]["code"]["kind"] == ColumnKind.CATEGORY
    timed = call(*base, "--time", "hour", "--kind", "hour=number").json
    assert (timed["split"]["method"], timed["split"]["time"]) == ("time", "hour")


def test_weights_reach_the_models_and_are_no_features(
    call: Any, iris: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(iris)
    path = tmp_path / "weighed.csv"
    trust = pd.Series(range(1, 151)) / 150
    frame.assign(trust=trust.where(trust > 0.1)).to_csv(path, index=False)
    names = ("logistic_regression", "k_nearest_neighbors")
    base = ("train", path, "--target", "species", "--json", "--algorithm", names[0],
            "--algorithm", names[1], "--features", ",".join(frame.columns[:4]))  # fmt: skip
    plain, weighed = call(*base).json, call(*base, "--weight", "trust").json
    assert weighed["weight"] == "trust" and "trust" not in weighed["features"]
    assert "have no weight in “trust”" in weighed["split"]["notes"][0]
    _, linear, neighbors = weighed["runs"]
    assert linear["notes"] == []
    assert "does not take weights" in neighbors["notes"][0]
    assert linear["scores"]["log_loss"] != plain["runs"][1]["scores"]["log_loss"]
    default = call("train", path, "--target", "species", "--algorithm", "naive_bayes", "--weight",
                   "trust", "--json").json  # fmt: skip
    assert default["features"] == list(frame.columns[:4])


def test_reading_can_be_corrected(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "german.tsv"
    rows = [f"{i},5\tgr\u00fcn{i % 2}" for i in range(40)]
    path.write_bytes("\n".join(["groesse\tfarbe", *rows]).encode("latin-1"))
    answer = call(
        "train", path, "--target", "farbe", "--algorithm", "baseline", "--json",
        "--delimiter", "tab", "--decimal", ",", "--encoding", "cp1252",
    )  # fmt: skip
    assert answer.status == 0, answer.err
    plain = answer.json["dataset"]
    assert plain["reading"]["delimiter"] == "\t"
    assert plain["columns"]["groesse"]["kind"] == "number"


def test_a_sheet_with_lines_above_it_can_be_named(call: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("More")
    for row in (["Report"], ["size", "kind"], *([i % 7 / 2, "ab"[i % 2]] for i in range(40))):
        sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    answer = call(
        "train", tmp_path / "book.xlsx", "--target", "kind", "--algorithm", "baseline", "--json",
        "--sheet", "More", "--skip", "1", "--header", "yes", "--dates", "day first",
    )  # fmt: skip
    assert answer.status == 0, answer.err
    plain = answer.json["dataset"]
    assert plain["reading"]["sheet"] == "More" and plain["reading"]["skip"] == 1
    assert set(plain["columns"]) == {"size", "kind"}
    missing = call("train", tmp_path / "book.xlsx", "--target", "kind", "--sheet", "None")
    assert missing.status != 0 and "“More”" in missing.err


def test_the_catalogue_is_listed_completely(call: Any) -> None:
    listed = call("algorithms", "--json")
    assert listed.status == 0
    assert [(spec["id"], spec["task"]) for spec in listed.json] == [
        (spec.id, spec.task.value) for spec in CATALOGUE
    ]
    for spec, plain in zip(CATALOGUE, listed.json, strict=True):
        assert [param["name"] for param in plain["parameters"]] == [p.name for p in spec.params]
        assert plain["reference"]
    text = call("algorithms", "--task", "regression").out
    assert "Predict a number (regression)" in text and "classification" not in text.split("\n")[0]


def test_options_that_make_no_sense_show_the_usage(call: Any) -> None:
    answer = call("train")
    assert answer.status == 2
    assert answer.err.startswith("usage: python -m mlcore")
    assert call("--version").status == 0


def test_the_split_of_the_options_is_the_declared_one(call: Any, iris: Path) -> None:
    plain = call("train", iris, "--target", "species", "--algorithm", "baseline", "--json").json
    described = {k: v for k, v in plain["split"].items() if k not in ("rows", "notes")}
    assert SplitConfig.from_json(described) == SplitConfig()


def test_it_runs_as_a_program_of_its_own(iris: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "mlcore", "train", str(iris), "--target"]
    done = subprocess.run(
        [*command, "species", "--algorithm", "naive_bayes"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        # A console that knows only ASCII must not end the run.
        env={"PYTHONIOENCODING": "ascii", "WORKBENCH_HOME": str(tmp_path), "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "?species?" in done.stdout
    assert list(tmp_path.iterdir()) == [], "nothing is written unless asked for"
