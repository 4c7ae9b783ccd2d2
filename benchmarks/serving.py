"""One row over HTTP costs hardly more than the bare pipeline, and many clients share the work.

Ours, answering with scikit-learn and with ONNX Runtime, beside MLServer, MLflow, BentoML and
LitServe at their defaults: one machine, one pipeline, one process that predicts. Each of them gets
a virtual environment of its own; one that cannot be installed is skipped, and that is said. Then
ours is asked while twenty sessions of the pages rerun.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import psutil
from live_server import live_server
from serving_process import free_port
from stocked import bring_frame, train

from mlcore.registry.bundle_files import contract
from mlcore.registry.registering import register_run
from mlcore.registry.store import Registry
from mlcore.training.runs import RunStore
from mlcore.workspace import Workspace

ROOT = Path(__file__).parent.parent
SAME = ("scikit-learn", "pandas", "numpy", "joblib")
#: What a peer does not start without: MLServer asks uvloop for a loop before there is one.
MORE = {"mlserver": ("uvloop<0.22",)}
SESSIONS = 20

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


def stock(folder: Path, algorithm: str) -> tuple[Workspace, Any, pd.DataFrame]:
    """Return a workspace with a model registered twice, its pipeline, and rows.

    There are 14 columns and 3 classes; the model is registered under the name of each engine.
    """
    rng, n_rows = np.random.default_rng(0), 2_000
    frame = pd.DataFrame({f"n{place}": rng.normal(size=n_rows).round(3) for place in range(10)})
    for place in range(4):
        frame[f"c{place}"] = rng.choice([f"k{kind}" for kind in range(6)], n_rows)
    score = frame.n0 + frame.n1 - frame.n2 + (frame.c0 == "k1") + rng.normal(size=n_rows) / 3
    rows = frame.sample(10_000, replace=True, random_state=0).reset_index(drop=True)
    frame["label"] = np.select([score > 0.5, score < -0.5], ["high", "low"], "mid")
    workspace = Workspace.open(folder / "home")
    dataset = bring_frame(workspace, "benchmark", frame)
    run = train(workspace, dataset, "label", algorithm)[0]
    runs, registry = RunStore(workspace), Registry(workspace)
    for engine in ENGINES.values():
        version = register_run(runs, run, engine, engine=engine, temp=folder)
        assert contract.engine_of(registry.checked_folder(version)) == engine
    return workspace, contract.load_pipeline(registry.checked_folder(version)), rows


#: How ours is called here, and which engine answers.
ENGINES = {"ours": contract.SCIKIT_LEARN, "ours, ONNX": contract.ONNX}


@contextmanager
def server(
    command: list[str], port: int, path: str, body: bytes, cwd: Path, **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Have a server until the block ends; it is ready when it answers."""
    # Some start programs that lie beside their interpreter.
    paths = os.pathsep.join([str(Path(command[0]).parent), os.environ["PATH"]])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **more, "PATH": paths}
    log = (cwd / str(port) / "server.log").open("wb")
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
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            whole = psutil.Process(process.pid)
            # Some leave their workers behind.
            others = whole.children(recursive=True)
            process.terminate()
            _, alive = psutil.wait_procs([whole, *others], 10)
            for one in alive:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        process.wait()
        log.close()


def asked(port: int, path: str, body: bytes) -> tuple[int, bytes]:
    made = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    made.request("POST", path, body, {"Content-Type": "application/json"})
    answer = made.getresponse()
    return answer.status, answer.read()


class Client:
    """A connection that sends the same request again and again, and hardly costs anything."""

    def __init__(self, port: int, path: str, body: bytes) -> None:
        lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        self.request = "\r\n".join(lines).encode() + body
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got, self.began = b"", 0.0

    def send(self) -> None:
        self.got, self.began = b"", time.perf_counter()
        self.socket.sendall(self.request)

    def is_answered(self) -> bool:
        """Take what has come; return whether that is all."""
        piece = self.socket.recv(2**20)
        assert piece, "the connection was closed"
        self.got += piece
        head, blank, rest = self.got.partition(b"\r\n\r\n")
        if not blank:
            return False
        assert head.split(None, 2)[1] == b"200", self.got[:300]
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        return len(rest) >= int(length) if length else rest.endswith(b"0\r\n\r\n")


def measured(
    port: int, path: str, body: bytes, clients: int, seconds: float
) -> tuple[float, float, float]:
    """Return requests a second, and p50 and p99 in milliseconds.

    One thread minds all clients, so that what is measured is not how Python takes turns.
    """
    times: list[float] = []
    end = time.perf_counter() + seconds
    with selectors.DefaultSelector() as waiting:
        for _ in range(clients):
            client = Client(port, path, body)
            waiting.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        while waiting.get_map():
            for key, _ in waiting.select(60):
                client = key.data
                if not client.is_answered():
                    continue
                times.append(time.perf_counter() - client.began)
                if time.perf_counter() < end:
                    client.send()
                else:
                    waiting.unregister(client.socket)
                    client.socket.close()
    p50, p99 = np.percentile(times, [50, 99]) * 1000
    return len(times) / seconds, float(p50), float(p99)


def environment(name: str, folder: Path) -> Path:
    """Return the interpreter of an environment with a package beside our own versions."""
    python = folder / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        from importlib.metadata import version

        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        pins = [f"{one}=={version(one)}" for one in SAME]
        install = [str(python), "-m", "pip", "install", "-q", name, *pins, *MORE.get(name, ())]
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


def ours() -> dict[str, tuple[Any, str, Form]]:
    """Return ours with each engine, asked in our own form, and as MLServer is asked."""

    def start(port: int) -> list[str]:
        return [sys.executable, "-m", "mlcore", "serve", "--port", str(port)]

    def rows(frame: pd.DataFrame) -> dict[str, Any]:
        return {"rows": records(frame)}

    own = {name: (start, f"/models/{of}/predict", rows) for name, of in ENGINES.items()}
    by_column = {
        f"{name}, columns": (start, f"/v2/models/{of}/infer", openly)
        for name, of in ENGINES.items()
    }
    return {**own, **by_column}


def bare(pipeline: Any, row: pd.DataFrame, rounds: int = 300) -> float:
    """Return the median milliseconds that the pipeline alone needs for a row."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        pipeline.predict(row)
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1000


def beside_pages(workspace: Workspace, body: bytes, seconds: float, rounds: int) -> None:
    """Print how soon one row is answered while sessions of the pages rerun without a pause."""
    port, script = free_port(), str(Path(__file__).with_name("page_sessions.py"))
    with live_server(workspace.home, WORKBENCH_API_PORT=str(port)) as pages:
        lasting = 2 * rounds * seconds + 5
        command = [sys.executable, script, str(pages.port), str(SESSIONS), str(lasting)]
        sessions = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert sessions.stdout is not None
        assert sessions.stdout.readline() == "ready\n"
        paths = {name: f"/models/{engine}/predict" for name, engine in ENGINES.items()}
        for path in paths.values():
            assert asked(port, path, body)[0] == 200
        turns = [
            {name: measured(port, path, body, 1, seconds) for name, path in paths.items()}
            for _ in range(rounds)
        ]
        for name in paths:
            p50, p99 = (min(turn[name][place] for turn in turns) for place in (1, 2))
            middle = np.median([turn[name][2] for turn in turns])
            print(
                f"{name}, while {SESSIONS} sessions rerun: p50 {p50:.2f} ms, p99 {p99:.2f} ms "
                f"(in the middle turn {middle:.2f} ms)",
                flush=True,
            )
        print(sessions.communicate()[0].strip())


def cpu_seconds(process: psutil.Process) -> float:
    """Return what a server and all its processes have computed."""
    found = 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found += one.cpu_times().user + one.cpu_times().system
    return found


@dataclass
class Peer:
    """A server that runs, and what it was asked."""

    port: int
    path: str
    bodies: dict[int, bytes]
    process: psutil.Process


def started(
    stack: ExitStack,
    everyone: dict[str, tuple[Any, str, Form]],
    rows: pd.DataFrame,
    work: Path,
    more: dict[str, str],
) -> dict[str, Peer]:
    """Return those that could be started."""
    found = {}
    for name, (start, path, form) in everyone.items():
        port = free_port()
        bodies = {n: json.dumps(form(rows[:n])).encode() for n in (1, 100, 10_000)}
        folder = work / str(port)
        folder.mkdir()
        try:
            command = start(port)
            running = server(command, port, path, bodies[1], work, **more)
            process = stack.enter_context(running)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"{name}: skipped, {error}")
            continue
        found[name] = Peer(port, path, bodies, psutil.Process(process.pid))
    return found


def compare(peers: dict[str, Peer], seconds: float, rounds: int) -> None:
    """Print what each does.

    They are asked in turns, so that whatever else the machine does strikes all alike. Of the turns
    of each the best one counts; computing time is counted over all of them.
    """
    for n_rows, clients in ((1, 1), (1, 8), (100, 1), (100, 8), (10_000, 1), (10_000, 8)):
        turns: dict[str, list[tuple[float, float, float]]] = {name: [] for name in peers}
        cpu = dict.fromkeys(peers, 0.0)
        for _ in range(rounds):
            for name, peer in peers.items():
                before = cpu_seconds(peer.process)
                found = measured(peer.port, peer.path, peer.bodies[n_rows], clients, seconds)
                turns[name].append(found)
                cpu[name] += cpu_seconds(peer.process) - before
        print(f"\n{n_rows} rows, {clients} clients")
        best = {name: max(rate for rate, _, _ in found) for name, found in turns.items()}
        costs = {
            name: 1000 * cpu[name] / sum(rate * seconds for rate, _, _ in found)
            for name, found in turns.items()
        }
        others = {name: rate for name, rate in best.items() if not name.startswith("ours")}
        strongest = max(others, key=lambda name: others[name]) if others else ""
        for name, found in turns.items():
            p50, p99 = (min(one[place] for one in found) for place in (1, 2))
            line = f"{name:19} {best[name]:8.1f}/s, p50 {p50:8.2f} ms, p99 {p99:8.2f} ms, "
            line += f"computing {costs[name]:7.2f} ms a request"
            if strongest and name.startswith("ours"):
                cost = min(costs[other] for other in others) / costs[name]
                line += f"; {best[name] / others[strongest]:.1f} times {strongest}"
                line += f", {cost:.1f} times the thriftiest by computing time"
            print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each server")
    parser.add_argument("--algorithm", default="logistic_regression")
    parser.add_argument("--peers", type=Path, help="where their environments are kept")
    parser.add_argument("--only-ours", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        workspace, pipeline, rows = stock(work, options.algorithm)
        joblib.dump(pipeline, work / "model.joblib")
        print(f"pipeline.predict, one row, no HTTP: median {bare(pipeline, rows[:1]):.2f} ms")
        everyone = ours()
        if not options.only_ours:
            everyone |= peers(options.peers or work / "peers", work)
        more = {
            "WORKBENCH_HOME": str(workspace.home),
            "WORKBENCH_API_RATE": "1000000",
            "PYTHONPATH": str(ROOT),
            "MODEL": str(work / "model.joblib"),
        }
        with ExitStack() as stack:
            running = started(stack, everyone, rows, work, more)
            compare(running, options.seconds, options.rounds)
        print(f"pipeline.predict, one row, no HTTP: median {bare(pipeline, rows[:1]):.2f} ms")
        body = json.dumps({"rows": records(rows[:1])}).encode()
        beside_pages(workspace, body, options.seconds, options.rounds)


if __name__ == "__main__":
    main()
