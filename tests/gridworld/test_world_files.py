"""World files come back as they were, and what is wrong with one is said in a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gridworld.worlds import assert_same_world, random_world, random_worlds
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.gridworld.gymnasium_worlds import GYMNASIUM_WORLDS, GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.plan import fingerprint
from mlcore.gridworld.strict_json import MOST_CHARACTERS
from mlcore.gridworld.world import GridWorld, empty_world
from mlcore.gridworld.worldfile import read_world, world_from_json, world_to_json, write_world

HEAD = {"format": "ml-workbench-world", "version": 1}
SMALL = {**HEAD, "kind": "grid", "map": ["S.#", "..T"]}
GYMNASIUM = {**HEAD, "kind": "gymnasium", "id": "Taxi-v4"}
NUMBER = {**HEAD, "kind": "linear_quadratic"}


@given(random_worlds())
def test_a_grid_world_comes_back_exactly(world: GridWorld) -> None:
    for again in (read_world(write_world(world)), world_from_json(world_to_json(world))):
        assert isinstance(again, GridWorld)
        assert_same_world(again, world)


@pytest.mark.parametrize("id", GYMNASIUM_WORLDS)
def test_a_world_of_gymnasium_comes_back(id: str) -> None:
    world = GymnasiumWorld(id=id, discount=0.875)
    assert read_world(write_world(world)) == world


def test_the_linear_quadratic_problem_comes_back() -> None:
    world = LinearQuadratic(a=0.75, b=2.0, q=0.1, r=3.0, noise=0.0, discount=0.5)
    assert read_world(write_world(world)) == world
    assert world_from_json(NUMBER) == LinearQuadratic()


def test_a_file_needs_to_say_no_more_than_its_map() -> None:
    world = read_world(json.dumps(SMALL))
    assert isinstance(world, GridWorld)
    plain = empty_world(2, 3)
    plain.walls[0, 2] = plain.starts[0, 0] = plain.terminals[1, 2] = True
    assert_same_world(world, plain)


def test_a_mark_before_the_text_is_no_part_of_it() -> None:
    assert isinstance(read_world("\ufeff" + json.dumps(SMALL)), GridWorld)


def test_names_do_not_count_in_the_fingerprint_and_everything_else_does() -> None:
    world = random_world(3)
    mine = fingerprint(world_to_json(world))
    assert fingerprint(world_to_json(replace(world, name="x", source="y"))) == mine
    for seed in range(20):
        assert seed == 3 or fingerprint(world_to_json(random_world(seed))) != mine
    warmer = replace(world, discount=0.91)
    assert fingerprint(world_to_json(warmer)) != mine


WRONG: list[tuple[Any, str]] = [
    ([], "“world” in the world file must be an object, but it is a list"),
    ("x", "“world” in the world file must be an object, but it is “x”"),
    ({}, "does not say “format”"),
    ({"format": 3}, "its format is 3, but a world file says “ml-workbench-world”"),
    ({"format": "ml-workbench-world"}, "does not say “version”"),
    ({**HEAD, "version": 2}, "has version 2, but this program reads version 1"),
    ({**HEAD, "version": True}, "has version true"),
    (HEAD, "does not say “kind”"),
    ({**HEAD, "kind": "gird"}, "its kind is “gird”.*Did you mean “grid”?"),
    ({**HEAD, "kind": ["grid"]}, "its kind is a list"),
    ({**HEAD, "kind": "grid"}, "does not say “map”"),
    ({**SMALL, "slipp": 0.1}, "says “slipp”, which no world has.*Did you mean “slip”?"),
    ({**SMALL, "map": "S.T"}, "“map” in the world file must be a list, but it is “S.T”"),
    ({**SMALL, "map": []}, "“map” in the world file has 0 entries, but 1 to 1000"),
    ({**SMALL, "map": [""]}, r"“map\[0\]” in the world file has 0 entries"),
    ({**SMALL, "map": ["."] * 1001}, "has 1001 entries, but 1 to 1000 are allowed"),
    ({**SMALL, "map": ["." * 1001]}, "has 1001 entries"),
    ({**SMALL, "map": ["..", 7]}, r"“map\[1\]” in the world file must be text, but it is 7"),
    ({**SMALL, "map": ["..", "..."]}, "Row 1 of the map has 3 signs, but row 0 has 2"),
    ({**SMALL, "map": [".x"]}, "Row 0 of the map holds “x”"),
    ({**SMALL, "map": [".\0"]}, "Row 0 of the map holds “�”"),
    ({**SMALL, "name": 3}, "“name” in the world file must be text, but it is 3"),
    ({**SMALL, "name": "a\nb"}, "“name” in the world file must be text of at most 200"),
    ({**SMALL, "name": "x" * 201}, "at most 200 characters"),
    ({**SMALL, "name": "\ud800"}, "characters that can be shown"),
    ({**SMALL, "source": "x" * 401}, "at most 400 characters"),
    ({**SMALL, "slip": 1.5}, "“slip” in the world file cannot be used.*between 0 and 1"),
    ({**SMALL, "slip": True}, "“slip”.*expects a number, but got True"),
    ({**SMALL, "slip": "0.2"}, "“slip”.*expects a number"),
    ({**SMALL, "slip": None}, "“slip”.*expects a number"),
    ({**SMALL, "slip": [0.2]}, "“slip” in the world file must be a single value"),
    ({**SMALL, "discount": -0.1}, "“discount”.*between 0 and 1"),
    ({**SMALL, "discount": float("nan")}, "“discount”.*expects a number"),
    ({**SMALL, "step_reward": float("inf")}, "“step_reward”.*between -1e.06 and 1e.06"),
    ({**SMALL, "bump_reward": -2e6}, "“bump_reward”.*between"),
    ({**SMALL, "moves": 5}, "“moves”.*must be one of “4”, “8”, “9”"),
    ({**SMALL, "moves": True}, "“moves” in the world file must be a whole number, but it is true"),
    ({**SMALL, "moves": 4.0}, "“moves” in the world file must be a whole number"),
    ({**SMALL, "moves": "4"}, "“moves” in the world file must be a whole number"),
    ({**SMALL, "convention": "states"}, "“convention”.*must be one of"),
    ({**SMALL, "convention": {}}, "“convention” in the world file must be a single value"),
    ({**SMALL, "rewards": {}}, "“rewards” in the world file must be a list, but it is an object"),
    ({**SMALL, "rewards": [1]}, r"“rewards\[0\]” in the world file must be a list, but it is 1"),
    (
        {**SMALL, "rewards": [[0, 0]]},
        r"“rewards\[0\]”.*must list row, column, reward, but it has 2",
    ),
    ({**SMALL, "rewards": [[0, 0, "1"]]}, r"“rewards\[0\]”.*expects a number"),
    ({**SMALL, "rewards": [[0, 0, None]]}, r"“rewards\[0\]”.*expects a number"),
    ({**SMALL, "rewards": [[0, 0, 1e7]]}, r"“rewards\[0\]”.*between"),
    ({**SMALL, "rewards": [[0.0, 0, 1]]}, r"“rewards\[0\]”.*must be whole numbers"),
    ({**SMALL, "rewards": [[True, 0, 1]]}, r"“rewards\[0\]”.*must be whole numbers"),
    ({**SMALL, "rewards": [[2, 0, 1]]}, "no cell in row 2, column 0. Rows run from 0 to 1"),
    ({**SMALL, "rewards": [[0, -1, 1]]}, "no cell in row 0, column -1"),
    ({**SMALL, "rewards": [[0, 0, 1], [0, 0, 2]]}, r"“rewards\[1\]”.*a second time"),
    ({**SMALL, "rewards": [[0, 2, 1]]}, "row 0, column 2 is a wall"),
    ({**SMALL, "slips": [[0, 2, 0.1]]}, "row 0, column 2 is a wall"),
    ({**SMALL, "slips": [[0, 0, 2]]}, r"“slips\[0\]”.*between 0 and 1"),
    ({**SMALL, "wind": [[0, 2, 1, 0]]}, "row 0, column 2 is a wall"),
    ({**SMALL, "wind": [[0, 0, 10, 0]]}, r"“wind\[0\]”.*between -9 and 9"),
    ({**SMALL, "wind": [[0, 0, 0.5, 0]]}, r"“wind\[0\]”.*a whole number"),
    ({**SMALL, "wind": [[0, 0, 1]]}, r"“wind\[0\]”.*row, column, down, right, but it has 3"),
    ({**SMALL, "teleports": [7]}, r"“teleports\[0\]” in the world file must be an object"),
    ({**SMALL, "teleports": [{}]}, r"does not say “teleports\[0\].from”"),
    ({**SMALL, "teleports": [{"from": [0, 1]}]}, r"does not say “teleports\[0\].to”"),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [0, 0], "fee": 1}]},
        r"says “teleports\[0\].fee”, which no world has",
    ),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [5, 0]}]},
        r"“teleports\[0\].to”.*no cell in row 5, column 0",
    ),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [0, 0], "at_once": 1}]},
        r"“teleports\[0\].at_once” in the world file must be true or false, but it is 1",
    ),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [0, 0], "reward": False}]},
        r"“teleports\[0\].reward”.*expects a number",
    ),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [0, 0]}] * 2},
        r"“teleports\[1\].from” in the world file names row 0, column 1 a second time",
    ),
    ({**SMALL, "teleports": [{"from": [0, 2], "to": [0, 0]}]}, "row 0, column 2 is a wall"),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [0, 2]}]},
        "leads to row 0, column 2, which is a wall",
    ),
    (
        {**SMALL, "teleports": [{"from": [1, 2], "to": [0, 0]}]},
        "row 1, column 2 is a terminal, from which nothing is carried off",
    ),
    (
        {**SMALL, "teleports": [{"from": [0, 0], "to": [0, 1], "at_once": True}]},
        "row 0, column 0 is a start, but it carries off at once",
    ),
    (
        {**SMALL, "teleports": [{"from": [0, 1], "to": [0, 1], "at_once": True}]},
        "from which one is carried off at once",
    ),
    (
        {
            **SMALL,
            "teleports": [
                {"from": [0, 1], "to": [1, 1]},
                {"from": [1, 1], "to": [0, 0], "at_once": True},
            ],
        },
        "leads to row 1, column 1, from which one is carried off at once",
    ),
    ({**GYMNASIUM, "id": "Taxi"}, "“Taxi” is none of the worlds.*Did you mean “Taxi-v4”?"),
    ({**GYMNASIUM, "id": "os:system"}, "“os:system” is none of the worlds"),
    ({**GYMNASIUM, "id": None}, "“id” in the world file must be text, but it is null"),
    ({**HEAD, "kind": "gymnasium"}, "does not say “id”"),
    ({**GYMNASIUM, "discount": 2}, "“discount”.*between 0 and 1"),
    ({**GYMNASIUM, "map": []}, "says “map”, which no world has"),
    ({**NUMBER, "a": "1"}, "“a”.*expects a number"),
    ({**NUMBER, "r": 0}, "“r”.*between 0.001 and 1000"),
    ({**NUMBER, "discount": 1}, "“discount”.*between 0 and 0.999"),
    ({**NUMBER, "gain": 1}, "says “gain”"),
]


@pytest.mark.parametrize(("plain", "sentence"), WRONG, ids=[text[:50] for _, text in WRONG])
def test_what_is_wrong_is_said(plain: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        world_from_json(plain)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "nothing in the file"),
        ("\ufeff \n", "nothing in the file"),
        ("hello", "neither a world file nor FrozenLake text"),
        ('{"format":\n nope}', "begins like a world.*line 2, column 2"),
        ('{"a": NaN}', "holds “NaN” where a number is expected"),
        ('{"a": -Infinity}', "holds “-Infinity”"),
        ('{"a": 1' + "0" * 5000 + "}", "holds “10000"),
        ('{"a": 1, "b": {"a": 2, "a": 3}}', "says “a” twice"),
        ("{" + "".join(f'"{i}":0,' for i in range(300_000)) + '"7":1}', "says “7” twice"),
        ("[" * 100_000, "more deeply than any world needs"),
        ('{"a":' * 100_000, "more deeply than any world needs"),
        (" " * (MOST_CHARACTERS + 1), "at most 20,000,000 characters, but this one has 20,000,001"),
    ],
    ids=lambda text: text[:20],
)
def test_text_that_is_no_world_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        read_world(text)


def test_numbers_too_large_to_be_read_are_out_of_range() -> None:
    text = json.dumps({**SMALL, "step_reward": 0.5}).replace("0.5", "1e999")
    with pytest.raises(UserError, match="“step_reward”.*but got inf"):
        read_world(text)


def test_a_world_that_no_reader_would_take_is_not_written() -> None:
    world = replace(empty_world(1000, 1000), rewards=np.full((1000, 1000), -0.125))
    with pytest.raises(UserError, match="at most 20,000,000 characters"):
        write_world(world)


def test_numbers_in_each_of_many_cells_fit_into_a_file() -> None:
    """400 × 400 cells, as the words of the limit say: nothing in them is short."""
    rng, shape = np.random.default_rng(0), (400, 400)
    world = replace(
        empty_world(*shape),
        rewards=-rng.uniform(1e5, 1e6, shape),
        slips=rng.uniform(0, 0.1, shape),
        wind=rng.integers(-9, 0, (*shape, 2)),
    )
    assert_same_world(read_world(write_world(world)), world)


def test_a_map_of_the_largest_size_fits_into_a_file() -> None:
    world = empty_world(1000, 1000)
    assert_same_world(read_world(write_world(world)), world)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
KEYS = st.sampled_from([*world_to_json(random_world(1)), "id", "a", "b", "zzz"])
ENTRIES = st.lists(
    st.lists(st.integers(-1, 3) | PLAIN, max_size=5)
    | st.fixed_dictionaries({}, optional=dict.fromkeys(("from", "to", "reward", "at_once"), PLAIN)),
    max_size=3,
)


@given(
    base=st.sampled_from([SMALL, GYMNASIUM, NUMBER]),
    changes=st.dictionaries(KEYS, PLAIN | ENTRIES, min_size=1, max_size=3),
)
def test_hostile_data_gives_a_world_or_a_sentence(
    base: dict[str, Any], changes: dict[str, Any]
) -> None:
    try:
        world = world_from_json({**base, **changes})
    except UserError as error:
        assert len(str(error)) < 1200
    else:
        assert write_world(world)


@given(st.text() | PLAIN.map(lambda plain: json.dumps(plain)))
def test_hostile_text_gives_a_world_or_a_sentence(text: str) -> None:
    try:
        read_world(text)
    except UserError as error:
        assert len(str(error)) < 1200


@given(seed=st.integers(0, 50), place=st.integers(0, 5000), put=st.text(max_size=3))
def test_a_damaged_file_gives_a_world_or_a_sentence(seed: int, place: int, put: str) -> None:
    text = write_world(random_world(seed, 3, 3))
    place %= len(text)
    try:
        read_world(text[:place] + put + text[place + 1 :])
    except UserError as error:
        assert str(error)
