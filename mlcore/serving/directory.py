"""What is registered and who may ask, as of now, without asking the database each time.

SQLite counts the commits of other connections (``PRAGMA data_version``). Looking at that count
takes microseconds; only when it has changed are models and tokens read anew. So a version that was
promoted answers the next request, and a token that was revoked opens nothing from then on.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mlcore.errors import UserError
from mlcore.registry.store import ModelVersion, RegisteredModel, Registry, version_of
from mlcore.serving.tokens import ApiToken, find_token
from mlcore.workspace import Workspace

_LOG = logging.getLogger(__name__)

#: So many tokens are remembered, for so many seconds; wrong ones are not.
_MOST_TOKENS = 1000
_TOKEN_SECONDS = 30.0


@contextmanager
def _readable(otherwise: str) -> Iterator[None]:
    """Turn a failure of the database into the error of that code."""
    try:
        yield
    except sqlite3.Error as error:
        raise UserError(otherwise, reason=str(error)) from error


@dataclass
class Directory:
    """The models of all users, and the tokens, kept up to date.

    Parameters
    ----------
    workspace : Workspace
        Where they are; its user is who asks without a token.
    """

    workspace: Workspace
    _connection: sqlite3.Connection | None = None
    _version: int = -1
    _models: dict[str, dict[str, RegisteredModel]] = field(default_factory=dict)
    _up_to_date: set[str] = field(default_factory=set)
    _tokens: dict[str, tuple[ApiToken, float]] = field(default_factory=dict)

    def models(self, user: str) -> dict[str, RegisteredModel]:
        """Return the models of a user by name.

        Raises
        ------
        UserError
            ``serving.registry_broken``: they cannot be read, and never could before.
        """
        try:
            self._look()
            if user not in self._up_to_date:
                registry = Registry(Workspace(self.workspace.home, user))
                self._models[user] = {model.name: model for model in registry.all()}
                self._up_to_date.add(user)
        except (sqlite3.Error, ValueError) as error:
            if user not in self._models:
                raise UserError("serving.registry_broken", reason=str(error)) from error
            _LOG.warning("The registry cannot be read, what was known before is used: %s", error)
        return self._models[user]

    def find(self, user: str, name: str, which: str | int | None) -> ModelVersion:
        """Return the version that is asked for, see ``Registry.find``."""
        models = self.models(user)
        if name not in models:
            with _readable("serving.registry_broken"):
                return Registry(Workspace(self.workspace.home, user)).find(name, which)
        return version_of(models[name], which)

    def token(self, token: str) -> ApiToken | None:
        """Return what is known of a token, ``None`` when it opens nothing.

        Raises
        ------
        UserError
            ``serving.tokens_broken``: that cannot be found out. What was known before opens
            nothing then: it may have been revoked.
        """
        now = time.time()
        with _readable("serving.tokens_broken"):
            self._look()
            found, until = self._tokens.get(token, (None, 0.0))
            if now < until:
                return found
            found = find_token(self.workspace, token)
        if found is not None and len(self._tokens) < _MOST_TOKENS:
            ends = now + _TOKEN_SECONDS if found.expires is None else found.expires
            self._tokens[token] = found, min(ends, now + _TOKEN_SECONDS)
        return found

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _look(self) -> None:
        """Forget what was read when the database has changed since."""
        if self._connection is None:
            self._connection = sqlite3.connect(
                self.workspace.home / "workbench.sqlite3", timeout=30, check_same_thread=False
            )
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._up_to_date.clear()
            self._tokens.clear()
