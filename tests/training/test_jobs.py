from __future__ import annotations

import dataclasses
import json

import pytest

from mlcore import settings
from mlcore.messages import SENTENCES, message
from mlcore.training import context as context_module
from mlcore.training.context import LIVE_POINTS, Reporter
from mlcore.training.environment import job_environment
from mlcore.training.jobs import Job, JobQueue, JobStatus
from mlcore.training.kinds import KINDS, find_kind
from mlcore.training.worker import finish
from mlcore.workflow import Progress
from mlcore.workspace import Workspace


def run_by_hand(queue: JobQueue, identifier: str) -> None:
    with queue.workspace.connect() as connection:
        connection.execute(
            "UPDATE jobs SET status = 'running', started = queued, attempt = 1 WHERE id = ?",
            (identifier,),
        )


@pytest.fixture
def queue(workspace: Workspace) -> JobQueue:
    return JobQueue(workspace)


def test_a_submitted_job_waits_with_the_limits_of_its_kind(queue: JobQueue, monkeypatch):
    monkeypatch.setenv(settings.MEMORY_MB.name, "512")
    monkeypatch.setenv(settings.TIME_LIMIT_S.name, "7")
    job = queue.get(queue.submit("train", "abc", {"a": [1]}))
    assert (job.status, job.memory_mb, job.seconds) == (JobStatus.QUEUED, 512, 7)
    assert (job.share, job.elapsed, job.live, job.is_active) == (0.0, 0.0, (), True)
    own = queue.get(queue.submit("train", "abc", {}, memory_mb=1, seconds=2))
    assert (own.memory_mb, own.seconds) == (1, 2)
    assert [each.id for each in queue.for_subject("abc")] == [job.id, own.id]
    with pytest.raises(KeyError):
        queue.submit("no such kind", "abc", {})


def test_every_kind_names_a_function_that_exists():
    import importlib

    for kind in KINDS:
        module, _, name = kind.function.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
        assert find_kind(kind.name) is kind


def test_share_counts_the_steps_of_the_running_fit(queue: JobQueue):
    job = queue.get(queue.submit("train", "abc", {}))

    def share(**changes: object) -> float:
        return dataclasses.replace(job, **changes).share

    assert share(status=JobStatus.RUNNING, done=1, total=4) == 0.25
    assert share(status=JobStatus.RUNNING, done=1, total=4, step=50, steps=100) == 0.375
    assert share(status=JobStatus.RUNNING, done=4, total=4, step=9, steps=3) == 1.0
    assert share(status=JobStatus.DONE) == 1.0


def test_elapsed_is_never_negative(queue: JobQueue):
    job = queue.get(queue.submit("train", "abc", {}))
    assert dataclasses.replace(job, started=10.0, finished=5.0).elapsed == 0.0
    assert dataclasses.replace(job, started=10.0, finished=12.5).elapsed == 2.5


def test_only_the_first_end_of_a_job_counts(queue: JobQueue):
    identifier = queue.submit("train", "abc", {})
    run_by_hand(queue, identifier)
    assert not finish(queue.workspace, identifier, 2, JobStatus.DONE)
    why = message("training.out_of_time", limit=3)
    assert finish(queue.workspace, identifier, 1, JobStatus.FAILED, why)
    assert not finish(queue.workspace, identifier, 1, JobStatus.DONE)
    job = queue.get(identifier)
    assert (job.status, job.error) == (JobStatus.FAILED, why)


def reported(queue: JobQueue, steps: list[Progress]) -> Job:
    identifier = queue.submit("train", "abc", {})
    run_by_hand(queue, identifier)
    reporter = Reporter(queue.workspace, identifier, 1)
    for progress in steps:
        reporter.report(progress)
    reporter.close()
    return queue.get(identifier)


def test_the_last_report_is_always_kept(queue: JobQueue, monkeypatch):
    monkeypatch.setattr(context_module, "REPORT_INTERVAL", 600.0)
    stage = message("training.stage.final")
    job = reported(queue, [Progress(done, 9, stage) for done in range(10)])
    assert (job.done, job.total, job.stage) == (9, 9, stage)


def test_the_live_loss_is_bounded_and_starts_anew_with_each_fit(queue: JobQueue):
    stage = message("training.stage.final")
    steps = range(1, 10_001)
    job = reported(queue, [Progress(0, 2, stage, step, 10_000, 1.0 / step) for step in steps])
    assert LIVE_POINTS / 2 <= len(job.live) <= LIVE_POINTS
    assert job.live[0] == (1, 1.0)
    assert job.live[-1][0] > 9_900
    again = [Progress(0, 2, stage, 5, 9, 0.5), Progress(1, 2, stage, 1, 9, 0.25)]
    assert reported(queue, again).live == ((1, 0.25),)


def test_the_environment_of_jobs_is_an_allow_list():
    given = {"PATH": "p", "SECRET": "s", "WORKBENCH_HOME": "h", "WORKBENCH_TOKEN": "t"}
    made = job_environment(given)
    assert "SECRET" not in made and "WORKBENCH_TOKEN" not in made
    assert (made["PATH"], made["WORKBENCH_HOME"]) == ("p", "h")
    assert made["OPENBLAS_NUM_THREADS"] == "1"


def test_payload_and_error_survive_the_database(queue: JobQueue):
    identifier = queue.submit("read", "abc", {"delimiter": ";", "header": None})
    with queue.workspace.connect() as connection:
        row = connection.execute("SELECT * FROM jobs WHERE id = ?", (identifier,)).fetchone()
    assert json.loads(row["payload"]) == {"delimiter": ";", "header": None}
    assert row["urgent"] == 1


def test_sentences_of_this_area_are_sentences():
    codes = [code for code in SENTENCES if code.startswith(("training.", "download.", "page."))]
    for code in codes:
        if not code.startswith(("training.stage", "download.gone.title")):
            assert SENTENCES[code].rstrip().endswith((".", "}")), code
