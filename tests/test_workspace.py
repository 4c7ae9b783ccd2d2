"""The workspace keeps users apart, writes whole files, and grows with its versions."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from mlcore import settings
from mlcore import workspace as module
from mlcore.errors import UserError
from mlcore.workspace import LOCAL_USER, MIGRATIONS, Workspace, new_id, write_whole


def tables(workspace: Workspace) -> set[str]:
    with workspace.connect() as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {row["name"] for row in rows}


def version(workspace: Workspace) -> int:
    with workspace.connect() as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_it_lives_where_the_setting_says(home: Path) -> None:
    workspace = Workspace.open()
    assert workspace.home == home.resolve()
    assert workspace.user == LOCAL_USER
    assert (home / "workbench.sqlite3").is_file()


def test_opening_twice_changes_nothing(workspace: Workspace) -> None:
    workspace.remember("colour", "blue")
    again = Workspace.open(workspace.home)
    assert again.recall("colour") == "blue"
    assert version(again) == len(MIGRATIONS)


def test_the_database_is_shared_by_processes(workspace: Workspace) -> None:
    with workspace.connect() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_every_version_leads_to_the_present_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workspace of any earlier release opens, keeps its rows, and has today's tables."""
    fresh = tables(Workspace.open(home / "fresh"))
    for reached in range(1, len(MIGRATIONS) + 1):
        folder = home / str(reached)
        with monkeypatch.context() as earlier:
            earlier.setattr(module, "MIGRATIONS", MIGRATIONS[:reached])
            old = Workspace.open(folder)
        with old.connect() as connection:
            connection.execute("INSERT INTO test_openings VALUES ('local', 'print', 'run', 1.0)")
        new = Workspace.open(folder)
        assert tables(new) == fresh
        assert version(new) == len(MIGRATIONS)
        with new.connect() as connection:
            assert connection.execute("SELECT count(*) FROM test_openings").fetchone()[0] == 1


def test_a_migration_that_fails_leaves_the_old_version(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tables(workspace)
    broken = (*MIGRATIONS, "CREATE TABLE half (a); CREATE TABLE half (a);")
    monkeypatch.setattr(module, "MIGRATIONS", broken)
    with pytest.raises(sqlite3.OperationalError):
        Workspace.open(workspace.home)
    assert tables(workspace) == before
    assert version(workspace) == len(MIGRATIONS)


def test_what_fails_inside_a_block_is_undone(workspace: Workspace) -> None:
    with pytest.raises(RuntimeError), workspace.connect() as connection:
        connection.execute("INSERT INTO test_openings VALUES ('local', 'a', 'b', 1.0)")
        raise RuntimeError
    with workspace.connect() as connection:
        assert connection.execute("SELECT count(*) FROM test_openings").fetchone()[0] == 0


def test_two_users_do_not_see_each_other(home: Path) -> None:
    ann, ben = Workspace.open(home, "ann"), Workspace.open(home, "ben")
    identifier = new_id()
    assert ann.folder("runs", identifier) != ben.folder("runs", identifier)
    write_whole(ann.folder("runs", identifier) / "model", b"x" * 1000)
    assert (ann.used_bytes(), ben.used_bytes()) == (1000, 0)
    ann.remember("dataset", "mine")
    assert ben.recall("dataset") is None


def test_space_is_counted_while_a_job_tidies_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, removed = (workspace.folder("temp", new_id()) for _ in range(2))
    for folder in (kept, removed):
        write_whole(folder / "part", b"x" * 10)
    scan = os.scandir

    def tidied(path: str) -> object:
        if Path(path) == removed:
            (removed / "part").unlink()
            removed.rmdir()
        return scan(path)

    monkeypatch.setattr("os.scandir", tidied)
    assert workspace.used_bytes() == 10


@pytest.mark.parametrize("bad", ["..", "../x", "a/b", "a\\b", "", "a.b", "C:", "a\0"])
def test_a_name_is_never_a_path(workspace: Workspace, bad: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        workspace.folder("runs", bad)
    with pytest.raises(ValueError, match="identifier"):
        workspace.folder(bad, "abc")


def test_what_is_remembered_is_plain_data(workspace: Workspace) -> None:
    for value in (None, 3, "ü", [1, 2], {"a": [True, None]}):
        workspace.remember("key", value)
        assert workspace.recall("key") == value
    assert workspace.recall("never") is None


def test_identifiers_are_random_and_long() -> None:
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(identifier) == 32 and identifier.isalnum() for identifier in made)


def test_a_full_workspace_is_refused_in_a_sentence(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.QUOTA_MB.name, "2")
    write_whole(workspace.folder("datasets", "a") / "original", b"x" * 2**20)
    workspace.require_space(2**19)
    with pytest.raises(UserError) as caught:
        workspace.require_space(2**20 + 1)
    assert caught.value.code == "workspace.full"
    assert str(caught.value).startswith("The workspace is full: 1 MiB of 2 MiB are used.")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "file"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"first")

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.glob(".writing-*")) == []


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in settings.NUMBERS:
        assert setting.read() == setting.default
        monkeypatch.setenv(setting.name, "17")
        assert setting.read() == 17
