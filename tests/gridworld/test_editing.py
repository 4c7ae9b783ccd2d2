"""Brushes do what they say, what is in their way goes, and every step can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gridworld.worlds import assert_same_world, random_world, random_worlds
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.gridworld.celltext import cell_text
from mlcore.gridworld.editing import (
    BRUSHES,
    MOST_CELLS,
    MOST_STEPS,
    Brush,
    History,
    find_brush,
    paint,
    resize,
    with_settings,
)
from mlcore.gridworld.knobs import WORLD_PARAMS, settings_of
from mlcore.gridworld.rules import check_world
from mlcore.gridworld.world import Cell, Convention, GridWorld, SlipTo, Teleport, empty_world
from mlcore.gridworld.worldfile import read_world, write_world
from mlcore.params import defaults

CELL = (1, 1)


def painted(brush: str, on: GridWorld | None = None, **values: Any) -> str:
    """The text of the middle cell after a dab."""
    return cell_text(paint(on or empty_world(3, 3), brush, [CELL], **values), CELL)


@pytest.mark.parametrize(
    ("brush", "values", "text"),
    [
        ("wall", {}, "#"),
        ("terminal", {"reward": 2.5}, "T +2.5"),
        ("terminal", {"reward": None}, "T"),
        ("reward", {"reward": -1}, "-1"),
        ("reward", {"reward": None}, "."),
        ("start", {}, "S"),
        ("wind", {"direction": "up", "strength": 2}, "^2"),
        ("wind", {"direction": "down left", "strength": 1}, "v1 <1"),
        ("wind", {"strength": 0}, "."),
        ("slippery", {"chance": 0.3}, "~0.3"),
        ("slippery", {"chance": None}, "."),
        ("teleport", {"row": 2, "column": 0, "reward": 10.0}, "@2,0=10"),
        ("teleport", {"row": 2, "column": 0, "at_once": True}, "@2,0!"),
        ("free", {}, "."),
    ],
)
def test_a_dab_on_a_free_cell(brush: str, values: dict[str, Any], text: str) -> None:
    assert painted(brush, **values) == text


WALL = paint(empty_world(3, 3), "wall", [CELL])
END = paint(empty_world(3, 3), "terminal", [CELL], reward=1)
PIT = paint(empty_world(3, 3), "teleport", [CELL], at_once=True)
BEGIN = paint(empty_world(3, 3), "start", [CELL])
RICH = paint(paint(BEGIN, "reward", [CELL], reward=3), "wind", [CELL], strength=1)


@pytest.mark.parametrize(
    ("on", "brush", "values", "text"),
    [
        (WALL, "start", {}, "S"),
        (WALL, "terminal", {"reward": 1}, "T +1"),
        (WALL, "reward", {"reward": 1}, "+1"),
        (WALL, "wind", {"strength": 1}, "^1"),
        (WALL, "slippery", {"chance": 0.5}, "~0.5"),
        (WALL, "teleport", {}, "@0,0"),
        (END, "reward", {"reward": -5}, "T -5"),
        (END, "start", {}, "S +1"),
        (END, "teleport", {}, "+1 @0,0"),
        (PIT, "start", {}, "S"),
        (PIT, "terminal", {"reward": None}, "T"),
        (BEGIN, "terminal", {"reward": None}, "T"),
        (BEGIN, "teleport", {}, "S @0,0"),
        (BEGIN, "teleport", {"at_once": True}, "@0,0!"),
        (RICH, "start", {}, "S +3 ^1"),
        (RICH, "wall", {}, "#"),
        (RICH, "free", {}, "."),
    ],
)
def test_the_last_brush_wins(on: GridWorld, brush: str, values: dict[str, Any], text: str) -> None:
    assert painted(brush, on, **values) == text


def test_a_wall_and_a_pit_cut_off_the_teleports_that_lead_there() -> None:
    world = paint(empty_world(3, 3), "teleport", [(0, 0), (2, 2)], row=1, column=1)
    assert set(world.teleports) == {(0, 0), (2, 2)}
    assert not paint(world, "wall", [CELL]).teleports
    pit = paint(world, "teleport", [CELL], row=0, column=1, at_once=True)
    assert set(pit.teleports) == {CELL}
    assert set(paint(world, "free", [CELL]).teleports) == {(0, 0), (2, 2)}


def test_a_stroke_along_a_cliff_spares_the_cell_it_leads_to() -> None:
    world = paint(empty_world(4, 12), "start", [(3, 0)])
    stroke = [(3, column) for column in range(11)]
    cliff = paint(world, "teleport", stroke, row=3, column=0, reward=-100, at_once=True)
    assert len(cliff.teleports) == 10 and (3, 0) not in cliff.teleports
    assert cliff.starts[3, 0]


@given(
    world=random_worlds(),
    strokes=st.lists(
        st.tuples(st.sampled_from(BRUSHES), st.integers(0, 6), st.integers(0, 6), st.booleans()),
        max_size=8,
    ),
)
def test_whatever_is_painted_makes_sense(
    world: GridWorld, strokes: list[tuple[Brush, int, int, bool]]
) -> None:
    """It passes the rules of a world, and survives its file."""
    for brush, row, column, at_once in strokes:
        cells = [(row % world.rows, column % world.columns)]
        values = {"row": 0, "column": 0, "at_once": at_once} if brush.id == "teleport" else {}
        try:
            world = paint(world, brush.id, cells, **values)
        except UserError as error:
            assert error.code.startswith("gridworld.teleport_to_")
    check_world(world)
    again = read_world(write_world(world))
    assert isinstance(again, GridWorld)
    assert_same_world(again, world)


@given(world=random_worlds(), brush=st.sampled_from(BRUSHES[:-2]))
def test_painting_leaves_the_world_before_as_it_was(world: GridWorld, brush: Brush) -> None:
    before = write_world(world)
    cells = [(row, column) for row in range(world.rows) for column in range(world.columns)]
    after = paint(world, brush.id, cells)
    assert write_world(world) == before
    twice = paint(after, brush.id, cells)
    assert_same_world(twice, after)


def test_a_stroke_touches_its_cells_only() -> None:
    world = random_world(5, 6, 6, teleports=0)
    for brush in BRUSHES[:-2]:
        after = paint(world, brush.id, [(2, 3), (4, 4)])
        for row in range(6):
            for column in range(6):
                if (row, column) not in {(2, 3), (4, 4)}:
                    place = (row, column)
                    assert cell_text(after, place) == cell_text(world, place)


@pytest.mark.parametrize(
    ("brush", "cells", "values", "sentence"),
    [
        ("walls", [CELL], {}, "no brush called “walls”.*Did you mean “wall”?"),
        ("wall", [(3, 0)], {}, "no cell in row 3, column 0"),
        ("wall", [(0, -1)], {}, "no cell in row 0, column -1"),
        ("reward", [CELL], {"reward": 1e7}, "“Reward” must lie between"),
        ("reward", [CELL], {"rewards": 1}, "no setting called “rewards”"),
        ("wind", [CELL], {"strength": 10}, "“Strength” must lie between 0 and 9"),
        ("wind", [CELL], {"direction": "stay"}, "“Direction” must be one of"),
        ("slippery", [CELL], {"chance": 1.1}, "must lie between 0 and 1"),
        ("teleport", [CELL], {"row": 9}, "no cell in row 9, column 0"),
        ("teleport", [CELL], {"row": 0, "column": 2}, "row 0, column 2, which is a wall"),
        ("teleport", [CELL], {"row": 2, "column": 2}, "from which one is carried off at once"),
    ],
)
def test_what_cannot_be_painted_is_said(
    brush: str, cells: list[tuple[int, int]], values: dict[str, Any], sentence: str
) -> None:
    world = paint(empty_world(3, 3), "wall", [(0, 2)])
    world = paint(world, "teleport", [(2, 2)], at_once=True)
    with pytest.raises(UserError, match=sentence):
        paint(world, brush, cells, **values)


@pytest.mark.parametrize("brush", BRUSHES, ids=lambda brush: brush.id)
def test_a_brush_is_declared_completely(brush: Brush) -> None:
    assert find_brush(brush.id) is brush
    assert brush.label and brush.help.endswith(".") and brush.icon.startswith(":material/")
    for param in brush.params:
        for value in (param.default, *param.extremes()):
            assert param.check(value) == value
        assert param.basic


def test_settings_are_changed_and_the_others_stay() -> None:
    world = random_world(2)
    changed = with_settings(
        world, slip=0.25, moves="9", slip_to="anywhere", convention="exit", bump_reward=None
    )
    assert (changed.slip, changed.moves, changed.bump_reward) == (0.25, 9, None)
    assert changed.slip_to is SlipTo.ANYWHERE and changed.convention is Convention.EXIT
    assert changed.discount == world.discount and changed.step_reward == world.step_reward
    assert with_settings(world, moves=4).moves == 4
    assert_same_world(with_settings(world), world)
    assert_same_world(with_settings(world, **settings_of(world)), world)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"slip": 2}, "“Chance to slip” must lie between 0 and 1"),
        ({"moves": 5}, "“Moves” must be one of"),
        ({"discont": 1}, "no setting called “discont”.*Did you mean “discount”?"),
        ({"step_reward": None}, "“Reward of a step” expects a number"),
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        with_settings(empty_world(2, 2), **values)


def test_defaults_of_the_knobs_are_those_of_an_empty_world() -> None:
    assert defaults(WORLD_PARAMS) == settings_of(empty_world(1, 1))


def test_growing_loses_nothing_and_says_nothing() -> None:
    world = random_world(7, 3, 4)
    grown, notes = resize(world, 6, 5)
    assert notes == ()
    assert (grown.rows, grown.columns) == (6, 5)
    back, notes = resize(grown, 3, 4)
    assert notes == ()
    assert_same_world(back, world)
    blank = {cell_text(grown, (row, 4)) for row in range(6)}
    assert blank == {"."}


def test_shrinking_says_what_is_gone() -> None:
    world = replace(
        empty_world(3, 3),
        teleports={
            Cell(0, 0): Teleport(Cell(2, 2)),
            Cell(2, 0): Teleport(Cell(0, 0)),
            Cell(0, 1): Teleport(Cell(0, 0)),
        },
    )
    world.walls[2, 1] = world.starts[0, 0] = True
    world.rewards[1, 2] = 1.0
    small, notes = resize(world, 2, 2)
    assert dict(small.teleports) == {Cell(0, 1): Teleport(Cell(0, 0))}
    assert [str(note) for note in notes] == [
        "Drawn cells that lay outside of the new size are gone: 2. Undo brings them back.",
        "Teleports from or to cells outside of the new size are gone: 2. Undo brings them back.",
    ]
    assert small.starts[0, 0]
    check_world(small)


@pytest.mark.parametrize("size", [(0, 3), (3, 1001), (-1, 3)])
def test_sizes_out_of_range_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="must lie between 1 and 1000"):
        resize(empty_world(2, 2), *size)


def test_steps_are_taken_back_and_forth() -> None:
    worlds = [random_world(seed, 2, 2) for seed in range(4)]
    history = History(worlds[0])
    for world in worlds[1:]:
        history = history.done(world)
    assert history.present is worlds[3]
    assert history.undo().undo().present is worlds[1]
    assert history.undo().undo().redo().present is worlds[2]
    assert history.undo().redo() == history
    first = history.undo().undo().undo()
    assert first.present is worlds[0] and first.undo() is first
    assert history.redo() is history
    branched = history.undo().done(worlds[0])
    assert branched.future == () and branched.undo().present is worlds[2]


def test_a_history_is_bounded() -> None:
    history = History(empty_world(1, 1))
    for _ in range(MOST_STEPS + 20):
        history = history.done(empty_world(1, 1))
    assert len(history.past) == MOST_STEPS
    large = History(empty_world(1000, 1000))
    for _ in range(8):
        large = large.done(large.present)
    assert len(large.past) * 1_000_000 <= MOST_CELLS


def test_numbers_of_numpy_are_cells_too() -> None:
    """As they come out of a frame."""
    places = np.argwhere(np.eye(3, dtype=bool))
    assert paint(empty_world(3, 3), "wall", map(tuple, places)).walls.sum() == 3
