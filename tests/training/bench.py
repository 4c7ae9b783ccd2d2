"""A workspace with a real supervisor that runs odd jobs, and nothing left over afterwards."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from training.odd_jobs import KINDS

from mlcore.training.jobs import Job, JobQueue
from mlcore.training.processes import ProcessMark
from mlcore.training.service import launch, register, unregister
from mlcore.workspace import Workspace

HERE = Path(__file__).parent
#: Seconds after which a test that waits gives up; nothing is measured with it.
PATIENCE = 60.0


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, f"Waited in vain for: {what}"
        time.sleep(0.01)


class Bench:
    """A workspace whose supervisor runs ``odd_jobs``."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self.folder = folder
        self.kinds = KINDS
        self.queue = JobQueue(workspace, KINDS)
        self.supervisor: psutil.Process | None = None

    def start(self) -> psutil.Process:
        register(self.workspace)
        process = launch(self.workspace, (str(HERE / "odd_supervisor.py"),))
        self.supervisor = psutil.Process(process.pid)
        return self.supervisor

    def of_user(self, name: str) -> JobQueue:
        return JobQueue(Workspace(self.workspace.home, name), self.kinds)

    def submit(self, kind: str, **limits: int) -> str:
        """Submit a job that tells when it begins and waits for :meth:`let_go`."""
        number = len(list(self.folder.glob("*.slot")))
        (self.folder / f"{number}.slot").touch()
        payload = {key: str(self.folder / f"{number}.{key}") for key in ("begun", "go", "seen")}
        identifier = self.queue.submit(kind, f"subject{number}", payload, **limits)
        self._payloads[identifier] = payload
        return identifier

    @property
    def _payloads(self) -> dict[str, dict[str, str]]:
        return self.__dict__.setdefault("payloads", {})

    def begun(self, identifier: str) -> list[int]:
        """Wait until the job has begun; return the numbers of its processes."""
        path = Path(self._payloads[identifier]["begun"])
        until(lambda: path.exists() and path.read_text("utf-8"), "the job to begin")
        return [int(pid) for pid in path.read_text("utf-8").split()]

    def has_begun(self, identifier: str) -> bool:
        return Path(self._payloads[identifier]["begun"]).exists()

    def seen(self, identifier: str) -> str:
        return Path(self._payloads[identifier]["seen"]).read_text("utf-8")

    def let_go(self, identifier: str) -> None:
        Path(self._payloads[identifier]["go"]).touch()

    def ended(self, identifier: str) -> Job:
        until(lambda: self.queue.get(identifier).status.is_final, "the job to end")
        return self.queue.get(identifier)

    def close(self) -> None:
        """Kill the supervisor and whatever runs for this workspace."""
        unregister(self.workspace)
        for process in supervisors(self.workspace):
            for each in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
        with self.workspace.connect() as connection:
            rows = connection.execute("SELECT pid, pid_created FROM jobs WHERE pid > 0").fetchall()
        for row in rows:
            if left := ProcessMark(*row).find():
                left.kill()


def supervisors(workspace: Workspace) -> list[psutil.Process]:
    """Return the processes that were started as supervisors of this workspace."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "--home" in command and str(workspace.home) in command:
            found.append(process)
    return found


def is_gone(pid: int) -> bool:
    """Return whether no living process has this number."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
