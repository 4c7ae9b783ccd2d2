"""Jobs for the tests of the supervisor: they do what a hostile or unlucky job would do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from mlcore import settings
from mlcore.errors import UserError
from mlcore.messages import message
from mlcore.training.kinds import JobKind


def _kind(name: str, **more: bool) -> JobKind:
    return JobKind(name=name, function=f"odd_jobs:{name}", **more)


def wait(context, payload):
    """Wait until the test creates a file, telling that it has begun."""
    Path(payload["begun"]).write_text(str(os.getpid()), "utf-8")
    while not Path(payload["go"]).exists():
        time.sleep(0.01)


def count(context, payload):
    """Report quickly, more often than is written down."""

    def progress(done, step, steps, loss):
        # What workflow.Progress holds, without what importing it costs.
        stage = message("training.stage.final")
        return SimpleNamespace(done=done, total=1, stage=stage, step=step, steps=steps, loss=loss)

    for step in range(1, payload["steps"] + 1):
        context.report(progress(0, step, payload["steps"], 1.0 / step))
    context.report(progress(1, None, None, None))


def native(context, payload):
    """Stay inside native code that never looks at signals for Python."""
    import numpy as np

    Path(payload["begun"]).write_text(str(os.getpid()), "utf-8")
    values = np.random.default_rng(0).random((2500, 2500))
    while True:
        np.linalg.svd(values)


def grow(context, payload):
    """Use 400 MiB, less than a job may reserve, and stay."""
    held = [bytearray(b"x" * 2**24) for _ in range(25)]
    while held:
        time.sleep(0.01)


def reserve(context, payload):
    """Ask for far too much memory at once."""
    bytearray(2**36)


def map_memory(context, payload):
    """Ask the system itself for too much memory; it answers with an error of its own."""
    import errno

    raise OSError(errno.ENOMEM, "Cannot allocate memory")


def refuse(context, payload):
    """Fail with a sentence."""
    raise UserError("training.no_words")


def break_down(context, payload):
    """Fail as no job should, quoting a cell."""
    raise ValueError("could not convert secret-cell-value")


def look_around(context, payload):
    """Write down what the job can see of its surroundings."""
    import json

    import psutil

    process = psutil.Process()
    limit = None
    if sys.platform == "linux":
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0] / 2**20
    seen = {
        "limit": limit,
        "environment": dict(os.environ),
        "nice": process.nice(),
        "temp": str(context.temp),
        "leads": not hasattr(os, "getsid") or os.getsid(0) == os.getpid(),
    }
    (context.temp / "scrap").write_text("scrap", "utf-8")
    Path(payload["seen"]).write_text(json.dumps(seen), "utf-8")


def have_children(context, payload):
    """Start a process of its own and wait for ever."""
    code = "import time; time.sleep(600)"
    # In a session of its own it is found as a child only, not as a member of the group.
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    Path(payload["begun"]).write_text(f"{os.getpid()} {child.pid}", "utf-8")
    child.wait()


def fill_disk(context, payload):
    """Write until the system refuses."""
    import errno

    raise OSError(errno.ENOSPC, "No space left on device")


FUNCTIONS = (
    wait, count, native, grow, reserve, map_memory, refuse, break_down,
    look_around, have_children, fill_disk,
)  # fmt: skip

KINDS = (
    *(_kind(function.__name__) for function in FUNCTIONS),
    JobKind(
        name="urgent",
        function="odd_jobs:wait",
        urgent=True,
        repeatable=True,
        seconds=settings.TIME_LIMIT_S,
    ),
)
