"""The record of a run survives JSON, and refuses what cannot be run."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import make_mixed

from mlcore.algorithms.catalogue import SUPERVISED
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind, Role, Schema
from mlcore.errors import UserError
from mlcore.experiment import Experiment
from mlcore.params import ParamValue
from mlcore.pipelines.preparation import PREPARATION_PARAMS
from mlcore.setups import Setup, check_columns, default_cluster_setup, default_setup
from mlcore.splitting import SplitConfig
from mlcore.tasks import Task

MIXED = make_mixed()
TARGET = {Task.CLASSIFICATION: "species", Task.REGRESSION: "price"}


def through_json(experiment: Experiment) -> Experiment:
    return Experiment.from_json(json.loads(json.dumps(experiment.to_json(), allow_nan=False)))


@pytest.mark.parametrize("spec", SUPERVISED, ids=lambda spec: f"{spec.task}-{spec.id}")
def test_every_algorithm_survives_json_at_its_extremes(spec: AlgorithmSpec) -> None:
    setup = default_setup(MIXED, TARGET[spec.task], spec.task)
    plain = setup.experiment(MIXED, spec.id)
    assert through_json(plain) == plain
    for param in spec.params:
        for value in param.extremes():
            made = setup.experiment(MIXED, spec.id, {param.name: value})
            again = through_json(made)
            assert again == made
            assert type(again.params[param.name]) is type(made.params[param.name])


@st.composite
def preparations(draw: st.DrawFn) -> dict[str, ParamValue]:
    return {
        param.name: draw(st.sampled_from([param.default, *param.extremes()]))
        for param in PREPARATION_PARAMS
    }


@given(
    preparation=preparations(),
    method=st.sampled_from(["random", "stratified", "group", "time"]),
    seed=st.integers(0, 2**31 - 1),
)
def test_setups_survive_json(preparation: dict[str, ParamValue], method: str, seed: int) -> None:
    split = SplitConfig(method=method, seed=seed, group="place", time="seen")
    setup = Setup(
        target="species",
        task=Task.CLASSIFICATION,
        features=("size", "colour"),
        split=split,
        preparation=preparation,
    )
    assert Setup.from_json(json.loads(json.dumps(setup.to_json()))) == setup
    experiment = setup.experiment(MIXED, "baseline")
    assert through_json(experiment) == experiment


def test_kinds_are_frozen_with_the_set_up() -> None:
    experiment = default_setup(MIXED, "species").experiment(MIXED, "baseline")
    assert experiment.kinds["seen"] is ColumnKind.DATETIME
    assert experiment.to_json()["features"]["remark"] == "text"


def test_parameters_are_complete_and_checked() -> None:
    setup = default_setup(MIXED, "species")
    experiment = setup.experiment(MIXED, "random_forest", {"n_estimators": 7})
    assert experiment.params["n_estimators"] == 7
    assert set(experiment.params) == {param.name for param in experiment.spec.params}
    with pytest.raises(UserError, match="n_estimators"):
        setup.experiment(MIXED, "random_forest", {"n_estimatros": 7})


def test_a_tampered_file_is_refused_in_a_sentence() -> None:
    plain = default_setup(MIXED, "species").experiment(MIXED, "random_forest").to_json()
    with pytest.raises(UserError, match="Did you mean “random_forest”"):
        Experiment.from_json({**plain, "algorithm": "random_forrest"})
    with pytest.raises(UserError, match="must lie between"):
        Experiment.from_json({**plain, "params": {"n_estimators": 0}})


def with_role(role: Role, *names: str) -> Dataset:
    schema = MIXED.schema.with_roles(dict.fromkeys(names, role))
    return Dataset(MIXED.name, MIXED.frame, schema, MIXED.fingerprint)


def test_a_first_set_up_is_sensible() -> None:
    classes = default_setup(MIXED, "species")
    assert classes.task is Task.CLASSIFICATION
    assert classes.split.method == "stratified"
    assert "species" not in classes.features
    number = default_setup(MIXED, "price")
    assert (number.task, number.split.method) == (Task.REGRESSION, "random")


def test_roles_decide_the_split() -> None:
    grouped = default_setup(with_role(Role.GROUP, "place"), "species")
    assert (grouped.split.method, grouped.split.group) == ("group", "place")
    assert "place" not in grouped.features
    timed = default_setup(with_role(Role.TIME, "seen"), "species")
    assert (timed.split.method, timed.split.time) == ("time", "seen")


def test_a_column_of_weights_weighs_and_is_no_feature() -> None:
    dataset = with_role(Role.WEIGHT, "weight")
    setup = default_setup(dataset, "species")
    assert setup.weight == "weight" and "weight" not in setup.features
    assert "weight" not in default_cluster_setup(dataset).features
    assert default_setup(dataset, "weight").weight is None
    assert default_setup(MIXED, "species").weight is None
    experiment = setup.experiment(dataset, "baseline")
    assert experiment.weight == "weight" and through_json(experiment) == experiment
    assert Setup.from_json(json.loads(json.dumps(setup.to_json()))) == setup


def test_records_from_before_there_were_weights_still_read() -> None:
    setup = default_setup(MIXED, "species")
    experiment = setup.experiment(MIXED, "baseline")
    old_setup, old = setup.to_json(), experiment.to_json()
    del old_setup["weight"], old["weight"]
    assert Setup.from_json(old_setup) == setup
    assert Experiment.from_json(old) == experiment


def test_a_weight_that_is_the_same_everywhere_is_not_taken_by_itself() -> None:
    plain = with_role(Role.WEIGHT, "weight").schema.to_json()
    next(c for c in plain["columns"] if c["name"] == "weight")["kind"] = "constant"
    equal = Dataset(MIXED.name, MIXED.frame, Schema.from_json(plain), MIXED.fingerprint)
    assert default_setup(equal, "species").weight is None


def test_ignored_columns_are_no_features() -> None:
    assert "size" not in default_setup(with_role(Role.IGNORED, "size"), "species").features


def test_rare_classes_are_not_stratified_by_default() -> None:
    frame = MIXED.frame.copy()
    frame.loc[:2, "species"] = "rare"
    rare = Dataset("rare", frame, MIXED.schema, "other")
    assert default_setup(rare, "species").split.method == "random"


@pytest.mark.parametrize(
    ("code", "task", "target", "features"),
    [
        ("setup.no_column", Task.CLASSIFICATION, "speces", ("size",)),
        ("setup.no_column", Task.CLASSIFICATION, "species", ("sise",)),
        ("setup.no_features", Task.CLASSIFICATION, "species", ()),
        ("setup.target_is_feature", Task.CLASSIFICATION, "species", ("species",)),
        ("task.regression_needs_numbers", Task.REGRESSION, "species", ("size",)),
    ],
)
def test_columns_that_do_not_fit_are_refused(
    code: str, task: Task, target: str, features: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as caught:
        check_columns(MIXED.schema, task, target, features)
    assert caught.value.code == code


def test_an_identifier_is_no_feature() -> None:
    plain = MIXED.schema.to_json()
    plain["columns"][0]["kind"] = "identifier"
    with pytest.raises(UserError, match="“size” is identifier") as caught:
        check_columns(Schema.from_json(plain), Task.CLASSIFICATION, "species", ("size",))
    assert caught.value.code == "setup.feature_kind"


def test_schemas_survive_json() -> None:
    assert Schema.from_json(json.loads(json.dumps(MIXED.schema.to_json()))) == MIXED.schema
