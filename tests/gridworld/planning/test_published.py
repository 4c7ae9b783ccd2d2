"""Every published number that concerns planning, to the digits that are printed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gridworld.solving import letters, preset, solve, start_of, values_of

from mlcore.gridworld.gymnasium_worlds import GymnasiumWorld
from mlcore.gridworld.planning.exact import best_soft, epsilon_greedy, evaluate, optimal
from mlcore.gridworld.planning.finite_horizon import finite_values
from mlcore.gridworld.world import Convention, GridWorld
from mlcore.gridworld.worlds import model_of_world

RANDOM_5X5 = """
 3.3090  8.7893  4.4276  5.3224  1.4922
 1.5216  2.9923  2.2501  1.9076  0.5474
 0.0508  0.7382  0.6731  0.3582 -0.4031
-0.9736 -0.4355 -0.3549 -0.5856 -1.1831
-1.8577 -1.3452 -1.2293 -1.4229 -1.9752
"""
BEST_5X5 = """
21.9775 24.4194 21.9775 19.4194 17.4775
19.7797 21.9775 19.7797 17.8018 16.0216
17.8018 19.7797 17.8018 16.0216 14.4194
16.0216 17.8018 16.0216 14.4194 12.9775
14.4194 16.0216 14.4194 12.9775 11.6797
"""
RANDOM_4X4 = "0 -14 -20 -22 -14 -18 -20 -20 -20 -20 -18 -14 -22 -20 -14 0"
BEST_4X4 = "0 -1 -2 -3 -1 -2 -3 -2 -2 -3 -2 -1 -3 -2 -1 0"
STATE_4X3 = "0.8116 0.8678 0.9178 1 0.7616 0.6603 -1 0.7053 0.6553 0.6114 0.3879"
TRANSITION_4X3 = "0.8516 0.9078 0.9578 0 0.8016 0.7003 0 0.7453 0.6953 0.6514 0.4279"
DISCOUNTED_4X3 = "0.5094 0.6496 0.7954 1 0.3985 0.4864 -1 0.2965 0.2540 0.3448 0.1299"
ELSEWHERE_4X3 = "0.50928 0.64958 0.79536 1 0.39810 0.48644 -1 0.29544 0.25349 0.34461 0.12959"
LAKE = ".5420 .4988 .4707 .4569 .5585 0 .3583 0 .5918 .6431 .6152 0 0 .7417 .8628 0"


def numbers(table: str) -> list[float]:
    return [float(number) for number in table.split()]


def drawn(name: str, **changes: object) -> GridWorld:
    world = preset(name)
    assert isinstance(world, GridWorld)
    return replace(world, **changes)  # type: ignore[arg-type]


def best_start(world: GridWorld | GymnasiumWorld) -> float:
    model = model_of_world(world)
    return float(model.starts @ optimal(model)[0])


TABLES = {
    "5x5 by chance": ("sutton_barto_5x5", {}, "random", RANDOM_5X5, 5e-5),
    "5x5": ("sutton_barto_5x5", {}, "optimal", BEST_5X5, 5e-5),
    "4x4 by chance": ("sutton_barto_4x4", {}, "random", RANDOM_4X4, 1e-9),
    "4x4": ("sutton_barto_4x4", {}, "optimal", BEST_4X4, 1e-9),
    "4x3, 3rd edition": ("russell_norvig_4x3_state", {}, "optimal", STATE_4X3, 5e-5),
    "4x3, 4th edition": ("russell_norvig_4x3", {}, "optimal", TRANSITION_4X3, 5e-5),
    "4x3, .9": ("russell_norvig_4x3_state", {"discount": 0.9}, "optimal", DISCOUNTED_4X3, 5.1e-5),
    "4x3, .9, loosely": (
        "russell_norvig_4x3_state",
        {"discount": 0.9},
        "optimal",
        ELSEWHERE_4X3,
        1e-2,
    ),
    "frozen lake, .99": ("frozen_lake_4x4", {"discount": 0.99}, "optimal", LAKE, 5e-5),
}


@pytest.mark.parametrize(
    ("world", "changes", "policy", "table", "near"), TABLES.values(), ids=TABLES
)
def test_values_of_policies(
    world: str, changes: dict[str, object], policy: str, table: str, near: float
) -> None:
    found = solve(drawn(world, **changes), "policy_evaluation", policy=policy, how="equations")
    assert values_of(found) == pytest.approx(numbers(table), abs=near)


OPTIMA = {
    "frozen lake for ever": (drawn("frozen_lake_4x4", discount=1.0), 14 / 17, 1e-9),
    "frozen lake, .99": (drawn("frozen_lake_4x4", discount=0.99), 0.5420259320, 5e-11),
    "frozen lake without slipping, .99": (
        drawn("frozen_lake_4x4", discount=0.99, slip=0.0),
        0.9509900499,
        5e-11,
    ),
    "frozen lake without slipping, .9": (
        drawn("frozen_lake_4x4", discount=0.9, slip=0.0),
        0.59049,
        1e-12,
    ),
    "cliff": (drawn("cliff_walking"), -13, 1e-9),
    "cliff, .99": (drawn("cliff_walking", discount=0.99), -12.2478977001, 5e-11),
    "cliff, .9": (drawn("cliff_walking", discount=0.9), -7.4581341717, 5e-11),
    "Gymnasium's lake": (GymnasiumWorld(id="FrozenLake-v1", discount=0.99), 0.5420259320, 5e-11),
    "Gymnasium's cliff": (GymnasiumWorld(id="CliffWalking-v1"), -13, 1e-9),
    "Gymnasium's cliff, .99": (
        GymnasiumWorld(id="CliffWalking-v1", discount=0.99),
        -12.2478977001,
        5e-11,
    ),
    "Gymnasium's cliff, .9": (
        GymnasiumWorld(id="CliffWalking-v1", discount=0.9),
        -7.4581341717,
        5e-11,
    ),
    "taxi": (GymnasiumWorld(id="Taxi-v4"), 7.93, 1e-9),
    "windy": (drawn("windy"), -15, 1e-9),
    "windy, king's moves": (drawn("windy_kings_moves"), -7, 1e-9),
    "maze": (drawn("dyna_maze"), 0.95**13, 1e-12),
}


@pytest.mark.parametrize(("world", "expected", "near"), OPTIMA.values(), ids=OPTIMA)
def test_the_best_value_at_the_start(
    world: GridWorld | GymnasiumWorld, expected: float, near: float
) -> None:
    assert best_start(world) == pytest.approx(expected, abs=near)


def test_taxi_pays_from_3_to_15() -> None:
    model = model_of_world(GymnasiumWorld(id="Taxi-v4"))
    starts = optimal(model)[0][model.starts > 0]
    assert (len(starts), starts.min(), starts.max()) == (300, pytest.approx(3), pytest.approx(15))


def test_the_maze_takes_14_steps() -> None:
    world = drawn("dyna_maze", step_reward=-1.0, discount=1.0)
    world.rewards[0, 8] = -1.0
    assert best_start(world) == pytest.approx(-14)


def test_all_best_actions_of_the_5x5_world() -> None:
    found = letters(solve(preset("sutton_barto_5x5"), "value_iteration"))
    rows = ["R URDL L URDL L", "UR U UL L L", *["UR U UL UL UL"] * 3]
    assert found == " ".join(rows).split()
    assert values_of(solve(preset("sutton_barto_5x5"), "policy_iteration")).sum() == pytest.approx(
        433.2154135, abs=5e-8
    )


def test_the_4x4_world_sweep_by_sweep() -> None:
    found = solve(preset("sutton_barto_4x4"), "policy_evaluation", policy="random")
    values = found.frames["values"].pivot(index="sweep", columns="state", values="value")
    assert values.loc[0].tolist() == [0] * 16
    assert values.loc[2].tolist()[:4] == [0, -1.75, -2, -2]
    assert values.loc[3].tolist()[:8] == [0, -2.4375, -2.9375, -3, -2.4375, -2.875, -3, -2.9375]
    tenth = "0 -6.1380 -8.3524 -8.9673 -6.1380 -7.7374 -8.4278 -8.3524"
    assert values.loc[10].tolist()[:8] == pytest.approx(numbers(tenth), abs=5e-5)
    sweeps = found.frames["sweeps"]
    assert sweeps.loc[sweeps["largest_change"] < 1e-4, "sweep"].iloc[0] == 173


def test_the_policy_and_the_actions_of_the_4x3_world() -> None:
    found = solve(preset("russell_norvig_4x3_state"), "value_iteration", tolerance=1e-9)
    assert letters(found) == ["R", "R", "R", "", "U", "U", "", "U", "L", "L", "L"]
    policy = found.frames["policy"]
    beside = policy[(policy["row"] == 2) & (policy["column"] == 2)].iloc[0]
    worth = [beside[f"q:{action}"] for action in ("up", "down", "left", "right")]
    assert worth == pytest.approx([0.5925, 0.5535, 0.6114, 0.3975], abs=5e-5)


def test_the_4th_edition_is_the_3rd_and_one_step_more() -> None:
    third = optimal(model_of_world(preset("russell_norvig_4x3_state")))[0]
    fourth = optimal(model_of_world(preset("russell_norvig_4x3")))[0]
    inside = ~model_of_world(preset("russell_norvig_4x3")).terminal
    assert fourth[inside] - third[inside] == pytest.approx(0.04)


THRESHOLDS = [-1.6497, -1.5643, -0.7311, -0.4526, -0.0850, -0.0448, -0.0274, -0.0221]


def best_moves(step_reward: float) -> bytes:
    world = drawn("russell_norvig_4x3_state", step_reward=step_reward)
    _, worth = optimal(model_of_world(world))
    return worth.argmax(axis=1).tobytes()


def test_the_step_rewards_at_which_the_4x3_policy_changes() -> None:
    for threshold in THRESHOLDS:
        low, high = threshold - 0.002, threshold + 0.002
        before = best_moves(low)
        assert best_moves(high) != before, threshold
        while high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (middle, high) if best_moves(middle) == before else (low, middle)
        assert low == pytest.approx(threshold, abs=5.1e-5)


def test_it_changes_nowhere_else() -> None:
    edges = [-3.0, *THRESHOLDS, -0.002]
    for low, high in zip(edges, edges[1:], strict=False):
        between = np.linspace(low + 0.0021, high - 0.0021, 4)
        assert len({best_moves(float(reward)) for reward in between}) == 1, (low, high)


def test_the_frozen_lake_within_100_steps() -> None:
    world = drawn("frozen_lake_4x4", discount=1.0)
    found = solve(world, "finite_horizon", horizon=100)
    assert found.figures["start_value"] == pytest.approx(0.7441902878, abs=5e-11)
    model = model_of_world(GymnasiumWorld(id="FrozenLake-v1"))
    assert model.starts @ finite_values(model, 100) == pytest.approx(0.7441902878, abs=5e-11)


def test_the_policy_on_the_frozen_lake() -> None:
    found = letters(solve(drawn("frozen_lake_4x4", discount=0.99), "policy_iteration"))
    expected = (
        "L U U U / L - LR - / U D L - / - R D -".replace("/ ", "").replace("-", "").split(" ")
    )
    assert ["".join(sorted(actions)) for actions in found] == expected


@pytest.mark.parametrize("world", [preset("cliff_walking"), GymnasiumWorld(id="CliffWalking-v1")])
def test_what_sarsa_and_q_learning_come_to_on_the_cliff(world: GridWorld | GymnasiumWorld) -> None:
    model = model_of_world(world)
    start = start_of(model)
    policy, values = best_soft(model, 0.1)
    assert values[start] == pytest.approx(-20.7077, abs=5e-5)
    assert evaluate(model, policy)[start] == pytest.approx(-20.7077, abs=5e-5)
    online = epsilon_greedy(optimal(model)[1], 0.1)
    assert evaluate(model, online)[start] == pytest.approx(-50.8000, abs=5e-5)


def test_the_safe_way_along_the_cliff() -> None:
    model = model_of_world(preset("cliff_walking"))
    safe = np.zeros((model.n_states, 4))
    safe[:, 0] = 1  # up to the top row, right along it, down at its end
    safe[model.cell < 12] = [0, 1, 0, 0]
    safe[model.cell % 12 == 11] = [0, 0, 1, 0]
    assert evaluate(model, safe)[start_of(model)] == pytest.approx(-17)


def test_an_exit_pays_one_step_later() -> None:
    """Where steps are free, the exit convention is that of moves, discounted once more."""
    model = model_of_world(preset("berkeley_4x3"))
    entered = drawn("berkeley_4x3", convention=Convention.TRANSITION)
    inside = ~model.terminal
    later = model.discount * optimal(model_of_world(entered))[0][inside]
    assert optimal(model)[0][inside] == pytest.approx(later)
