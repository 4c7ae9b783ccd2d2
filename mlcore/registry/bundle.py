"""The bundle: a model with everything needed to use, judge and check it elsewhere."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.algorithms.labels import NOISE_NAME
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import PROBABILITY, Evaluation
from mlcore.experiment import Experiment
from mlcore.registry import bundle_files
from mlcore.registry.bundle_files import predict
from mlcore.registry.card import model_card
from mlcore.registry.exports import csv_bytes
from mlcore.registry.facts import CardFacts
from mlcore.registry.formats import SKOPS, dump_skops, verify, zip_bytes
from mlcore.registry.probe import probe_rows
from mlcore.registry.schema import InputSchema, cell_text, input_schema
from mlcore.splitting import Rows
from mlcore.workflow import RunResult, features_of
from mlcore.workspace import write_whole

#: Version of the bundle's layout.
FORMAT_VERSION = 1

#: What predict.py imports, and scipy, in which scikit-learn does part of its arithmetic.
LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops")

#: The tables of a clustering that its bundle tells of (see ``mlcore.workflow.clustering``).
TOLD_FRAMES = (
    "structure",
    "shuffled",
    "stability",
    "stability_clusters",
    "clusters",
    "profile",
)

#: Those of them that lie in the bundle as a file of their own.
_CLUSTER_FILES = ("clusters", "profile")

#: How many golden rows a bundle has, if the table has so many.
N_GOLDEN = 10


def library_versions() -> dict[str, str]:
    """Return the installed version of each library a bundle needs."""
    return {name: version(name) for name in LIBRARIES}


def write_bundle(
    path: Path,
    *,
    dataset: Dataset,
    result: RunResult,
    name: str,
    baseline: Evaluation | None = None,
    test_scores: pd.DataFrame | None = None,
    test_openings: int = 0,
    decimal: str = ".",
    text: pd.DataFrame | None = None,
    encoding: str = "utf-8",
    quote: str = '"',
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
    test_openings : int, default 0
        How often the test rows of this table were opened.
    decimal : str, default "."
        Decimal mark of the files the model will be used on: that of the training file.
    text : DataFrame, optional
        The table as it was written, all text; from it the bundle learns each column's own decimal
        mark and written form of dates.
    encoding, quote : str
        Encoding and quotation mark of the training file, for input files written likewise.

    Raises
    ------
    UserError
        A prediction of the written model differs, or the bundle's own check fails.
    """
    rows, clusters = result.split.development, cluster_names(result)
    learnt = input_schema(dataset, result.experiment, rows, decimal, text, clusters)
    schema = replace(learnt, encoding=encoding, quote=quote)
    model = _proven_model(dataset, result)
    facts = CardFacts(
        name=name,
        dataset=dataset,
        result=result,
        schema=schema,
        baseline=baseline,
        test_scores=test_scores,
        test_openings=test_openings,
        libraries={"Python": platform.python_version(), **library_versions()},
    )
    files = {
        "README.txt": _shipped("README.txt"),
        "card.md": model_card(facts).encode(),
        predict.MODEL: model,
        predict.SCHEMA: _json(schema.to_json()),
        "experiment.json": _json(result.experiment.to_json()),
        "scores.csv": _scores_csv(result.evaluation.scores),
        **({} if test_scores is None else {"test_scores.csv": _scores_csv(test_scores)}),
        **_cluster_files(result),
        **_golden_files(dataset, result, schema),
        "predict.py": _shipped("predict.py"),
        "requirements.txt": _requirements(),
    }
    files[predict.MANIFEST] = _manifest(name, files)
    _check(files)
    write_whole(path, zip_bytes(files))


def verify_bundle(path: Path) -> None:
    """Unpack a bundle and run its check in a fresh Python that cannot see this project.

    Raises
    ------
    UserError
        ``registry.self_test``: the check failed, with its reason.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        # Only names this module writes are taken, so no entry can leave the folder.
        for entry in archive.namelist():
            (Path(folder) / Path(entry).name).write_bytes(archive.read(entry))
        done = subprocess.run(
            [sys.executable, "-I", "predict.py"],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    if done.returncode:
        raise UserError("registry.self_test", reason=(done.stderr or done.stdout).strip())


def _proven_model(dataset: Dataset, result: RunResult) -> bytes:
    model = dump_skops(result.pipeline)
    features = features_of(dataset, result.experiment.features)
    sample = probe_rows(features.iloc[result.split.development], result.experiment.kinds)
    verify(result.pipeline, model, SKOPS, sample)
    return model


def _shipped(name: str) -> bytes:
    return Path(str(bundle_files.__file__)).with_name(name).read_bytes().replace(b"\r\n", b"\n")


def _json(plain: Any) -> bytes:
    return (json.dumps(plain, ensure_ascii=False, indent=2) + "\n").encode()


def _scores_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def cluster_names(result: RunResult) -> tuple[str, ...]:
    """Return the names of the clusters that a run's model tells apart; none if it predicts.

    A mixture may have a component that is the likeliest of no row; it has a probability too.
    """
    if result.experiment.task.is_supervised:
        return ()
    columns = result.evaluation.predictions.columns
    components = [n.removeprefix(PROBABILITY) for n in columns if n.startswith(PROBABILITY)]
    return tuple(components or (name for name in result.classes if name != NOISE_NAME))


def _cluster_files(result: RunResult) -> dict[str, bytes]:
    """Return the tables of the clusters, which hold names and words that users wrote."""
    frames = result.frames
    return {f"{name}.csv": csv_bytes(frames[name]) for name in _CLUSTER_FILES if name in frames}


def _requirements() -> bytes:
    lines = [
        f"# What predict.py needs, in the versions the model was made with, under Python "
        f"{platform.python_version()}.",
        *(f"{name}=={installed}" for name, installed in library_versions().items()),
    ]
    return ("\n".join(lines) + "\n").encode()


def _manifest(name: str, files: Mapping[str, bytes]) -> bytes:
    return _json(
        {
            "format": "ml-workbench-bundle",
            "version": FORMAT_VERSION,
            "name": name,
            "python": platform.python_version(),
            "libraries": library_versions(),
            "files": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
        }
    )


def golden_rows(dataset: Dataset, experiment: Experiment, rows: Rows) -> Rows:
    """Return the numbers of up to ten telling rows: each kind of gap first, then evenly spread.

    Parameters
    ----------
    dataset : Dataset
        The table.
    experiment : Experiment
        Names features and label.
    rows : array of shape (n_rows,)
        Development rows; test rows stay sealed here too.
    """
    frame = dataset.frame.iloc[rows]
    chosen: dict[int, None] = {}
    gaps = frame[list(experiment.features)].isna()
    for name in gaps.columns[gaps.any().to_numpy()][: N_GOLDEN // 2]:
        chosen.setdefault(int(rows[int(gaps[name].to_numpy().argmax())]))
    for place in np.linspace(0, len(rows) - 1, N_GOLDEN).round().astype(int):
        chosen.setdefault(int(rows[place]))
    return np.array(sorted(list(chosen)[:N_GOLDEN]), dtype=np.intp)


def _golden_files(dataset: Dataset, result: RunResult, schema: InputSchema) -> dict[str, bytes]:
    rows = golden_rows(dataset, result.experiment, result.split.development)
    frame = features_of(dataset, result.experiment.features).iloc[rows]
    cells = [
        [
            cell_text(value, feature.kind, feature.decimal)
            for value, feature in zip(row, schema.features, strict=True)
        ]
        for row in frame.itertuples(index=False, name=None)
    ]
    answers = predict.predict(result.pipeline, frame, schema.to_json())
    lines = [[str(value) for value in row] for row in zip(*answers.values(), strict=True)]
    return {
        predict.GOLDEN_ROWS: _csv([feature.name for feature in schema.features], cells),
        predict.GOLDEN_PREDICTIONS: _csv(list(answers), lines),
    }


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _check(files: Mapping[str, bytes]) -> None:
    """Run the bundle's own check on the files before they are packed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        try:
            predict.check_files(folder)
            failures = predict.self_test(
                folder, predict.load_model(folder), predict.read_schema(folder)
            )
        except predict.Refusal as refusal:
            failures = [str(refusal)]
    if failures:
        raise UserError("registry.self_test", reason=" ".join(failures[:3]))
