"""One row over HTTP costs hardly more than the bare pipeline, and many clients share the work.

Ours beside MLServer, MLflow, BentoML and LitServe at their defaults: one machine, one pipeline, one
process that predicts. Each of them gets a virtual environment of its own; one that cannot be
installed is skipped, and that is said.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from serving_process import free_port
from stocked import bring_frame, train

from mlcore.registry.bundle_files import contract
from mlcore.registry.registering import register_run
from mlcore.registry.store import Registry
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

ROOT = Path(__file__).parent.parent
SAME = ("scikit-learn", "pandas", "numpy", "joblib")

_LITSERVE = """
import sys, joblib, litserve, pandas
class Api(litserve.LitAPI):
    def setup(self, device): self.model = joblib.load(sys.argv[1])
    def decode_request(self, request): return pandas.DataFrame(request["rows"])
    def predict(self, frame): return self.model.predict_proba(frame)
    def encode_response(self, shares): return {"answers": shares.tolist()}
if __name__ == "__main__":
    litserve.LitServer(Api()).run(port=int(sys.argv[2]), generate_client_file=False)
"""
_BENTOML = """
import os, bentoml, joblib, pandas
@bentoml.service
class Service:
    def __init__(self): self.model = joblib.load(os.environ["MODEL"])
    @bentoml.api
    def predict(self, rows: list[dict]) -> list[list[float]]:
        return self.model.predict_proba(pandas.DataFrame(rows)).tolist()
"""
_MLFLOW = """
import sys, joblib, mlflow.sklearn
mlflow.sklearn.save_model(joblib.load(sys.argv[1]), sys.argv[2], serialization_format="cloudpickle",
                          pyfunc_predict_fn="predict_proba")
"""
_MLSERVER = """
import os, joblib, pandas
from mlserver import MLModel
from mlserver.codecs import PandasCodec
from mlserver.types import InferenceResponse, ResponseOutput
class Model(MLModel):
    async def load(self):
        self.model = joblib.load(os.environ["MODEL"])
        return True
    async def predict(self, payload):
        shares = self.model.predict_proba(PandasCodec.decode_request(payload))
        output = ResponseOutput(name="shares", shape=list(shares.shape), datatype="FP64",
                                data=shares.ravel().tolist())
        return InferenceResponse(model_name=self.name, outputs=[output])
"""


def stock(folder: Path) -> tuple[Workspace, Any, pd.DataFrame]:
    """Return a workspace with a registered model, its pipeline, and rows: 14 columns, 3 classes."""
    rng, n_rows = np.random.default_rng(0), 2_000
    frame = pd.DataFrame({f"n{place}": rng.normal(size=n_rows).round(3) for place in range(10)})
    for place in range(4):
        frame[f"c{place}"] = rng.choice([f"k{kind}" for kind in range(6)], n_rows)
    score = frame.n0 + frame.n1 - frame.n2 + (frame.c0 == "k1") + rng.normal(size=n_rows) / 3
    rows = frame.sample(10_000, replace=True, random_state=0).reset_index(drop=True)
    frame["label"] = np.select([score > 0.5, score < -0.5], ["high", "low"], "mid")
    workspace = Workspace.open(folder / "home")
    dataset = bring_frame(workspace, "benchmark", frame)
    run = train(workspace, dataset, "label", "logistic_regression")[0]
    version = register_run(RunStore(workspace), run, "model", temp=folder)
    pipeline = contract.load_model(Registry(workspace).checked_folder(version))
    return workspace, pipeline, rows


@contextmanager
def server(
    command: list[str], port: int, path: str, body: bytes, cwd: Path, **more: str
) -> Iterator[None]:
    """Have a server until the block ends; it is ready when it answers."""
    # Some start programs that lie beside their interpreter.
    paths = os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **more, "PATH": paths}
    log = (cwd / "server.log").open("wb")
    process = subprocess.Popen(
        command, env=environment, cwd=cwd, stdout=log, stderr=log, start_new_session=True
    )
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end and process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if asked(port, path, body)[0] == 200:
                    break
            time.sleep(0.3)
        else:
            told = Path(log.name).read_text("utf-8", errors="replace").strip().splitlines()
            raise OSError(f"it did not start: {told[-1] if told else 'silent'}")
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        if process.poll() is None:
            process.kill()
        log.close()


def asked(port: int, path: str, body: bytes, connection: Any = None) -> tuple[int, bytes]:
    made = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    made.request("POST", path, body, {"Content-Type": "application/json"})
    answer = made.getresponse()
    return answer.status, answer.read()


def measured(
    port: int, path: str, body: bytes, clients: int, seconds: float
) -> tuple[float, float, float]:
    """Return requests a second, and p50 and p99 in milliseconds."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            began = time.perf_counter()
            assert asked(port, path, body, connection)[0] == 200
            times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    return len(times) / seconds, float(p50), float(p99)


def environment(name: str, folder: Path) -> Path:
    """Return the interpreter of an environment with a package beside our own versions."""
    python = folder / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        from importlib.metadata import version

        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        pins = [f"{one}=={version(one)}" for one in SAME]
        install = [str(python), "-m", "pip", "install", "-q", name, *pins]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    return python


Form = Callable[[pd.DataFrame], Any]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found


def openly(frame: pd.DataFrame) -> dict[str, Any]:
    inputs = [
        {
            "name": name,
            "shape": [len(frame), 1],
            "datatype": "FP64" if name.startswith("n") else "BYTES",
            "data": column.tolist(),
            **({} if name.startswith("n") else {"parameters": {"content_type": "str"}}),
        }
        for name, column in frame.items()
    ]
    return {"parameters": {"content_type": "pd"}, "inputs": inputs}


def peers(folder: Path, work: Path) -> dict[str, tuple[Any, str, Form]]:
    """Return how each is started (as a function of the port), its path and form of rows."""
    model = str(work / "model.joblib")
    for name, text in (("lit.py", _LITSERVE), ("service.py", _BENTOML), ("flow.py", _MLFLOW)):
        (work / name).write_text(text, "utf-8")
    (work / "model_.py").write_text(_MLSERVER, "utf-8")

    def litserve(port: int) -> list[str]:
        return [str(environment("litserve", folder)), "lit.py", model, str(port)]

    def bentoml(port: int) -> list[str]:
        python = environment("bentoml", folder)
        return [str(python), "-m", "bentoml", "serve", "service:Service", "--port", str(port)]

    def mlflow(port: int) -> list[str]:
        python = environment("mlflow", folder)
        if not (work / "flow").exists():
            subprocess.run([str(python), "flow.py", model, "flow"], cwd=work, check=True)
        command = ["models", "serve", "-m", "flow", "--env-manager", "local", "-p", str(port)]
        return [str(python), "-m", "mlflow", *command]

    def mlserver(port: int) -> list[str]:
        python = environment("mlserver", folder)
        told = {"name": "model", "implementation": "model_.Model"}
        (work / "model-settings.json").write_text(json.dumps(told), "utf-8")
        ports = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
        (work / "settings.json").write_text(json.dumps({"debug": False, **ports}), "utf-8")
        return [str(python.with_name("mlserver")), "start", "."]

    return {
        "MLServer": (mlserver, "/v2/models/model/infer", openly),
        "MLflow": (mlflow, "/invocations", lambda frame: {"dataframe_records": records(frame)}),
        "BentoML": (bentoml, "/predict", lambda frame: {"rows": records(frame)}),
        "LitServe": (litserve, "/predict", lambda frame: {"rows": records(frame)}),
    }


def bare(pipeline: Any, row: pd.DataFrame, rounds: int = 300) -> float:
    """Return the median milliseconds that the pipeline alone needs for a row."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        pipeline.predict(row)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each measurement")
    parser.add_argument("--peers", type=Path, help="where their environments are kept")
    parser.add_argument("--only-ours", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        workspace, pipeline, rows = stock(work)
        joblib.dump(pipeline, work / "model.joblib")
        alone = bare(pipeline, rows[:1])
        print(f"pipeline.predict, one row, no HTTP: median {alone:.2f} ms")
        ours = [sys.executable, "-m", "mlcore", "serve", "--port"]
        everyone: dict[str, tuple[Any, str, Form]] = {
            "ours": (
                lambda port: [*ours, str(port)],
                "/models/model/predict",
                lambda frame: {"rows": records(frame)},
            )
        }
        if not options.only_ours:
            everyone |= peers(options.peers or work / "peers", work)
        more = {
            "WORKBENCH_HOME": str(workspace.home),
            "WORKBENCH_API_RATE": "1000000",
            "PYTHONPATH": str(ROOT),
            "MODEL": str(work / "model.joblib"),
        }
        rates: dict[tuple[int, int], dict[str, float]] = {}
        for name, (start, path, form) in everyone.items():
            try:
                port = free_port()
                bodies = {n: json.dumps(form(rows[:n])).encode() for n in (1, 100, 10_000)}
                with server(start(port), port, path, bodies[1], work, **more):
                    for n_rows, body in bodies.items():
                        for clients in (1, 8):
                            rate, p50, p99 = measured(port, path, body, clients, options.seconds)
                            rates.setdefault((n_rows, clients), {})[name] = rate
                            print(
                                f"{name:9} {n_rows:6} rows, {clients} clients: {rate:8.1f}/s, "
                                f"p50 {p50:7.2f} ms, p99 {p99:7.2f} ms",
                                flush=True,
                            )
                            if name == "ours" and (n_rows, clients) == (1, 1):
                                print(f"  over the bare pipeline: {p50 - alone:+.2f} ms")
            except (OSError, subprocess.SubprocessError, AssertionError) as error:
                print(f"{name}: skipped, {error}")
        for (n_rows, clients), by_name in rates.items():
            others = {name: rate for name, rate in by_name.items() if name != "ours"}
            if others and "ours" in by_name:
                best = max(others, key=lambda name: others[name])
                ratio = by_name["ours"] / others[best]
                print(f"{n_rows} rows, {clients} clients: {ratio:.1f} times {best}, the best")


if __name__ == "__main__":
    main()
