"""The script of a run that learns a label prints the scores of the run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from codegen_runs import as_read, requested, supervised
from script_process import check_formatted, printed_scores

from mlcore.algorithms.catalogue import CATALOGUE
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.codegen.loading import Source
from mlcore.codegen.repeating import script_of
from mlcore.codegen.request import Request
from mlcore.codegen.script import Script
from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.recipe.recipe import Recipe, kinds_of, schema_after
from mlcore.data.schema import ColumnKind
from mlcore.evaluation.sealed import final_scores
from mlcore.experiment import Experiment
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task
from mlcore.workflow import RunResult, label_of, predict_frame, run_experiment

LEARNERS = tuple(spec for spec in CATALOGUE if spec.task.is_supervised)
FOLDS = SplitConfig(folds=3)

Mixed = tuple[Dataset, Source]
RunScript = Callable[[Script, Source], str]


def name_of(spec: AlgorithmSpec) -> str:
    return f"{spec.task}-{spec.id}"


def find(identifier: str, task: Task = Task.CLASSIFICATION) -> AlgorithmSpec:
    return next(spec for spec in LEARNERS if (spec.id, spec.task) == (identifier, task))


def trained(dataset: Dataset, experiment: Experiment) -> RunResult:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run_experiment(dataset, experiment)


def script(dataset: Dataset, source: Source, result: RunResult, **more: Any) -> Script:
    return script_of(
        Request(
            dataset=dataset,
            result=result,
            source=source,
            name="My run",
            model_file="model.joblib",
            versions={"pandas": "3", "scikit-learn": "1"},
            **more,
        )
    )


def assert_same(printed: list[float], expected: list[float], metric: str) -> None:
    assert len(printed) == len(expected), metric
    assert printed == pytest.approx(expected, rel=1e-12, abs=1e-12), metric


def repeats(
    dataset: Dataset, source: Source, experiment: Experiment, run_script: RunScript
) -> RunResult:
    """Run an experiment and its script, and compare every score."""
    result = trained(dataset, experiment)
    printed = printed_scores(run_script(script(dataset, source, result), source))
    scores = result.evaluation.scores.groupby("metric", sort=False)["value"]
    found = [metric for metric, count in scores.count().items() if count]
    assert list(printed) == found
    for metric in found:
        values = scores.get_group(metric)
        folds = [values.mean(), values.std()] if len(values) > 1 else [values.iloc[0]]
        assert_same(printed[metric], folds, metric)
    return result


@pytest.mark.parametrize("spec", LEARNERS, ids=name_of)
def test_every_algorithm_repeats_its_run(
    spec: AlgorithmSpec, mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    repeats(dataset, source, supervised(dataset, spec), run_script)


@pytest.mark.parametrize("spec", LEARNERS, ids=name_of)
def test_every_parameter_of_every_algorithm_reaches_the_script(spec: AlgorithmSpec) -> None:
    """An algorithm is written from the estimator: what is built is what stands there."""
    from mlcore.codegen.expression import Writer, flat

    built = spec.build({}, 5)
    writer = Writer(seed=5)
    text = flat(writer.value(built))
    space: dict[str, Any] = {"SEED": 5}
    exec(f"{writer.imports()}\nmade = {text}", space)
    made = space["made"].get_params()
    for name, value in built.get_params().items():
        if not hasattr(value, "get_params") and not isinstance(value, list):
            assert repr(made[name]) == repr(value), name


@pytest.mark.parametrize(
    "split",
    [
        FOLDS,
        SplitConfig(method="random", folds=3, seed=3),
        SplitConfig(method="group", group="place", folds=3),
        SplitConfig(method="time", time="counter", folds=3),
        SplitConfig(method="random", test_share=0.0, folds=3),
        SplitConfig(method="group", group="place", validation="holdout", seed=2),
        SplitConfig(method="time", time="counter", validation="holdout"),
    ],
    ids=str,
)
@pytest.mark.parametrize("weight", [None, "counts"])
def test_rows_are_divided_alike(
    split: SplitConfig, weight: str | None, divided: Mixed, run_script: RunScript
) -> None:
    dataset, source = divided
    spec = find("random_forest", Task.REGRESSION)
    repeats(dataset, source, supervised(dataset, spec, split=split, weight=weight), run_script)


@pytest.fixture(scope="session")
def divided(mixed: Mixed) -> Mixed:
    """The table with a column to order the rows by, and gaps in the label."""
    dataset, _ = mixed
    frame = dataset.frame.copy()
    frame["counter"] = np.random.default_rng(3).integers(0, 40, len(frame)).astype(float)
    frame.loc[::11, ["price", "species"]] = None
    frame["stars"] = np.resize([1.0, 2.0, 10.0], len(frame))
    kinds = {column.name: column.kind for column in dataset.schema.columns}
    return as_read(frame.to_csv(index=False).encode(), "divided.csv", kinds)


@pytest.mark.parametrize("name", ["linear_regression", "polynomial_regression", "lasso"])
def test_weights_reach_what_learns(name: str, divided: Mixed, run_script: RunScript) -> None:
    dataset, source = divided
    spec = find(name, Task.REGRESSION)
    features = ("size", "weight")
    plan = supervised(dataset, spec, weight="counts", split=FOLDS, features=features)
    repeats(dataset, source, plan, run_script)


@pytest.mark.parametrize("name", ["logistic_regression", "k_nearest_neighbors", "svm_rbf"])
@pytest.mark.parametrize("target", ["species", "grown", "stars"])
def test_two_classes_several_classes_and_numbers_as_classes(
    name: str, target: str, divided: Mixed, run_script: RunScript
) -> None:
    dataset, source = divided
    plan = supervised(dataset, find(name), target=target, split=FOLDS, weight="counts")
    repeats(dataset, source, plan, run_script)


@pytest.mark.parametrize(
    "preparation",
    [
        {"encoding": "target", "scaling": "robust", "missing_flag": True},
        {"encoding": "ordinal", "scaling": "minmax", "number_missing": "zero"},
        {"scaling": "unit_length", "category_missing": "most_frequent", "onehot_limit": 2},
        {"date_parts": ("month",), "text_words": 10, "scaling": "none"},
    ],
    ids=str,
)
@pytest.mark.parametrize("task", [Task.CLASSIFICATION, Task.REGRESSION])
def test_every_preparation_is_written(
    preparation: dict[str, Any], task: Task, mixed: Mixed, run_script: RunScript
) -> None:
    dataset, source = mixed
    spec = find("decision_tree", task)
    repeats(dataset, source, supervised(dataset, spec, preparation=preparation), run_script)


@pytest.mark.parametrize("weight", [None, "counts"])
def test_opened_test_rows_are_scored_too(
    weight: str | None, divided: Mixed, run_script: RunScript
) -> None:
    dataset, source = divided
    result = trained(dataset, supervised(dataset, find("random_forest"), weight=weight))
    plan, test = result.experiment, result.split.test
    answers = predict_frame(
        result.pipeline, dataset.frame[list(plan.features)].iloc[test], plan.task
    )
    chances = answers.drop(columns="predicted").rename(columns=lambda name: name[2:])
    actual = label_of(dataset, plan.label, plan.task).iloc[test]
    opened = final_scores(actual, answers["predicted"], chances, plan.task, n_bootstrap=10)
    told = script(dataset, source, result, test_scores=opened)
    out = run_script(told, source)
    # The test's lines come second and take the place of the others.
    printed = printed_scores(out)
    for metric, value in zip(opened["metric"], opened["value"], strict=True):
        assert_same(printed[metric], [value], metric)


def test_sealed_test_rows_are_not_scored(mixed: Mixed) -> None:
    dataset, source = mixed
    result = trained(dataset, supervised(dataset, find("baseline")))
    assert "X_test" not in script(dataset, source, result).to_python()


def test_scores_without_a_value_in_some_folds_are_left_out_there(run_script: RunScript) -> None:
    frame = pd.DataFrame({"a": np.arange(40.0) % 7, "kind": ["x", "y", "z", "x"] * 10})
    frame.loc[frame["kind"] == "z", "kind"] = "y"
    frame.loc[[1, 2, 3], "kind"] = "z"
    dataset, source = as_read(frame.to_csv(index=False).encode())
    split = SplitConfig(method="random", folds=5, seed=1)
    plan = supervised(dataset, find("naive_bayes"), target="kind", features=("a",), split=split)
    result = repeats(dataset, source, plan, run_script)
    assert result.evaluation.scores["value"].isna().any()


def test_a_zero_label_has_no_percentage_error_in_its_folds(run_script: RunScript) -> None:
    frame = pd.DataFrame({"a": np.arange(30.0), "b": np.arange(30.0) / 7})
    dataset, source = as_read(frame.to_csv(index=False).encode(), kinds={"a": ColumnKind.NUMBER})
    spec = find("decision_tree", Task.REGRESSION)
    split = SplitConfig(folds=3, test_share=0.0)
    plan = supervised(dataset, spec, target="b", features=("a",), split=split)
    result = repeats(dataset, source, plan, run_script)
    assert result.evaluation.scores["value"].isna().sum() == 1


HOSTILE = (
    'say "hi"',
    "it's",
    "both ' and \"",
    "back\\slash\\",
    'triple """ quote',
    "'''); import os; ('''",
    "{braces} {0} %s",
    "a__b",
    "# not a comment",
    "größe ✓",
)


def test_hostile_names_cannot_break_out(run_script: RunScript) -> None:
    """Names are data: of columns, classes, files and runs, whatever is in them."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=60) for name in HOSTILE[:5]})
    for name in HOSTILE[5:7]:
        frame[name] = rng.choice(['a"b', "c'd", "e\\f"], 60)
    frame[HOSTILE[7]] = [f"20{10 + i % 12}-0{1 + i % 9}-11" for i in range(60)]
    frame[HOSTILE[8]] = [f"words {i % 7} of “many” {i}" for i in range(60)]
    frame[HOSTILE[9]] = np.where(frame[HOSTILE[0]] > 0, '"""+yes', "no\\")
    dataset, source = as_read(
        frame.to_csv(index=False).encode(),
        "it's \"a\" {file} '''.csv".replace('"', "”"),
        {
            **dict.fromkeys(HOSTILE[:5], ColumnKind.NUMBER),
            **dict.fromkeys((*HOSTILE[5:7], HOSTILE[9]), ColumnKind.CATEGORY),
            HOSTILE[7]: ColumnKind.DATETIME,
            HOSTILE[8]: ColumnKind.TEXT,
        },
    )
    plan = supervised(
        dataset, find("random_forest"), target=HOSTILE[9], features=HOSTILE[:9], split=FOLDS
    )
    repeats(dataset, source, plan, run_script)


@pytest.mark.parametrize(
    "name",
    ['"""\nimport os\n"""', "\\", 'x"', "\n\nraise SystemExit", "\x00\u2028\udc80", "*/ -->"],
)
def test_the_name_of_a_run_and_a_file_is_only_told(name: str, mixed: Mixed) -> None:
    dataset, source = mixed
    result = trained(dataset, supervised(dataset, find("baseline")))
    request = Request(
        dataset=dataset,
        result=result,
        source=replace(source, file_name=name),
        name=name,
        model_file=name,
        versions={},
    )
    made = script_of(request)
    tree = ast.parse(made.to_python().encode("utf-8"))
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef)
    assert all(isinstance(node, allowed) for node in tree.body)
    first = next(node for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert ast.unparse(first.func) == "pd.read_csv"
    assert isinstance(first.args[0], ast.Constant) and first.args[0].value == name
    assert {node.names[0].name for node in tree.body if isinstance(node, ast.Import)} <= {
        "joblib",
        "numpy",
        "pandas",
    }


def test_a_program_for_the_table_as_it_was_read_tells_how_the_file_was(mixed: Mixed) -> None:
    dataset, source = mixed
    plan = supervised(dataset, find("baseline"))
    plain = requested(dataset, source, plan, "model.joblib")
    other = replace(plain, source=source.as_read(dataset))
    decided = " ".join(map(str, source.reading.decisions))
    for request, is_told in ((plain, False), (other, True)):
        words = ast.get_docstring(ast.parse(script_of(request).to_python())) or ""
        assert (decided in " ".join(words.split())) == is_told


#: Steps of every kind on the mixed table; ``size`` is needed under another name.
STEPS = (
    {"step": "replace", "column": "colour", "values": [["green", "blue"], ["blue", None]]},
    {"step": "fill", "column": "tagged", "value": "no"},
    {"step": "group", "column": "place", "keep": ["site 1", "site 2"], "other": "elsewhere"},
    {"step": "keep_rows", "column": "size", "comparison": "is at least", "values": [0.5]},
    {"step": "drop_repeated", "columns": ["weight", "size"]},
    {"step": "derive", "name": "heft", "formula": "if([weight] > 1, log10([weight]), 0) / 3"},
    {"step": "derive", "name": "age", "formula": "round(20000 - [seen], 1)"},
    {"step": "date_parts", "column": "seen", "parts": ["month", "weekday"]},
    {"step": "rename", "column": "size", "to": "length"},
    {"step": "fill", "column": "remark", "value": "nobody needs this"},
    {"step": "drop", "columns": ["weight", "seen"]},
)


def test_steps_before_modelling_are_repeated(
    mixed: Mixed, run_script: RunScript, tmp_path: Path
) -> None:
    before, source = mixed
    recipe = Recipe.of(STEPS, kinds_of(before.schema))
    frame = recipe.prepare(before.frame)
    schema = schema_after(recipe, before.schema, frame)
    dataset = replace(
        before, frame=frame, schema=schema, recipe=recipe, fingerprint=fingerprint(frame)
    )
    features = ("length", "colour", "tagged", "place", "heft", "age", "seen month", "seen weekday")
    plan = supervised(dataset, find("logistic_regression"), features=features, recipe=recipe)
    written = replace(source, before=before)
    repeats(dataset, written, plan, run_script)
    text = script(dataset, written, trained(dataset, plan)).to_python()
    assert "nobody needs this" not in text and "# “size” is called “length”." in text
    (tmp_path / "steps.py").write_text(text, "utf-8")
    check_formatted(tmp_path)
