"""Gymnasium's own worlds behave here as they do there."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gridworld.worlds import assert_same_world

from mlcore.errors import UserError
from mlcore.gridworld.environment import GridWorldEnv
from mlcore.gridworld.gymnasium_worlds import (
    GYMNASIUM_WORLDS,
    GymnasiumWorld,
    from_gymnasium,
    model_of_gymnasium,
)
from mlcore.gridworld.model import MOVE_NAMES, Model, model_of
from mlcore.gridworld.presets import find_preset
from mlcore.gridworld.world import GridWorld
from mlcore.gridworld.worlds import model_of_world

DRAWN = [id for id, layout in GYMNASIUM_WORLDS.items() if layout.moves]


def theirs(id: str) -> Any:
    return gymnasium.make(id).unwrapped


def merged(outcomes: list[tuple[float, int, float, bool]]) -> dict[tuple[int, float, bool], float]:
    found: dict[tuple[int, float, bool], float] = {}
    for probability, state, reward, ends in outcomes:
        key = (int(state), float(reward), bool(ends))
        found[key] = found.get(key, 0.0) + probability
    return found


@pytest.mark.parametrize("id", DRAWN)
def test_a_drawn_world_has_gymnasiums_own_transition_table(id: str) -> None:
    """In every state in which an episode goes on; nobody acts in the cells of the cliff."""
    model = model_of(from_gymnasium(id))
    ours, expected = GridWorldEnv(model).P, theirs(id).P
    actions = [MOVE_NAMES.index(name) for name in GYMNASIUM_WORLDS[id].actions]
    place = model.cell
    for state in np.flatnonzero(~model.terminal):
        for action, own in enumerate(actions):
            got = {
                (int(place[to]), reward, ends): chance
                for (to, reward, ends), chance in merged(ours[int(state)][own]).items()
            }
            assert got == pytest.approx(merged(expected[int(place[state])][action]))


@pytest.mark.parametrize("id", DRAWN)
def test_a_drawn_world_starts_where_gymnasiums_does(id: str) -> None:
    model = model_of(from_gymnasium(id))
    starts = np.zeros(model.rows * model.columns)
    starts[model.cell] = model.starts
    np.testing.assert_allclose(starts, theirs(id).initial_state_distrib)


@pytest.mark.parametrize("id", DRAWN)
def test_a_drawn_world_is_solved_as_the_drawing(id: str) -> None:
    loaded = model_of_gymnasium(GymnasiumWorld(id=id, discount=0.9))
    np.testing.assert_array_equal(loaded.landing, model_of(from_gymnasium(id, 0.9)).landing)
    assert loaded.discount == 0.9


@pytest.mark.parametrize(
    ("preset", "id"),
    [
        ("frozen_lake_4x4", "FrozenLake-v1"),
        ("frozen_lake_8x8", "FrozenLake8x8-v1"),
        ("cliff_walking", "CliffWalking-v1"),
    ],
)
def test_presets_are_the_worlds_that_gymnasium_has(preset: str, id: str) -> None:
    world = find_preset(preset).make()
    assert isinstance(world, GridWorld)
    loaded = from_gymnasium(id, world.discount)
    assert_same_world(
        GridWorld(**{**vars(loaded), "name": world.name, "source": world.source}), world
    )


@pytest.fixture(scope="module")
def taxi() -> Model:
    return model_of_world(GymnasiumWorld(id="Taxi-v4"))


def test_the_taxi_moves_as_gymnasiums_does(taxi: Model) -> None:
    table = theirs("Taxi-v4").P
    for state in np.flatnonzero(~taxi.terminal):
        for action in range(6):
            (outcome,) = taxi.outcomes(int(state), action)
            assert [tuple(outcome)] == table[int(state)][action]


def test_the_taxi_lies_on_a_grid_with_a_drawing_for_each_errand(taxi: Model) -> None:
    environment = theirs("Taxi-v4")
    assert (taxi.n_states, taxi.n_actions, taxi.rows, taxi.columns) == (500, 6, 5, 5)
    assert len(taxi.layers) == len(set(taxi.layers)) == 20
    assert taxi.actions == ("down", "up", "right", "left", "pick up", "drop off")
    assert len(set(taxi.arrows)) == 6
    names = ("Red", "Green", "Yellow", "Blue")
    for state in range(500):
        row, column, at, wanted = environment.decode(state)
        assert taxi.cell[state] == row * 5 + column
        layer = taxi.layers[taxi.layer[state]]
        assert names[wanted] in layer
        assert ("in the taxi" if at == 4 else f"at {names[at]}") in layer
    assert taxi.layers[1] == "passenger at Red, wants Green"


def test_a_delivered_passenger_ends_the_taxis_episode(taxi: Model) -> None:
    done = [at == wanted for at in range(5) for wanted in range(4)]
    np.testing.assert_array_equal(taxi.terminal, np.array(done)[taxi.layer])
    assert (taxi.starts > 0).sum() == 300
    ending = taxi.ends & ~taxi.terminal
    assert (taxi.reward[ending] == 20).all()
    assert taxi.terminal[taxi.landing[ending]].all()


def test_the_best_taxi_earns_what_an_exact_solution_says(taxi: Model) -> None:
    values = np.zeros(taxi.n_states)
    for _ in range(40):
        values = taxi.action_values(values).max(axis=1)
    begun = values[taxi.starts > 0]
    assert begun.mean() == pytest.approx(7.93)
    assert (begun.min(), begun.max()) == (3, 15)


def test_worlds_that_cannot_be_loaded_are_refused() -> None:
    for id in ("FrozenLake-v9", "numpy:FrozenLake-v1", "CartPole-v1", ""):
        with pytest.raises(UserError, match="none of the worlds of Gymnasium that can be loaded"):
            from_gymnasium(id)
        with pytest.raises(UserError, match="“CliffWalking-v1”"):
            model_of_gymnasium(GymnasiumWorld(id=id))
    with pytest.raises(UserError, match="“Taxi-v4” is more than cells"):
        from_gymnasium("Taxi-v4")
