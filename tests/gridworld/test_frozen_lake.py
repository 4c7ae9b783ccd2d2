"""FrozenLake text means here what it means in Gymnasium."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
from gridworld.worlds import assert_same_world
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.gridworld.environment import GridWorldEnv
from mlcore.gridworld.frozen_lake import from_frozen_lake, is_frozen_lake, to_frozen_lake
from mlcore.gridworld.model import MOVE_NAMES, model_of
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.world import Cell, Convention, GridWorld, SlipTo, Teleport
from mlcore.gridworld.worldfile import read_world

TEXT = "SFFF\nFHFH\nFFFH\nHFFG\n"
#: What Gymnasium calls its actions, in its order.
LAKE_ACTIONS = ("left", "down", "right", "up")


def merged(outcomes: list[tuple[float, int, float, bool]]) -> dict[tuple[int, float, bool], float]:
    """The chance of each outcome, however often it is listed."""
    found: dict[tuple[int, float, bool], float] = {}
    for probability, state, reward, ends in outcomes:
        key = (int(state), float(reward), bool(ends))
        found[key] = found.get(key, 0.0) + probability
    return found


@st.composite
def lakes(draw: st.DrawFn) -> list[str]:
    # Gymnasium takes no map of one column.
    columns = draw(st.integers(2, 5))
    row = st.text(alphabet="SFHG", min_size=columns, max_size=columns)
    rows = draw(st.lists(row, min_size=1, max_size=5))
    return ["S" + rows[0][1:], *rows[1:]]


@given(rows=lakes(), slippery=st.booleans())
def test_any_lake_has_gymnasiums_own_transition_table(rows: list[str], slippery: bool) -> None:
    theirs: Any = gymnasium.make("FrozenLake-v1", desc=rows, is_slippery=slippery).unwrapped
    ours = GridWorldEnv(model_of(from_frozen_lake("/".join(rows), slippery=slippery)))
    assert ours.P.keys() == theirs.P.keys()
    for state in theirs.P:
        for action, name in enumerate(LAKE_ACTIONS):
            expected = merged(theirs.P[state][action])
            got = merged(ours.P[state][MOVE_NAMES.index(name)])
            assert got.keys() == expected.keys()
            assert all(got[key] == pytest.approx(expected[key]) for key in expected)
    np.testing.assert_allclose(ours.initial_state_distrib, theirs.initial_state_distrib)


@given(rows=lakes(), slippery=st.booleans())
def test_a_lake_comes_back(rows: list[str], slippery: bool) -> None:
    world = from_frozen_lake("\n".join(rows), slippery)
    text = to_frozen_lake(world)
    assert text.split() == rows
    assert_same_world(from_frozen_lake(text, slippery), world)


def test_rows_may_be_separated_in_any_way() -> None:
    for text in ("SFF/FHG", "SFF\nFHG", "\r\nSFF\r\n\r\nFHG\r\n", "SFF FHG/"):
        assert is_frozen_lake(text)
        assert to_frozen_lake(from_frozen_lake(text)) == "SFF\nFHG\n"
    assert isinstance(read_world("SFF/FHG"), GridWorld)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SFX/FFG", "Row 1 of the FrozenLake text holds “X”"),
        ("SF/FFG", "Row 2 of the FrozenLake text has 3 letters, but the first has 2"),
        ("", "1 to 1000 rows"),
        ("F" * 1001, "has 1 rows of 1001"),
        ("/".join("F" * 1001), "has 1001 rows of 1"),
    ],
)
def test_text_that_is_no_lake_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        from_frozen_lake(text)


def test_only_letters_of_the_lake_make_one() -> None:
    assert not is_frozen_lake("{}")
    assert not is_frozen_lake("")
    assert not is_frozen_lake(" / \n")


def marked(mask: np.ndarray, cell: tuple[int, int], value: Any = True) -> np.ndarray:
    made = mask.copy()
    made[cell] = value
    return made


LAKE = from_frozen_lake(TEXT)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"walls": marked(LAKE.walls, (0, 1))}, "it has walls"),
        ({"teleports": {Cell(0, 1): Teleport(Cell(0, 2))}}, "it has teleports"),
        ({"wind": marked(LAKE.wind, (0, 1), 1)}, "it has wind"),
        ({"slips": marked(LAKE.slips, (0, 1), 0.0)}, "some cells have a chance to slip"),
        ({"slip": 0.2}, "slip neither never nor two times in three"),
        ({"slip_to": SlipTo.ANYWHERE}, "slip in any direction"),
        ({"moves": 8}, "more than four moves"),
        ({"step_reward": -0.1}, "steps have a reward"),
        ({"bump_reward": -1.0}, "bumps have a reward"),
        ({"convention": Convention.EXIT}, "rewards are not paid on entering a cell"),
        ({"rewards": marked(LAKE.rewards, (0, 1), 2.0)}, "no terminals have rewards"),
        ({"rewards": marked(LAKE.rewards, (3, 3), 2.0)}, "a terminal has a reward other than"),
        ({"starts": marked(LAKE.starts, (0, 0), False)}, "it has no start"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_text_cannot_say_is_not_exported(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=f"cannot say all of this world: .*{sentence}"):
        to_frozen_lake(replace(LAKE, **changes))


def test_the_presets_are_gymnasiums_maps() -> None:
    from gymnasium.envs.toy_text.frozen_lake import MAPS

    for side in ("4x4", "8x8"):
        world = find_preset(f"frozen_lake_{side}").make()
        assert isinstance(world, GridWorld)
        assert to_frozen_lake(world).split() == MAPS[side]
