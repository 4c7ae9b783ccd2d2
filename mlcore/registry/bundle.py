"""The bundle: a model with everything needed to use, judge and check it elsewhere."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pandas as pd

from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.registry.bundle_files import contract
from mlcore.registry.card import model_card
from mlcore.registry.exports import csv_bytes
from mlcore.registry.facts import CardFacts
from mlcore.registry.formats import zip_bytes
from mlcore.registry.fusion_files import FUSE, fusion_failures, fusion_files
from mlcore.registry.model_files import model_failures, model_files
from mlcore.registry.onnx_support import withheld_reason
from mlcore.registry.packing import (
    Files,
    checked,
    json_bytes,
    library_versions,
    scores_csv,
    shipped,
    with_manifest,
    write_files,
)
from mlcore.registry.probe import hard_rows
from mlcore.registry.schema import Writing, learnt_rows, run_schema
from mlcore.tasks import Task
from mlcore.workflow import RunResult, features_of
from mlcore.workspace import write_whole

#: The tables of a run that its bundle tells of, by task (``mlcore.workflow`` documents them).
TOLD_FRAMES: dict[Task, tuple[str, ...]] = {
    Task.CLUSTERING: (
        *("structure", "shuffled", "stability", "stability_clusters", "clusters", "profile"),
    ),
    Task.SEMI_SUPERVISED: ("rows", "draws", "shift"),
    Task.FUSION: ("rows", "sources", "agreement", "findings"),
}

#: Those of them that lie in the bundle as a file of their own.
_OWN_FILES = {Task.CLUSTERING: ("clusters", "profile"), Task.SEMI_SUPERVISED: ("draws",)}


def card_facts(
    dataset: Dataset,
    result: RunResult,
    name: str,
    writing: Writing | None = None,
    test_predictions: pd.DataFrame | None = None,
) -> CardFacts:
    """Return what the card of a run is written from, as far as the run itself tells."""
    return CardFacts(
        name=name,
        dataset=dataset,
        result=result,
        schema=run_schema(dataset, result, writing, test_predictions),
        libraries={"Python": platform.python_version(), **library_versions()},
    )


def write_bundle(
    path: Path,
    *,
    dataset: Dataset,
    result: RunResult,
    name: str,
    baseline: Evaluation | None = None,
    test_scores: pd.DataFrame | None = None,
    test_predictions: pd.DataFrame | None = None,
    test_openings: int = 0,
    decimal: str = ".",
    text: pd.DataFrame | None = None,
    encoding: str = "utf-8",
    quote: str = '"',
    engine: str = contract.SCIKIT_LEARN,
    source: Dataset | None = None,
) -> None:
    """Write the bundle of a run, after it has passed its own check.

    Same run, same table, same libraries: same bytes.

    Parameters
    ----------
    path : Path
        The zip file to write; it appears whole or not at all.
    dataset : Dataset
        The table the run was trained on.
    result : RunResult
        The run.
    name : str
        What the user calls it.
    baseline : Evaluation, optional
        Of the baseline on the same table, label and split; for the card.
    test_scores : DataFrame, optional
        Scores on the test rows when they were opened for this run: ``metric``, ``value``, and
        ``low``, ``high`` of the interval.
    test_predictions : DataFrame, optional
        ``actual`` and ``predicted`` of the test rows when they were opened for this run; the
        interval of predicted numbers is measured on them.
    test_openings : int, default 0
        How often the test rows of this table were opened.
    decimal : str, default "."
        Decimal mark of the files the model will be used on: that of the training file.
    text : DataFrame, optional
        The table as it was written, all text; from it the bundle learns each column's own decimal
        mark and written form of dates.
    encoding, quote : str
        Encoding and quotation mark of the training file, for input files written likewise.
    engine : {"scikit-learn", "onnx"}, default "scikit-learn"
        What answers. ONNX Runtime only does where its answers were found to be those of
        scikit-learn, else scikit-learn does all the same.
    source : Dataset, optional
        The table before the user's own steps, where there are some: rows come to the model so.

    Raises
    ------
    UserError
        A prediction of the written model differs, or the bundle's own check fails.
    """
    writing = Writing(decimal=decimal, text=text, encoding=encoding, quote=quote, source=source)
    facts = replace(
        card_facts(dataset, result, name, writing, test_predictions),
        baseline=baseline,
        test_scores=test_scores,
        test_openings=test_openings,
    )
    if result.experiment.task is Task.FUSION:
        files = {**_told(facts, "report.md", "FUSION.txt"), **fusion_files(facts, writing)}
        libraries = library_versions() if facts.schema.steps else {}
        files = checked(with_manifest(name, files, libraries), fusion_failures)
    else:
        onnx = verified_onnx(facts) if engine == contract.ONNX else None
        used = contract.SCIKIT_LEARN if onnx is None else contract.ONNX
        facts = replace(facts, libraries={**facts.libraries, **library_versions(used)})
        files = {**_told(facts, "card.md", "README.txt"), **_model_files(facts, onnx, source)}
        files = checked(with_manifest(name, files, library_versions(used), used), model_failures)
    write_whole(path, zip_bytes(files))


def verified_onnx(facts: CardFacts) -> bytes | None:
    """Return a run's model as an ONNX file that can answer in its place, where there is one.

    It gives the answers that the pipeline gives, and the same bits for a row whatever stands
    beside it.
    """
    # Takes a second to import, which other bundles need not wait for.
    from mlcore.registry.bundle_files.onnx_model import OnnxModel
    from mlcore.registry.onnx_files import check_steady, export_onnx

    experiment = facts.result.experiment
    if withheld_reason(experiment):
        return None
    rows = learnt_rows(experiment.task, facts.result.split)
    features = features_of(facts.dataset, experiment.features).iloc[rows]
    probe = hard_rows(features, experiment.kinds)
    with suppress(UserError):
        own = run_schema(facts.dataset, facts.result)  # after the user's own steps
        content = export_onnx(facts.result.pipeline, own, probe)
        check_steady(OnnxModel(content), probe)
        return content
    return None


def verify_bundle(path: Path) -> None:
    """Unpack a bundle and run its check in a fresh Python that cannot see this project.

    Raises
    ------
    UserError
        ``registry.self_test``: the check failed, with its reason.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        # No entry can leave the folder.
        inside = [name for name in archive.namelist() if contract.is_inside(name)]
        write_files(Path(folder), {name: archive.read(name) for name in inside})
        done = subprocess.run(
            [sys.executable, "-I", FUSE if FUSE in inside else "predict.py"],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    if done.returncode:
        raise UserError("registry.self_test", reason=(done.stderr or done.stdout).strip())


def _told(facts: CardFacts, card: str, readme: str) -> Files:
    """Return what every bundle tells: how to use it, what it is, how it was made, its scores."""
    result = facts.result
    return {
        "README.txt": shipped(readme),
        card: model_card(facts).encode(),
        "experiment.json": json_bytes(result.experiment.to_json()),
        "scores.csv": scores_csv(result.evaluation.scores),
    }


def _model_files(facts: CardFacts, onnx: bytes | None, source: Dataset | None) -> Files:
    result, tests = facts.result, facts.test_scores
    experiment, frames = result.experiment, result.frames
    own = _OWN_FILES.get(experiment.task, ())
    rows = learnt_rows(experiment.task, result.split)
    return {
        **({} if tests is None else {"test_scores.csv": scores_csv(tests)}),
        # They hold names and words that users wrote.
        **{f"{name}.csv": csv_bytes(frames[name]) for name in own if name in frames},
        **model_files(result.pipeline, facts.dataset, experiment, facts.schema, rows, onnx, source),
    }
