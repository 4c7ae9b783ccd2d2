"""What tests compute once for all of them, in whatever worker they run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcore.experiment import Experiment

#: The folder that the workers of one test run share; set by ``tests/conftest.py``.
FOLDER = Path()


def once(what: str, experiment: Experiment, compute: Callable[[], Any]) -> Any:
    """Return what an experiment gives, computed by the first test that asks for it.

    Same experiment, same table: same numbers; the experiment holds the table's fingerprint. Each
    gets a copy, so that nobody gets what another has changed.
    """
    plain = json.dumps([what, experiment.to_json()], sort_keys=True)
    path = FOLDER / hashlib.sha256(plain.encode()).hexdigest()
    if not path.exists():
        whole = path.with_suffix(f".{os.getpid()}")
        whole.write_bytes(pickle.dumps(compute()))
        whole.replace(path)
    return pickle.loads(path.read_bytes())
