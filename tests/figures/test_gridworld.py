"""Figures of grid worlds: what is drawn is what their frames say."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from figures.test_figures import EVIL

from mlcore.figures import gridworld as figures
from mlcore.gridworld.views import cells_frame

NOTHING = "There is nothing to draw here."


def curves(names=("SARSA", "Q-learning"), band: bool = True) -> pd.DataFrame:
    episode = np.arange(1, 51)
    tables = []
    for n, name in enumerate(names):
        mean = -100 / episode - 10 * n
        reach = 2.0 if band else np.nan
        tables.append(
            pd.DataFrame(
                {
                    "run": name,
                    "episode": episode,
                    "mean": mean,
                    "low": mean - reach,
                    "high": mean + reach,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def errors(names=("SARSA",)) -> pd.DataFrame:
    found = curves(names)
    return found.assign(mean=1 / found["episode"], low=0.5 / found["episode"], high=2.0)


def lines(label: str = "Optimum") -> pd.DataFrame:
    return pd.DataFrame({"name": ["optimum"], "label": [label], "value": [-13.0]})


def sweeps(name: str = "Value iteration") -> pd.DataFrame:
    change = 0.9 ** np.arange(10)
    return pd.DataFrame(
        {"run": name, "sweep": np.arange(10), "largest_change": change, "error_bound": 9 * change}
    )


def cells() -> pd.DataFrame:
    places = [(r, c) for r in range(3) for c in range(4) if (r, c) != (1, 1)]
    return pd.DataFrame(
        {
            "row": [r for r, _ in places],
            "column": [c for _, c in places],
            "shown": np.arange(len(places), dtype=float),
        }
    )


def places() -> pd.DataFrame:
    return pd.DataFrame({"row": [0, 2], "column": [3, 0], "kind": ["terminal", "start"]})


def field(side: int = 8) -> pd.DataFrame:
    x, y = (part.ravel() for part in np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5))
    return pd.DataFrame(
        {
            "x": x,
            "y": y,
            "dx": 0.5,
            "dy": -0.25,
            "sigma_x": 0.1,
            "sigma_y": 0.2,
            "value": x - y,
            "exact_value": x - y + 0.1,
        }
    )


def numbers() -> pd.DataFrame:
    s = np.linspace(-1, 1, 21)
    return pd.DataFrame(
        {
            "s": s,
            "mean": -0.9 * s,
            "sigma": 0.1,
            "value": -2 * s**2,
            "exact_mean": -0.93 * s,
            "exact_value": -1.9 * s**2,
        }
    )


def traces(made, kind: str = "scatter"):
    return [trace for trace in made.data if trace.type == kind]


def test_curves_bands_and_lines_are_drawn_as_they_are() -> None:
    made = figures.learning_curve_figure(curves(), lines(), "discounted_return")
    named = [trace for trace in made.data if trace.showlegend is not False]
    assert [trace.name for trace in named] == ["SARSA", "Q-learning", "Optimum: −13"]
    assert np.allclose(named[0].y, curves()["mean"][:50])
    assert named[0].line.dash != named[1].line.dash
    band = next(trace for trace in made.data if trace.fill == "toself")
    assert band.y[0] == pytest.approx(curves()["high"][0])
    assert band.y[-1] == pytest.approx(curves()["low"][0])
    assert list(named[2].y) == [-13, -13]
    low, high = made.layout.yaxis.range
    # A first episode that is far off does not press everything else flat.
    assert low > -100 and high > 0 - 2


def test_one_agent_has_no_band() -> None:
    made = figures.learning_curve_figure(curves(band=False), lines(), "return")
    assert not [trace for trace in made.data if trace.fill == "toself"]


def test_curves_are_told_with_their_ends_and_the_exact_values() -> None:
    said = figures.describe_learning_curve(curves(), lines(), "discounted_return")
    assert "over 50 episodes" in said
    assert "SARSA: from −100 to −2; Q-learning: from −110 to −12." in said
    assert "Optimum: −13" in said


def test_errors_and_sweeps_go_by_powers_of_ten() -> None:
    assert figures.error_curve_figure(errors()).layout.yaxis.type == "log"
    made = figures.sweeps_figure(sweeps())
    assert made.layout.yaxis.type == "log"
    assert [trace.name for trace in made.data] == [
        "Value iteration: certified error",
        "Value iteration: largest change",
    ]
    assert np.allclose(made.data[0].y, sweeps()["error_bound"])
    again = pd.concat([sweeps(), sweeps().assign(run="Value iteration (2)")])
    first, second = (figures.sweeps_figure(again).data[place].line for place in (0, 2))
    assert (first.color, first.dash) != (second.color, second.dash) and first.dash != second.dash
    assert "within 3.5 after sweep 9" in figures.describe_sweeps(sweeps())


def test_a_bound_that_comes_only_at_the_end_is_not_made_up() -> None:
    without = sweeps().assign(error_bound=np.nan)
    (only,) = figures.sweeps_figure(without).data
    assert only.name == "Value iteration: largest change"
    assert "the last one, changed 0.39 at most" in figures.describe_sweeps(without)


def test_zeros_are_left_out_where_there_are_only_powers() -> None:
    exact = sweeps().assign(largest_change=0.0, error_bound=0.0)
    made = figures.sweeps_figure(exact)
    assert not made.data
    assert "within 0" in figures.describe_sweeps(exact)


def test_a_map_has_a_hole_where_nobody_can_stand() -> None:
    made = figures.map_figure(cells(), 3, 4, "value", places())
    (heat,) = traces(made, "heatmap")
    assert np.isnan(heat.z[1][1]) and np.isnan(heat.z).sum() == 1
    assert heat.z[2][3] == 10
    assert list(made.layout.yaxis.range) == [2.5, -0.5]
    assert [trace.name for trace in traces(made)] == ["Terminal", "Start"]


def test_a_row_of_nothing_but_walls_stays_in_its_place() -> None:
    apart = cells()[cells()["row"] != 1]
    (heat,) = traces(figures.map_figure(apart, 3, 4, "value"), "heatmap")
    assert list(heat.y) == [0, 1, 2]
    assert np.isnan(heat.z[1]).all() and heat.z[2][3] == 10


def test_the_last_tile_of_a_large_world_may_reach_beyond_it() -> None:
    frame = pd.DataFrame({"row": [2.0, 402.0], "column": [2.0, 1002.0], "shown": [1.0, 2.0]})
    frame = cells_frame(frame.assign(value=frame["shown"]), "value", 404, 1003)
    (heat,) = traces(figures.map_figure(frame, 404, 1003, "value"), "heatmap")
    assert np.nansum(heat.z) == 3


def test_visits_go_by_powers_of_ten_and_say_their_number() -> None:
    (heat,) = traces(figures.map_figure(cells(), 3, 4, "visits"), "heatmap")
    assert heat.z[0][0] == pytest.approx(-1)
    assert heat.z[2][3] == pytest.approx(1)
    assert heat.customdata[2][3] == 10
    assert list(heat.colorbar.ticktext) == ["0", "1", "10"]
    assert (heat.zmin, heat.zmax) == (-1, 1)
    often = cells().assign(shown=lambda frame: 2000 + frame["shown"])
    (heat,) = traces(figures.map_figure(often, 3, 4, "visits"), "heatmap")
    assert list(heat.colorbar.ticktext) == ["1,000", "10,000"]


@pytest.mark.parametrize("what", ["value", "visits", "walls"])
def test_maps_are_told(what: str) -> None:
    said = figures.describe_map(cells(), 3, 4, what)
    assert "3 rows" in said and "4 columns" in said
    if what != "walls":
        assert "row 2, column 3" in said and "10" in said


def test_a_room_has_arrows_and_ellipses_to_one_scale() -> None:
    walls = pd.DataFrame({"row": [2], "column": [3]})
    made = figures.field_figure(field(), walls, places())
    ellipses, arrows = traces(made)
    drawn = np.array(arrows.x, dtype=float).reshape(-1, 3), np.array(arrows.y, float).reshape(-1, 3)
    across, down = (part[:, 1] - part[:, 0] for part in drawn)
    # As in the table: half to the right, a quarter up.
    assert np.allclose(down / across, -0.5)
    round_x = np.array(ellipses.x, dtype=float).reshape(len(across), -1)[:, :-1]
    round_y = np.array(ellipses.y, dtype=float).reshape(len(across), -1)[:, :-1]
    scale = across[0] / 0.5
    assert np.allclose(np.ptp(round_x, axis=1), 2 * 0.1 * scale)
    assert np.allclose(np.ptp(round_y, axis=1), 2 * 0.2 * scale)
    assert np.allclose(round_x[:, :-1].mean(axis=1), drawn[0][:, 1])
    assert list(made.layout.yaxis.range) == [8, 0]
    block = made.layout.shapes[0]
    assert (block.x0, block.x1, block.y0, block.y1) == (3, 4, 2, 3)


def test_learnt_and_exact_values_share_their_colours() -> None:
    walls = pd.DataFrame({"row": [], "column": []})
    learnt = traces(figures.field_figure(field(), walls, places()), "heatmap")[0]
    made = figures.field_figure(field(), walls, places(), exact=True)
    exact = traces(made, "heatmap")[0]
    assert (learnt.zmin, learnt.zmax) == (exact.zmin, exact.zmax)
    assert np.allclose(np.array(exact.z) - np.array(learnt.z), 0.1)
    assert not traces(made)


def test_walks_are_drawn_one_by_one() -> None:
    paths = pd.DataFrame({"path": [1, 0, 0], "step": [0, 1, 0], "x": [3.0, 2, 1], "y": [3.0, 2, 1]})
    walls = pd.DataFrame({"row": [], "column": []})
    walks = traces(figures.field_figure(field(), walls, places(), paths))[-1]
    assert walks.name == "Walks"
    assert list(walks.x[:2]) == [1, 2] and np.isnan(walks.x[2]) and walks.x[3] == 3


def test_the_exact_line_stands_beside_the_learnt_one() -> None:
    made = figures.line_field_figure(numbers(), "mean")
    assert [trace.name for trace in made.data] == ["One sigma", "Learnt", "Exact"]
    assert np.allclose(made.data[2].y, numbers()["exact_mean"])
    assert "differ by 0.03 at most" in figures.describe_line_field(numbers(), "mean")
    assert "differ by 0.1 at most" in figures.describe_line_field(numbers(), "value")


def test_updates_without_an_ended_episode_are_left_out() -> None:
    curve = curves(("One",)).assign(mean=[np.nan] * 10 + [0.5] * 40)
    made = figures.updates_figure(curve, "reached")
    line = next(trace for trace in made.data if trace.fill is None)
    assert len(line.y) == 40
    assert "One: from 0.5 to 0.5" in figures.describe_updates(curve, "reached")


@pytest.mark.parametrize("family", ["planning", "learning"])
def test_what_is_under_way_is_drawn(family: str) -> None:
    live = pd.DataFrame({"step": [1, 2, 3], "value": [1.0, 0.1, 0.001]})
    made = figures.live_figure(live, family)
    assert list(made.data[0].y) == [1.0, 0.1, 0.001]
    assert (made.layout.yaxis.type == "log") == (family == "planning")


NO_RUNS = curves()[:0]

EMPTY = {
    "curve": lambda: (
        figures.learning_curve_figure(NO_RUNS, lines(), "return"),
        figures.describe_learning_curve(NO_RUNS, lines(), "return"),
    ),
    "error": lambda: (
        figures.error_curve_figure(NO_RUNS),
        figures.describe_error_curve(NO_RUNS),
    ),
    "sweeps": lambda: (figures.sweeps_figure(sweeps()[:0]), figures.describe_sweeps(sweeps()[:0])),
    "map": lambda: (
        figures.map_figure(cells()[:0], 3, 4, "value"),
        figures.describe_map(cells()[:0], 3, 4, "value"),
    ),
    "updates": lambda: (
        figures.updates_figure(NO_RUNS, "return"),
        figures.describe_updates(NO_RUNS, "return"),
    ),
    "field": lambda: (
        figures.field_figure(field()[:0], places(), places()),
        figures.describe_field(field()[:0]),
    ),
    "line": lambda: (
        figures.line_field_figure(numbers()[:0], "mean"),
        figures.describe_line_field(numbers()[:0], "mean"),
    ),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_is_told_as_nothing(name: str) -> None:
    made, said = EMPTY[name]()
    assert not made.data
    assert said == NOTHING


def test_names_stay_text() -> None:
    drawn = [
        figures.learning_curve_figure(curves((EVIL,)), lines(EVIL), "return"),
        figures.error_curve_figure(errors((EVIL,))),
        figures.sweeps_figure(sweeps(EVIL)),
        figures.updates_figure(curves((EVIL,)), "return"),
    ]
    for made in drawn:
        text = json.dumps(made.to_plotly_json(), default=str)
        assert "<script" not in text and "<a " not in text and "%{x}$" not in text
