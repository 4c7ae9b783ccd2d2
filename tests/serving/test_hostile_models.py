"""What was put into a version's folder by somebody else is refused before anything of it runs."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import skops.io
from hostile_graphs import TOO_LARGE, TOO_LONG, greedy
from registry_runs import resign
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from starlette.testclient import TestClient

from mlcore import settings
from mlcore.errors import UserError
from mlcore.registry import store as store_module
from mlcore.registry.bundle_files import contract
from mlcore.registry.onnx_import import register_import
from mlcore.registry.store import ModelVersion, Registry
from mlcore.serving.api import make_app
from mlcore.workspace import Workspace


class Touching:
    """Makes a file as soon as it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def renamed_pickle(_: bytes, canary: Path) -> bytes:
    return pickle.dumps(Touching(canary))


def a_pickle_inside(_: bytes, canary: Path) -> bytes:
    return packed({"schema.json": pickle.dumps(Touching(canary))})


def zip_bomb(_: bytes, canary: Path) -> bytes:
    return packed({"schema.json": b" " * 2**27})


def outside_the_folder(model: bytes, canary: Path) -> bytes:
    return packed({f"../../../{canary.name}/schema.json": b"{}", "schema.json": b"{}"})


def untrusted_type(_: bytes, canary: Path) -> bytes:
    step = FunctionTransformer(os.mkdir, kw_args={})
    return skops.io.dumps(make_pipeline(step, StandardScaler()))


def flipped_bit(model: bytes, canary: Path) -> bytes:
    middle = len(model) // 2
    return model[:middle] + bytes([model[middle] ^ 1]) + model[middle + 1 :]


def nested_too_deep(_: bytes, canary: Path) -> bytes:
    return packed({"schema.json": b'{"content":' * 100_000})


FORGED = (
    renamed_pickle,
    a_pickle_inside,
    zip_bomb,
    outside_the_folder,
    untrusted_type,
    flipped_bit,
    nested_too_deep,
)


def packed(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def forge(workspace: Workspace, make: Callable[[bytes, Path], bytes], canary: Path) -> ModelVersion:
    """Replace the model of a version in its folder."""
    registry = Registry(workspace)
    version = registry.find("ants", 2)
    path = registry.checked_folder(version) / contract.MODEL
    path.write_bytes(make(path.read_bytes(), canary))
    return version


def answers(client: TestClient, path: str) -> Any:
    names = ("size", "weight", "colour", "tagged", "seen", "remark", "place", "species", "price")
    return client.post(path, json={"rows": [dict.fromkeys(names)]})


@pytest.mark.parametrize("make", FORGED, ids=lambda make: make.__name__)
def test_a_file_that_the_registry_did_not_write_is_not_even_opened(
    served: Workspace, tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = tmp_path / "canary"
    version = forge(served, make, canary)
    monkeypatch.setattr(contract, "load_model", load_only(served, version))
    with TestClient(make_app(served)) as client:
        got = answers(client, "/models/ants/predict?version=2")
        assert (got.status_code, got.json()["code"]) == (503, "serving.model_broken")
        assert answers(client, "/models/ants/predict").status_code == 200
        assert answers(client, "/models/price/predict").status_code == 200
    assert not canary.exists()


def test_a_model_from_elsewhere_that_wants_everything_takes_nobody_with_it(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.IMPORT_SECONDS.name, "2")
    register_import(served, "afar", greedy())
    with TestClient(make_app(served)) as client, ThreadPoolExecutor() as pool:

        def ask(value: float) -> Any:
            return client.post("/models/afar/predict", json={"rows": [{"x": value}]})

        assert ask(1.0).json()["answers"][0]["prediction"] == 1.0
        refused = ask(TOO_LARGE)
        assert (refused.status_code, refused.json()["code"]) == (503, "registry.import.memory")
        slow = pool.submit(ask, TOO_LONG)
        while not slow.done():
            assert answers(client, "/models/ants/predict").status_code == 200
        assert (slow.result().status_code, slow.result().json()["code"]) == (
            *(503, "registry.import.slow"),
        )
        assert ask(2.0).json()["answers"][0]["prediction"] == 2.0
    assert not [one for one in psutil.Process().children() if "onnx_child" in str(one.cmdline())]


def load_only(workspace: Workspace, broken: ModelVersion) -> Callable[[Path], Any]:
    """Return what loads every model but one."""
    load = contract.load_model

    def loaded(folder: Path) -> Any:
        assert folder.name != broken.id, "it was opened"
        return load(folder)

    return loaded


@pytest.mark.parametrize(
    "make", [one for one in FORGED if one is not flipped_bit], ids=lambda make: make.__name__
)
def test_even_with_lists_that_fit_nothing_of_it_runs(
    served: Workspace, tmp_path: Path, make: Any
) -> None:
    """Who could write the folder and the database as well still gets nothing executed."""
    canary = tmp_path / "canary"
    version = forge(served, make, canary)
    folder = served.folder("models", version.id)
    resign(folder)
    digest = hashlib.sha256((folder / contract.MANIFEST).read_bytes()).hexdigest()
    with served.connect() as connection:
        connection.execute(
            "UPDATE model_versions SET manifest_sha256 = ? WHERE id = ?", (digest, version.id)
        )
    with TestClient(make_app(served)) as client:
        got = answers(client, "/models/ants/predict?version=2")
        assert (got.status_code, got.json()["code"]) == (503, "serving.model_broken"), got.text
        assert "Traceback" not in got.text and str(tmp_path) not in got.text
        assert answers(client, "/models/price/predict").status_code == 200
    assert not canary.exists()


def test_a_full_disk_while_registering_leaves_everything_as_it_was(
    served: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(served)
    folder = registry.checked_folder(registry.find("ants"))
    files = {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}
    before = registry.all(), sorted(folder.parent.iterdir())

    def full(draft: Path, written: Any) -> None:
        (draft / "half").write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store_module, "write_files", full)
    with TestClient(make_app(served)) as client:
        with pytest.raises((UserError, OSError)):
            registry.add("ants", files)
        assert answers(client, "/models/ants/predict").status_code == 200
    assert (registry.all(), sorted(folder.parent.iterdir())) == before
    assert json.loads((folder / contract.MANIFEST).read_text("utf-8"))
