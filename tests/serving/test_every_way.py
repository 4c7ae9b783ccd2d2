"""Random rows get the same answers, to the last bit, and the same sentences by every way in."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from registry_runs import find, mixed_experiment
from starlette.testclient import TestClient
from stocked import train

from mlcore.data.store import DatasetStore
from mlcore.registry.bundle_files import contract, predict
from mlcore.registry.bundle_files.contract import Answers
from mlcore.registry.registering import register_run
from mlcore.registry.served import ServedModel
from mlcore.registry.store import CHAMPION, Registry
from mlcore.serving.api import make_app
from mlcore.tasks import Task
from mlcore.training.runs import RunStore
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace

#: Models that multiply matrices, of which processors add the edges in another order. scikit-learn
#: answers for "plain", ONNX Runtime for the others; "prepared" was trained after steps of the
#: user's own.
MODELS = ("ants", "plain", "price", "groups", "prepared")

#: Every way in which a step changes a row, and one that leaves rows out.
STEPS = (
    {"step": "replace", "column": "colour", "values": [["green", "blue"], ["blue", None]]},
    {"step": "fill", "column": "tagged", "value": "no"},
    {"step": "group", "column": "place", "keep": ["site 1", "site 2"], "other": "elsewhere"},
    {"step": "keep_rows", "column": "size", "comparison": "is at least", "values": [0.5]},
    {"step": "drop_repeated", "columns": ["weight", "size"]},
    {"step": "derive", "name": "heft", "formula": "log10([weight]) / [size]^2 + [seen] / 1000"},
    {"step": "date_parts", "column": "seen", "parts": ["month", "weekday"]},
    {"step": "rename", "column": "size", "to": "length"},
    {"step": "drop", "columns": ["weight", "seen", "remark"]},
)


@dataclass(frozen=True)
class Ways:
    """One model, with each way to ask it."""

    name: str
    folder: Path
    served: ServedModel
    client: TestClient


@pytest.fixture(scope="module")
def home(stocked_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a model for each kind of answer."""
    folder = tmp_path_factory.mktemp("ways")
    workspace = Workspace.open(shutil.copytree(stocked_home, folder / "home"))
    Registry(workspace).point("ants", CHAMPION, 2)
    (table,) = DatasetStore(workspace).all()
    dataset, runs = DatasetStore(workspace).load(table.id), RunStore(workspace)
    spec = find("gaussian_mixture", Task.CLUSTERING)
    run = runs.create(table.id, mixed_experiment(dataset, spec), spec.name)
    runs.save(run, run_experiment(dataset, mixed_experiment(dataset, spec)), dataset)
    register_run(runs, run, "groups", temp=folder)
    of_ants = str(Registry(workspace).find("ants").run)
    register_run(runs, of_ants, "plain", engine=contract.SCIKIT_LEARN, temp=folder)
    DatasetStore(workspace).set_recipe(table.id, STEPS)
    after = train(workspace, table.id, "species", "logistic_regression")[0]
    # A run belongs to the table of its day.
    DatasetStore(workspace).set_recipe(table.id, STEPS[:1])
    register_run(runs, after, "prepared", temp=folder)
    return workspace.home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    with TestClient(make_app(Workspace.open(home))) as made:
        yield made


@pytest.fixture(scope="module", params=MODELS)
def ways(
    request: pytest.FixtureRequest,
    home: Path,
    client: TestClient,
    tmp_path_factory: pytest.TempPathFactory,
) -> Ways:
    registry = Registry(Workspace.open(home))
    stored = registry.checked_folder(registry.find(request.param))
    # The registry's own folder stays as it is; a bundle is used where its owner unpacks it.
    folder = tmp_path_factory.mktemp(request.param) / "bundle"
    shutil.copytree(stored, folder)
    return Ways(request.param, folder, ServedModel.open(folder), client)


def cells_of(feature: dict[str, Any], is_wild: bool) -> st.SearchStrategy[Any]:
    """Return cells of a column: odd ones that can be read, and, if wild, some that cannot."""
    wild = ["x", "2024-02-30", "=1+1", 'Ω, "x"\n'] if is_wild else []
    if feature["kind"] == "number":
        numbers = st.floats(allow_nan=False, allow_infinity=False), st.floats(-9, 9)
        return st.one_of(*numbers, st.integers(-9, 9), st.sampled_from([None, "", "1e2", *wild]))
    seen = [*(feature["categories"] or ())[:4], feature["example"], feature["low"]]
    odd = ["1900-01-01"] if feature["kind"] == "date or time" else ["pink", "=1+1", 7, 1.5, True]
    return st.sampled_from([*seen, None, "", *odd, *wild])


@st.composite
def tables(draw: st.DrawFn, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows that all name the same columns: perhaps one too few, perhaps one too many."""
    is_wild = draw(st.integers(0, 3)) == 0
    strategies = {one["name"]: cells_of(one, is_wild) for one in schema["features"]}
    if is_wild and draw(st.booleans()):
        del strategies[draw(st.sampled_from(list(strategies)))]
    if draw(st.booleans()):
        strategies["more"] = st.sampled_from(["", "y"])
    rows = draw(st.lists(st.fixed_dictionaries(strategies), min_size=1, max_size=18))
    return [{name: row[name] for name in strategies} for row in rows]


def as_text(rows: list[dict[str, Any]], schema: dict[str, Any]) -> list[dict[str, str]]:
    """Return rows as they stand in a file."""
    of = {feature["name"]: feature for feature in schema["features"]}
    return [
        {n: str(contract.written(cell, of[n])) if n in of else cell for n, cell in row.items()}
        for row in rows
    ]


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def openly(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return rows as the Open Inference Protocol has them."""
    return {
        "inputs": [
            {"name": name, "shape": [len(rows), 1], "datatype": "BYTES", "data": cells}
            for name, cells in as_columns(rows).items()
        ]
    }


def as_columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def refusals(plain: dict[str, Any]) -> list[str]:
    return [one["sentence"] for one in plain["errors"]]


def expected_refusals(answers: Answers) -> list[str]:
    return [p.sentence for p in answers.problems if p.row is None or p.row in answers.refused]


def through_the_file(ways: Ways, text: str, policy: str) -> tuple[list[list[str]], list[str]]:
    """Return the new columns and the warnings that ``predict.py`` writes beside a file."""
    source, made = ways.folder.with_name("in.csv"), ways.folder.with_name("out.csv")
    source.write_text(text, "utf-8", newline="")
    table = predict.TableFile(source, ways.served.schema)
    predict.predict_file(
        ways.served.model, ways.served.schema, table, made, raw=True, policy=policy
    )
    with made.open(encoding="utf-8", newline="") as file:
        lines = [line[len(table.header) :] for line in csv.reader(file)][1:]
    return [line[:-1] for line in lines], [line[-1] for line in lines]


@settings(
    max_examples=10,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), policy=st.sampled_from(contract.POLICIES))
def test_every_way_gives_the_same_answers_and_sentences(
    ways: Ways, data: st.DataObject, policy: str
) -> None:
    rows = data.draw(tables(dict(ways.served.schema)))
    schema = dict(ways.served.schema)
    expected = contract.answers(
        ways.served.model, schema, contract.read_records(rows, schema), policy
    )
    check_python(ways, rows, expected, policy)
    check_plain_http(ways, rows, expected, policy)
    if policy == contract.POLICIES[0]:
        check_other_forms(ways, rows, expected)
    if set(rows[0]) >= {feature["name"] for feature in schema["features"]}:
        new, warnings = through_the_file(ways, as_csv(as_text(rows, schema)), policy)
        lines = zip(*expected.columns.values(), strict=True)
        assert new == [["" if cell is None else str(cell) for cell in line] for line in lines]
        assert warnings == expected.warnings


def check_python(ways: Ways, rows: list[dict[str, Any]], expected: Answers, policy: str) -> None:
    frame = pd.DataFrame(rows, dtype=object)
    for form in (rows, as_text(rows, dict(ways.served.schema)), frame):
        assert ways.served.predict(form, policy).to_json() == expected.to_json()
    # A row alone gets the bits that it gets among others.
    alone = ways.served.predict(rows[-1:], policy).to_records()[0]
    assert alone["prediction"] == expected.to_records()[-1]["prediction"]


def check_plain_http(
    ways: Ways, rows: list[dict[str, Any]], expected: Answers, policy: str
) -> None:
    bodies: list[dict[str, Any]] = [{"rows": rows}]
    names = [feature["name"] for feature in ways.served.schema["features"]]
    if list(rows[0]) == names:
        bodies.append({"input": [[*row.values()] for row in rows]})
    for body in bodies:
        got = ways.client.post(f"/models/{ways.name}/predict", json={**body, "policy": policy})
        if len(expected.refused) == len(rows):
            assert got.status_code == 422
            assert refusals(got.json()) == expected_refusals(expected)
        else:
            plain = got.json()
            assert {key: plain[key] for key in ("answers", "problems")} == expected.to_json()


def check_other_forms(ways: Ways, rows: list[dict[str, Any]], expected: Answers) -> None:
    """Compare the forms that have no place for a row without an answer."""
    path = f"/models/{ways.name}/invocations"
    text = as_csv(as_text(rows, dict(ways.served.schema))).encode()
    split = {"columns": list(rows[0]), "data": [[*row.values()] for row in rows]}
    post = ways.client.post
    mlflow = (
        post(path, json={"dataframe_records": rows}),
        post(path, json={"dataframe_split": split}),
        post(path, json={"instances": rows}),
        post(path, json={"inputs": as_columns(rows)}),
        post(path, content=text, headers={"Content-Type": "text/csv"}),
    )
    openly_ = post(f"/v2/models/{ways.name}/infer", json=openly(rows))
    for got in (*mlflow, openly_):
        assert got.status_code == (422 if expected.refused else 200), got.text
        if expected.refused:
            assert refusals(got.json()) == expected_refusals(expected)
    if not expected.refused:
        assert all(got.json() == {"predictions": expected.prediction} for got in mlflow)
        told = {one["name"]: one["data"] for one in openly_.json()["outputs"]}
        assert told == {
            name if place else "prediction": values
            for place, (name, values) in enumerate(expected.columns.items())
        }


def test_the_rows_are_telling(ways: Ways) -> None:
    """What is drawn has rows that are answered, doubted and refused; each model has its extras."""
    rows = [{f["name"]: f["example"] for f in ways.served.schema["features"]}] * 3
    rows[1] = {**rows[1], "size": 1e9}
    rows[2] = {**rows[2], "size": "x"}
    first, second, third = ways.served.predict(rows).to_records()
    is_plain = ways.name == "plain"
    assert contract.engine_of(ways.folder) == (contract.SCIKIT_LEARN if is_plain else contract.ONNX)
    assert not first["warnings"] and second["warnings"] and third["refused"]
    assert first["interval" if ways.name == "price" else "probabilities"]
    assert json.dumps(first)


def test_steps_are_done_to_new_rows(home: Path) -> None:
    """The row that training had gets the answer of the model on what the steps made of it."""
    registry, store = Registry(Workspace.open(home)), DatasetStore(Workspace.open(home))
    version = registry.find("prepared")
    served = ServedModel.open(registry.checked_folder(version))
    names = [feature["name"] for feature in served.schema["features"]]
    assert names == ["size", "weight", "colour", "tagged", "seen", "place", "price"]
    runs = RunStore(store.workspace)
    run = runs.get(version.run)
    source = store.load_source(run.dataset_id).frame
    made = store.load_after(run.dataset_id, run.experiment.recipe).frame
    expected = runs.model(run.id).predict(made[list(run.experiment.features)])
    kept = run.experiment.recipe.kept_places(source)
    answers = served.predict(source[names])
    assert [answers.prediction[row] for row in kept] == expected.tolist()
    left_out = {p.row for p in answers.problems if p.code == "left_out"}
    assert left_out == set(source.index[~(source["size"] >= 0.5)])
    (said,) = {p.sentence for p in answers.problems if p.code == "left_out"}
    # What a step reads as missing is no value of the column, and no row is doubted for it.
    colour = next(one for one in served.schema["features"] if one["name"] == "colour")
    assert colour["categories"] == ["green", "red"] and "blue" in colour["missing_tokens"]
    example = {one["name"]: one["example"] for one in served.schema["features"]}
    for cell in ("blue", ""):
        (told,) = served.predict([{**example, "colour": cell}]).to_records()
        assert not told["warnings"] and not told["refused"]
    # The program checks itself where nothing of this project can be seen.
    folder = registry.checked_folder(version)
    check = [sys.executable, "-I", "predict.py"]
    done = subprocess.run(check, cwd=folder, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert said == (
        "Such rows were left out of training: Only rows where “size” is at least “0.5”."
    )
