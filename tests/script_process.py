"""A Python that cannot see this project, kept open to run one script after the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Runs in ``python -I``: neither the folder, nor ``PYTHONPATH``, nor this project can be imported.
_LOOP = """
import contextlib, io, json, os, runpy, sys, traceback
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("mlcore", "pages", "app"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
for line in sys.stdin:
    path = json.loads(line)
    os.chdir(os.path.dirname(path))
    out, failed = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            runpy.run_path(path, run_name="__main__")
    except BaseException:
        failed = traceback.format_exc()
    print(json.dumps({"out": out.getvalue(), "failed": failed}), flush=True)
"""


@dataclass
class ScriptProcess:
    """One clean Python; each script gets a fresh namespace."""

    process: Any = None

    def __enter__(self) -> ScriptProcess:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _LOOP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def run(self, path: Path) -> str:
        """Run a script in its own folder; return what it printed.

        Raises
        ------
        AssertionError
            It failed.
        """
        self.process.stdin.write(json.dumps(str(path)) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert not answer["failed"], answer["failed"]
        return str(answer["out"])


def printed_scores(out: str) -> dict[str, list[float]]:
    """Return the numbers of each line that a name begins."""
    found: dict[str, list[float]] = {}
    for line in out.splitlines():
        name, *numbers = line.split()
        if numbers and name not in ("mean", "std"):
            found[name] = [float(number) for number in numbers]
    return found


def check_formatted(path: Path) -> None:
    """Check that a script, or all in a folder, are as a formatter would leave them, and clean."""
    for command in (["format", "--diff"], ["check", "--output-format=concise", "--select=E,F,W,I"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", command[0], "--isolated", *command[1:], str(path)],
            capture_output=True,
            encoding="utf-8",
        )
        assert not done.returncode, done.stdout[-3000:]
