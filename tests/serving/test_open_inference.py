"""A client that others wrote speaks to a server of ours: Triton's, over real sockets."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from serving_process import serving
from tritonclient.http import InferenceServerClient, InferInput
from tritonclient.utils import InferenceServerException

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")


def inputs_of(metadata: dict[str, Any], row: dict[str, Any], in_binary: bool) -> list[InferInput]:
    """Return a row as the client sends it, made from nothing but the metadata it was told."""
    made = []
    for one in metadata["inputs"]:
        is_number = one["datatype"] == "FP64"
        cells = np.array([[row[one["name"]]]], dtype=np.float64 if is_number else object)
        tensor = InferInput(one["name"], list(cells.shape), one["datatype"])
        tensor.set_data_from_numpy(cells, binary_data=in_binary)
        made.append(tensor)
    return made


def test_tritons_client_infers(stocked_home: Path) -> None:
    with serving(stocked_home) as (url, _):
        client = InferenceServerClient(url.removeprefix("http://"))
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready("ants") and client.is_model_ready("ants", "2")
        assert not client.is_model_ready("aunts")
        assert client.get_server_metadata()["name"] == "ml-workbench"
        metadata = client.get_model_metadata("ants")
        assert metadata["versions"] == ["2", "1"]
        paths = httpx2.get(f"{url}/openapi.json").json()["paths"]
        media = paths["/models/ants/predict"]["post"]["requestBody"]["content"]["application/json"]
        plain = httpx2.post(f"{url}/models/ants/predict", content=json.dumps(media["example"]))
        expected = plain.json()["answers"][0]
        for in_binary in (False, True):
            tensors = inputs_of(metadata, media["example"]["rows"][0], in_binary)
            got = client.infer("ants", tensors, request_id="7")
            assert got.get_response()["id"] == "7"
            assert got.as_numpy("prediction").tolist() == [[expected["prediction"]]]
            for name, share in expected["probabilities"].items():
                assert got.as_numpy(f"probability_{name}").tolist() == [[share]]
        with pytest.raises(InferenceServerException, match="rows are not answered"):
            client.infer("ants", tensors[1:])
        client.close()
