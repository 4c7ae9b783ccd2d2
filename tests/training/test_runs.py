"""Runs on disk: what is kept, what is refused, and the real kinds of jobs."""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import psutil
import pytest
from pandas.testing import assert_frame_equal
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification
from training.bench import is_gone, supervisors, until

from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.explain import held_out_importance_frame, learning_curve_frame
from mlcore.experiment import Experiment
from mlcore.registry.exports import write_csv
from mlcore.splitting import SplitConfig, make_split
from mlcore.tasks import Task
from mlcore.training import work
from mlcore.training.context import JobContext
from mlcore.training.jobs import JobQueue, JobStatus
from mlcore.training.openings import count_openings
from mlcore.training.predictions import (
    BY_FINAL_SEEN,
    BY_FINAL_UNSEEN,
    BY_FOLD,
    SEALED_PART,
    predictions_frame,
)
from mlcore.training.runs import RunStore, split_frame, split_from_frame, submit_training
from mlcore.training.service import ensure_running, unregister
from mlcore.workspace import Workspace


def iris() -> pd.DataFrame:
    frame = load_iris(as_frame=True).frame
    frame["target"] = frame["target"].map({0: "=setosa", 1: "versicolor", 2: "virginica"})
    frame.columns = ["sepal length", "sepal width", "petal length", "row", "species"]
    frame.loc[[3, 77], "species"] = None
    return frame


def add_table(workspace: Workspace, frame: pd.DataFrame) -> str:
    store = DatasetStore(workspace)
    identifier = store.stage("table.csv", frame.to_csv(index=False).encode())
    store.read(identifier)
    store.register(identifier)
    return identifier


def experiment_on(
    workspace: Workspace, dataset_id: str, target: str, algorithm: str, **split: object
) -> Experiment:
    dataset = DatasetStore(workspace).load(dataset_id)
    features = dataset.schema.default_features(target)
    return Experiment(
        fingerprint=dataset.fingerprint,
        task=Task.CLASSIFICATION,
        target=target,
        features=features,
        kinds={name: dataset.schema[name].kind for name in features},
        split=SplitConfig.checked(split),
        algorithm=algorithm,
    )


def context(workspace: Workspace, subject: str) -> JobContext:
    temp = workspace.folder("temp", "0")
    temp.mkdir(parents=True, exist_ok=True)
    silent = SimpleNamespace(report=lambda _: None)
    return JobContext(workspace, "job", subject, temp, silent)


@pytest.fixture
def dataset_id(workspace: Workspace) -> str:
    return add_table(workspace, iris())


def trained(workspace: Workspace, dataset_id: str, **split: object) -> str:
    experiment = experiment_on(workspace, dataset_id, "species", "naive_bayes", **split)
    run = RunStore(workspace).create(dataset_id, experiment, "Naive Bayes")
    work.train(context(workspace, run), {})
    return run


def test_what_was_trained_is_read_back(workspace: Workspace, dataset_id: str):
    store = RunStore(workspace)
    run_id = trained(workspace, dataset_id)
    run = store.get(run_id)
    assert run.is_trained and run.job is None and run.dataset_id == dataset_id
    dataset = DatasetStore(workspace).load(dataset_id)
    split = make_split(run.experiment.split, dataset, "species", Task.CLASSIFICATION)
    result = store.result(run_id)
    np.testing.assert_array_equal(result.split.test, split.test)
    np.testing.assert_array_equal(result.split.unlabelled, [3, 77])
    for (train, validation), (train_kept, kept) in zip(
        split.folds, result.split.folds, strict=True
    ):
        np.testing.assert_array_equal(train, train_kept)
        np.testing.assert_array_equal(validation, kept)
    assert result.classes == ("=setosa", "versicolor", "virginica")
    assert result.split.notes == split.notes
    assert result.seconds > 0 and "scikit-learn" in result.versions
    assert store.schema(run_id) == dataset.schema
    evaluation = store.evaluation(run_id)
    assert isinstance(evaluation, Evaluation)
    assert sorted(evaluation.predictions["row"]) == list(split.development)
    model = store.model(run_id)
    features = dataset.frame[list(run.experiment.features)]
    expected = model.predict(features.iloc[split.test]) == dataset.frame["species"][split.test]
    assert expected.mean() > 0.8


def test_splits_by_time_keep_their_unequal_folds():
    from mlcore.splitting import Split

    rows = np.arange(10)
    folds = ((rows[:3], rows[3:5]), (rows[:5], rows[5:8]))
    split = Split(rows[:8], rows[8:9], rows[9:], folds, ())
    back = split_from_frame(split_frame(split), ())
    for ours, theirs in zip((*split.folds[0], *split.folds[1]), (*back.folds[0], *back.folds[1]),
                            strict=True):  # fmt: skip
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(split.unlabelled, back.unlabelled)


def test_a_changed_model_is_not_loaded(workspace: Workspace, dataset_id: str):
    store = RunStore(workspace)
    run_id = trained(workspace, dataset_id)
    path = store.folder(run_id) / "model.joblib"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="not the file that training wrote"):
        store.model(run_id)
    path.unlink()
    with pytest.raises(UserError, match="not the file that training wrote"):
        store.model(run_id)


def test_the_test_set_is_opened_once_and_counted(workspace: Workspace, dataset_id: str):
    store = RunStore(workspace)
    run_id, other = trained(workspace, dataset_id), trained(workspace, dataset_id)
    assert store.analysis_frame(run_id, "test_scores") is None
    assert count_openings(workspace, dataset_id) == 0
    work.open_test(context(workspace, run_id), {})
    work.open_test(context(workspace, run_id), {})
    assert count_openings(workspace, dataset_id) == 1
    work.open_test(context(workspace, other), {})
    assert count_openings(workspace, dataset_id) == 2
    # Neither another reading of the file nor a second upload makes it forgotten.
    tables = DatasetStore(workspace)
    again = tables.stage("again.csv", tables.original_path(dataset_id))
    assert count_openings(workspace, again) == 2
    guest = Workspace(workspace.home, "guest")
    theirs = DatasetStore(guest).stage("theirs.csv", tables.original_path(dataset_id))
    assert count_openings(guest, theirs) == 0
    scores = store.analysis_frame(run_id, "test_scores").set_index("metric")
    predictions = store.analysis_frame(run_id, "test_predictions")
    share = (predictions["actual"] == predictions["predicted"]).mean()
    assert scores.loc["accuracy", "value"] == pytest.approx(share)
    assert list(predictions["row"]) == list(store.result(run_id).split.test)
    without = trained(workspace, dataset_id, test_share=0.0)
    with pytest.raises(UserError, match="without a test set"):
        work.open_test(context(workspace, without), {})


def test_importance_and_learning_curve_are_kept(workspace: Workspace, dataset_id: str):
    store = RunStore(workspace)
    run_id = trained(workspace, dataset_id)
    assert store.analysis_frame(run_id, "importance") is None
    work.importance(context(workspace, run_id), {})
    work.learning_curve(context(workspace, run_id), {})
    columns = set(store.analysis_frame(run_id, "importance")["column"])
    assert columns == set(store.get(run_id).experiment.features)
    assert len(store.analysis_frame(run_id, "learning_curve"))


def test_the_analyses_of_a_run_weigh_as_its_training_did(workspace: Workspace, dataset_id: str):
    store, frame = RunStore(workspace), DatasetStore(workspace).load(dataset_id).frame
    whole = experiment_on(workspace, dataset_id, "species", "naive_bayes")
    weight = "petal length"
    features = tuple(name for name in whole.features if name != weight)
    kept = {}
    for column in (None, weight):
        experiment = replace(whole, features=features, weight=column)
        run = store.create(dataset_id, experiment, "Naive Bayes")
        work.train(context(workspace, run), {})
        work.learning_curve(context(workspace, run), {})
        work.importance(context(workspace, run), {})
        kept[column] = run
    assert store.get(kept[weight]).experiment.weight == weight
    model = clone(store.model(kept[None]))
    build = partial(clone, model)
    folds = store.result(kept[weight]).split.folds
    arguments = (build, frame[list(features)], frame["species"])
    weights = frame[weight].to_numpy()
    curve = learning_curve_frame(*arguments, folds, Task.CLASSIFICATION, weights=weights)
    assert_frame_equal(store.analysis_frame(kept[weight], "learning_curve"), curve)
    found = held_out_importance_frame(*arguments, folds[0], Task.CLASSIFICATION, weights=weights)
    assert_frame_equal(store.analysis_frame(kept[weight], "importance"), found)
    for name in ("learning_curve", "importance"):
        one, other = (store.analysis_frame(run, name) for run in kept.values())
        assert not one.equals(other), name


def test_every_row_is_predicted_by_a_model_that_did_not_know_it(
    workspace: Workspace, dataset_id: str
):
    store = RunStore(workspace)
    run_id = trained(workspace, dataset_id)
    frame = predictions_frame(store, run_id)
    assert len(frame) == 150
    # The table has a column of that name itself.
    assert list(frame.columns[:3]) == ["row_", "part", "sepal length"]
    assert list(frame["row_"]) == list(range(150))
    by_part = frame.groupby("part")
    assert by_part.size().to_dict() == {SEALED_PART: 30, "development": 118, "unlabelled": 2}
    assert frame.loc[frame["part"] == SEALED_PART, "predicted"].isna().all()
    assert set(frame.loc[frame["part"] == "development", "predicted_by"]) == {BY_FOLD}
    assert set(frame.loc[frame["part"] == "unlabelled", "predicted_by"]) == {BY_FINAL_UNSEEN}
    development = frame[frame["part"] == "development"].set_index("row_")
    folds = store.evaluation(run_id).predictions.set_index("row").sort_index()
    assert list(development["predicted"]) == list(folds["predicted"])
    assert list(development["p:virginica"]) == list(folds["p:virginica"])
    work.open_test(context(workspace, run_id), {})
    opened = predictions_frame(store, run_id)
    assert opened.loc[opened["part"] == "test", "predicted"].notna().all()
    assert SEALED_PART not in set(opened["part"])


def test_rows_that_only_trained_are_marked(workspace: Workspace, dataset_id: str):
    run_id = trained(workspace, dataset_id, validation="holdout")
    frame = predictions_frame(RunStore(workspace), run_id)
    development = frame[frame["part"] == "development"]
    assert development["predicted"].notna().all()
    assert set(development["predicted_by"]) == {BY_FOLD, BY_FINAL_SEEN}


def test_predictions_open_in_a_spreadsheet_without_running(
    workspace: Workspace, dataset_id: str, tmp_path: Path
):
    run_id = trained(workspace, dataset_id)
    path = tmp_path / "predictions.csv"
    write_csv(workspace, predictions_frame(RunStore(workspace), run_id), path)
    text = path.read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == 150
    assert not [cell for line in lines for cell in line.values() if cell.startswith("=")]
    assert lines[0]["actual"] == lines[0]["species"] == "'=setosa"
    assert float(lines[0]["sepal length"]) == 5.1


def test_a_full_workspace_refuses_and_leaves_nothing_half_written(
    workspace: Workspace, dataset_id: str, monkeypatch
):
    store = RunStore(workspace)
    kept = trained(workspace, dataset_id)
    before = store.evaluation(kept).scores
    experiment = experiment_on(workspace, dataset_id, "species", "naive_bayes")
    run_id = store.create(dataset_id, experiment, "Too much")
    monkeypatch.setenv("WORKBENCH_QUOTA_MB", "0")
    with pytest.raises(UserError, match="The workspace is full"):
        work.train(context(workspace, run_id), {})
    # Also when the room ends only while the result is being written.
    monkeypatch.undo()
    monkeypatch.setattr(work, "run_experiment", _filling(monkeypatch, work.run_experiment))
    with pytest.raises(UserError, match="The workspace is full"):
        work.train(context(workspace, run_id), {})
    assert not store.folder(run_id).exists()
    assert not list(workspace.folder("temp", "0").iterdir())
    assert not store.get(run_id).is_trained
    assert_frame_equal(store.evaluation(kept).scores, before)
    store.model(kept)


def _filling(monkeypatch, run):
    def run_and_fill(*arguments):
        result = run(*arguments)
        monkeypatch.setenv("WORKBENCH_QUOTA_MB", "0")
        return result

    return run_and_fill


def test_a_run_deleted_in_mid_training_leaves_nothing(
    workspace: Workspace, dataset_id: str, monkeypatch
):
    store = RunStore(workspace)
    other = trained(workspace, dataset_id)
    experiment = experiment_on(workspace, dataset_id, "species", "naive_bayes")
    (run_id,) = submit_training(workspace, dataset_id, [experiment], ["Short-lived"])
    run = work.run_experiment

    def run_and_delete(*arguments):
        result = run(*arguments)
        store.delete(run_id)
        return result

    monkeypatch.setattr(work, "run_experiment", run_and_delete)
    with pytest.raises(UserError, match="no such run"):
        work.train(context(workspace, run_id), {})
    assert not store.folder(run_id).exists()
    assert [each.id for each in store.all()] == [other]
    assert JobQueue(workspace).for_subject(run_id) == []
    store.model(other)
    store.delete_of_dataset(dataset_id)
    assert store.all(dataset_id) == [] and not store.folder(other).exists()


def test_names_and_owners_are_checked(workspace: Workspace, dataset_id: str):
    store, guest = RunStore(workspace), RunStore(Workspace(workspace.home, "guest"))
    run_id = trained(workspace, dataset_id)
    store.rename(run_id, "  My\n best  ")
    assert store.get(run_id).name == "My best"
    for name in ("", " ", "x" * 201):
        with pytest.raises(UserError, match="1 to 200 characters"):
            store.rename(run_id, name)
    assert guest.all() == []
    for act in (
        guest.get, guest.delete, guest.evaluation, guest.result, guest.model, guest.schema,
        lambda run: guest.rename(run, "mine"), lambda run: guest.analysis_frame(run, "importance"),
    ):  # fmt: skip
        with pytest.raises(UserError, match="no such run"):
            act(run_id)
    assert store.get(run_id).name == "My best"


def test_a_table_that_changed_is_said(workspace: Workspace, dataset_id: str):
    run_id = trained(workspace, dataset_id)
    fingerprint = RunStore(workspace).get(run_id).experiment.fingerprint
    with workspace.connect() as connection:
        connection.execute(
            "UPDATE runs SET experiment = replace(experiment, ?, ?)", (fingerprint, "0" * 16)
        )
    with pytest.raises(UserError, match="belongs to another table"):
        predictions_frame(RunStore(workspace), run_id)


@pytest.fixture
def served(workspace: Workspace) -> Iterator[Workspace]:
    """A workspace with the real supervisor."""
    ensure_running(workspace)
    yield workspace
    unregister(workspace)
    for process in supervisors(workspace):
        for each in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def test_the_real_jobs_from_file_to_opened_test_set(served: Workspace):
    X, y = make_classification(20_000, 12, n_informative=8, flip_y=0.3, random_state=0)
    table = pd.DataFrame(X).add_prefix("x").assign(label=np.where(y, "yes", "no"))
    store, queue, data = RunStore(served), JobQueue(served), DatasetStore(served)

    def done(identifier: str) -> None:
        until(lambda: queue.get(identifier).status.is_final, "the end of a job")
        assert queue.get(identifier).status is JobStatus.DONE, str(queue.get(identifier).error)

    big = data.stage("big.csv", table.to_csv(index=False).encode())
    done(queue.submit("read", big, {"delimiter": ","}))
    small = add_table(served, iris())
    slow = experiment_on(served, big, "label", "svm_rbf")
    (slow_run,) = submit_training(served, big, [slow], ["Slow"])
    slow_job = store.get(slow_run).job.id
    until(lambda: queue.get(slow_job).total, "the first fold")
    pid = pid_of(served, slow_job)
    quick = experiment_on(served, small, "species", "naive_bayes")
    (quick_run,) = submit_training(served, small, [quick], ["Quick"])
    queue.cancel(slow_job)
    until(lambda: queue.get(slow_job).status.is_final, "the slow run to be cancelled")
    assert queue.get(slow_job).status is JobStatus.CANCELLED
    assert is_gone(pid)
    assert not store.get(slow_run).is_trained and not store.folder(slow_run).exists()
    done(store.get(quick_run).job.id)
    for kind in ("importance", "open_test"):
        done(queue.submit(kind, quick_run, {}))
    assert store.analysis_frame(quick_run, "test_scores") is not None
    assert count_openings(served, small) == 1


def pid_of(workspace: Workspace, job: str) -> int:
    with workspace.connect() as connection:
        (pid,) = connection.execute("SELECT pid FROM jobs WHERE id = ?", (job,)).fetchone()
    return int(pid)
