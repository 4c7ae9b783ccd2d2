"""From a trained run to a version of a registered model."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcore.errors import UserError
from mlcore.messages import message
from mlcore.registry.bundle_files import contract
from mlcore.registry.formats import BUNDLE
from mlcore.registry.offers import make_bundle
from mlcore.registry.packing import Files
from mlcore.registry.store import ModelVersion, Registry
from mlcore.training.context import JobContext
from mlcore.training.runs import RunStore
from mlcore.workflow import Progress


def register(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Register a run as ``payload["name"]``; the job behind a button.

    ``payload["note"]`` and ``payload["engine"]`` are those of :func:`register_run`.
    """
    context.report(Progress(0, 1, message("registry.stage.registering")))
    register_run(
        RunStore(context.workspace),
        context.subject,
        payload["name"],
        note=payload.get("note", ""),
        engine=payload.get("engine", contract.ONNX),
        temp=context.temp,
    )


def register_run(
    store: RunStore,
    run_id: str,
    name: str,
    *,
    note: str = "",
    engine: str = contract.ONNX,
    temp: Path,
) -> ModelVersion:
    """Keep a run's model as a new version under a name.

    The version is the run's bundle, made now and checked, so that what answers here is what
    answers elsewhere.

    Parameters
    ----------
    store : RunStore
        Where the run is.
    run_id : str
        The run.
    name : str
        Of the model; its versions count up.
    note : str
        What the user wrote about this version.
    engine : {"onnx", "scikit-learn"}, default "onnx"
        What answers. ONNX Runtime mostly needs a fraction of the time for a few rows; it answers
        where it was found to give the answers of scikit-learn, which answers otherwise.
    temp : Path
        A folder to put things together in, inside the workspace.

    Raises
    ------
    UserError
        The run is not trained, its table has changed, it leaves no model behind, its model
        predicts otherwise when written, the name does not fit, or the workspace is full.
    """
    run = store.get(run_id)
    if run.experiment.task not in BUNDLE.tasks:
        raise UserError("registry.not_registrable")
    packed = temp / "bundle.zip"
    make_bundle(store, run, packed, engine)
    return Registry(store.workspace).add(name, _unpacked(packed), run=run_id, note=note, temp=temp)


def _unpacked(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
