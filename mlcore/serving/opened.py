"""Versions that are loaded and ready to answer."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore.errors import UserError
from mlcore.registry.bundle_files import contract, predict
from mlcore.registry.bundle_files.contract import Answers
from mlcore.registry.onnx_limited import ImportedModel, kept_model
from mlcore.registry.store import ModelVersion, Registry
from mlcore.serving.forms import Asked
from mlcore.serving.quick_preparation import QuickPreparation
from mlcore.workspace import Workspace

#: So many versions stay loaded; the one that was not asked for longest goes first.
MOST_OPEN = 16

#: Up to so many rows the tables between the steps of a pipeline cost more than the arithmetic.
MOST_QUICK = 1_000

#: Seconds after which a version that could not be opened is tried again.
RETRY = 5.0


@dataclass(frozen=True, eq=False)
class OpenVersion:
    """A version that is ready to answer.

    Parameters
    ----------
    version : ModelVersion
        Which one.
    folder : Path
        Its files.
    schema : mapping
        What it expects, as in ``input_schema.json``.
    model : object
        The fitted pipeline, or what answers as it does.
    engine : str
        What the model answers with, ``contract.SCIKIT_LEARN`` or ``contract.ONNX``.
    quick : QuickPreparation, optional
        Prepares a few rows sooner than the pipeline's own preparation, where that was found to
        give the same bits.
    """

    version: ModelVersion
    folder: Path
    schema: Mapping[str, Any]
    model: Any
    engine: str
    quick: QuickPreparation | None = None

    @property
    def features(self) -> list[str]:
        """Names of the columns, in the model's order."""
        return [feature["name"] for feature in self.schema["features"]]

    def close(self) -> None:
        """End the process that a model from elsewhere answers in."""
        if isinstance(self.model, ImportedModel):
            self.model.close()

    def answers(self, reading: contract.Reading, policy: str) -> Answers:
        """Return what ``contract.answers`` does."""
        names = contract.answer_names(self.model, self.schema)
        return contract.answered(self._asked, names, self.schema, reading, policy)

    def _asked(self, reading: contract.Reading) -> Mapping[str, list[Any]]:
        quick = self.quick if reading.n_rows <= MOST_QUICK else None
        return contract.block_predictions(self.model, reading, self.schema, quick)


@dataclass(frozen=True)
class Asking:
    """A version that is asked under a policy; what it is asked at once, it answers at once."""

    opened: OpenVersion
    policy: str

    def __call__(self, parts: Sequence[Asked]) -> list[Answers]:
        """Return the answers to several requests, each as if it had come alone."""
        schema = self.opened.schema
        readings = [contract.read_columns(part.columns, schema, part.n_rows) for part in parts]
        # What is wrong with a whole request concerns it alone.
        together = iter(self._answered([one for one in readings if not _is_hopeless(one)]))
        return [self._alone(one) if _is_hopeless(one) else next(together) for one in readings]

    def _answered(self, readings: Sequence[contract.Reading]) -> list[Answers]:
        if not readings:
            return []
        if len(readings) == 1:
            return [self._alone(readings[0])]
        everything, start, found = self._alone(contract.joined(readings)), 0, []
        for reading in readings:
            part = everything.part(start, start + reading.n_rows)
            found.append(_with_general(part, reading))
            start += reading.n_rows
        return found

    def _alone(self, reading: contract.Reading) -> Answers:
        return self.opened.answers(reading, self.policy)


def _is_hopeless(reading: contract.Reading) -> bool:
    """Return whether no row can be answered, because a column lacks in all."""
    return any(problem.row is None for problem in reading.errors)


def _with_general(part: Answers, reading: contract.Reading) -> Answers:
    """Return answers with the general problems of their own request, not of its neighbours."""
    general = tuple(problem for problem in reading.problems if problem.row is None)
    own = tuple(problem for problem in part.problems if problem.row is not None)
    return Answers(part.columns, (*general, *own), part.refused, part.n_rows, part.coverage)


def open_version(workspace: Workspace, version: ModelVersion) -> OpenVersion:
    """Load a version after comparing its files with what was registered, and try it out.

    Raises
    ------
    UserError
        ``serving.model_broken``: a file was touched, the libraries do not open it, or it does not
        give the answers that it gave when it was registered.
    """
    try:
        folder = Registry(workspace).checked_folder(version)
        engine = contract.engine_of(folder)
        if version.origin == "import":
            imported = kept_model(folder)
            schema = contract.read_schema(folder)
            return OpenVersion(version, folder, schema, imported, engine)
        schema, model = contract.read_schema(folder), contract.load_model(folder)
        failures = predict.self_test(folder, model, schema)
    except (UserError, contract.Refusal, OSError, ValueError) as error:
        raise _broken(version, str(error)) from error
    if failures:
        raise _broken(version, " ".join([failures[0], *contract.other_versions(folder)]))
    return OpenVersion(version, folder, schema, model, engine, QuickPreparation.of(model, schema))


def _broken(version: ModelVersion, reason: str) -> UserError:
    return UserError(
        "serving.model_broken", name=version.model, number=version.number, reason=reason
    )


class OpenVersions:
    """The versions that are loaded, by user; each is opened once, however many ask at once."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._open: OrderedDict[str, asyncio.Task[OpenVersion]] = OrderedDict()
        self._failed: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(task.done() for task in self._open.values())

    async def get(self, user: str, version: ModelVersion) -> OpenVersion:
        """Return a version, loading it first unless it is loaded.

        Raises
        ------
        UserError
            ``serving.model_broken``; it is tried again after :data:`RETRY` seconds.
        """
        task = self._open.get(version.id)
        if task is None or self._is_due(version.id):
            task = self._load(user, version)
        self._open.move_to_end(version.id)
        # One who goes away must not end what others wait for.
        return await asyncio.shield(task)

    def _is_due(self, identifier: str) -> bool:
        """Return whether a version that could not be opened is tried again."""
        failed = self._failed.get(identifier)
        return failed is not None and time.monotonic() - failed >= RETRY

    def _load(self, user: str, version: ModelVersion) -> asyncio.Task[OpenVersion]:
        workspace = Workspace(self._home, user)
        self._failed.pop(version.id, None)
        task = asyncio.create_task(asyncio.to_thread(open_version, workspace, version))
        self._open[version.id] = task

        def told(done: asyncio.Task[OpenVersion]) -> None:
            if not done.cancelled() and done.exception() is not None:
                self._failed[version.id] = time.monotonic()

        task.add_done_callback(told)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return task

    def close(self) -> None:
        """End the processes of models from elsewhere; the others have none."""
        for task in self._open.values():
            if task.done() and not task.cancelled() and task.exception() is None:
                task.result().close()
