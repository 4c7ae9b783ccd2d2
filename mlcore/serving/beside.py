"""Where the prediction server beside the pages is; nothing here loads what predicts."""

from __future__ import annotations

import json

from mlcore.training.lock import is_locked
from mlcore.training.service import Companion
from mlcore.workspace import Workspace


def _has_models(workspace: Workspace) -> bool:
    with workspace.connect() as connection:
        found = connection.execute("SELECT 1 FROM model_versions LIMIT 1").fetchone()
    return found is not None


#: The prediction server beside the pages; it takes memory, so it waits for the first model.
PREDICTION = Companion(
    name="prediction",
    module="mlcore.serving.process",
    lock="prediction.lock",
    is_wanted=_has_models,
)

#: The file in the workspace in which it says how it can be reached.
ADDRESS = "prediction.json"


def address(workspace: Workspace) -> str | None:
    """Return where the server beside the pages is, such as ``"http://127.0.0.1:8602"``.

    ``None`` while there is none.
    """
    try:
        plain = json.loads((workspace.home / ADDRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(plain["address"]) if is_locked(workspace.home / PREDICTION.lock) else None
