"""A table of texts says all that the drawing shows, and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gridworld.worlds import assert_same_world, random_worlds
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.gridworld.celltext import cell_text, table_of, world_from_table
from mlcore.gridworld.presets import PRESETS
from mlcore.gridworld.world import Cell, GridWorld, Teleport, empty_world


@given(random_worlds())
def test_a_world_comes_back_from_its_table(world: GridWorld) -> None:
    assert_same_world(world_from_table(table_of(world), world), world)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_presets_come_back_from_their_tables(preset: Any) -> None:
    if isinstance(world := preset.make(), GridWorld):
        assert_same_world(world_from_table(table_of(world), world), world)


@given(
    reward=st.floats(-1e6, 1e6),
    slip=st.floats(0, 1),
    fee=st.floats(-1e6, 1e6) | st.none(),
    wind=st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
)
def test_every_number_comes_back_exactly(
    reward: float, slip: float, fee: float | None, wind: tuple[int, int]
) -> None:
    world = replace(empty_world(1, 2), teleports={Cell(0, 1): Teleport(Cell(0, 0), fee)})
    world.rewards[0, 0], world.slips[0, 0], world.wind[0, 0] = reward, slip, wind
    assert_same_world(world_from_table(table_of(world), world), world)


def world_with_everything() -> GridWorld:
    world = empty_world(2, 4)
    world.walls[0, 0] = world.starts[0, 1] = world.terminals[0, 2] = True
    world.rewards[0, 1:4] = (-0.04, 1, 0)
    world.wind[1, 0], world.wind[1, 1] = (-2, 0), (1, -3)
    world.slips[1, 1] = 0.3
    teleports = {
        Cell(1, 2): Teleport(Cell(0, 1), reward=-100.0, at_once=True),
        Cell(1, 3): Teleport(Cell(1, 0)),
    }
    return replace(world, teleports=teleports)


def test_texts_are_short_and_say_what_is_there() -> None:
    assert table_of(world_with_everything()).to_dict("list") == {
        "0": ["#", "^2"],
        "1": ["S -0.04", "v1 <3 ~0.3"],
        "2": ["T +1", "@0,1=-100!"],
        "3": ["+0", "@1,0"],
    }
    assert cell_text(empty_world(1, 1), (0, 0)) == "."


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("", "."),
        ("   ", "."),
        (None, "."),
        (float("nan"), "."),
        (pd.NA, "."),
        ("s", "S"),
        ("t 1", "T +1"),
        (". 0.5", "+0.5"),
        (2, "+2"),
        ("+.5", "+0.5"),
        ("1e3", "+1000"),
        ("V2", "v2"),
        ("~1.0 -1", "-1 ~1"),
        (">3 ^2", "^2 >3"),
        ("@0,1=+10", "@0,1=10"),
        ("v0", "."),
    ],
)
def test_people_may_write_it_differently(text: Any, same: str) -> None:
    frame = pd.DataFrame([[text, ""]], columns=["0", "1"], dtype=object)
    world = world_from_table(frame, empty_world(1, 2))
    assert cell_text(world, (0, 0)) == same


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("X", "“X” in row 1, column 0 cannot be read: “X” has no meaning"),
        ("S T", "it says two things of one kind"),
        ("# #", "it says two things of one kind"),
        ("1 2", "it says two things of one kind"),
        ("^1 v1", "it says two things of one kind"),
        ("~0.1 ~0.2", "it says two things of one kind"),
        ("@0,0 @0,1", "it says two things of one kind"),
        ("~2", "between 0 and 1"),
        ("~nan", "“~nan” has no meaning"),
        ("inf", "“inf” has no meaning"),
        ("1e7", "between -1e.06 and 1e.06"),
        ("1e999", "but got inf"),
        ("^10", "between -9 and 9"),
        ("@0", "“@0” has no meaning"),
        ("@0,0=", "“@0,0=” has no meaning"),
        ("# 1", "row 1, column 0 is a wall, where nothing else can stand"),
        ("# @0,0", "row 1, column 0 is a wall"),
        ("@5,0", "leads to row 5, column 0, but rows run from 0 to 1"),
        ("@1,0!", "from which one is carried off at once"),
        ("T @0,0", "is a terminal, from which nothing is carried off"),
        ("S @0,0!", "is a start, but it carries off at once"),
        ("x" * 500, "has no meaning"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(text: str, sentence: str) -> None:
    frame = table_of(empty_world(2, 2))
    frame.loc[1, "0"] = text
    with pytest.raises(UserError, match=sentence) as caught:
        world_from_table(frame, empty_world(2, 2))
    assert len(str(caught.value)) < 500


@given(st.text(max_size=12) | st.text(alphabet="ST#.+-0123456789^v<>~@,=! e", max_size=12))
def test_any_text_gives_a_world_or_a_sentence(text: str) -> None:
    frame = pd.DataFrame([[text, "."]], columns=["0", "1"])
    try:
        world = world_from_table(frame, empty_world(1, 2))
    except UserError as error:
        assert "row 0, column 0" in str(error)
    else:
        assert_same_world(world_from_table(table_of(world), world), world)


def test_rules_and_names_stay_those_of_the_world() -> None:
    world = replace(empty_world(1, 2), name="Mine", source="me", slip=0.2, moves=8, discount=0.5)
    made = world_from_table(pd.DataFrame([["S", "T"], [".", "#"]]), world)
    assert (made.name, made.source, made.slip, made.moves, made.discount) == (
        "Mine", "me", 0.2, 8, 0.5
    )  # fmt: skip
    assert (made.rows, made.columns) == (2, 2)
    assert not world.walls.any()


def test_a_table_of_the_wrong_size_is_refused() -> None:
    for frame in (pd.DataFrame(), pd.DataFrame([["."] * 1001])):
        with pytest.raises(UserError, match="a world has 1 to 1000 of each"):
            world_from_table(frame, empty_world(1, 1))


def test_texts_are_texts() -> None:
    frame = table_of(empty_world(2, 3))
    assert list(frame.columns) == ["0", "1", "2"]
    assert all(pd.api.types.is_string_dtype(kind) for kind in frame.dtypes)
    assert np.array_equal(frame.to_numpy(dtype=object), np.full((2, 3), "."))
