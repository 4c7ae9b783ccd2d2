"""Steps and losses are read from inside a fit, and reading them changes nothing."""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mlcore.algorithms.catalogue import CATALOGUE, find
from mlcore.algorithms.progress import Step, StepReader, innermost, loss_curve
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.tasks import SUPERVISED_TASKS, Task

WITH_STEPS = [spec for spec in CATALOGUE if spec.progress is not None]
FEW = {"n_estimators": 7, "max_iter": 7}

every_stepper = pytest.mark.parametrize(
    "spec", WITH_STEPS, ids=lambda spec: f"{spec.id}-{spec.task.value}"
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Seven steps are too few to converge; every other warning is an error."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def rows_for(task: Task) -> tuple[np.ndarray, np.ndarray]:
    X, y = (load_iris if task is Task.CLASSIFICATION else load_diabetes)(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def two_classes() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def captured(
    spec: AlgorithmSpec, X: np.ndarray, y: np.ndarray, **values: Any
) -> tuple[Any, StepReader, list[tuple[Any, ...]]]:
    model = spec.build(values, seed=0)
    reader, live = StepReader(spec, model), []
    with reader.capture(lambda *step: live.append(step)):
        model.fit(X, y)
    return model, reader, live


def few(spec: AlgorithmSpec) -> dict[str, int]:
    assert spec.steps is not None
    return {spec.steps: FEW[spec.steps]}


def test_the_promised_algorithms_show_their_steps() -> None:
    assert {spec.id for spec in WITH_STEPS} == {
        "mlp",
        "sgd",
        "random_forest",
        "extra_trees",
        "hist_gradient_boosting",
    }


@every_stepper
def test_every_step_is_seen(spec: AlgorithmSpec, capsys: pytest.CaptureFixture[str]) -> None:
    X, y = rows_for(spec.task)
    parts = 3 if spec.per_class and spec.task is Task.CLASSIFICATION else 1
    _, reader, live = captured(spec, X, y, **few(spec))
    assert [(step.part, step.step) for step in reader.steps] == [
        (part, step) for part in range(parts) for step in range(1, 8)
    ]
    assert [step for step, _, _ in live] == [step.step for step in reader.steps]
    assert {steps for _, steps, _ in live} == {7}
    assert capsys.readouterr() == ("", "")


@every_stepper
def test_a_captured_fit_gives_the_numbers_of_a_quiet_one(spec: AlgorithmSpec) -> None:
    X, y = rows_for(spec.task)
    model, _, _ = captured(spec, X, y, **few(spec))
    quiet = spec.build(few(spec), seed=0).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), quiet.predict(X))
    for name in ("coef_", "intercept_", "coefs_", "intercepts_", "loss_curve_"):
        if hasattr(innermost(quiet), name):
            for left, right in zip(
                getattr(innermost(model), name), getattr(innermost(quiet), name), strict=True
            ):
                np.testing.assert_array_equal(left, right)


@every_stepper
def test_the_estimator_is_left_as_it_was(spec: AlgorithmSpec) -> None:
    X, y = rows_for(spec.task)
    model, _, _ = captured(spec, X, y, **few(spec))
    quiet = spec.build(few(spec), seed=0).fit(X, y)
    assert repr(model) == repr(quiet)
    assert innermost(model).get_params() == innermost(quiet).get_params()


def test_a_failed_fit_gives_standard_output_back() -> None:
    spec = find("mlp", Task.REGRESSION)
    model = spec.build({}, seed=0)
    before = sys.stdout, sys.stderr
    with pytest.raises(ValueError, match="NaN"), StepReader(spec, model).capture():
        model.fit([[np.nan], [1.0]], [1.0, 2.0])
    assert (sys.stdout, sys.stderr) == before
    assert model.regressor.verbose is False


def test_a_listener_may_print(capsys: pytest.CaptureFixture[str]) -> None:
    spec = find("random_forest", Task.CLASSIFICATION)
    model = spec.build({"n_estimators": 2}, seed=0)
    reader = StepReader(spec, model)
    with reader.capture(lambda step, steps, _: print(f"{step} of {steps}")):
        model.fit(*rows_for(Task.CLASSIFICATION))
    assert capsys.readouterr().out == "1 of 2\n2 of 2\n"


def test_a_listener_can_stop_the_fit() -> None:
    spec = find("sgd", Task.CLASSIFICATION)
    model = spec.build({}, seed=0)

    def stop(step: int, steps: int | None, loss: float | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), StepReader(spec, model).capture(stop):
        model.fit(*two_classes())


def test_other_errors_are_still_printed(capsys: pytest.CaptureFixture[str]) -> None:
    spec = find("mlp", Task.CLASSIFICATION)
    with StepReader(spec, spec.build({}, 0)).capture():
        print("[Parallel(n_jobs=1)]: Done", file=sys.stderr)
        print("something is wrong", file=sys.stderr)
    assert capsys.readouterr().err.strip() == "something is wrong"


def test_without_steps_nothing_is_captured(capsys: pytest.CaptureFixture[str]) -> None:
    spec = find("ridge", Task.REGRESSION)
    reader = StepReader(spec, spec.build({}, 0))
    with reader.capture():
        print("heard")
    assert capsys.readouterr().out == "heard\n"
    assert reader.steps == [] and reader.most is None
    assert loss_curve(spec, spec.build({}, 0), reader).empty


def test_numbers_may_arrive_in_pieces() -> None:
    spec = find("mlp", Task.CLASSIFICATION)
    reader = StepReader(spec, spec.build({}, 0))
    text = "Iteration 1, loss = 0.75000000\nnoise\nIteration 2, loss = 0.50000000\n"
    read = [step for letter in text for step in reader.feed(letter)]
    assert read == [Step(part=0, step=1, loss=0.75), Step(part=0, step=2, loss=0.5)]


# --- The loss -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("loss", "expected"), [("log_loss", np.log(2)), ("hinge", 1.0)])
def test_with_hardly_any_steps_the_loss_is_that_of_knowing_nothing(
    loss: str, expected: float
) -> None:
    X, y = two_classes()
    spec = find("sgd", Task.CLASSIFICATION)
    model, reader, _ = captured(spec, X, y, loss=loss, eta0=1e-6, max_iter=1)
    first = loss_curve(spec, model, reader).value.iloc[0]
    assert first == pytest.approx(expected, rel=0.005)


def test_for_numbers_that_loss_is_half_the_variance_of_a_scaled_label() -> None:
    X, y = rows_for(Task.REGRESSION)
    spec = find("sgd", Task.REGRESSION)
    model, reader, _ = captured(spec, X, y * 1e6, eta0=1e-6, max_iter=1)
    assert loss_curve(spec, model, reader).value.iloc[0] == pytest.approx(0.5, rel=0.005)


def test_once_the_weights_rest_the_loss_is_the_log_loss_of_the_model() -> None:
    X, y = two_classes()
    spec = find("sgd", Task.CLASSIFICATION)
    model, reader, _ = captured(spec, X, y)
    curve = loss_curve(spec, model, reader)
    assert curve.value.iloc[-1] == pytest.approx(log_loss(y, model.predict_proba(X)), abs=1e-4)
    assert list(curve.step) == list(range(1, model.n_iter_ + 1))


def test_with_several_classes_the_loss_is_the_mean_over_the_classes() -> None:
    X, y = rows_for(Task.CLASSIFICATION)
    spec = find("sgd", Task.CLASSIFICATION)
    model, reader, live = captured(spec, X, y)
    with redirect_stdout(io.StringIO()) as printed, warnings.catch_warnings():
        spec.build({}, seed=0).set_params(verbose=1).fit(X, y)
    runs = [
        [float(value) for value in re.findall(r"Avg\. loss: ([\d.]+),", run)]
        for run in re.split(r"-- Epoch 1\n", printed.getvalue())[1:]
    ]
    assert len(runs) == 3 and len({len(run) for run in runs}) > 1
    assert [loss for _, _, loss in live] == [value for run in runs for value in run]
    longest = max(map(len, runs))
    filled = [run + [run[-1]] * (longest - len(run)) for run in runs]
    curve = loss_curve(spec, model, reader)
    assert set(curve.name) == {"training_loss"}
    np.testing.assert_allclose(curve.value, np.mean(filled, axis=0))


@pytest.mark.parametrize("task", SUPERVISED_TASKS)
def test_the_perceptron_shows_the_loss_it_keeps(task: Task) -> None:
    spec = find("mlp", task)
    model, reader, live = captured(spec, *rows_for(task), early_stopping=True, max_iter=20)
    curve = loss_curve(spec, model, reader)
    inner = innermost(model)
    np.testing.assert_array_equal(curve[curve.name == "training_loss"].value, inner.loss_curve_)
    np.testing.assert_array_equal(
        curve[curve.name == "validation_score"].value, inner.validation_scores_
    )
    np.testing.assert_allclose([loss for _, _, loss in live], inner.loss_curve_, atol=1e-8)
    assert len(loss_curve(spec, model)) == len(curve), "the capture is not needed afterwards"


def test_lbfgs_has_no_loss_for_each_epoch() -> None:
    spec = find("mlp", Task.CLASSIFICATION)
    model, reader, live = captured(spec, *rows_for(spec.task), solver="lbfgs", max_iter=20)
    assert live == []
    curve = loss_curve(spec, model, reader)
    assert curve.empty and list(curve.columns) == ["step", "name", "value"]


@pytest.mark.parametrize("task", SUPERVISED_TASKS)
def test_boosting_shows_its_loss_when_it_may_stop_early(task: Task) -> None:
    spec = find("hist_gradient_boosting", task)
    model, reader, live = captured(spec, *rows_for(task), early_stopping=True, max_iter=6)
    curve = loss_curve(spec, model, reader).set_index(["name", "step"]).value
    assert len(curve["training_loss"]) == len(curve["validation_loss"]) == 7
    np.testing.assert_allclose(
        [loss for _, _, loss in live], curve["training_loss"].iloc[1:], atol=1e-5
    )
    assert curve["training_loss", 6] < curve["training_loss", 0]


def test_boosting_that_runs_all_rounds_computes_no_loss() -> None:
    spec = find("hist_gradient_boosting", Task.REGRESSION)
    model, reader, live = captured(spec, *rows_for(spec.task), max_iter=4)
    assert live == [(step, 4, None) for step in range(1, 5)]
    assert loss_curve(spec, model, reader).empty


def test_stopping_early_shows_the_score_on_the_rows_set_aside() -> None:
    spec = find("sgd", Task.REGRESSION)
    model, reader, _ = captured(spec, *rows_for(spec.task), early_stopping=True, max_iter=30)
    curve = loss_curve(spec, model, reader)
    scores = curve[curve.name == "validation_score"].value
    assert len(scores) == (curve.name == "training_loss").sum()
    assert scores.iloc[-1] > scores.iloc[0]
