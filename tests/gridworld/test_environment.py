"""Any agent written for Gymnasium can live in our worlds."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
from gridworld.worlds import random_world
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

from mlcore.errors import UserError
from mlcore.gridworld.environment import GridWorldEnv, make_env
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.model import model_of
from mlcore.gridworld.presets import PRESETS, Preset, find_preset
from mlcore.gridworld.world import Cell, Convention, GridWorld, empty_world

WITH_CELLS = [preset for preset in PRESETS if preset.id != "linear_quadratic"]


def checked(world: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(make_env(world, render_mode="ansi").unwrapped)
        check_env(bare(world), skip_render_check=True)


def bare(world: Any) -> GridWorldEnv:
    environment = make_env(world).unwrapped
    assert isinstance(environment, GridWorldEnv)
    return environment


@pytest.mark.parametrize("preset", WITH_CELLS, ids=lambda preset: preset.id)
def test_gymnasiums_checker_passes_on_presets(preset: Preset) -> None:
    checked(preset.make())


@pytest.mark.parametrize("seed", range(25))
def test_gymnasiums_checker_passes_on_random_worlds(seed: int) -> None:
    checked(random_world(seed, 1 + seed % 5, 1 + seed % 7))


def test_the_table_is_like_those_of_toy_text() -> None:
    environment = bare(find_preset("russell_norvig_4x3").make())
    table = environment.P
    assert list(table) == list(range(11))
    assert all(list(table[state]) == [0, 1, 2, 3] for state in table)
    for state in table:
        for outcomes in table[state].values():
            assert sum(outcome[0] for outcome in outcomes) == pytest.approx(1)
    # From the lower left corner, up: .8 up, .1 right, .1 into the border.
    assert [tuple(outcome) for outcome in table[7][0]] == [
        (pytest.approx(0.8), 4, -0.04, False),
        (pytest.approx(0.1), 8, -0.04, False),
        (pytest.approx(0.1), 7, -0.04, False),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_steps_come_out_as_often_as_the_table_says(seed: int) -> None:
    environment = GridWorldEnv(model_of(random_world(seed, moves=4)))
    environment.reset(seed=seed)
    table, n = environment.P, 2000
    state = int(np.flatnonzero(~environment.model.terminal)[seed])
    seen: dict[tuple[int, float, bool], int] = {}
    for _ in range(n):
        environment.state = state
        to, reward, terminated, truncated, info = environment.step(1)
        assert truncated is False
        assert (info["prob"], to, reward, terminated) in table[state][1]
        seen[to, reward, terminated] = seen.get((to, reward, terminated), 0) + 1
    for chance, *outcome in table[state][1]:
        deviation = np.sqrt(chance * (1 - chance) * n)
        assert abs(seen.get(tuple(outcome), 0) - chance * n) <= 4 * deviation


def test_episodes_begin_in_the_starts() -> None:
    world = random_world(1)
    environment = GridWorldEnv(model_of(world))
    begun = {environment.reset(seed=seed)[0] for seed in range(200)}
    assert begun == set(np.flatnonzero(environment.model.starts).tolist())


def test_the_same_seed_gives_the_same_episode() -> None:
    def episode() -> list[Any]:
        environment = make_env(find_preset("frozen_lake_4x4").make(), 50)
        steps: list[Any] = [environment.reset(seed=7)]
        for action in range(20):
            steps.append(environment.step(action % 4))
            if steps[-1][2]:
                return steps
        return steps

    assert episode() == episode()


def corridor(convention: Convention = Convention.TRANSITION) -> GridWorld:
    world = replace(empty_world(1, 4), convention=convention)
    world.starts[0, 0] = world.terminals[0, 3] = True
    world.rewards[0, 3] = 5.0
    return world


def test_an_end_terminates_and_a_limit_truncates() -> None:
    environment = make_env(corridor(), most_steps=5)
    environment.reset(seed=0)
    right, left = 1, 3
    steps = [environment.step(right)[1:4] for _ in range(3)]
    assert steps == [(0.0, False, False), (0.0, False, False), (5.0, True, False)]
    environment.reset(seed=0)
    steps = [environment.step(left)[1:4] for _ in range(5)]
    assert steps == [*[(0.0, False, False)] * 4, (0.0, False, True)]


def test_an_end_in_the_last_step_is_an_end_and_not_only_a_limit() -> None:
    environment = make_env(corridor(), most_steps=3)
    environment.reset(seed=0)
    assert [environment.step(1)[2] for _ in range(3)] == [False, False, True]


def test_without_a_limit_an_episode_is_never_broken_off() -> None:
    environment = make_env(corridor())
    environment.reset(seed=0)
    assert not any(environment.step(3)[3] for _ in range(300))


def test_an_exit_takes_one_more_step() -> None:
    environment = make_env(corridor(Convention.EXIT))
    environment.reset(seed=0)
    steps = [environment.step(1)[1:3] for _ in range(4)]
    assert steps == [(0.0, False), (0.0, False), (0.0, False), (5.0, True)]


def test_whoever_steps_into_a_cliff_stands_at_the_start_again() -> None:
    environment = make_env(find_preset("cliff_walking").make())
    start, _ = environment.reset(seed=0)
    assert environment.step(1)[:3] == (start, -100.0, False)


def test_text_shows_where_the_agent_is() -> None:
    world = corridor()
    world.walls[0, 2] = True
    environment = make_env(world, render_mode="ansi")
    environment.reset(seed=0)
    assert environment.render() == "A.#T\n"
    environment.step(1)
    assert environment.render() == ".A#T\n"
    assert GridWorldEnv(model_of(world)).render() is None
    taxi = make_env(find_preset("taxi").make(), render_mode="ansi")
    taxi.reset(seed=0)
    first = str(taxi.render()).splitlines()[0]
    assert first.startswith("passenger ")


def test_a_world_without_cells_is_no_environment() -> None:
    with pytest.raises(UserError, match="needs a world of cells"):
        make_env(LinearQuadratic())


def test_states_are_cells_row_by_row() -> None:
    world = empty_world(2, 2)
    world.walls[0, 1] = True
    model = model_of(world)
    assert [Cell(*divmod(int(cell), 2)) for cell in model.cell] == [(0, 0), (1, 0), (1, 1)]


@pytest.mark.parametrize("action", [-1, 4, 2.7, "up", None])
def test_what_is_no_action_is_refused_in_a_sentence(action: Any) -> None:
    environment = bare(find_preset("cliff_walking").make())
    environment.reset(seed=0)
    with pytest.raises(UserError, match="whole number from 0 to 3") as caught:
        environment.step(action)
    assert caught.value.code == "gridworld.environment_action"
    environment.step(np.int64(3))


def test_states_of_the_cliff_are_those_of_gymnasium_but_for_the_pits() -> None:
    model = bare(find_preset("cliff_walking").make()).model
    assert model.cell.tolist() == [*range(37), 47]


def test_what_makes_an_environment_can_be_kept_as_json() -> None:
    for world in (find_preset("cliff_walking").make(), find_preset("taxi").make()):
        spec = make_env(world, most_steps=7).spec
        assert spec is not None
        again = gymnasium.make(EnvSpec.from_json(spec.to_json()))
        assert again.unwrapped.P == bare(world).P
        assert again.spec is not None and again.spec.max_episode_steps == 7
