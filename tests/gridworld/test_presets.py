"""The worlds of the books have the values that the books print."""

from __future__ import annotations

import sys
from subprocess import run
from typing import cast

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.model import Model
from mlcore.gridworld.presets import PRESETS, Preset, find_preset
from mlcore.gridworld.rules import check_world
from mlcore.gridworld.world import Cell, GridWorld, Teleport
from mlcore.gridworld.worldfile import read_world, write_world
from mlcore.gridworld.worlds import model_of_world


def optimum(model: Model) -> np.ndarray:
    """Values of states by nothing but repeated backups."""
    values = np.zeros(model.n_states)
    for _ in range(5000):
        better = model.action_values(values).max(axis=1)
        if np.abs(better - values).max() < 1e-13:
            return better
        values = better
    raise AssertionError("the values do not settle")


def solved(id: str) -> tuple[Model, np.ndarray]:
    model = model_of_world(find_preset(id).make())
    return model, optimum(model)


@pytest.mark.parametrize(
    ("id", "value", "digits"),
    [
        ("cliff_walking", -13.0, 10),
        ("windy", -15.0, 10),
        ("windy_kings_moves", -7.0, 10),
        ("dyna_maze", 0.95**13, 10),
        ("frozen_lake_4x4", 0.5420259320, 10),
        ("russell_norvig_4x3_state", 0.7053, 4),
        ("russell_norvig_4x3", 0.7453, 4),
        ("berkeley_4x3", 0.49, 2),
        ("taxi", 7.93, 10),
    ],
)
def test_the_start_is_worth_what_the_source_says(id: str, value: float, digits: int) -> None:
    model, values = solved(id)
    assert round(float(model.starts @ values), digits) == round(value, digits)


def test_sutton_and_bartos_five_by_five() -> None:
    _, values = solved("sutton_barto_5x5")
    assert values.sum() == pytest.approx(433.2154135, abs=5e-8)
    np.testing.assert_allclose(values[:5], [21.9775, 24.4194, 21.9775, 19.4194, 17.4775], atol=5e-5)


def test_sutton_and_bartos_four_by_four() -> None:
    model, values = solved("sutton_barto_4x4")
    expected = [0, -1, -2, -3, -1, -2, -3, -2, -2, -3, -2, -1, -3, -2, -1, 0]
    assert values.tolist() == expected
    random = np.full((model.n_states, 4), 0.25)
    transitions, rewards = model.under(random)
    inner = ~model.terminal
    matrix = np.eye(inner.sum()) - transitions.toarray()[np.ix_(inner, inner)]
    np.testing.assert_allclose(
        np.linalg.solve(matrix, rewards[inner]),
        [-14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14],
    )


def test_all_of_berkeleys_cells() -> None:
    """Two digits, as the program shows them after 100 iterations."""
    _, values = solved("berkeley_4x3")
    expected = [0.64, 0.74, 0.85, 1.00, 0.57, 0.57, -1.00, 0.49, 0.43, 0.48, 0.28]
    np.testing.assert_allclose(values, expected, atol=0.0051)


def test_editions_differ_by_the_cost_of_a_step() -> None:
    model, earlier = solved("russell_norvig_4x3_state")
    _, later = solved("russell_norvig_4x3")
    inner = ~model.terminal
    np.testing.assert_allclose((later - earlier)[inner], 0.04, atol=1e-12)
    assert model.shown(earlier)[model.terminal].tolist() == [1.0, -1.0]


def test_the_walls_of_the_maze_stand_where_the_figure_has_them() -> None:
    model, _ = solved("dyna_maze")
    walls = set(range(6 * 9)) - set(model.cell.tolist())
    assert walls == {1 * 9 + 2, 2 * 9 + 2, 3 * 9 + 2, 4 * 9 + 5, 7, 1 * 9 + 7, 2 * 9 + 7}


def test_the_wind_blows_as_in_the_figure() -> None:
    world = find_preset("windy").make()
    assert isinstance(world, GridWorld)
    assert (world.wind == [[[-w, 0] for w in (0, 0, 0, 1, 1, 1, 2, 2, 1, 0)]]).all()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_a_preset_is_complete_and_survives_its_file(preset: Preset) -> None:
    world = preset.make()
    assert preset.name and preset.summary.endswith(".") and preset.source
    text = write_world(world)
    assert write_world(read_world(text)) == text
    if isinstance(world, GridWorld):
        check_world(world)
        assert world.name == preset.name and world.source == preset.source
    if isinstance(world, LinearQuadratic):
        with pytest.raises(UserError, match="needs a world of cells"):
            model_of_world(world)
    else:
        model = model_of_world(world)
        assert model.starts.sum() == pytest.approx(1)
        assert (model.landing >= 0).all()


def test_presets_are_found_by_their_ids() -> None:
    ids = [preset.id for preset in PRESETS]
    assert len(set(ids)) == len(ids)
    assert all(find_preset(id).id == id for id in ids)
    with pytest.raises(UserError, match="no preset called “clif_walking”.*“cliff_walking”"):
        find_preset("clif_walking")


def test_what_one_changes_in_a_preset_is_not_there_the_next_time() -> None:
    for preset in PRESETS:
        if isinstance(world := preset.make(), GridWorld):
            world.walls[:] = True
            world.rewards[:] = 3.0
            world.wind[:] = 1
            teleports = cast(dict[Cell, Teleport], world.teleports)
            n_teleports = len(teleports)
            teleports.clear()
            again = preset.make()
            assert isinstance(again, GridWorld)
            assert not again.walls.all() and not again.wind[:, 0].any()
            assert np.isnan(again.rewards).any()
            assert len(again.teleports) == n_teleports


def test_gymnasium_stays_unloaded_until_one_of_its_worlds_is_looked_into() -> None:
    code = (
        "import sys; from mlcore.gridworld.presets import PRESETS; "
        "worlds = [preset.make() for preset in PRESETS]; "
        "sys.exit('gymnasium' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_taxi_is_as_gymnasium_has_it() -> None:
    assert find_preset("taxi").make() == GymnasiumWorld(id="Taxi-v4", discount=1.0)
