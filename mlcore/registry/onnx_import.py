"""A model from elsewhere: an ONNX file, looked through before anything in it runs.

ONNX is the only kind that is taken: it lists operators, and the runtime knows what each does.
Opening a pickle, joblib or skops file can run any program hidden in it, so such files are refused
by their first bytes, whatever they are called.

What is taken is parsed and tried out inside a job, a process with little memory and time, and
answers in such a process ever after (``onnx_limited``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.messages import listing, message
from mlcore.registry.onnx_limited import MODEL_FILE, WIRING, ImportedModel
from mlcore.registry.packing import json_bytes, with_manifest
from mlcore.registry.schema import InputFeature
from mlcore.registry.store import ModelVersion, Registry
from mlcore.training.context import JobContext
from mlcore.workflow import Progress
from mlcore.workspace import Workspace, new_id, write_whole

#: Largest file that is taken, and the most operators and inputs it may have.
MOST_BYTES = 256 * 2**20
MOST_NODES = 100_000
MOST_INPUTS = 10_000

#: Whose operators are known: those of the ONNX standard.
DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})

#: Operators that may go on for ever, or draw numbers by chance, so that answers differ.
REFUSED_OPERATORS = frozenset(
    {"Loop", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
    | {"Bernoulli", "Multinomial"}
)

#: First bytes of what can hold a pickle: pickles themselves, archives, compressed files.
_PICKLES = (
    *(b"\x80", b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"]\x00\x00", b"\x04\x22M\x18"),
    *(b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"\x93NUMPY", b"\x89HDF", b"(dp", b"c__builtin__"),
)
_PICKLE_ENDINGS = frozenset(
    {".pkl", ".pickle", ".joblib", ".skops", ".npy", ".npz", ".pt", ".pth", ".dill", ".h5", ".zip"}
)

#: What NumPy calls each type of an input.
_NUMBERS: dict[int, str] = {
    TensorProto.FLOAT: "float32",
    TensorProto.DOUBLE: "float64",
    TensorProto.INT64: "int64",
    TensorProto.INT32: "int32",
}


def check_upload(name: str, content: bytes) -> None:
    """Refuse what is no ONNX file by its name, its first bytes, or its size; nothing is parsed.

    Raises
    ------
    UserError
        ``registry.import.pickle``, ``registry.import.ending``, ``registry.import.size``,
        ``registry.import.not_onnx`` (empty).
    """
    ending = PurePath(name).suffix.lower()
    if ending in _PICKLE_ENDINGS or content.startswith(_PICKLES):
        raise UserError("registry.import.pickle")
    if ending != ".onnx":
        raise UserError("registry.import.ending", ending=ending or "no ending")
    if len(content) > MOST_BYTES:
        raise UserError(
            "registry.import.size", size=-(-len(content) // 2**20), most=MOST_BYTES // 2**20
        )
    if not content:
        raise UserError("registry.import.not_onnx")


def stage_import(workspace: Workspace, name: str, content: bytes) -> str:
    """Put an uploaded file aside for the job that imports it; return its id.

    Raises
    ------
    UserError
        :func:`check_upload` refuses it, or the workspace is full.
    """
    check_upload(name, content)
    workspace.require_space(len(content))
    identifier = new_id()
    write_whole(_staged(workspace, identifier), content)
    return identifier


def import_model(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Register the staged file of the job's subject as ``payload["name"]``.

    ``payload["note"]`` and ``payload["file"]`` (what the file was called) are kept with it. The
    staged file goes in any case.
    """
    context.report(Progress(0, 1, message("registry.stage.importing")))
    staged = _staged(context.workspace, context.subject)
    try:
        register_import(
            context.workspace,
            payload["name"],
            staged.read_bytes(),
            file=payload.get("file", ""),
            note=payload.get("note", ""),
        )
    finally:
        shutil.rmtree(staged.parent, ignore_errors=True)


def _staged(workspace: Workspace, identifier: str) -> Path:
    return workspace.folder("imports", identifier) / MODEL_FILE


def register_import(
    workspace: Workspace, name: str, content: bytes, *, file: str = "", note: str = ""
) -> ModelVersion:
    """Keep a checked ONNX file as a new version of a registered model; runs inside a job.

    Raises
    ------
    UserError
        As :func:`read_onnx`; the name does not fit; the workspace is full.
    """
    check_upload("model.onnx", content)
    model = read_onnx(content)
    model.close()
    files = {
        MODEL_FILE: content,
        "input_schema.json": json_bytes(model.schema.to_json()),
        WIRING: json_bytes(model.wiring()),
        "origin.json": json_bytes(
            {"file": PurePath(file).name, "sha256": hashlib.sha256(content).hexdigest()}
        ),
    }
    return Registry(workspace).add(name, with_manifest(name, files, {}), origin="import", note=note)


# Looking through


def read_onnx(content: bytes) -> ImportedModel:
    """Return the model of an ONNX file from elsewhere; runs inside a job.

    Raises
    ------
    UserError
        It is no ONNX file; keeps data in other files; has operators that are not known, or that
        may never end; is too large inside; its inputs are not columns; its outputs are neither
        labels nor numbers; it cannot be run.
    """
    model = _parsed(content)
    check_model(model)
    features, columns = _features(model.graph)
    try:
        return ImportedModel(content, features, columns, _class_names(model))
    except UserError as error:
        if error.code != "registry.import.failed":
            raise
        reason = error.message.parameters["reason"]
        raise UserError("registry.import.invalid", reason=reason) from error


def _parsed(content: bytes) -> ModelProto:
    # Whatever the parser makes of hostile bytes, they are no model.
    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:
        raise UserError("registry.import.not_onnx") from error
    if not model.graph.node or not model.opset_import:
        raise UserError("registry.import.not_onnx")
    return model


def check_model(model: ModelProto) -> None:
    """Refuse a parsed model that could reach outside itself or never come back.

    Raises
    ------
    UserError
        ``registry.import.external``, ``registry.import.operators``, ``registry.import.endless``,
        ``registry.import.nodes``, ``registry.import.invalid``.
    """
    if any(is_external(tensor) for tensor in _tensors(model)):
        raise UserError("registry.import.external")
    nodes = list(_nodes(model.graph))
    foreign = {entry.domain for entry in model.opset_import} - DOMAINS
    foreign |= {node.domain for node in nodes if node.domain not in DOMAINS}
    foreign |= {function.domain or function.name for function in model.functions}
    unknown = {
        node.op_type
        for node in nodes
        if node.domain in DOMAINS and not _is_known(node.op_type, node.domain)
    }
    if foreign or unknown:
        raise UserError("registry.import.operators", names=listing(sorted(foreign | unknown)))
    if endless := {node.op_type for node in nodes} & REFUSED_OPERATORS:
        raise UserError("registry.import.endless", names=listing(sorted(endless)))
    if len(nodes) > MOST_NODES:
        raise UserError("registry.import.nodes", count=f"{len(nodes):,}", most=f"{MOST_NODES:,}")
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise UserError("registry.import.invalid", reason=_first_line(error)) from error


def is_external(tensor: TensorProto) -> bool:
    """Return whether a tensor's numbers are to be read from another file."""
    return tensor.data_location == TensorProto.EXTERNAL or bool(tensor.external_data)


def _is_known(operator: str, domain: str) -> bool:
    return bool(onnx.defs.has(operator, "" if domain == "ai.onnx" else domain))


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    yield graph
    for node in graph.node:
        yield from _inside(node)


def _inside(node: NodeProto) -> Iterator[GraphProto]:
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            yield from _graphs(graph)


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    for part in _graphs(graph):
        yield from part.node


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    """Return every tensor of a file, wherever it hides."""
    inner = [node for function in model.functions for node in function.node]
    graphs = [*_graphs(model.graph), *(part for node in inner for part in _inside(node))]
    for training in model.training_info:
        graphs += [*_graphs(training.initialization), *_graphs(training.algorithm)]
    nodes = [*inner, *(node for graph in graphs for node in graph.node)]
    sparse = [tensor for graph in graphs for tensor in graph.sparse_initializer]
    for graph in graphs:
        yield from graph.initializer
    for attribute in (attribute for node in nodes for attribute in node.attribute):
        yield from (attribute.t, *attribute.tensors)
        sparse += [attribute.sparse_tensor, *attribute.sparse_tensors]
    for tensor in sparse:
        yield from (tensor.values, tensor.indices)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


# What goes in and what comes out


def _features(graph: GraphProto) -> tuple[tuple[InputFeature, ...], tuple[tuple[str, str], ...]]:
    """Return the columns, and which input each goes to, as which type."""
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    widths = [_width(value) for value in inputs]
    if not inputs or sum(widths) > MOST_INPUTS or (len(inputs) > 1 and max(widths) > 1):
        raise UserError("registry.import.inputs", most=MOST_INPUTS)
    features, columns = [], []
    for value, width in zip(inputs, widths, strict=True):
        kind = value.type.tensor_type.elem_type
        names = [value.name] if width == 1 else [f"{value.name}_{i + 1}" for i in range(width)]
        for name in names:
            is_number = kind in _NUMBERS
            features.append(
                InputFeature(
                    name=name,
                    kind=ColumnKind.NUMBER if is_number else ColumnKind.CATEGORY,
                    # Whole numbers have no way to say that there is none.
                    missing_allowed=kind not in (TensorProto.INT32, TensorProto.INT64),
                    missing_in_training=None,
                )
            )
            columns.append((value.name, _NUMBERS.get(kind, "object")))
    return tuple(features), tuple(columns)


def _width(value: ValueInfoProto) -> int:
    """Return how many columns an input has."""
    tensor = value.type.tensor_type
    shape = [dim.dim_value if dim.HasField("dim_value") else 0 for dim in tensor.shape.dim]
    if tensor.elem_type not in (*_NUMBERS, TensorProto.STRING) or len(shape) not in (1, 2):
        raise UserError("registry.import.inputs", most=MOST_INPUTS)
    # A fixed number of rows would refuse every file of another length.
    if shape[0] or (len(shape) == 2 and shape[1] < 1):
        raise UserError("registry.import.inputs", most=MOST_INPUTS)
    return 1 if len(shape) == 1 else shape[1]


def _class_names(model: ModelProto) -> tuple[str, ...]:
    """Return the names of the classes that the file tells, if it tells any.

    Ours stand in its metadata, those of other writers mostly in an operator.
    """
    for entry in model.metadata_props:
        if entry.key == "outputs":
            return _told_classes(entry.value)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name.startswith("classlabels_"):
                values = helper.get_attribute_value(attribute)
                return tuple(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in values
                )
    return ()


def _told_classes(text: str) -> tuple[str, ...]:
    # Any program may have written it.
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    classes = told.get("classes") if isinstance(told, dict) else None
    return tuple(map(str, classes)) if isinstance(classes, list) else ()
