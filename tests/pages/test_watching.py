from types import SimpleNamespace

from pages.ui import watching


def jobs_that_end_after(looks: int):
    """Return a queue whose one job has ended when it is looked at for the last time."""
    left = [True] * looks
    return SimpleNamespace(
        left=left,
        for_subject=lambda subject: [SimpleNamespace(is_active=bool(left) and left.pop())],
    )


def test_a_short_run_is_waited_for(monkeypatch) -> None:
    queue = jobs_that_end_after(3)
    monkeypatch.setattr(watching.stored, "jobs", lambda: queue)
    watching.a_moment(["run"])
    assert not queue.left


def test_a_long_run_is_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(watching, "_MOMENT", 0.0)
    queue = jobs_that_end_after(3)
    monkeypatch.setattr(watching.stored, "jobs", lambda: queue)
    watching.a_moment(["run"])
    assert queue.left
