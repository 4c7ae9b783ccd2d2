"""The folder of a model: its files, whether they are as they were made, and how they are opened."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from mlcore.registry.bundle_files.row_reading import recipe_steps
else:
    # In a bundle it lies beside this file.
    from row_reading import recipe_steps

#: The types a model file may contain besides those skops knows to be harmless. Fixed: a file that
#: holds any other type (a system command, for instance) is refused before anything is built.
TRUSTED_TYPES: tuple[str, ...] = (
    # Preparation: data types of imputers, and the three functions that take dates and text apart.
    "numpy.dtype",
    "numpy.ravel",
    "operator.attrgetter",
    "pandas.DataFrame",
    # Trees and forests, boosted trees.
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    # Nearest neighbours: the search tree and the distances it measures.
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    # Perceptrons keep the state of their optimiser.
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    # Probabilities of support vector machines.
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)

MODEL = "model.skops"
SCHEMA = "input_schema.json"
GOLDEN_ROWS = "golden_rows.csv"
GOLDEN_PREDICTIONS = "golden_predictions.csv"
MANIFEST = "manifest.json"
#: What a manifest must list before a model is used. The other programs are not among them: those
#: of an earlier version were fewer.
NEEDED = ("contract.py", MODEL, SCHEMA, GOLDEN_ROWS, GOLDEN_PREDICTIONS)
#: What answers: the fitted pipeline itself, or the ONNX file that was made of it. The manifest
#: says which, so that the same model answers by every way in.
SCIKIT_LEARN, ONNX = "scikit-learn", "onnx"
ONNX_MODEL = "model.onnx"

#: What each is called.
ENGINES = {SCIKIT_LEARN: "scikit-learn", ONNX: "ONNX Runtime"}

#: What to do when a library is missing or another version.
INSTALL = "Install the exact versions with: python -m pip install -r requirements.txt"


class Refusal(Exception):
    """A sentence for the person, and the exit status that goes with it."""

    def __init__(self, sentence: str, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status


def check_files(folder: Path, needed: Sequence[str] = NEEDED) -> dict[str, Any]:
    """Return the manifest after comparing the SHA-256 of every file it lists."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed: dict[str, str] = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal(f"“{MANIFEST}” is missing or damaged. Unpack the bundle again.", 1) from error
    for name in needed:
        if name not in listed:
            raise Refusal(f"“{MANIFEST}” does not list “{name}”. Unpack the bundle again.", 1)
    for name, expected in listed.items():
        path = folder / name
        if not is_inside(name) or not path.is_file():
            raise Refusal(f"The file “{name}” is missing. Unpack the bundle again.", 1)
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise Refusal(
                f"The file “{name}” has changed since the bundle was made, so it is not used. "
                "Unpack the bundle again.",
                1,
            )
    return manifest


def is_inside(name: str) -> bool:
    """Return whether a file's name, with ``/`` between folders, stays in the bundle's folder."""
    return all(Path(part).name == part and part not in ("", "..") for part in name.split("/"))


def check_libraries(manifest: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each library whose version differs; refuse when one is missing."""
    different, absent = [], []
    for name, wanted in manifest["libraries"].items():
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(f"{name} {wanted}")
            continue
        if installed != wanted:
            different.append(f"{name} {installed} is installed, the model was made with {wanted}.")
    if absent:
        raise Refusal(f"Not installed: {', '.join(absent)}. {INSTALL}")
    return different


def engine_of(folder: Path) -> str:
    """Return what answers, :data:`SCIKIT_LEARN` or :data:`ONNX`, as the manifest says."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    # Models from elsewhere, and those from before there was a choice, do not say.
    only = ONNX if ONNX_MODEL in manifest.get("files", ()) else SCIKIT_LEARN
    return str(manifest.get("engine", only))


def load_model(folder: Path) -> Any:
    """Return what answers: the fitted pipeline, or a model with its methods.

    A file with a type outside the list above is refused.
    """
    model = _load_onnx(folder) if engine_of(folder) == ONNX else load_pipeline(folder)
    return after_steps(model, read_schema(folder))


def after_steps(model: Any, schema: Mapping[str, Any]) -> Any:
    """Return a model that takes rows as they come, before the steps of its table's recipe."""
    steps = schema.get("steps")
    return recipe_steps().AfterSteps(model, steps) if steps else model


def _load_onnx(folder: Path) -> Any:
    try:
        if TYPE_CHECKING or __package__:
            from mlcore.registry.bundle_files import onnx_model
        else:
            # In a bundle it lies beside this file.
            import onnx_model
    except ImportError as error:
        raise Refusal(f"Not installed: {error.name}. {INSTALL}") from error
    try:
        return onnx_model.OnnxModel((folder / ONNX_MODEL).read_bytes())
    except Exception as error:  # the runtime has kinds of its own
        raise Refusal(
            f"“{ONNX_MODEL}” cannot be opened with the installed libraries ({error}). {INSTALL}", 1
        ) from error


def load_pipeline(folder: Path) -> Any:
    """Return the fitted pipeline, which lies in every bundle, whatever answers."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        _check_size(folder / MODEL)
        with warnings.catch_warnings():
            # Another version of scikit-learn is reported by check_libraries, in plain words.
            warnings.simplefilter("ignore")
            return skops.io.load(folder / MODEL, trusted=list(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        # Types of scikit-learn itself change their names between versions.
        others = other_versions(folder)
        said = [f"“{MODEL}” holds types that are not trusted: {error}", *others]
        raise Refusal(" ".join([*said, *([INSTALL] if others else [])]), 1) from error
    except zipfile.BadZipFile as error:
        raise Refusal(f"“{MODEL}” is no skops file ({error}). It is not opened.", 1) from error
    except (
        *(AttributeError, ImportError, KeyError, TypeError, ValueError),
        # Something that nests deeper than any model.
        RecursionError,
    ) as error:
        said = [f"“{MODEL}” cannot be opened with the installed libraries ({error})."]
        raise Refusal(" ".join([*said, *other_versions(folder), INSTALL]), 1) from error


def other_versions(folder: Path) -> list[str]:
    """Return a sentence for each library that is not installed as the model was made with."""
    path = folder / MANIFEST
    return check_libraries(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def _check_size(path: Path) -> None:
    """Refuse a file that unpacks to far more than a model that was packed."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > 100 * path.stat().st_size + 2**26:
        raise Refusal(f"“{path.name}” unpacks to {size:,} bytes, as no model does.", 1)


def read_schema(folder: Path) -> dict[str, Any]:
    """Return the input schema: what each column held when the model was trained."""
    schema: dict[str, Any] = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
    return schema
