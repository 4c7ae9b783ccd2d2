"""The prediction server: registered models over HTTP.

Every way in is one :class:`Endpoint`; the router, the description at ``/openapi.json`` and the
test that nothing answers without a token are made from that list.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import mlcore
from mlcore import settings
from mlcore.errors import UserError
from mlcore.messages import listing
from mlcore.registry.bundle_files.contract import Answers
from mlcore.registry.store import CHAMPION, ModelVersion, Registry
from mlcore.serving import describing, forms
from mlcore.serving.answer_schemas import TITLES
from mlcore.serving.batching import Batcher
from mlcore.serving.directory import Directory
from mlcore.serving.forms import Asked
from mlcore.serving.json_text import JsonResponse
from mlcore.serving.limits import Allowance
from mlcore.serving.measuring import Measures, Traffic
from mlcore.serving.opened import MOST_OPEN, Asking, OpenVersion, OpenVersions
from mlcore.training.defects import record_defect
from mlcore.workspace import Workspace

_LOG = logging.getLogger("mlcore.serving.access")

#: Status of each error that is not "422: cannot be answered as it is".
STATUS: dict[str, int] = {
    "serving.token_needed": 401,
    "serving.token_wrong": 401,
    "serving.token_elsewhere": 403,
    "serving.too_many_tries": 429,
    "serving.too_fast": 429,
    "serving.too_large": 413,
    "serving.too_many_rows": 413,
    "serving.no_address": 404,
    "serving.no_card": 404,
    "serving.wrong_method": 405,
    "serving.not_json": 400,
    "serving.cut_off": 400,
    "serving.model_broken": 503,
    **{f"registry.import.{why}": 503 for why in ("failed", "outputs", "memory", "slow", "died")},
    "serving.registry_broken": 503,
    "serving.tokens_broken": 503,
    "serving.defect": 500,
    "registry.no_model": 404,
    "registry.no_models": 404,
    "registry.no_version": 404,
    "registry.no_champion": 404,
    "registry.archived": 404,
}

#: Wrong tokens that an address may send at once, and per second after that.
_TRIES, _TRIES_A_SECOND = 20, 0.2

_JSON = "application/json"

#: What stands in every answer.
_ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One way in.

    Parameters
    ----------
    method, path : str
        What is asked.
    function : callable
        ``(server, request) → response``.
    summary : str
        What it does, in the description.
    is_open : bool, default False
        Whether it answers without a token even when the server asks for one.
    describe : callable, optional
        Schema → what stands in the description for one model; ``None``: it is no model's.
    """

    method: str
    path: str
    function: Callable[[Server, Request], Awaitable[Response]]
    summary: str
    is_open: bool = False
    describe: Callable[[describing.Described], dict[str, Any]] | None = None


@dataclass(frozen=True)
class _Asker:
    """Who asks: whose models, and which of them."""

    user: str
    model: str | None = None


class Server:
    """What the endpoints share.

    Parameters
    ----------
    workspace : Workspace
        Whose models; its user is who asks without a token.
    needs_token : bool
        Whether a token is needed; it is as soon as the server listens to other machines.
    """

    def __init__(self, workspace: Workspace, needs_token: bool = False) -> None:
        self.workspace = workspace
        self.needs_token = needs_token
        self.directory = Directory(workspace)
        self.versions = OpenVersions(workspace.home)
        self._batcher: Batcher[Asked, Answers] = Batcher()
        self._apart: dict[str, Batcher[Asked, Answers]] = {}
        self.measures = Measures()
        self.body_bytes = settings.API_BODY_MB.read() * 2**20
        self.most_rows = settings.API_ROWS.read()
        rate = float(settings.API_RATE.read())
        self._pace = Allowance(rate=rate, burst=rate)
        self._tries = Allowance(rate=_TRIES_A_SECOND, burst=_TRIES)

    # Who asks

    def admit(self, request: Request, is_open: bool) -> _Asker:
        """Return who asks, after looking at the token and at how fast requests come.

        Raises
        ------
        UserError
            The token lacks or opens nothing, or too much came.
        """
        address = request.client.host if request.client else ""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            if self.needs_token and not is_open:
                raise UserError("serving.token_needed")
            self._slow_down(address)
            return _Asker(self.workspace.user)
        if self._tries.is_empty(address):
            seconds = round(1 / _TRIES_A_SECOND)
            raise UserError("serving.too_many_tries", seconds=seconds)
        found = self.directory.token(token.strip())
        if found is None:
            self._tries.wait(address)
            raise UserError("serving.token_wrong")
        self._slow_down(found.id)
        return _Asker(found.user, found.model)

    def _slow_down(self, asker: str) -> None:
        if seconds := self._pace.wait(asker):
            rate = f"{self._pace.rate:g}"
            raise UserError("serving.too_fast", rate=rate, seconds=f"{max(seconds, 0.01):.2g}")

    # What is asked

    def version(self, request: Request, name: str | None = None) -> ModelVersion:
        """Return the version that an address names.

        Raises
        ------
        UserError
            There is none, or the token is for another model.
        """
        asker: _Asker = request.state.asker
        name = request.path_params["name"] if name is None else name
        if asker.model is not None and asker.model != name:
            raise UserError("serving.token_elsewhere", model=asker.model, name=name)
        which = request.path_params.get("version") or request.query_params.get("version")
        found = request.state.version = self.directory.find(asker.user, name, which)
        return found

    def registry(self, request: Request) -> Registry:
        """Return the registry of whoever asks."""
        return Registry(Workspace(self.workspace.home, request.state.asker.user))

    async def open(self, request: Request, name: str | None = None) -> OpenVersion:
        """Return the version that an address names, loaded."""
        version = self.version(request, name)
        opened = await self.versions.get(request.state.asker.user, version)
        self.measures.opened(len(self.versions))
        return opened

    async def body(self, request: Request) -> bytes:
        """Return the body of a request that is not larger than allowed.

        Raises
        ------
        UserError
            ``serving.too_large``, before more than that was read; ``serving.cut_off``.
        """
        announced = request.headers.get("content-length", "0")
        pieces, size = [], int(announced) if announced.isdecimal() else 0
        if size <= self.body_bytes:
            size = 0
            try:
                async for piece in request.stream():
                    size += len(piece)
                    if size > self.body_bytes:
                        break
                    pieces.append(piece)
            except ClientDisconnect as error:
                raise UserError("serving.cut_off") from error
        if size > self.body_bytes:
            limit = self.body_bytes // 2**20
            raise UserError("serving.too_large", limit=limit, rows=f"{self.most_rows:,}")
        return b"".join(pieces)

    async def answer(self, opened: OpenVersion, asked: Asked) -> Answers:
        """Return what a version says of rows.

        Raises
        ------
        UserError
            ``serving.too_many_rows``.
        """
        if asked.n_rows > self.most_rows:
            limit = f"{self.most_rows:,}"
            raise UserError("serving.too_many_rows", rows=f"{asked.n_rows:,}", limit=limit)
        asking = Asking(opened, asked.policy)
        answers = await self._thread_of(opened).answer(asking, asked, asked.n_rows)
        self._note_odd(opened.version, answers)
        return answers

    def _thread_of(self, opened: OpenVersion) -> Batcher[Asked, Answers]:
        """Return the thread that asks a version."""
        if opened.version.origin != "import":
            return self._batcher
        # One from elsewhere may take as long as it is allowed; nobody else waits for it.
        if opened.version.id not in self._apart:
            self._apart[opened.version.id] = Batcher()
        return self._apart[opened.version.id]

    def _note_odd(self, version: ModelVersion, answers: Answers) -> None:
        odd = Counter(
            (problem.column or "", problem.code)
            for problem in answers.problems
            if problem.code != "unknown_column"
        )
        if odd:
            self.measures.odd(version.id, version.model, version.number, odd)

    async def warm(self) -> None:
        """Open the champions, so that nobody waits for the first answer."""
        user = self.workspace.user
        with suppress(UserError):  # one that does not open says so when it is asked
            for model in list(self.directory.models(user).values())[:MOST_OPEN]:
                champion = model.pointed_at(CHAMPION)
                if champion is not None:
                    with suppress(UserError):
                        await self.versions.get(user, champion)

    def traffic(self, version: ModelVersion) -> Traffic:
        """Return what came to a version since the server started."""
        return self.measures.traffic.get(version.id, Traffic())

    def close(self) -> None:
        """Let go of everything."""
        self.versions.close()
        for batcher in (self._batcher, *self._apart.values()):
            batcher.close()
        self.directory.close()


# Endpoints


async def _list(server: Server, request: Request) -> Response:
    models = server.directory.models(request.state.asker.user)
    only = request.state.asker.model
    shown = [model for name, model in models.items() if only is None or name == only]
    registry = server.registry(request)
    return JsonResponse({"models": [describing.model_facts(model, registry) for model in shown]})


async def _one(server: Server, request: Request) -> Response:
    version = server.version(request)
    models = server.directory.models(request.state.asker.user)
    return JsonResponse(describing.model_facts(models[version.model], server.registry(request)))


async def _schema(server: Server, request: Request) -> Response:
    opened = await server.open(request)
    return JsonResponse({**_which(opened.version), "schema": dict(opened.schema)})


async def _card(server: Server, request: Request) -> Response:
    opened = await server.open(request)
    card = opened.folder / "card.md"
    if not card.is_file():
        version = opened.version
        raise UserError("serving.no_card", name=version.model, number=version.number)
    text = card.read_text(encoding="utf-8")
    return PlainTextResponse(text, media_type="text/markdown")


async def _traffic(server: Server, request: Request) -> Response:
    version = server.version(request)
    return JsonResponse({**_which(version), **server.traffic(version).to_json()})


async def _predict(server: Server, request: Request) -> Response:
    opened = await server.open(request)
    asked = forms.asked_plainly(await server.body(request), opened.features)
    answers = await server.answer(opened, asked)
    _told(request, answers)
    if len(answers.refused) == answers.n_rows:
        return _refusal(request, answers)
    return JsonResponse({**_which(opened.version), **answers.to_json()})


async def _invoke(server: Server, request: Request) -> Response:
    name = request.path_params.get("name") or _only_model(server, request)
    opened = await server.open(request, name)
    kind = request.headers.get("content-type", _JSON)
    asked = forms.asked_as_mlflow(await server.body(request), kind, opened.features)
    answers = await server.answer(opened, asked)
    _told(request, answers)
    if answers.refused:
        return _refusal(request, answers)
    return JsonResponse({"predictions": answers.prediction})


def _only_model(server: Server, request: Request) -> str:
    """Return the model that is meant when none is named: the only one there is."""
    given = request.query_params.get("model") or request.state.asker.model
    if given:
        return str(given)
    names = list(server.directory.models(request.state.asker.user))
    if len(names) != 1:
        raise UserError(
            "serving.wrong_form",
            expected="addressed to one model, as “/models/NAME/invocations”",
            got=f"one to any of {listing(names) or 'no models'}",
        )
    return names[0]


async def _infer(server: Server, request: Request) -> Response:
    opened = await server.open(request)
    length = request.headers.get("inference-header-content-length")
    asked, identifier = forms.asked_openly(await server.body(request), length)
    answers = await server.answer(opened, asked)
    _told(request, answers)
    if answers.refused:
        return _refusal(request, answers)
    named = {} if identifier is None else {"id": identifier}
    version = {"model_name": opened.version.model, "model_version": str(opened.version.number)}
    return JsonResponse({**version, **named, "outputs": describing.open_outputs(answers)})


async def _open_metadata(server: Server, request: Request) -> Response:
    opened = await server.open(request)
    models = server.directory.models(request.state.asker.user)
    return JsonResponse(describing.open_metadata(opened, models[opened.version.model]))


async def _model_ready(server: Server, request: Request) -> Response:
    opened = await server.open(request)
    return JsonResponse({"name": opened.version.model, "ready": True})


async def _open_server(server: Server, request: Request) -> Response:
    extensions = ["binary_tensor_data"]
    named = {"name": "ml-workbench", "version": mlcore.__version__}
    return JsonResponse({**named, "extensions": extensions})


async def _live(server: Server, request: Request) -> Response:
    return JsonResponse({"live": True})


async def _ready(server: Server, request: Request) -> Response:
    server.directory.models(request.state.asker.user)
    return JsonResponse({"ready": True})


async def _ping(server: Server, request: Request) -> Response:
    return PlainTextResponse("\n")


async def _version(server: Server, request: Request) -> Response:
    return PlainTextResponse(mlcore.__version__)


async def _metrics(server: Server, request: Request) -> Response:
    return Response(server.measures.text(), media_type="text/plain; version=0.0.4")


async def _openapi(server: Server, request: Request) -> Response:
    described = []
    for name, model in server.directory.models(request.state.asker.user).items():
        only = request.state.asker.model
        if model.pointed_at(CHAMPION) and only in (None, name):
            try:
                described.append(describing.Described(await server.open(request, name)))
            except UserError:  # one that cannot be opened is not described; the others are
                continue
    return JsonResponse(describing.openapi(ENDPOINTS, described, server.needs_token))


async def _docs(server: Server, request: Request) -> Response:
    return describing.docs_page()


def _which(version: ModelVersion) -> dict[str, Any]:
    return {"model": version.model, "version": version.number}


def _told(request: Request, answers: Answers) -> None:
    """Let the log know how many rows were answered."""
    request.state.rows = answers.n_rows - len(answers.refused)


def _refusal(request: Request, answers: Answers) -> Response:
    """Return what is wrong with rows, where an answer would need all of them."""
    error = UserError(
        "serving.refused_rows", rows=len(answers.refused), total=f"{answers.n_rows:,}"
    )
    problems = [
        problem.to_json()
        for problem in answers.problems
        if problem.row is None or problem.row in answers.refused
    ]
    return _problem(request, error, errors=problems)


#: Every way in.
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/models", function=_list, summary="The registered models"),
    Endpoint(method="GET", path="/models/{name}", function=_one, summary="A model's versions"),
    Endpoint(
        method="GET",
        path="/models/{name}/schema",
        function=_schema,
        summary="What a model expects of each column",
    ),
    Endpoint(method="GET", path="/models/{name}/card", function=_card, summary="A model's card"),
    Endpoint(
        method="GET",
        path="/models/{name}/traffic",
        function=_traffic,
        summary="Requests, errors, times and odd cells since the server started",
    ),
    Endpoint(
        method="POST",
        path="/models/{name}/predict",
        function=_predict,
        summary="Predict rows",
        describe=describing.predict_operation,
    ),
    Endpoint(
        method="POST",
        path="/models/{name}/invocations",
        function=_invoke,
        summary="Predict rows, in the forms of MLflow",
        describe=describing.mlflow_operation,
    ),
    Endpoint(
        method="POST",
        path="/invocations",
        function=_invoke,
        summary="Predict rows with the only model there is, in the forms of MLflow",
    ),
    *(
        Endpoint(method=method, path=f"{base}{end}", function=function, summary=summary)
        for base in ("/v2/models/{name}", "/v2/models/{name}/versions/{version}")
        for method, end, function, summary in (
            ("GET", "", _open_metadata, "A model's inputs and outputs (Open Inference Protocol)"),
            ("GET", "/ready", _model_ready, "Whether a model answers (Open Inference Protocol)"),
            ("POST", "/infer", _infer, "Predict rows (Open Inference Protocol)"),
        )
    ),
    Endpoint(
        method="GET",
        path="/v2",
        function=_open_server,
        summary="What this server is (Open Inference Protocol)",
        is_open=True,
    ),
    *(
        Endpoint(method="GET", path=path, function=function, summary=summary, is_open=True)
        for path, function, summary in (
            ("/health/live", _live, "Whether the server is alive"),
            ("/health/ready", _ready, "Whether the server can answer"),
            ("/v2/health/live", _live, "Whether the server is alive (Open Inference Protocol)"),
            ("/v2/health/ready", _ready, "Whether the server can answer (Open Inference Protocol)"),
            ("/ping", _ping, "Whether the server is alive (MLflow)"),
            ("/version", _version, "Version of the workbench (MLflow)"),
        )
    ),
    Endpoint(method="GET", path="/metrics", function=_metrics, summary="Measures for Prometheus"),
    Endpoint(
        method="GET", path="/openapi.json", function=_openapi, summary="This description (OpenAPI)"
    ),
    Endpoint(
        method="GET",
        path="/docs",
        function=_docs,
        summary="This description as a page to try it",
        is_open=True,
    ),
)


# The application


def make_app(workspace: Workspace, needs_token: bool = False) -> Starlette:
    """Return the prediction server as an ASGI application.

    Parameters
    ----------
    workspace : Workspace
        Whose models.
    needs_token : bool, default False
        Whether requests need a token; the default fits a server that only this machine reaches.
    """
    server = Server(workspace, needs_token)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(server.warm())
        yield
        warming.cancel()
        server.close()

    async def lost(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "")
            told = UserError(
                "serving.wrong_method", path=request.url.path, allowed=allowed, got=request.method
            )
        else:
            told = UserError("serving.no_address", path=request.url.path)
        return _problem(request, told)

    app = Starlette(
        routes=[Route(one.path, _guarded(server, one), methods=[one.method]) for one in ENDPOINTS],
        exception_handlers={HTTPException: lost},
        lifespan=lifespan,
    )
    app.state.server = server
    return app


def _guarded(server: Server, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Return the function of a route: who asks is looked at, what fails is said, all is noted."""

    async def respond(request: Request) -> Response:
        began, state = time.perf_counter(), request.state
        state.id, state.rows, state.version = secrets.token_hex(8), 0, None
        server.measures.began()
        try:
            state.asker = server.admit(request, endpoint.is_open)
            response = await endpoint.function(server, request)
        except UserError as error:
            response = _problem(request, error)
        except Exception as error:  # the boundary of the process: logged, and told without details
            number = record_defect(server.workspace, error)
            response = _problem(request, UserError("serving.defect", number=number))
        finally:
            server.measures.ended()
        response.headers.update({"X-Request-Id": state.id, **_ALWAYS})
        _note(server, request, response.status_code, time.perf_counter() - began)
        return response

    return respond


def _note(server: Server, request: Request, status: int, seconds: float) -> None:
    """Write the line of the access log, which holds nothing of the data, and the measures."""
    state = request.state
    # The path is what was asked, so it may hold anything.
    path = json.dumps(request.scope["path"][:200], ensure_ascii=True)
    _LOG.info(
        '{"id": "%s", "method": "%s", "path": %s, "status": %d, "rows": %d, "ms": %.1f}',
        *(state.id, request.method, path, status, state.rows, 1000 * seconds),
    )
    version: ModelVersion | None = state.version
    if request.method == "POST" and version is not None:
        measured = (version.id, version.model, version.number)
        server.measures.answered(*measured, status, seconds, state.rows)


def _problem(request: Request, error: UserError, **more: Any) -> Response:
    """Return an error as RFC 9457 has it; ``error`` is for the Open Inference Protocol."""
    status = STATUS.get(error.code, 422)
    plain = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": str(error),
        "code": error.code,
        "request_id": request.state.id if hasattr(request.state, "id") else None,
        **more,
    }
    if request.url.path.startswith("/v2"):
        plain["error"] = plain["detail"]
    headers = {"Content-Type": "application/problem+json"}
    if status in (429, 503):
        seconds = error.message.parameters.get("seconds", 5)
        headers["Retry-After"] = str(max(1, round(float(seconds))))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JsonResponse(plain, status, headers)
