"""Tables of runs as they are looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mlcore.gridworld.views import (
    MOST_POINTS,
    Learnt,
    Verdict,
    agents_board,
    cells_frame,
    error_curve,
    last_returns,
    learning_curve,
    picture_frame,
    places_frame,
    updates_curve,
    window_for,
)
from mlcore.gridworld.world import Cell, Teleport, empty_world


def episodes(seeds: int, count: int, spread: float = 1.0, shift: float = 0.0) -> pd.DataFrame:
    """Returns that are known in closed form: the number of the episode, and a spread of seeds."""
    seed = np.repeat(np.arange(seeds), count)
    episode = np.tile(np.arange(1, count + 1), seeds)
    return pd.DataFrame(
        {
            "seed": seed,
            "episode": episode,
            "discounted_return": episode + spread * seed + shift,
            "length": 5,
        }
    )


def test_the_band_is_students_interval_over_the_agents() -> None:
    curve = learning_curve(episodes(4, 10), window=1)
    assert list(curve.columns) == ["episode", "mean", "low", "high", "seeds", "window"]
    values = np.arange(4.0) + 7
    expected = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    row = curve[curve["episode"] == 7].iloc[0]
    assert row["mean"] == pytest.approx(8.5)
    assert (row["low"], row["high"]) == pytest.approx(expected)
    assert set(curve["seeds"]) == {4}


def test_each_agent_is_smoothed_before_they_are_put_together() -> None:
    curve = learning_curve(episodes(3, 20), window=5)
    assert curve.iloc[0]["mean"] == pytest.approx(1 + 1)
    assert curve.iloc[-1]["mean"] == pytest.approx(np.mean([16, 17, 18, 19, 20]) + 1)
    # The spread between agents is the same everywhere, however much is smoothed.
    assert (curve["high"] - curve["low"]).std() == pytest.approx(0, abs=1e-12)


def test_one_agent_has_no_band() -> None:
    curve = learning_curve(episodes(1, 30))
    assert curve["low"].isna().all() and curve["high"].isna().all()
    assert curve["mean"].notna().all()


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    curve = learning_curve(episodes(2, 5000))
    assert len(curve) == MOST_POINTS
    assert (curve["episode"].iloc[0], curve["episode"].iloc[-1]) == (1, 5000)


def test_windows_grow_with_the_episodes() -> None:
    assert [window_for(n) for n in (1, 99, 500, 10_000, 1_000_000)] == [1, 1, 10, 200, 200]


def test_the_error_is_that_of_the_agent_in_the_middle() -> None:
    rms = [0.0, 0.1, 0.2, 1.0, 10.0]
    errors = pd.DataFrame({"seed": range(5), "episode": 1, "rms": rms})
    row = error_curve(errors).iloc[0]
    assert (row["mean"], row["low"], row["high"], row["seeds"]) == (0.2, 0.1, 1.0, 5)
    assert error_curve(errors.assign(rms=0.0))["mean"].iloc[0] > 0


def test_losses_of_updates_get_the_geometric_mean_and_others_the_plain_one() -> None:
    updates = pd.DataFrame(
        {"seed": [0, 1], "update": [1, 1], "value_loss": [0.01, 1.0], "return": [2.0, None]}
    )
    assert updates_curve(updates, "value_loss")["mean"].iloc[0] == pytest.approx(0.1)
    row = updates_curve(updates, "return").iloc[0]
    assert (row["episode"], row["mean"], row["seeds"]) == (1, 2.0, 1)


def test_the_last_tenth_is_what_counts() -> None:
    late = last_returns(episodes(2, 50, spread=100))
    assert late.to_dict() == {0: 48.0, 1: 148.0}
    assert last_returns(episodes(1, 3)).to_dict() == {0: 3.0}


def learnt(name: str, late: Sequence[float] | np.ndarray, luck: int = 0) -> Learnt:
    series = pd.Series(late, index=pd.RangeIndex(len(late), name="seed"))
    return Learnt(id=name, name=name, episodes=100, late=series, luck=luck)


def test_agents_with_the_same_luck_are_compared_pair_by_pair() -> None:
    # They vary far more than they differ: only the pairs tell.
    luck = np.array([0.0, 10, 20, 30, 40, 50])
    noise = np.array([0.1, -0.1, 0.05, -0.05, 0.1, -0.1])
    board = agents_board([learnt("b", list(luck)), learnt("a", list(luck + 1 + noise))])
    assert list(board["name"]) == ["a", "b"]
    best, other = (row for _, row in board.iterrows())
    assert best["verdict"] == Verdict.BEST and np.isnan(best["behind"])
    assert other["paired"] and other["verdict"] == Verdict.WORSE
    difference = 1 + noise
    low, high = stats.t.interval(0.95, 5, difference.mean(), stats.sem(difference))
    assert (other["behind_low"], other["behind_high"]) == pytest.approx((low, high))
    apart = agents_board([learnt("b", list(luck)), learnt("a", list(luck + 1 + noise), luck=7)])
    assert not apart.iloc[1]["paired"]
    assert apart.iloc[1]["verdict"] == Verdict.NO_CLEAR_DIFFERENCE


def test_unpaired_agents_are_compared_as_welch_did() -> None:
    first, second = [5.0, 6, 7, 9], [1.0, 2, 2, 3, 4, 3]
    row = agents_board([learnt("a", first), learnt("b", second, luck=1)]).iloc[1]
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (row["behind_low"], row["behind_high"]) == pytest.approx((expected.low, expected.high))
    assert row["verdict"] == Verdict.WORSE


def test_many_rivals_widen_the_intervals() -> None:
    values = np.array([0.0, 1, 2, 3])
    runs = [learnt("best", list(values + 5 + [0.5, 0, -0.5, 0])), learnt("b", list(values))]
    alone = agents_board(runs).iloc[1]
    crowd = agents_board([*runs, *(learnt(f"{n}", list(values - n)) for n in range(1, 5))])
    among = crowd.set_index("name").loc["b"]
    assert among["behind_high"] - among["behind_low"] > alone["behind_high"] - alone["behind_low"]


@pytest.mark.parametrize(("agents", "paired"), [(2, True), (5, False), (11, True), (11, False)])
def test_agents_that_are_alike_are_seldom_told_apart(agents: int, paired: bool) -> None:
    # At most one board in twenty may call any of them worse, though the best is chosen by luck.
    rng, boards = np.random.default_rng(0), 300
    wrong = 0
    for _ in range(boards):
        late = rng.normal(size=(agents, 20))
        runs = [learnt(f"{n}", row, 0 if paired else n) for n, row in enumerate(late)]
        wrong += (agents_board(runs)["verdict"] == Verdict.WORSE).any()
    assert wrong <= stats.binom.ppf(0.999, boards, 0.05)


def test_one_agent_cannot_be_told_from_another() -> None:
    board = agents_board([learnt("a", [2.0]), learnt("b", [1.0])])
    assert list(board["verdict"]) == [Verdict.BEST, Verdict.TOO_FEW]
    same = agents_board([learnt("a", [2.0, 2.0]), learnt("b", [2.0, 2.0], luck=3)])
    assert same.iloc[1]["verdict"] == Verdict.NO_CLEAR_DIFFERENCE


def test_states_of_one_cell_are_put_together() -> None:
    policy = pd.DataFrame(
        {"row": [0, 0, 1], "column": [0, 0, 1], "visits": [3, 4, 5], "value": [1.0, 2.0, 8.0]}
    )
    assert cells_frame(policy, "visits", 2, 2)["shown"].tolist() == [7, 5]
    assert cells_frame(policy, "value", 2, 2)["shown"].tolist() == [1.5, 8.0]


def test_large_worlds_are_drawn_in_tiles() -> None:
    world = empty_world(1000, 300)
    world.walls[:500] = True
    cells = picture_frame(world)
    assert len(cells) == 200 * 60
    assert cells["shown"].mean() == pytest.approx(0.5)
    assert cells.iloc[0].to_dict() == {"row": 2.0, "column": 2.0, "shown": 1.0}
    assert cells["row"].max() <= 999


def test_places_are_listed_by_kind_and_not_without_end() -> None:
    world = empty_world(40, 40)
    world.starts[:] = True
    world.terminals[3, 4] = True
    world.teleports[Cell(1, 2)] = Teleport(Cell(0, 0))
    places = places_frame(world, most=10)
    assert places["kind"].value_counts().to_dict() == {"start": 10, "terminal": 1, "teleport": 1}
    assert places[places["kind"] == "terminal"].iloc[0][["row", "column"]].tolist() == [3, 4]
