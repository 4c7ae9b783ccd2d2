"""A grid world as a person uses it: painted, solved, played, learnt, and taken home."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from driving import by_key, choose, go_to, open_part, press, says, settled
from live_server import Server
from playwright.sync_api import Locator, Page, expect

from mlcore.gridworld.model import model_of
from mlcore.gridworld.planning.exact import optimal
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worldfile import world_from_json
from mlcore.training.grid_runs import GridRunStore
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser


@pytest.fixture
def page(tab: Page) -> Page:
    """The page of grid worlds with the canvas drawn."""
    go_to(tab, "Grid world")
    expect(tab.get_by_role("gridcell").first).to_be_visible()
    settled(tab)
    return tab


def cell(page: Page, row: int, column: int) -> Locator:
    """Return a cell of the canvas."""
    return page.get_by_role("gridcell", name=f"Row {row}, column {column}:")


def drag(page: Page, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Paint from one cell to another with the mouse."""
    for place, act in ((first, page.mouse.down), (last, page.mouse.up)):
        cell(page, *place).scroll_into_view_if_needed()
        box = cell(page, *place).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        act()


def is_said(page: Page, row: int, column: int, words: str) -> None:
    """Wait until the canvas says what is in a cell."""
    name = f"Row {row}, column {column}: {words}"
    expect(page.get_by_role("gridcell", name=name, exact=True)).to_be_visible()


def world_of(server: Server) -> GridWorld:
    world = world_from_json(Workspace(server.home).recall("gridworld")["world"])
    assert isinstance(world, GridWorld)
    return world


def family(page: Page, name: str) -> None:
    settled(page)
    by_key(page, "grid_family").get_by_text(name, exact=True).click()
    settled(page)


def finished(page: Page) -> None:
    """Wait until nothing runs any more."""
    expect(by_key(page, "grid_cancel")).to_have_count(0)
    settled(page)


def test_paint_solve_and_step_back(page: Page, server: Server) -> None:
    drag(page, (3, 0), (3, 2))
    for column in range(3):
        is_said(page, 3, column, "wall")
    settled(page)
    assert np.argwhere(world_of(server).walls).tolist() == [[3, 0], [3, 1], [3, 2]]

    # The keys do the same, and the focus stays where it is while the page answers.
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    is_said(page, 2, 2, "wall")
    settled(page)
    page.keyboard.press("Shift+ArrowRight")
    is_said(page, 2, 3, "wall")
    settled(page)
    page.keyboard.press("Control+z")
    is_said(page, 2, 3, "free")
    is_said(page, 2, 2, "wall")
    page.keyboard.press("Control+z")
    is_said(page, 2, 2, "free")
    settled(page)
    world = world_of(server)
    assert world.walls.sum() == 3

    press(page, "grid_solve")
    says(page, "What each cell is worth")
    finished(page)
    compare_with_python(page, world)


def compare_with_python(page: Page, world: GridWorld) -> None:
    """Hold the player's numbers against the exact ones, before and after a step back."""
    player = by_key(page, "grid_player")
    where = player.locator(".where")
    expect(where).to_contain_text("Sweep")
    model = model_of(world)
    values, action_values = optimal(model)
    canvas = player.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    row, column = 2, 3
    # Sent up the place, so that a click on a cell below the fold is one on the map.
    canvas.click(
        position={
            "x": (column + 0.5) * box["width"] / world.columns,
            "y": (row + 0.5) * box["height"] / world.rows,
        }
    )
    side = player.locator(".side")
    expect(side).to_contain_text(f"Row {row}, column {column}")
    state = int(np.flatnonzero(model.cell == row * world.columns + column)[0])
    for action, name in enumerate(model.actions):
        said = side.locator(f"[data-action='{name}']").inner_text()
        shown = float(said.rsplit("= ", 1)[1].replace("−", "-"))
        assert shown == pytest.approx(action_values[state, action], rel=1e-3)
    last = where.inner_text()
    player.get_by_role("button", name="Back").click()
    expect(where).not_to_have_text(last)
    assert int(where.inner_text().split(" ")[1]) == int(last.split(" ")[1]) - 1
    player.get_by_role("slider").fill("0")
    expect(side).to_contain_text("Value 0")
    # With the keys to the next cell.
    canvas.press("ArrowRight")
    expect(side).to_contain_text(f"Row {row}, column {column + 1}")


def test_sarsa_against_q_learning_and_the_policy_at_home(
    page: Page, server: Server, tmp_path: Path
) -> None:
    choose(page, "grid_preset", "Cliff walking")
    is_said(page, 3, 11, "terminal")
    family(page, "Learn")
    for agent in ("sarsa", "q_learning"):
        by_key(page, f"grid_card_{agent}").locator("summary").first.click()
        alpha = by_key(page, f"grid_param_{agent}_alpha").locator("input")
        alpha.fill("0.5")
        alpha.press("Enter")
        settled(page)
    press(page, "grid_train")
    expect(page.get_by_role("heading", name="In progress")).to_be_visible()
    page.reload()
    settled(page)
    family(page, "Learn")
    says(page, "SARSA, step size 0.5 gets more than Q-learning, step size 0.5")
    finished(page)
    runs = GridRunStore(Workspace(server.home)).all()
    assert [run.is_done for run in runs] == [True, True]

    open_part(page, "Replay")
    player = by_key(page, "grid_replay_player")
    player.get_by_role("button", name="Step").click()
    expect(player.locator(".side")).to_contain_text("Step 1:")

    open_part(page, "Use it")
    settled(page)
    with page.expect_download() as download:
        press(page, "download_policy")
    download.value.save_as(tmp_path / "policy.csv")
    head = (tmp_path / "policy.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head.startswith("row,column,actions,arrows,value,value of up")
    with page.expect_download() as download:
        press(page, "download_bundle")
    download.value.save_as(tmp_path / "bundle.zip")
    acts(tmp_path / "bundle.zip", tmp_path / "elsewhere")


def acts(bundle: Path, folder: Path) -> None:
    """Unpack a bundle away from the project, and let its program check itself."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-I", "policy.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    assert world["name"] == "Cliff walking"
