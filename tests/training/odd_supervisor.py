"""A supervisor that knows the jobs of ``odd_jobs`` instead of the real ones; run as a script."""

from __future__ import annotations

import sys
from pathlib import Path

from odd_jobs import KINDS

from mlcore.training.supervisor import serve
from mlcore.workspace import Workspace

if __name__ == "__main__":
    serve(Workspace.open(Path(sys.argv[2])), KINDS, preload=("mlcore.training.worker",))
