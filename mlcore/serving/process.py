"""The prediction server as a process: beside the pages, or alone with more workers.

Beside the pages (``python -m mlcore.serving.process --home FOLDER``) it listens on this machine
only, takes the port of the settings or a free one, and ends when the last server of pages is gone.
Alone, ``python -m mlcore serve`` starts it.
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import logging
import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from mlcore import settings
from mlcore.errors import UserError
from mlcore.serving.api import make_app
from mlcore.serving.beside import ADDRESS, PREDICTION
from mlcore.training.environment import clean_own_environment
from mlcore.training.lock import take_lock
from mlcore.training.service import has_live_server
from mlcore.workspace import Workspace, write_whole

#: The only machine that the server beside the pages answers.
LOOPBACK = "127.0.0.1"

#: Seconds between two looks whether anybody needs it.
_WATCH_INTERVAL = 1.0

#: Seconds that requests under way are given to end.
_GRACE = 10

#: Tells the workers of a server that listens to other machines.
_NEEDS_TOKEN = "WORKBENCH_API_NEEDS_TOKEN"


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a server that listens there.

    >>> is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve_beside(workspace: Workspace) -> None:
    """Be the prediction server beside the pages, unless there is one; return when it ends."""
    lock = take_lock(workspace.home / PREDICTION.lock)
    if lock is None:
        return
    with lock, _listening(settings.API_PORT.read()) as listener:
        port = listener.getsockname()[1]
        plain = {"address": f"http://{LOOPBACK}:{port}"}
        write_whole(workspace.home / ADDRESS, json.dumps(plain).encode())
        server = uvicorn.Server(_config(make_app(workspace)))
        ended = threading.Event()
        watch = threading.Thread(target=_end_when_alone, args=(workspace, server, ended))
        watch.start()
        try:
            server.run(sockets=[listener])
        finally:
            ended.set()
            watch.join()


def _listening(port: int) -> socket.socket:
    """Return a socket on the port, or on a free one when it is in use."""
    for wanted in (port, 0):
        with contextlib.suppress(OSError):
            return bound(LOOPBACK, wanted)
    raise OSError("No port of this machine is free.")


def bound(host: str, port: int) -> socket.socket:
    """Return a socket to listen on.

    It names its protocol, or asyncio would let the second half of an answer wait for the word that
    the first has arrived, for which clients take 40 ms.

    Raises
    ------
    OSError
        The port is in use, or the machine has no such address.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _end_when_alone(workspace: Workspace, server: uvicorn.Server, ended: threading.Event) -> None:
    while not ended.wait(_WATCH_INTERVAL):
        with workspace.connect() as connection:
            server.should_exit = not has_live_server(connection)


def serve_alone(workspace: Workspace, host: str, port: int, workers: int) -> None:
    """Serve until somebody ends it.

    Parameters
    ----------
    workspace : Workspace
        Whose models.
    host : str
        Where to listen; elsewhere than on this machine, requests need a token.
    port : int
        The port.
    workers : int
        Processes that answer.

    Raises
    ------
    UserError
        ``serving.port_in_use``.
    """
    try:
        listener = bound(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError("serving.port_in_use", host=host, port=port, reason=reason) from error
    os.environ[settings.HOME] = str(workspace.home)
    os.environ[_NEEDS_TOKEN] = "" if is_loopback(host) else "yes"
    with listener, tempfile.TemporaryDirectory() as measures:
        if workers == 1:
            uvicorn.Server(_config(app_of_environment())).run(sockets=[listener])
            return
        # The workers write what they count into files there, and any of them tells the sum.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = measures
        listener.set_inheritable(True)
        made = _config(f"{__name__}:app_of_environment", factory=True, workers=workers)
        Multiprocess(made, sockets=[listener]).run()


def app_of_environment() -> Starlette:
    """Return the application of a worker, which knows no more than its environment."""
    _log_requests()
    return make_app(Workspace.open(), needs_token=bool(os.environ.get(_NEEDS_TOKEN)))


_OPTIONS: dict[str, Any] = {
    "log_level": "warning",
    "access_log": False,  # ours says no more than it should
    "timeout_graceful_shutdown": _GRACE,
    "server_header": False,
}


def _config(app: Starlette | str, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(app, **_OPTIONS, **more)


def _log_requests() -> None:
    """Write the access log to standard output, one JSON object a line."""
    log = logging.getLogger("mlcore.serving.access")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False


def main() -> None:
    """Read the command line and serve beside the pages."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {PREDICTION.module}", description="Answer for registered models."
    )
    parser.add_argument("--home", type=Path, default=None, help=settings.HOME_HELP)
    home = parser.parse_args().home
    clean_own_environment()
    _log_requests()
    serve_beside(Workspace.open(home))


if __name__ == "__main__":
    main()
