"""Downloads of a run: made once, checked, kept beside the run, found again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.codegen import Request, Script, Source, script_of
from mlcore.data.store import DatasetStore
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.messages import Message, message
from mlcore.registry.bundle import TOLD_FRAMES, card_facts, write_bundle
from mlcore.registry.bundle_files import contract
from mlcore.registry.card import model_card
from mlcore.registry.exports import write_csv
from mlcore.registry.formats import JOBLIB, ONNX, Format, ModelFormat, find_format, verify
from mlcore.registry.onnx_support import withheld_reason
from mlcore.registry.probe import hard_rows
from mlcore.registry.schema import learnt_rows, run_schema
from mlcore.training.context import JobContext
from mlcore.training.openings import count_openings
from mlcore.training.predictions import dataset_of, predictions_frame, run_frame
from mlcore.training.runs import Run, RunStore
from mlcore.workflow import Progress, RunResult, features_of
from mlcore.workspace import write_whole


def package(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Prepare the download of a run that ``payload["format"]`` names; the job behind a button."""
    context.report(Progress(0, 1, message("registry.stage.packaging")))
    prepare_download(RunStore(context.workspace), context.subject, payload["format"])


def prepare_download(store: RunStore, run_id: str, format_id: str) -> Path:
    """Return the file of a download, making and checking it first unless it is there.

    Parameters
    ----------
    store : RunStore
        Where the run is.
    run_id : str
        The run.
    format_id : str
        Id of one of ``mlcore.registry.formats.formats_for`` the run's task.

    Returns
    -------
    Path
        Inside the run's folder; it goes when the run goes.

    Raises
    ------
    UserError
        The run is not trained, its table has changed, a written model predicts otherwise, the
        workspace is full, or its task has no such format.
    """
    run = store.get(run_id)
    format = find_format(format_id, run.experiment.task)
    path = _path(store, run, format)
    if not path.is_file():
        store.workspace.require_space()
        for outdated in path.parent.glob(f"{format_id}-*"):
            outdated.unlink()
        _make(store, run, format, path)
    return path


def prepared(store: RunStore, run_id: str, format_id: str) -> Path:
    """Return the file that :func:`prepare_download` made.

    Raises
    ------
    UserError
        ``registry.not_prepared``: it is not there, or is out of date.
    """
    run = store.get(run_id)
    path = _path(store, run, find_format(format_id, run.experiment.task))
    if not path.is_file():
        raise UserError("registry.not_prepared")
    return path


def withheld(store: RunStore, run_id: str, format_id: str) -> Message | None:
    """Return why a download of a run is not offered, or ``None`` where it is, as far as known.

    Known is what follows from the run's experiment, and what came out when it was tried before.
    """
    run = store.get(run_id)
    format = find_format(format_id, run.experiment.task)
    if format is not ONNX:
        return None
    found = _withheld_path(_path(store, run, format))
    if found.is_file():
        return Message.from_json(json.loads(found.read_text(encoding="utf-8")))
    return withheld_reason(run.experiment)


def _withheld_path(path: Path) -> Path:
    return path.with_suffix(".withheld.json")


def _path(store: RunStore, run: Run, format: Format) -> Path:
    """Return where a download lies; what it depends on is part of the name."""
    state: list[Any] = []
    if not isinstance(format, ModelFormat) and format is not ONNX:
        openings = count_openings(store.workspace, run.dataset_id)
        is_open = store.analysis_frame(run.id, "test_scores") is not None
        baseline = store.baseline_of(run)
        state = [run.name, openings, is_open, baseline.id if baseline else None]
    digest = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]
    return store.folder(run.id) / "downloads" / f"{format.id}-{digest}{format.extension}"


def _make(store: RunStore, run: Run, format: Format, path: Path) -> None:
    if isinstance(format, ModelFormat):
        _make_model(store, run, format, path)
    else:
        _MAKERS[format.id](store, run, path)


def _make_model(store: RunStore, run: Run, format: ModelFormat, path: Path) -> None:
    pipeline, experiment = store.model(run.id), run.experiment
    features = features_of(dataset_of(store, run), experiment.features)
    rows = learnt_rows(experiment.task, store.result(run.id).split)
    content = format.dump(pipeline)
    verify(pipeline, content, format, hard_rows(features.iloc[rows], experiment.kinds))
    write_whole(path, content)


def make_bundle(store: RunStore, run: Run, path: Path, engine: str = contract.SCIKIT_LEARN) -> None:
    """Write the bundle of a run with all that the workspace knows of it; ``engine`` answers."""
    tables = DatasetStore(store.workspace)
    reading = tables.reading(run.dataset_id)
    written = tables.original_path(run.dataset_id).with_name("table.parquet")
    write_bundle(
        path,
        dataset=dataset_of(store, run),
        result=_result(store, run),
        name=run.name,
        baseline=_baseline(store, run),
        test_scores=store.analysis_frame(run.id, "test_scores"),
        test_predictions=store.analysis_frame(run.id, "test_predictions"),
        test_openings=count_openings(store.workspace, run.dataset_id),
        decimal=reading.options.decimal or ".",
        text=pd.read_parquet(written),
        encoding=reading.options.encoding or "utf-8",
        quote=reading.quote,
        engine=engine,
        source=tables.load_source(run.dataset_id) if run.experiment.recipe else None,
    )


def _make_onnx(store: RunStore, run: Run, path: Path) -> None:
    # Takes a second to import, which pages that only look for downloads need not wait for.
    from mlcore.registry.onnx_files import export_onnx

    if reason := withheld_reason(run.experiment):
        raise UserError(reason.code, **reason.parameters)
    dataset, result, experiment = dataset_of(store, run), _result(store, run), run.experiment
    rows = learnt_rows(experiment.task, result.split)
    features = features_of(dataset, experiment.features).iloc[rows]
    try:
        content = export_onnx(
            result.pipeline, run_schema(dataset, result), hard_rows(features, experiment.kinds)
        )
    except UserError as error:
        write_whole(_withheld_path(path), json.dumps(error.message.to_json()).encode())
        raise
    write_whole(path, content)


def _make_report(store: RunStore, run: Run, path: Path) -> None:
    facts = card_facts(dataset_of(store, run), _result(store, run), run.name)
    write_whole(path, model_card(facts).encode())


def _make_answers(store: RunStore, run: Run, path: Path) -> None:
    write_csv(store.workspace, predictions_frame(store, run.id), path)


def _make_profile(store: RunStore, run: Run, path: Path) -> None:
    write_csv(store.workspace, run_frame(store, run, "profile"), path)


def _make_script(store: RunStore, run: Run, path: Path) -> None:
    write_whole(path, _script(store, run).to_python().encode())


def _make_notebook(store: RunStore, run: Run, path: Path) -> None:
    write_whole(path, _script(store, run).to_notebook().encode())


def _script(store: RunStore, run: Run) -> Script:
    tables = DatasetStore(store.workspace)
    source = Source(
        file_name=tables.file_name(run.dataset_id),
        content=tables.original_path(run.dataset_id).read_bytes(),
        reading=tables.reading(run.dataset_id),
        before=tables.load_source(run.dataset_id) if run.experiment.recipe else None,
    )
    request = Request(
        dataset=dataset_of(store, run),
        result=_result(store, run),
        source=source,
        name=run.name,
        model_file=JOBLIB.file_name(run.name),
        versions=store.result(run.id).versions,
        test_scores=store.analysis_frame(run.id, "test_scores"),
    )
    return script_of(request)


#: How each download besides a model alone is made, by id.
_MAKERS: Mapping[str, Callable[[RunStore, Run, Path], None]] = {
    "bundle": make_bundle,
    "onnx": _make_onnx,
    "predictions": _make_answers,
    "rows": _make_answers,
    "profile": _make_profile,
    "report": _make_report,
    "script": _make_script,
    "notebook": _make_notebook,
}


def _result(store: RunStore, run: Run) -> RunResult:
    kept = store.result(run.id)
    return RunResult(
        experiment=run.experiment,
        pipeline=store.model(run.id),
        evaluation=store.evaluation(run.id),
        split=kept.split,
        notes=kept.notes,
        classes=kept.classes,
        frames=_frames(store, run),
    )


def _frames(store: RunStore, run: Run) -> dict[str, pd.DataFrame]:
    """Return those tables of a run that its bundle tells of."""
    names = TOLD_FRAMES.get(run.experiment.task, ())
    found = {name: store.analysis_frame(run.id, name) for name in names}
    return {name: frame for name, frame in found.items() if frame is not None}


def _baseline(store: RunStore, run: Run) -> Evaluation | None:
    found = store.baseline_of(run)
    return None if found is None else store.evaluation(found.id)
