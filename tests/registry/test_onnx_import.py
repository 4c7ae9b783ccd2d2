"""Models from elsewhere: what is taken, and what is refused before anything in it runs."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import joblib
import numpy as np
import onnx
import pandas as pd
import pytest
import skops.io
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.registry import onnx_import
from mlcore.registry.onnx_import import (
    MODEL_FILE,
    check_upload,
    import_model,
    read_onnx,
    register_import,
    stage_import,
)
from mlcore.registry.store import Registry
from mlcore.tasks import Task
from mlcore.training.context import JobContext
from mlcore.training.kinds import find_kind
from mlcore.workspace import Workspace

MATRIX = np.random.default_rng(1).normal(size=(60, 2)).astype(np.float32)
LABEL = np.where(MATRIX.sum(axis=1) > 0, "up", "down")


def graph_of(*nodes: onnx.NodeProto, domain: str = "", **parts: object) -> bytes:
    """A small file: one number in, one number out."""
    numbers = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in ("x", "y")
    ]
    graph = helper.make_graph(list(nodes), "g", numbers[:1], numbers[1:], **parts)  # type: ignore[arg-type]
    sets = [helper.make_opsetid("", 21)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    model = helper.make_model(graph, opset_imports=sets, ir_version=10)
    content: bytes = model.SerializeToString()
    return content


PLAIN = graph_of(helper.make_node("Identity", ["x"], ["y"]))


def code_of(content: bytes, name: str = "model.onnx") -> str:
    with pytest.raises(UserError) as caught:
        check_upload(name, content)
        read_onnx(content)
    return caught.value.code


# Refused


def test_a_pickle_is_refused_by_its_name_and_by_its_bytes(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "harm",))

    model = LinearRegression().fit(MATRIX, MATRIX[:, 0])
    files = [pickle.dumps(Harm(), protocol) for protocol in (2, 5)]
    for compress in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3)):
        buffer = io.BytesIO()
        joblib.dump(Harm(), buffer, compress=compress)
        files.append(buffer.getvalue())
    files.append(skops.io.dumps(model))
    for content in files:
        assert code_of(content) == "registry.import.pickle"
    # The oldest protocol is plain text; it is no ONNX file either.
    assert code_of(pickle.dumps(Harm(), 0)).startswith("registry.import.")
    for ending in ("joblib", "pkl", "skops", "PICKLE"):
        assert code_of(PLAIN, f"model.{ending}") == "registry.import.pickle"
    assert code_of(PLAIN, "model.csv") == "registry.import.ending"
    assert not (tmp_path / "harm").exists()


def test_a_large_file_is_refused_unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_import, "MOST_BYTES", 2**20)
    assert code_of(b"\x08" * (2**20 + 1)) == "registry.import.size"


@pytest.mark.parametrize("content", [b"", b"not a model", PLAIN[: len(PLAIN) // 2], b"\x08\x0a"])
def test_what_is_no_whole_file_is_refused(content: bytes) -> None:
    assert code_of(content) == "registry.import.not_onnx"


def external(path: str) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=path)
    return tensor


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "C:\\secret", "weights.bin"])
def test_numbers_in_other_files_are_refused(path: str) -> None:
    add = helper.make_node("Add", ["x", "w"], ["y"])
    assert code_of(graph_of(add, initializer=[external(path)])) == "registry.import.external"


def test_numbers_in_other_files_are_found_wherever_they_hide() -> None:
    constant = helper.make_node("Constant", [], ["w"], value=external("a.bin"))
    add = helper.make_node("Add", ["x", "w"], ["y"])
    assert code_of(graph_of(constant, add)) == "registry.import.external"
    out = [helper.make_tensor_value_info("b", TensorProto.FLOAT, None)]
    branch = helper.make_graph([helper.make_node("Identity", ["w"], ["b"])], "in", [], out,
                               initializer=[external("a.bin")])  # fmt: skip
    chosen = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    assert code_of(graph_of(chosen)) == "registry.import.external"


def test_operators_of_others_are_refused() -> None:
    for domain in ("com.evil", "com.microsoft"):
        node = helper.make_node("Anything", ["x"], ["y"], domain=domain)
        assert code_of(graph_of(node, domain=domain)) == "registry.import.operators"
    assert code_of(graph_of(helper.make_node("Exec", ["x"], ["y"]))) == "registry.import.operators"
    hidden = onnx.load_model_from_string(PLAIN)
    hidden.functions.add(name="Identity", domain="com.evil")
    assert code_of(hidden.SerializeToString()) == "registry.import.operators"


def test_what_may_never_end_is_refused() -> None:
    body = helper.make_graph([], "body", [], [])
    loop = helper.make_node("Loop", ["", ""], ["y"], body=body)
    assert code_of(graph_of(loop)) == "registry.import.endless"
    chance = helper.make_node("RandomUniformLike", ["x"], ["y"])
    assert code_of(graph_of(chance)) == "registry.import.endless"


def test_too_many_operators_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_import, "MOST_NODES", 1)
    two = graph_of(helper.make_node("Abs", ["x"], ["z"]), helper.make_node("Abs", ["z"], ["y"]))
    assert code_of(two) == "registry.import.nodes"


def test_a_model_of_pictures_is_refused() -> None:
    picture = onnx.load_model_from_string(PLAIN)
    picture.graph.input[0].CopyFrom(
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3, 224, 224])
    )
    assert code_of(picture.SerializeToString()) == "registry.import.inputs"


def test_a_graph_that_does_not_run_is_refused() -> None:
    broken = graph_of(helper.make_node("MatMul", ["x", "nowhere"], ["y"]))
    assert code_of(broken) == "registry.import.invalid"


# Taken


def test_a_classifier_with_one_matrix_of_inputs() -> None:
    original = LogisticRegression().fit(MATRIX, LABEL)
    frame = pd.DataFrame(MATRIX.astype(float), columns=["X_1", "X_2"])
    for zipmap in (True, False):
        options = {"zipmap": zipmap}
        content = to_onnx(original, MATRIX[:1], options={id(original): options})
        model = read_onnx(content.SerializeToString())
        assert [feature.name for feature in model.schema.features] == ["X_1", "X_2"]
        assert model.schema.task is Task.CLASSIFICATION
        assert model.schema.classes == ("down", "up") == tuple(model.classes_)
        assert (model.predict(frame) == original.predict(MATRIX)).all()
        expected = original.predict_proba(MATRIX)
        assert np.allclose(model.predict_proba(frame), expected, atol=1e-6)


def test_a_regression_and_clusters() -> None:
    frame = pd.DataFrame(MATRIX.astype(float), columns=["X_1", "X_2"])
    line = LinearRegression().fit(MATRIX, MATRIX[:, 0] * 3)
    model = read_onnx(to_onnx(line, MATRIX[:1]).SerializeToString())
    assert model.schema.task is Task.REGRESSION
    assert model.predict(frame) == pytest.approx(line.predict(MATRIX), abs=1e-5)
    assert not hasattr(model, "predict_proba")
    groups = KMeans(2, n_init=1, random_state=0).fit(MATRIX)
    model = read_onnx(to_onnx(groups, MATRIX[:1]).SerializeToString())
    assert (model.predict(frame) == groups.predict(MATRIX).astype(str)).all()


def test_one_input_for_each_column() -> None:
    values = [
        helper.make_tensor_value_info("size", TensorProto.DOUBLE, [None, 1]),
        helper.make_tensor_value_info("colour", TensorProto.STRING, [None, 1]),
    ]
    nodes = [
        helper.make_node("LabelEncoder", ["colour"], ["code"], domain="ai.onnx.ml",
                         keys_strings=["red"], values_floats=[1.0], default_float=0.0),
        helper.make_node("Cast", ["code"], ["wide"], to=TensorProto.DOUBLE),
        helper.make_node("Add", ["size", "wide"], ["sum"]),
    ]  # fmt: skip
    out = [helper.make_tensor_value_info("sum", TensorProto.DOUBLE, [None, 1])]
    sets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)]
    graph = helper.make_graph(nodes, "g", values, out)
    made = helper.make_model(graph, opset_imports=sets, ir_version=10)
    model = read_onnx(made.SerializeToString())
    kinds = {feature.name: feature.kind for feature in model.schema.features}
    assert kinds == {"size": ColumnKind.NUMBER, "colour": ColumnKind.CATEGORY}
    frame = pd.DataFrame({"size": [1.0, 2.0], "colour": ["red", None]})
    assert model.predict(frame).tolist() == [2.0, 2.0]


# Registered


def context(workspace: Workspace, subject: str, temp: Path) -> JobContext:
    class Silent:
        def report(self, progress: object) -> None:
            pass

    return JobContext(workspace, "job", subject, temp, Silent())  # type: ignore[arg-type]


def test_the_job_registers_what_was_staged_and_clears_up(
    workspace: Workspace, tmp_path: Path
) -> None:
    kind = find_kind("import_model")
    assert kind.function == f"{import_model.__module__}:{import_model.__name__}"
    staged = stage_import(workspace, "from_afar.onnx", PLAIN)
    import_model(context(workspace, staged, tmp_path), {"name": "afar", "file": "from_afar.onnx"})
    version = Registry(workspace).find("afar", 1)
    assert version.origin == "import"
    assert not workspace.folder("imports", staged).exists()


def test_the_job_clears_up_after_a_refusal(workspace: Workspace, tmp_path: Path) -> None:
    staged = stage_import(workspace, "broken.onnx", b"\x08\x0a")
    with pytest.raises(UserError):
        import_model(context(workspace, staged, tmp_path), {"name": "afar"})
    assert not workspace.folder("imports", staged).exists()
    assert Registry(workspace).all() == []


def test_a_refused_upload_is_never_written(workspace: Workspace) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../out", b"x")
    with pytest.raises(UserError):
        stage_import(workspace, "model.onnx", buffer.getvalue())
    assert not list(workspace.home.rglob(MODEL_FILE))


def test_a_version_keeps_the_file_as_it_came(workspace: Workspace) -> None:
    version = register_import(workspace, "afar", PLAIN, file="../../odd/name.onnx")
    (kept,) = workspace.home.rglob(MODEL_FILE)
    assert kept.read_bytes() == PLAIN
    assert version.number == 1
    assert '"name.onnx"' in (kept.parent / "origin.json").read_text("utf-8")
