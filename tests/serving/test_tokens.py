"""A token is shown once, opens until it ends or is revoked, and lies nowhere in clear."""

from __future__ import annotations

import time

import pytest

from mlcore.errors import UserError
from mlcore.serving import tokens
from mlcore.serving.tokens import PREFIX, ApiTokens, find_token
from mlcore.workspace import Workspace


@pytest.fixture
def kept(workspace: Workspace) -> ApiTokens:
    return ApiTokens(workspace)


def test_a_token_opens_and_is_kept_nowhere(kept: ApiTokens) -> None:
    token, made = kept.create("  My   script ", model="plants")
    assert token.startswith(PREFIX)
    assert len(token) >= len(PREFIX) + 43  # 256 bits
    found = find_token(kept.workspace, token)
    assert found is not None
    assert (found.id, found.name, found.model, found.user) == (
        *(made.id, "My script", "plants"),
        kept.workspace.user,
    )
    database = (kept.workspace.home / "workbench.sqlite3").read_bytes()
    log = kept.workspace.home / "workbench.sqlite3-wal"
    assert token.encode() not in database + (log.read_bytes() if log.exists() else b"")


def test_no_two_tokens_are_alike(kept: ApiTokens) -> None:
    assert len({kept.create("x")[0] for _ in range(20)}) == 20


def test_a_revoked_token_opens_nothing_at_once(kept: ApiTokens) -> None:
    (token, made), (other, _) = kept.create("a"), kept.create("b")
    kept.revoke(made.id)
    assert find_token(kept.workspace, token) is None
    assert find_token(kept.workspace, other) is not None
    with pytest.raises(UserError, match="no such token"):
        kept.revoke(made.id)


def test_a_token_ends(kept: ApiTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _ = kept.create("for a day", days=1)
    now = time.time()
    monkeypatch.setattr(tokens.time, "time", lambda: now + 23 * 3600)
    assert find_token(kept.workspace, token) is not None
    monkeypatch.setattr(tokens.time, "time", lambda: now + 25 * 3600)
    assert find_token(kept.workspace, token) is None


def test_its_last_use_is_noted(kept: ApiTokens) -> None:
    token, made = kept.create("a")
    assert made.last_used is None
    find_token(kept.workspace, token)
    (listed,) = kept.all()
    assert listed.last_used == pytest.approx(time.time(), abs=60)


def test_one_user_cannot_revoke_or_see_anothers(kept: ApiTokens) -> None:
    _, made = kept.create("a")
    other = ApiTokens(Workspace(kept.workspace.home, "other"))
    assert other.all() == []
    with pytest.raises(UserError):
        other.revoke(made.id)
    assert len(kept.all()) == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_token_needs_a_name(kept: ApiTokens, name: str) -> None:
    with pytest.raises(UserError, match="needs a name"):
        kept.create(name)


@pytest.mark.parametrize("guess", ["", PREFIX, "mlw_x", "' OR 1=1 --", "\0", "é" * 50])
def test_a_guess_opens_nothing(kept: ApiTokens, guess: str) -> None:
    kept.create("a")
    assert find_token(kept.workspace, guess) is None
