"""What a job's process may see of the environment: the little it needs, and no secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mlcore import settings

#: Where the package lies; processes are started there.
ROOT = Path(__file__).resolve().parents[2]

#: Variables that are passed on when they are set.
PASSED_ON: tuple[str, ...] = (
    # Where programs, libraries, people and temporary files are
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "XDG_DATA_HOME",
    # Language and time
    "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONUTF8", "PYTHONHASHSEED",
    # What Windows needs to start a process at all
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA",
    "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    # Our own settings, by name: not whatever else begins like them
    settings.HOME, *(setting.name for setting in settings.NUMBERS),
)  # fmt: skip

#: Native libraries use one thread each; the jobs themselves run side by side.
ONE_THREAD: tuple[str, ...] = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS", "ARROW_NUM_THREADS",
)  # fmt: skip


def job_environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for the supervisor and its jobs."""
    passed = {name: given[name] for name in PASSED_ON if name in given}
    return {**passed, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": str(ROOT)}


def clean_own_environment() -> None:
    """Reduce the environment of this process to :func:`job_environment`."""
    kept = job_environment()
    os.environ.clear()
    os.environ.update(kept)
