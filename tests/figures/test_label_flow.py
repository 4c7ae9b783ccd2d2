"""Labels on their way over the map: looks, controls, size, and a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import plotly
import pytest
from figures.test_figures import EVIL, texts

from mlcore.figures.label_flow import describe_label_flow, label_flow_figure
from mlcore.figures.theme import GREY, PALETTE


def scene(n_rows: int = 40, rounds: int = 4, classes: tuple[str, ...] = ("a", "b")):
    """A chain of rows: one label at each end spreads by a row a round; the last row is alone."""
    random = np.random.default_rng(0)
    order = np.arange(n_rows)
    from_left = order < n_rows // 2
    distance = np.where(from_left, order, n_rows - 2 - order).astype(float)
    distance[-1] = np.inf
    name = np.where(from_left, classes[0], classes[1]).astype(object)
    given = np.where(distance == 0, name, None)
    step = n_rows / 2 / max(1, rounds)
    flow = pd.concat(
        pd.DataFrame(
            {
                "round": number,
                "row": order * 3,
                "predicted": np.where(distance <= number * step, name, None),
                "certainty": np.where(distance <= number * step, 0.755, 0.0),
            }
        )
        for number in range(rounds + 1)
    )
    shares = {f"p:{one}": np.where(name == one, 0.755, 0.245) for one in classes}
    rows = pd.DataFrame({"row": order * 3, "given": given, "predicted": name, **shares})
    rows.loc[n_rows - 1, ["predicted"]] = None
    rows.loc[n_rows - 1, list(shares)] = 0.0
    places = pd.DataFrame(
        {"row": order * 3, "x": random.normal(size=n_rows), "y": random.normal(size=n_rows)}
    )
    edges = pd.DataFrame({"start": order[:-2] * 3, "end": order[1:-1] * 3})
    return places, flow, edges, rows


PLACES, FLOW, EDGES, ROWS = scene()
FIGURE = label_flow_figure(PLACES, FLOW, EDGES, ROWS, shares=(0.6, 0.3))


SCALE = FIGURE.data[1].marker


def hue_of(code: int) -> str:
    """The colour that a number has on the scale of the picture."""
    place = (code - SCALE.cmin) / (SCALE.cmax - SCALE.cmin)
    return next(hue for end, hue in SCALE.colorscale[1::2] if place < end)


def looks(part) -> list[tuple[str, str]]:
    hues = [one if isinstance(one, str) else hue_of(one) for one in part.marker.color]
    return list(zip(hues, part.marker.symbol, strict=True))


def test_every_round_is_a_frame_that_colours_the_rows_it_reaches() -> None:
    assert [frame.name for frame in FIGURE.frames] == ["0", "1", "2", "3", "4"]
    numbers = [custom[0] for custom in FIGURE.data[1].customdata]
    for frame in FIGURE.frames:
        assert list(frame.traces) == [1]
        now = FLOW[FLOW["round"] == int(frame.name)].set_index("row").loc[numbers, "predicted"]
        expected = [
            {"a": (PALETTE[0], "circle"), "b": (PALETTE[1], "square")}.get(
                one, (GREY, "circle-open")
            )
            for one in now
        ]
        assert looks(frame.data[0]) == expected
    grey = [sum(code < 0 for code in frame.data[0].marker.color) for frame in FIGURE.frames]
    assert grey[0] == len(numbers) and grey[-1] == 1  # the row that nothing reaches
    assert grey == sorted(grey, reverse=True)


def test_labelled_rows_stay_and_are_outlined_and_larger() -> None:
    pinned = FIGURE.data[2]
    assert [custom[0] for custom in pinned.customdata] == [0, 38 * 3]
    assert looks(pinned) == [(PALETTE[0], "circle"), (PALETTE[1], "square")]
    assert pinned.marker.line.width > 0
    assert pinned.marker.size > max(FIGURE.frames[-1].data[0].marker.size)
    assert list(pinned.hovertext) == ["Label given: a", "Label given: b"]
    assert not set(pinned.x) & set(FIGURE.data[1].x)


def test_the_hover_box_says_what_is_and_what_will_be() -> None:
    for frame, said in ((FIGURE.frames[0], "No label yet"), (FIGURE.frames[4], "a, certainty 0.7")):
        assert frame.data[0].hovertext[0].startswith(said)
    first, last = FIGURE.data[1].customdata[0], FIGURE.data[1].customdata[-1]
    assert re.fullmatch(r"At the end: a 0\.7[56], b 0\.2[45]", first[1])
    assert last[1] == "At the end: no label"


def test_axes_and_legend_are_the_same_in_all_rounds() -> None:
    assert [trace.name for trace in FIGURE.data if trace.name] == [
        "a", "b", "No label yet", "Outlined: label given"
    ]  # fmt: skip
    for name, axis in (("x", FIGURE.layout.xaxis), ("y", FIGURE.layout.yaxis)):
        assert axis.range[0] < PLACES[name].min() and axis.range[1] > PLACES[name].max()
    for frame in FIGURE.frames:
        assert set(frame.layout.to_plotly_json()) == {"updatemenus"}


def test_the_edges_join_rows_by_thin_grey_lines() -> None:
    lines = FIGURE.data[0]
    assert lines.line.color == GREY and lines.line.width < 1 and lines.hoverinfo == "skip"
    x = np.array(lines.x).reshape(-1, 3)
    by_row = PLACES.set_index("row")["x"]
    assert np.allclose(x[:, 0], by_row[EDGES["start"]]) and np.isnan(x[:, 2]).all()
    assert np.allclose(x[:, 1], by_row[EDGES["end"]])


def targets(menu) -> list[object]:
    return [list(button.args[0] or []) for button in menu.buttons]


def test_back_and_step_go_on_from_the_round_that_is_shown() -> None:
    assert [button.label for button in FIGURE.layout.updatemenus[0].buttons] == [
        "◀ Back", "Step ▶", "▶ Play", "❚❚ Pause"
    ]  # fmt: skip
    back_and_step = [targets(frame.layout.updatemenus[0])[:2] for frame in FIGURE.frames]
    assert back_and_step == [
        [["0"], ["1"]], [["0"], ["2"]], [["1"], ["3"]], [["2"], ["4"]], [["3"], ["4"]]
    ]  # fmt: skip
    assert targets(FIGURE.layout.updatemenus[0])[:2] == back_and_step[0]
    assert [list(step.args[0]) for step in FIGURE.layout.sliders[0].steps] == [
        [frame.name] for frame in FIGURE.frames
    ]


def test_a_single_round_is_drawn_without_controls() -> None:
    made = label_flow_figure(PLACES, FLOW, EDGES, ROWS, round=3)
    assert not made.frames and not made.layout.sliders and not made.layout.updatemenus
    assert looks(made.data[1]) == looks(FIGURE.frames[3].data[0])
    assert made.layout.xaxis.range == FIGURE.layout.xaxis.range
    only = label_flow_figure(PLACES, FLOW[FLOW["round"] == 0], EDGES, ROWS)
    assert not only.frames


def test_rows_outside_the_map_or_the_flow_are_not_drawn() -> None:
    made = label_flow_figure(PLACES[:10], FLOW[FLOW["row"] > 6], EDGES, ROWS)
    assert [custom[0] for custom in made.data[1].customdata] == [*range(9, 30, 3)]
    assert len(made.data[2].x) == 0
    assert label_flow_figure(PLACES[:0], FLOW, EDGES, ROWS).layout.annotations[0].text


def test_names_of_classes_are_shown_letter_by_letter() -> None:
    made = label_flow_figure(*scene(classes=(EVIL, "b")))
    figure = json.loads(made.to_json(engine="json"))
    for text in texts([figure["data"], figure["frames"], {**figure["layout"], "template": None}]):
        inside = re.sub(r"<br>|<extra></extra>", "", text)
        assert "<" not in inside and "$" not in inside, text


def test_a_thousand_rows_over_thirty_rounds_stay_light() -> None:
    places, flow, edges, rows = scene(1000, 30, ("a class with a long name", "another such class"))
    edges = pd.concat([edges] * 10)
    assert len(label_flow_figure(places, flow, edges, rows).to_json(engine="json")) < 3_000_000


def test_the_alternative_text_counts_what_is_reached() -> None:
    assert describe_label_flow(PLACES, FLOW, ROWS, round=0) == (
        "Map of 40 rows, 2 of them with a given label. Of the others, after round 0, with an "
        "answer: 0, without one yet: 38."
    )
    said = describe_label_flow(PLACES, FLOW, ROWS)
    assert "Of the others, after round 4, with an answer: 37, without one yet: 1." in said
    assert said.endswith("The rounds 0 to 4 can be stepped through.")
    assert describe_label_flow(PLACES[:0], FLOW, ROWS) == "There is nothing to draw here."


@pytest.mark.browser
def test_the_buttons_step_in_a_real_browser(browser) -> None:
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    page = browser.new_page(viewport={"width": 900, "height": 700})
    page.set_content("<div id='drawn'></div>")
    page.add_script_tag(content=script.read_text(encoding="utf-8"))
    page.evaluate(
        "async f => { await Plotly.newPlot('drawn', f.data, f.layout);"
        " await Plotly.addFrames('drawn', f.frames); }",
        json.loads(FIGURE.to_json(engine="json")),
    )
    seen = (
        "({round, grey}) => { const d = document.getElementById('drawn');"
        " return d._fullLayout.sliders[0].active === round"
        " && d.calcdata[1].filter(p => p.mc < 0).length === grey; }"
    )
    grey = [sum(code < 0 for code in frame.data[0].marker.color) for frame in FIGURE.frames]
    for button, expected in (("Step", 1), ("Step", 2), ("Back", 1), ("Step", 2), ("Step", 3)):
        page.locator(".updatemenu-button", has_text=button).click()
        page.wait_for_function(seen, arg={"round": expected, "grey": int(grey[expected])})
    page.locator(".updatemenu-button", has_text="Play").click()
    page.wait_for_function(seen, arg={"round": 4, "grey": int(grey[4])})
    page.locator(".updatemenu-button", has_text="Back").click()
    page.wait_for_function(seen, arg={"round": 3, "grey": int(grey[3])})
    page.close()
