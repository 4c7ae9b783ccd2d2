"""Real processes: what happens to jobs when they, or their supervisor, come to a bad end."""

from __future__ import annotations

import json
import time

import psutil
from training.bench import HERE, Bench, is_gone, supervisors, until

from mlcore.training.jobs import JobStatus
from mlcore.training.limits import RESERVED_MB
from mlcore.training.service import ensure_running, is_running
from mlcore.training.supervisor import Supervisor


def code_of(job):
    return job.error.code if job.error else None


def test_a_job_runs_and_its_progress_is_kept(bench: Bench):
    job = bench.ended(bench.queue.submit("count", "subject", {"steps": 5000}))
    assert (job.status, job.done, job.total, job.share) == (JobStatus.DONE, 1, 1, 1.0)
    assert job.queued <= job.started <= job.finished
    assert job.elapsed == job.finished - job.started
    steps = [step for step, _ in job.live]
    assert steps == sorted(set(steps))
    assert 100 <= len(steps) <= 300
    assert all(loss == 1.0 / step for step, loss in job.live)


def test_a_killed_worker_fails_with_a_sentence_and_the_other_job_finishes(bench: Bench):
    victim, other = bench.submit("wait"), bench.submit("wait")
    (pid,) = bench.begun(victim)
    bench.begun(other)
    temp = bench.workspace.folder("temp", victim)
    assert temp.exists()
    psutil.Process(pid).kill()
    job = bench.ended(victim)
    assert (job.status, code_of(job)) == (JobStatus.FAILED, "training.killed")
    assert "SIGKILL" in str(job.error)
    assert not temp.exists()
    bench.let_go(other)
    assert bench.ended(other).status is JobStatus.DONE


def test_a_killed_supervisor_loses_nothing(bench: Bench):
    finishing, cancelled, hungry, dying = (bench.submit("wait") for _ in range(4))
    assert bench.supervisor is not None
    (pid,) = bench.begun(finishing)
    (pid_cancelled,) = bench.begun(cancelled)
    bench.supervisor.kill()
    bench.supervisor.wait()
    assert not is_running(bench.workspace)
    assert not is_gone(pid)
    bench.start()
    until(lambda: is_running(bench.workspace), "the next supervisor")
    # The two running jobs still take both places, and one of them can still be cancelled.
    assert bench.queue.get(hungry).status is JobStatus.QUEUED
    bench.queue.cancel(cancelled)
    assert bench.ended(cancelled).status is JobStatus.CANCELLED
    assert is_gone(pid_cancelled)
    bench.let_go(finishing)
    job = bench.ended(finishing)
    assert (job.status, job.error) == (JobStatus.DONE, None)
    for waiting in (hungry, dying):
        bench.begun(waiting)
        bench.let_go(waiting)
        assert bench.ended(waiting).status is JobStatus.DONE


def test_when_all_processes_are_killed_the_job_is_interrupted(bench: Bench):
    lost, reading = bench.submit("wait"), bench.submit("urgent")
    (pid,), (pid_reading,) = bench.begun(lost), bench.begun(reading)
    assert bench.supervisor is not None
    for process in [bench.supervisor, psutil.Process(pid), psutil.Process(pid_reading)]:
        process.kill()
    until(lambda: is_gone(pid) and is_gone(pid_reading), "the jobs to die")
    bench.start()
    job = bench.ended(lost)
    assert (job.status, code_of(job)) == (JobStatus.INTERRUPTED, "training.interrupted")
    assert not bench.workspace.folder("temp", lost).exists()
    # A job that may be repeated is started once more by itself.
    bench.let_go(reading)
    assert bench.ended(reading).status is JobStatus.DONE


def test_a_reattached_job_that_dies_is_interrupted(bench: Bench):
    identifier = bench.submit("wait")
    (pid,) = bench.begun(identifier)
    assert bench.supervisor is not None
    bench.supervisor.kill()
    bench.supervisor.wait()
    bench.start()
    until(lambda: is_running(bench.workspace), "the next supervisor")
    time.sleep(0.2)
    psutil.Process(pid).kill()
    assert bench.ended(identifier).status is JobStatus.INTERRUPTED


def test_a_job_survives_the_process_that_forks_jobs(bench: Bench):
    identifier = bench.submit("wait")
    (pid,) = bench.begun(identifier)
    until(lambda: bench.queue.get(identifier).started, "the start")
    time.sleep(0.4)
    forker = psutil.Process(pid).parent()
    assert forker is not None
    forker.kill()
    time.sleep(0.2)
    assert bench.queue.get(identifier).status is JobStatus.RUNNING
    bench.let_go(identifier)
    assert bench.ended(identifier).status is JobStatus.DONE
    following = bench.submit("wait")
    bench.let_go(following)
    assert bench.ended(following).status is JobStatus.DONE


def test_cancel_ends_native_code_and_children(bench: Bench):
    native, parent = bench.submit("native"), bench.submit("have_children")
    pids = [*bench.begun(native), *bench.begun(parent)]
    assert len(pids) == 3
    for identifier in (native, parent):
        bench.queue.cancel(identifier)
    for identifier in (native, parent):
        job = bench.ended(identifier)
        assert (job.status, job.error) == (JobStatus.CANCELLED, None)
        assert job.finished - job.started < 15
    # The row says so only once the processes are gone.
    assert all(is_gone(pid) for pid in pids)


def test_a_queued_job_is_cancelled_at_once(bench: Bench):
    running = [bench.submit("wait") for _ in range(2)]
    for identifier in running:
        bench.begun(identifier)
    waiting = bench.submit("wait")
    assert bench.queue.ahead(waiting) == 2
    bench.queue.cancel(waiting)
    assert bench.queue.get(waiting).status is JobStatus.CANCELLED
    for identifier in running:
        bench.let_go(identifier)
        assert bench.ended(identifier).status is JobStatus.DONE
    assert not bench.has_begun(waiting)
    bench.queue.cancel(running[0])
    assert bench.queue.get(running[0]).status is JobStatus.DONE


def test_limits_stop_a_job_with_the_reason(bench: Bench):
    growing = bench.submit("grow", memory_mb=200)
    reserving = bench.submit("reserve", memory_mb=200)
    mapping = bench.submit("map_memory", memory_mb=200)
    slow = bench.submit("wait", seconds=1)
    for identifier in (growing, reserving, mapping):
        job = bench.ended(identifier)
        assert (job.status, code_of(job)) == (JobStatus.FAILED, "training.out_of_memory")
        assert "200 MiB" in str(job.error)
    job = bench.ended(slow)
    assert (job.status, code_of(job)) == (JobStatus.FAILED, "training.out_of_time")
    assert "1 seconds" in str(job.error)


def test_failures_speak_in_sentences_and_log_no_cells(bench: Bench):
    refused, broken, full = (bench.submit(k) for k in ("refuse", "break_down", "fill_disk"))
    assert code_of(bench.ended(refused)) == "training.no_words"
    assert code_of(bench.ended(full)) == "workspace.disk_full"
    job = bench.ended(broken)
    assert (job.status, code_of(job)) == (JobStatus.FAILED, "training.defect")
    log = (bench.workspace.home / "logs" / "defects.log").read_text("utf-8")
    assert job.error.parameters["number"] in log
    assert "ValueError" in log and "break_down" in log
    assert "secret-cell-value" not in log
    assert "secret-cell-value" not in str(job.error)


def test_a_job_sees_no_secrets_and_leaves_no_scraps(bench: Bench):
    identifier = bench.submit("look_around", memory_mb=100)
    assert bench.ended(identifier).status is JobStatus.DONE
    seen = json.loads(bench.seen(identifier))
    assert "WORKBENCH_TEST_TOKEN" not in seen["environment"]
    assert "a-secret-nobody-may-see" not in json.dumps(seen)
    assert seen["environment"]["OMP_NUM_THREADS"] == "1"
    assert seen["nice"] != psutil.Process().nice()
    assert seen["leads"]
    assert seen["limit"] in (None, 100 + RESERVED_MB)
    assert not bench.workspace.folder("temp", identifier).exists()


def test_users_take_turns_and_reading_overtakes(bench: Bench):
    first, second = bench.submit("wait"), bench.submit("wait")
    for identifier in (first, second):
        bench.begun(identifier)
    later = [bench.submit("wait") for _ in range(2)]
    guest = bench.of_user("guest")
    payload = {key: str(bench.folder / f"guest.{key}") for key in ("begun", "go")}
    for_guest = guest.submit("wait", "subject", payload)
    # Both places are taken, but an urgent job has one of its own.
    reading = bench.submit("urgent")
    bench.begun(reading)
    bench.let_go(reading)
    assert bench.ended(reading).status is JobStatus.DONE
    bench.let_go(first)
    # The guest came last, but has nothing running.
    until((bench.folder / "guest.begun").exists, "the guest's job")
    assert not any(map(bench.has_begun, later))
    (bench.folder / "guest.go").touch()
    for identifier in (second, *later):
        bench.begun(identifier)
        bench.let_go(identifier)
        assert bench.ended(identifier).status is JobStatus.DONE
    until(lambda: guest.get(for_guest).status is JobStatus.DONE, "the guest's end")


def test_reading_takes_no_place_from_training(bench: Bench):
    jobs = [bench.submit("urgent"), bench.submit("wait"), bench.submit("wait")]
    for identifier in jobs:
        bench.begun(identifier)
    for identifier in jobs:
        bench.let_go(identifier)
        assert bench.ended(identifier).status is JobStatus.DONE


def test_users_do_not_see_each_others_jobs(bench: Bench):
    identifier = bench.submit("wait")
    bench.begun(identifier)
    guest = bench.of_user("guest")
    assert guest.active() == []
    assert guest.for_subject(bench.queue.get(identifier).subject) == []
    guest.cancel(identifier)
    guest.forget(bench.queue.get(identifier).subject)
    bench.let_go(identifier)
    assert bench.ended(identifier).status is JobStatus.DONE


def test_a_forgotten_job_leaves_no_row(bench: Bench):
    identifier = bench.submit("native")
    (pid,) = bench.begun(identifier)
    subject = bench.queue.get(identifier).subject
    bench.queue.forget(subject)
    until(lambda: not bench.queue.for_subject(subject), "the row to go")
    assert is_gone(pid)


def test_a_second_supervisor_ends_at_once(bench: Bench):
    until(lambda: is_running(bench.workspace), "the supervisor")
    first = bench.supervisor
    second = bench.start()
    until(lambda: is_gone(second.pid), "the second supervisor to end")
    ensure_running(bench.workspace)
    assert [p.pid for p in supervisors(bench.workspace) if not is_gone(p.pid)] == [first.pid]


def test_sigterm_leaves_jobs_running(bench: Bench):
    identifier = bench.submit("wait")
    (pid,) = bench.begun(identifier)
    bench.supervisor.terminate()
    until(lambda: is_gone(bench.supervisor.pid), "the supervisor to end")
    assert not is_gone(pid)
    bench.let_go(identifier)
    assert bench.ended(identifier).status is JobStatus.DONE


def test_it_ends_when_its_servers_are_gone_and_no_work_is_left(bench: Bench):
    from mlcore.training.service import unregister

    identifier = bench.submit("wait")
    (pid,) = bench.begun(identifier)
    unregister(bench.workspace)
    time.sleep(0.2)
    assert is_running(bench.workspace)
    bench.let_go(identifier)
    assert bench.ended(identifier).status is JobStatus.DONE
    until(lambda: not is_running(bench.workspace), "the supervisor to end")
    assert is_gone(pid)


def test_where_processes_cannot_be_forked_they_are_spawned(bench: Bench, monkeypatch):
    import multiprocessing

    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.syspath_prepend(HERE)
    bench.close()
    supervisor = Supervisor(bench.workspace, bench.kinds, preload=())
    waiting, counting = bench.submit("wait"), bench.submit("native")
    bench.let_go(waiting)
    # Without a server registered it works the queue off and returns.
    import threading

    thread = threading.Thread(target=supervisor.run)
    thread.start()
    (pid,) = bench.begun(counting)
    bench.queue.cancel(counting)
    thread.join()
    assert bench.queue.get(waiting).status is JobStatus.DONE
    assert bench.queue.get(counting).status is JobStatus.CANCELLED
    assert is_gone(pid)
