"""The fitted pipeline as a file: how it is written, and the proof that it came out whole."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.errors import UserError, did_you_mean
from mlcore.messages import listing
from mlcore.registry.bundle_files.contract import TRUSTED_TYPES
from mlcore.registry.probe import LEAST_ROWS
from mlcore.tasks import SUPERVISED_TASKS, Task

__all__ = [
    "BUNDLE",
    "COMPLETED",
    "FORMATS",
    "FUSED",
    "FUSION_BUNDLE",
    "JOBLIB",
    "MODEL_FORMATS",
    "ONNX",
    "NOTEBOOK",
    "PREDICTIONS",
    "PROFILE",
    "REPORT",
    "ROWS",
    "SCRIPT",
    "SKOPS",
    "TRUSTED_TYPES",
    "Format",
    "ModelFormat",
    "dump_joblib",
    "dump_skops",
    "find_format",
    "formats_for",
    "verify",
    "zip_bytes",
]

#: Relative and absolute difference up to which two numbers are one prediction; forests on several
#: threads add their trees in any order.
_SAME = 1e-12

#: Zip entries carry a time; a fixed one gives the same bytes for the same content.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def dump_joblib(pipeline: Pipeline) -> bytes:
    """Return the pipeline as a compressed joblib file (a pickle)."""
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=3)
    return buffer.getvalue()


def dump_skops(pipeline: Pipeline) -> bytes:
    """Return the pipeline as a compressed skops file; same pipeline, same bytes."""
    import skops.io  # a third of a second, which whoever only opens the pages need not wait for

    return _without_chance(skops.io.dumps(pipeline))


def _without_chance(content: bytes) -> bytes:
    """Replace memory addresses and random file names of a skops file by running numbers."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tree = json.loads(archive.read("schema.json"))
        renamed: dict[str, str] = {}
        _number(tree, {}, renamed)
        files = {new: archive.read(old) for old, new in renamed.items()}
    return zip_bytes({**files, "schema.json": json.dumps(tree).encode()})


def _number(node: Any, addresses: dict[int, int], names: dict[str, str]) -> None:
    """Give each ``__id__`` and ``file`` of a state tree the number in which it is met."""
    if isinstance(node, list):
        for part in node:
            _number(part, addresses, names)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        # The content of a dictionary may have keys of these names; there the value is a node.
        if key == "__id__" and isinstance(value, int):
            node[key] = addresses.setdefault(value, len(addresses) + 1)
        elif key == "file" and isinstance(value, str):
            suffix = value.rpartition(".")[2]
            node[key] = names.setdefault(value, f"{len(names) + 1}.{suffix}")
        else:
            _number(value, addresses, names)


def zip_bytes(files: dict[str, bytes]) -> bytes:
    """Return a zip archive of these files; same files, same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Readable for everyone when unpacked; the default would be readable for nobody.
            entry.external_attr = 0o644 << 16
            # Windows would write its own mark here.
            entry.create_system = 3
            archive.writestr(entry, content)
    return buffer.getvalue()


def _load_joblib(content: bytes) -> Any:
    return joblib.load(io.BytesIO(content))


def _load_skops(content: bytes) -> Any:
    import skops.io

    return skops.io.loads(content, trusted=list(TRUSTED_TYPES))


@dataclass(frozen=True, kw_only=True)
class Format:
    """One kind of file in which a run leaves the workbench.

    Parameters
    ----------
    id : str
        Stable name.
    label : str
        What it is called.
    extension : str
        Ending of the file's name, with its dot.
    help : str
        When to use it, and what opening it means.
    suffix : str
        What stands behind the run's name in the file's name.
    tasks : tuple of Task
        Whose runs can leave in it; those of every task unless it says otherwise.
    """

    id: str
    label: str
    extension: str
    help: str
    suffix: str = ""
    tasks: tuple[Task, ...] = tuple(Task)

    def file_name(self, name: str) -> str:
        """Return a file name, safe on every system, for a run of this name."""
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        stem = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:60]
        return f"{stem or 'model'}{self.suffix}{self.extension}"


@dataclass(frozen=True, kw_only=True)
class ModelFormat(Format):
    """A file that holds the fitted pipeline and nothing else.

    Parameters
    ----------
    dump, load : callable
        Pipeline → bytes and back. ``load`` is only for bytes that were made here a moment ago.
    """

    dump: Callable[[Pipeline], bytes]
    load: Callable[[bytes], Any]


#: Tasks whose runs leave a fitted pipeline of scikit-learn.
_FITTED = tuple(task for task in Task if task is not Task.FUSION)

JOBLIB = ModelFormat(
    id="joblib",
    label="Model as .joblib",
    extension=".joblib",
    help=(
        "For your own Python scripts: small, quick, one line to open (`joblib.load`). A joblib "
        "file is a pickle, and opening a pickle can run any program hidden in it. Open only files "
        "you made yourself or got from someone you trust, with the same version of scikit-learn."
    ),
    tasks=_FITTED,
    dump=dump_joblib,
    load=_load_joblib,
)
SKOPS = ModelFormat(
    id="skops",
    label="Model as .skops",
    extension=".skops",
    help=(
        "For sharing: opening it builds only the types you allow and runs no hidden program "
        "(`skops.io.load` with a list of trusted types). It needs the package skops and the same "
        "version of scikit-learn."
    ),
    tasks=_FITTED,
    dump=dump_skops,
    load=_load_skops,
)
ONNX = Format(
    id="onnx",
    label="Model as .onnx",
    extension=".onnx",
    help=(
        "For other programs and languages: ONNX Runtime answers with it in C++, C#, Java, "
        "JavaScript or Python, without scikit-learn and many times faster for single rows. One "
        "input for each column; it is offered once it has answered over 1,000 rows, gaps and "
        "unseen values among them, as the original does."
    ),
    tasks=_FITTED,
)
BUNDLE = Format(
    id="bundle",
    label="Everything as a bundle",
    extension=".zip",
    help=(
        "For using the model elsewhere: the model without any pickle, the columns it needs, its "
        "scores, a model card, exact versions of the libraries, and `predict.py`, which checks "
        "itself and predicts a CSV file on any computer with Python. It holds ten rows of your "
        "table as a check, besides what the model itself keeps of them; the card says what."
    ),
    suffix="_bundle",
    tasks=_FITTED,
)
FUSION_BUNDLE = Format(
    id="bundle",
    label="Everything as a bundle",
    extension=".zip",
    help=(
        "For using the rule elsewhere: the fused labels, the sources, the report, the rule with "
        "all that it learnt, and `fuse.py`, which checks itself and fuses new votes on any "
        "computer with Python and no library. Where models of the sources vote, it holds these "
        "models too. It holds the votes on ten rows of your table as a check."
    ),
    suffix="_bundle",
    tasks=(Task.FUSION,),
)
PREDICTIONS = Format(
    id="predictions",
    label="Predictions as .csv",
    extension=".csv",
    help=(
        "Your table with the prediction for every row, each by a model that had not seen the row "
        "where that is possible; a column says which. Cells that a spreadsheet would run as a "
        "formula get an apostrophe in front."
    ),
    suffix="_predictions",
    tasks=SUPERVISED_TASKS,
)
ROWS = Format(
    id="rows",
    label="Rows with their cluster as .csv",
    extension=".csv",
    help=(
        "Your table with the cluster of every row; a column says whether the clusters were found "
        "with the row, or the row was assigned to one afterwards. Cells that a spreadsheet would "
        "run as a formula get an apostrophe in front."
    ),
    suffix="_rows",
    tasks=(Task.CLUSTERING,),
)
PROFILE = Format(
    id="profile",
    label="Profile of the clusters as .csv",
    extension=".csv",
    help=(
        "What sets each cluster apart from the other rows, one line for each column: the value "
        "inside and outside, the size of the effect, and the same in words."
    ),
    suffix="_profile",
    tasks=(Task.CLUSTERING,),
)

COMPLETED = Format(
    id="rows",
    label="Rows with their label as .csv",
    extension=".csv",
    help=(
        "Your table with a label for every row that one reached, how certain it is, and whether it "
        "was given or found. Cells that a spreadsheet would run as a formula get an apostrophe in "
        "front."
    ),
    suffix="_rows",
    tasks=(Task.SEMI_SUPERVISED,),
)
FUSED = Format(
    id="rows",
    label="Rows with their fused label as .csv",
    extension=".csv",
    help=(
        "Every row with its one label, how sure it is, the votes, and the sources that voted "
        "otherwise. Cells that a spreadsheet would run as a formula get an apostrophe in front."
    ),
    suffix="_rows",
    tasks=(Task.FUSION,),
)
REPORT = Format(
    id="report",
    label="Report on the method as .md",
    extension=".md",
    help=(
        "For your paper or your colleagues: the rule and its settings, the sources, ties, scores "
        "on gold rows, how far the sources agree, and the reference of the method."
    ),
    suffix="_report",
    tasks=(Task.FUSION,),
)

SCRIPT = Format(
    id="script",
    label="Code that repeats the run, as .py",
    extension=".py",
    help=(
        "For learning, and for going on without the workbench: a short Python program that reads "
        "your file and does every step of this run with public libraries alone. It prints the "
        "same scores."
    ),
)
NOTEBOOK = Format(
    id="notebook",
    label="Code that repeats the run, as a notebook",
    extension=".ipynb",
    help="The same program for Jupyter: each step with its sentence in a cell of its own.",
)

#: Files with the pipeline alone.
MODEL_FORMATS: tuple[ModelFormat, ...] = (JOBLIB, SKOPS)

#: Everything that can be downloaded of a run, in the order of the page.
FORMATS: tuple[Format, ...] = (
    *MODEL_FORMATS,
    ONNX,
    *(BUNDLE, FUSION_BUNDLE),
    *(PREDICTIONS, ROWS, COMPLETED, FUSED),
    *(PROFILE, REPORT),
    *(SCRIPT, NOTEBOOK),
)


def formats_for(task: Task) -> tuple[Format, ...]:
    """Return what can be downloaded of a run of this task, in the order of the page."""
    return tuple(format for format in FORMATS if task in format.tasks)


def find_format(format_id: str, task: Task) -> Format:
    """Return the format of that id.

    Raises
    ------
    UserError
        Runs of this task have none; the nearest one is offered.
    """
    known = {format.id: format for format in formats_for(task)}
    if format_id not in known:
        raise UserError(
            "registry.unknown_format",
            name=format_id,
            known=listing(known),
            suggestion=did_you_mean(format_id, known),
        )
    return known[format_id]


def verify(pipeline: Pipeline, content: bytes, format: ModelFormat, sample: pd.DataFrame) -> None:
    """Open the file that was just written and compare its predictions with the pipeline's.

    Parameters
    ----------
    pipeline : Pipeline
        The original, fitted.
    content : bytes
        What ``format.dump(pipeline)`` returned in this process; nothing else is ever opened.
    format : Format
        The format of ``content``.
    sample : DataFrame
        Raw rows to predict (see ``mlcore.registry.probe.hard_rows``), at least
        ``LEAST_ROWS`` of that module.

    Raises
    ------
    UserError
        ``registry.not_identical``: some prediction differs, so the file must not be handed out.
    """
    if len(sample) < LEAST_ROWS:
        raise ValueError(f"At least {LEAST_ROWS} rows are compared, not {len(sample)}.")
    for before, after in zip(
        _answers(pipeline, sample), _answers(format.load(content), sample), strict=True
    ):
        if differing := _differing_rows(before, after):
            raise UserError(
                "registry.not_identical",
                what=format.label,
                rows=differing,
                total=len(sample),
            )


def _answers(pipeline: Pipeline, sample: pd.DataFrame) -> list[Any]:
    """Return predictions and, where the model has them, probabilities."""
    inputs, model = pipeline[:-1].transform(sample), pipeline[-1]
    methods = (name for name in ("predict", "predict_proba") if hasattr(model, name))
    return [np.asarray(getattr(model, name)(inputs)) for name in methods]


def _differing_rows(before: Any, after: Any) -> int:
    if before.shape != after.shape:
        return len(before)
    if before.dtype.kind == "f":
        same = np.isclose(before, after, rtol=_SAME, atol=_SAME, equal_nan=True)
    else:
        same = before == after
    return int((~same.reshape(len(before), -1).all(axis=1)).sum())
