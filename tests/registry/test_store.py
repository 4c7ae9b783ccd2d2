"""Versions count up, aliases move and come back, and nothing is opened that was touched."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mlcore.errors import UserError
from mlcore.registry import store as store_module
from mlcore.registry.packing import Files, with_manifest
from mlcore.registry.store import CHALLENGER, CHAMPION, Registry, suggested_model_name
from mlcore.workspace import Workspace


def files(content: bytes = b"a model") -> Files:
    return with_manifest("Model", {"model.skops": content, "models/extra.txt": b"more"}, {})


@pytest.fixture
def registry(workspace: Workspace) -> Registry:
    return Registry(workspace)


@pytest.fixture
def three(registry: Registry) -> Registry:
    for content in (b"one", b"two", b"three"):
        registry.add("plants", files(content))
    return registry


def refused(code: str) -> pytest.RaisesExc[UserError]:
    return pytest.RaisesExc(UserError, check=lambda error: error.message.code == code)


def test_the_first_version_is_the_champion_and_later_ones_wait(three: Registry) -> None:
    model = three.get("plants")
    assert [(one.number, one.aliases) for one in model.versions] == [
        (3, ()),
        (2, ()),
        (1, (CHAMPION,)),
    ]
    assert three.find("plants").number == 1
    assert three.find("plants", 3).number == three.find("plants", "3").number == 3


def test_files_lie_in_the_versions_folder(three: Registry) -> None:
    folder = three.checked_folder(three.find("plants", 2))
    assert (folder / "model.skops").read_bytes() == b"two"
    assert (folder / "models" / "extra.txt").read_bytes() == b"more"


@pytest.mark.parametrize("name", ["model.skops", "manifest.json", "models/extra.txt"])
@pytest.mark.parametrize("damage", ["flipped", "removed"])
def test_a_touched_file_is_not_opened(registry: Registry, name: str, damage: str) -> None:
    version = registry.add("plants", files())
    path = registry.checked_folder(version) / name
    if damage == "removed":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[0] ^= 1
        path.write_bytes(bytes(content))
    with refused("registry.changed"):
        registry.checked_folder(version)


def test_promoting_and_rolling_back(three: Registry) -> None:
    three.point("plants", CHALLENGER, 3)
    three.point("plants", CHAMPION, 2)
    three.point("plants", CHAMPION, 3)
    assert three.find("plants").aliases == (CHALLENGER, CHAMPION)
    assert three.roll_back("plants").number == 2
    # Going back once more undoes the move before, and so on to the first.
    assert three.roll_back("plants").number == 1
    with refused("registry.nothing_before"):
        three.roll_back("plants")
    moves = [move for move in three.moves("plants") if move.alias == CHAMPION]
    assert [(move.number, move.is_back) for move in moves] == [
        *((1, True), (2, True), (3, False), (2, False), (1, False)),
    ]


def test_after_going_back_one_goes_forward_by_promoting(three: Registry) -> None:
    for number in (2, 3):
        three.point("plants", CHAMPION, number)
    three.roll_back("plants")
    three.point("plants", CHAMPION, 3)
    assert three.roll_back("plants").number == 2
    assert three.roll_back("plants").number == 1
    three.point("plants", CHAMPION, 3)
    # What was undone does not come back: 2 was no step on the way from 1 to 3.
    assert three.roll_back("plants").number == 1
    three.take_away("plants", CHAMPION)
    assert three.roll_back("plants").number == 1


def test_rolling_back_passes_over_what_is_gone(three: Registry) -> None:
    three.point("plants", CHAMPION, 2)
    three.point("plants", CHAMPION, 3)
    three.delete_version("plants", 2)
    assert three.roll_back("plants").number == 1
    three.archive("plants", 3)
    with refused("registry.nothing_before"):
        three.roll_back("plants")


def test_a_version_in_use_is_neither_archived_nor_deleted(three: Registry) -> None:
    for attempt in (three.archive, three.delete_version):
        with refused("registry.in_use"):
            attempt("plants", 1)
    with refused("registry.in_use"):
        three.delete("plants")
    assert len(three.get("plants").versions) == 3


def test_an_archived_version_does_not_answer_until_it_is_brought_back(three: Registry) -> None:
    three.archive("plants", 2)
    with refused("registry.archived"):
        three.find("plants", 2)
    with refused("registry.archived"):
        three.point("plants", CHAMPION, 2)
    three.archive("plants", 2, False)
    assert three.find("plants", 2).number == 2


def test_a_number_is_never_given_twice(three: Registry) -> None:
    three.delete_version("plants", 3)
    assert three.add("plants", files()).number == 4


def test_a_model_goes_with_its_files_when_nothing_points_at_it(three: Registry) -> None:
    folders = [three.checked_folder(one) for one in three.get("plants").versions]
    three.take_away("plants", CHAMPION)
    with refused("registry.no_champion"):
        three.find("plants")
    three.delete("plants")
    assert three.all() == []
    assert not any(folder.exists() for folder in folders)
    with refused("registry.no_models"):
        three.get("plants")


def test_what_a_crash_left_of_a_deleted_version_goes_with_the_next(
    three: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row goes first: a version whose files are half gone must not be offered."""
    folders = {one.number: three.checked_folder(one) for one in three.get("plants").versions}
    young = folders[1].with_name("0" * 32)
    young.mkdir()
    with monkeypatch.context() as crash:
        crash.setattr(store_module.shutil, "rmtree", lambda *_, **__: None)
        three.delete_version("plants", 2)
    assert three.get("plants").numbered(2) is None and folders[2].is_dir()
    hours_ago = time.time() - 2 * 3600
    for folder in folders.values():
        os.utime(folder, (hours_ago, hours_ago))
    three.delete_version("plants", 3)
    assert sorted(folders[1].parent.iterdir()) == sorted([folders[1], young])
    assert three.checked_folder(three.find("plants", 1)) == folders[1]


def test_what_is_not_there_is_said_with_what_is(three: Registry) -> None:
    with refused("registry.no_model") as caught:
        three.find("plant")
    assert "plants" in str(caught.value)
    with refused("registry.no_version") as caught:
        three.find("plants", 9)
    assert "1 (champion)" in str(caught.value)


@pytest.mark.parametrize("name", ["Häuser-2025", "植物", "a.b_c-d", "7"])
def test_names_that_fit_into_an_address(registry: Registry, name: str) -> None:
    assert registry.add(name, files()).model == name


@pytest.mark.parametrize("name", ["", "a b", "a/b", "../x", ".x", "-x", "a?b", "x" * 101, "a\nb"])
def test_names_that_do_not(registry: Registry, name: str) -> None:
    with refused("registry.model_name"):
        registry.add(name, files())
    assert registry.all() == []


@pytest.mark.parametrize("alias", ["12", "", "a b", "a/b"])
def test_aliases_that_are_none(three: Registry, alias: str) -> None:
    with refused("registry.alias"):
        three.point("plants", alias, 1)


@pytest.mark.parametrize("name", ["Random forest, 100 trees", "???", "植物 2025", "_x_"])
def test_a_suggested_name_is_a_name(registry: Registry, name: str) -> None:
    assert registry.add(suggested_model_name(name), files()).number == 1


def test_a_description_keeps_its_tags_once(three: Registry) -> None:
    three.describe("plants", "  Of the garden. ", ["leaf", " leaf", "", "two  words"])
    model = three.get("plants")
    assert model.description == "Of the garden."
    assert model.tags == ("leaf", "two words")


def test_one_user_sees_nothing_of_another(three: Registry, workspace: Workspace) -> None:
    other = Registry(Workspace(workspace.home, "other"))
    assert other.all() == []
    for attempt in (
        lambda: other.find("plants", 1),
        lambda: other.point("plants", CHAMPION, 2),
        lambda: other.archive("plants", 2),
        lambda: other.delete_version("plants", 2),
        lambda: other.delete("plants"),
        lambda: other.roll_back("plants"),
    ):
        with refused("registry.no_models"):
            attempt()
    with refused("registry.changed"):
        other.checked_folder(three.find("plants"))
    assert other.moves("plants") == []
    assert len(three.get("plants").versions) == 3


def test_a_full_workspace_keeps_nothing_by_halves(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_QUOTA_MB", "0")
    with refused("workspace.full"):
        registry.add("plants", files())
    assert registry.all() == []
    assert not list(Path(registry.workspace.home).glob("users/*/models/*"))
