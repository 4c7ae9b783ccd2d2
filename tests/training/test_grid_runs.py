"""Runs in grid worlds on disk, and the job that makes them, in real processes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import psutil
import pytest
from pandas.testing import assert_frame_equal
from training.bench import is_gone, supervisors, until

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import make_plan, plan_to_json, run_plan, world_print
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.result import GridResult
from mlcore.messages import message
from mlcore.training import grid_work
from mlcore.training.context import JobContext
from mlcore.training.grid_runs import JOB, GridRunStore, submit_grid
from mlcore.training.jobs import JobQueue, JobStatus
from mlcore.training.service import ensure_running, unregister
from mlcore.workspace import Workspace


def plan(method: str = "value_iteration", preset: str = "cliff_walking", **setting) -> GridPlan:
    return make_plan(find_preset(preset).make(), method, setting=setting)


@pytest.fixture
def store(workspace: Workspace) -> GridRunStore:
    return GridRunStore(workspace)


def context(workspace: Workspace, subject: str, seen: list | None = None) -> JobContext:
    temp = workspace.folder("temp", "0")
    temp.mkdir(parents=True, exist_ok=True)
    reporter = SimpleNamespace(report=(seen if seen is not None else []).append)
    return JobContext(workspace, "job", subject, temp, reporter)


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts are texts, not objects of any kind."""
    return frame.astype({name: "str" for name in frame if frame[name].dtype == object})


def done(store: GridRunStore, some: GridPlan | None = None, name: str = "Cliff") -> str:
    identifier = store.create(some or plan(), name)
    grid_work.run_grid(context(store.workspace, identifier), {})
    return identifier


def code_of(call, *arguments) -> str:
    with pytest.raises(UserError) as caught:
        call(*arguments)
    return caught.value.code


# What is kept


def test_what_was_run_is_read_back(store: GridRunStore) -> None:
    some = plan("q_learning", episodes=30, seeds=2)
    identifier = store.create(some, "Q")
    result = run_plan(some)
    store.save(identifier, result)
    again = store.result(identifier)
    assert again.frames.keys() == result.frames.keys() == set(store.frame_names(identifier))
    for name, frame in result.frames.items():
        assert_frame_equal(again.frames[name], as_text(frame))
        assert_frame_equal(store.frame(identifier, name), as_text(frame))
    assert again.figures == result.figures
    assert again.notes == result.notes
    assert plan_to_json(again.plan) == plan_to_json(some)
    assert {"python", "numpy"} <= store.versions(identifier).keys()
    assert store.frame(identifier, "nothing") is None


def test_figures_without_a_number_and_notes_survive(store: GridRunStore) -> None:
    some = plan()
    figures = {"start_value": -13.0, "error_bound": math.inf, "last_mean": math.nan}
    notes = (message("gridworld.stage.solving"),)
    identifier = store.create(some, "odd")
    store.save(identifier, GridResult(some, {}, figures, notes))
    read = store.figures(identifier)
    assert (read["start_value"], read["error_bound"]) == (-13.0, math.inf)
    assert math.isnan(read["last_mean"])
    assert store.notes(identifier) == notes
    assert store.frame_names(identifier) == ()


def test_a_run_says_what_it_is_before_it_is_done(store: GridRunStore) -> None:
    some = plan("sarsa")
    identifier = store.create(some, "  The   cliff ")
    run = store.get(identifier)
    assert (run.name, run.method, run.is_done, run.job) == ("The cliff", "sarsa", False, None)
    assert run.world == world_print(some.world)
    assert run.spec.name == "SARSA"
    assert plan_to_json(run.plan) == plan_to_json(some)
    for call in (store.figures, store.notes, store.frame_names, store.result):
        assert code_of(call, identifier) == "training.not_trained"
    assert code_of(store.frame, identifier, "policy") == "training.not_trained"
    with pytest.raises(ValueError, match="name of a table"):
        store.frame(identifier, "../../secret")


def test_nothing_of_a_run_is_a_pickle(store: GridRunStore) -> None:
    folder = store.folder(done(store))
    suffixes = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert suffixes == {".json", ".parquet"}
    assert (folder / "plan.json").is_file() and (folder / "result.json").is_file()


def test_runs_of_one_world_are_found_together(store: GridRunStore) -> None:
    first, other = store.create(plan(), "a"), store.create(plan(preset="windy"), "b")
    last = store.create(plan("sarsa"), "c")
    assert [run.id for run in store.all()] == [first, other, last]
    assert [run.id for run in store.all(world_print(plan().world))] == [first, last]


def test_users_do_not_see_each_other(home: Path) -> None:
    ann = GridRunStore(Workspace.open(home, "ann"))
    ben = GridRunStore(Workspace.open(home, "ben"))
    identifier = done(ann)
    assert ben.all() == []
    for call in (ben.get, ben.delete, ben.figures):
        assert code_of(call, identifier) == "training.no_run"
    assert code_of(ben.rename, identifier, "mine") == "training.no_run"
    assert ann.get(identifier).is_done


def test_names_are_checked(store: GridRunStore) -> None:
    identifier = store.create(plan(), "x")
    store.rename(identifier, " two  words ")
    assert store.get(identifier).name == "two words"
    for bad in ("", "  ", "x" * 201):
        assert code_of(store.rename, identifier, bad) == "training.name"
        assert code_of(store.create, plan(), bad) == "training.name"


def test_a_deleted_run_is_gone(store: GridRunStore) -> None:
    identifier = done(store)
    store.delete(identifier)
    assert store.all() == [] and not store.folder(identifier).exists()
    assert code_of(store.delete, identifier) == "training.no_run"


def test_a_run_that_was_deleted_meanwhile_leaves_nothing(store: GridRunStore) -> None:
    some = plan()
    identifier = store.create(some, "x")
    result = run_plan(some)
    store.delete(identifier)
    assert code_of(store.save, identifier, result) == "training.no_run"
    assert not store.folder(identifier).exists()
    assert not list(store.workspace.home.glob("users/*/temp/*"))


def test_a_run_that_cannot_be_written_leaves_nothing(store: GridRunStore, monkeypatch) -> None:
    some = plan()
    identifier = store.create(some, "x")
    monkeypatch.setenv("WORKBENCH_QUOTA_MB", "0")
    assert code_of(store.save, identifier, run_plan(some)) == "workspace.full"
    assert not store.get(identifier).is_done
    assert not store.folder(identifier).exists()
    assert not list(store.workspace.home.glob("users/*/temp/*"))


def test_what_a_run_reports_becomes_steps_and_live_values(store: GridRunStore) -> None:
    seen: list = []
    identifier = store.create(plan("q_learning", episodes=100, seeds=2), "x")
    grid_work.run_grid(context(store.workspace, identifier, seen), {})
    learning = [progress for progress in seen if progress.loss is not None]
    assert {str(progress.stage) for progress in learning} == {"Agents are learning"}
    steps = [progress.step for progress in learning]
    assert steps == sorted(steps) and learning[-1].step == learning[-1].steps
    assert (seen[-1].done, seen[-1].total) == (1, 1)


# Real processes


@pytest.fixture
def supervised(workspace: Workspace) -> Iterator[GridRunStore]:
    ensure_running(workspace)
    yield GridRunStore(workspace)
    unregister(workspace)
    for process in supervisors(workspace):
        for each in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def ended(store: GridRunStore, identifier: str):
    def job():
        return store.get(identifier).job

    until(lambda: job().status.is_final, "the end of a run")
    return job()


#: Far more than anybody waits for, but soon with something to tell.
LONG = {"episodes": 50_000, "seeds": 2}


def test_runs_are_executed_and_a_long_one_is_watched_and_cancelled(
    supervised: GridRunStore,
) -> None:
    store, queue = supervised, JobQueue(supervised.workspace)
    plans = [plan(), plan("q_learning", **LONG), plan("q_learning", **LONG)]
    solved, learning, doomed = submit_grid(store.workspace, plans, ["a", "b", "c"])
    assert [run.id for run in store.all()] == [solved, learning, doomed]
    job = ended(store, solved)
    assert (job.kind, job.status, job.error) == (JOB, JobStatus.DONE, None)
    assert store.figures(solved)["start_value"] == pytest.approx(-13)
    # The curve is seen while it grows.
    until(lambda: len(store.get(learning).job.live) >= 2, "two live values")
    job = store.get(learning).job
    assert str(job.stage) == "Agents are learning" and 0 < job.share < 1
    assert all(math.isfinite(value) for _, value in job.live)
    queue.cancel(job.id)
    assert ended(store, learning).status is JobStatus.CANCELLED
    assert not store.get(learning).is_done
    assert store.get(learning).job.live, "what was seen stays"
    # Deleting ends a run that goes on, and its row goes with it.
    with store.workspace.connect() as connection:
        row = connection.execute("SELECT pid FROM jobs WHERE subject = ?", (doomed,)).fetchone()
    store.delete(doomed)
    if row["pid"]:
        until(lambda: is_gone(row["pid"]), "the deleted run's process to end")
    until(lambda: queue.for_subject(doomed) == [], "its row to go")
    assert [run.id for run in store.all()] == [solved, learning]


def test_a_plan_that_cannot_be_done_fails_with_its_sentence(supervised: GridRunStore) -> None:
    world = find_preset("sutton_barto_4x4").make()
    world.walls[0, 1] = world.walls[1, 1] = world.walls[1, 0] = True
    world.terminals[...] = False
    world.terminals[0, 0] = True
    (identifier,) = submit_grid(
        supervised.workspace, [make_plan(world, "value_iteration")], ["closed"]
    )
    job = ended(supervised, identifier)
    assert (job.status, job.error.code) == (JobStatus.FAILED, "gridworld.no_end")
    assert not supervised.get(identifier).is_done


def test_same_plan_same_numbers(store: GridRunStore) -> None:
    some = plan("sarsa", episodes=40, seeds=3)
    first, second = done(store, some), done(store, some)
    for name in store.frame_names(first):
        assert_frame_equal(
            pd.DataFrame(store.frame(first, name)), pd.DataFrame(store.frame(second, name))
        )
