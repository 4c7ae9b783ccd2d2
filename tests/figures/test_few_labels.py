"""Figures of few labels: what they draw, how they read without colour, and their words."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from evaluation.test_label_draws import draws_of
from figures.test_figures import EVIL, texts

from mlcore.evaluation.label_draws import draw_summary, gain_frame
from mlcore.evaluation.label_reach import certainty_frame, class_count_frame
from mlcore.figures import few_labels as drawn
from mlcore.figures.theme import GREY

DRAWS = draws_of(s4=[0.1, 0.2, 0.15], s40=[-0.1, -0.2, -0.15])
SUMMARY, GAINS = draw_summary(DRAWS), gain_frame(DRAWS)
ROWS = pd.DataFrame(
    {
        "given": ["a", "b", *[None] * 6],
        "predicted": ["a", "b", "a", "a", "a", "b", None, None],
        "certainty": [1, 1, 0.95, 1.0, 0.51, 0.7, 0, 0],
        "origin": ["given"] * 2 + ["propagated"] * 4 + ["unlabelled"] * 2,
    }
)
CERTAINTIES, COUNTS = certainty_frame(ROWS), class_count_frame(ROWS)
NOTHING = "There is nothing to draw here."


def test_both_lines_differ_by_more_than_colour_and_have_bands() -> None:
    made = drawn.draws_figure(SUMMARY)
    bands, lines = made.data[:2], made.data[2:]
    assert [line.name for line in lines] == ["Labelled rows alone", "With the other rows"]
    for part in ("color", "dash"):
        assert lines[0].line[part] != lines[1].line[part]
    assert lines[0].marker.symbol != lines[1].marker.symbol
    spread = SUMMARY[SUMMARY["method"] == "with_unlabelled"]
    assert list(lines[1].x) == [4, 40] and list(lines[1].y) == spread["mean"].tolist()
    assert list(bands[1].x) == [4, 40, 40, 4]
    assert list(bands[1].y) == [*spread["high"], *spread["low"].iloc[::-1]]
    assert made.layout.xaxis.type == "log" and list(made.layout.xaxis.ticktext) == ["4", "40"]
    assert made.layout.yaxis.range[0] <= SUMMARY["low"].min()
    assert drawn.describe_draws(SUMMARY) == (
        "Accuracy on hidden labels against the number of labels, over 3 draws of each number. "
        "With 4 labels: 0.5 from the labelled rows alone, 0.65 with the others. With 40 labels: "
        "0.5 and 0.35."
    )


def test_a_single_draw_has_no_band() -> None:
    one = draw_summary(draws_of(s4=[0.1], s40=[0.2]))
    assert len(drawn.draws_figure(one).data) == 2
    gains = gain_frame(draws_of(s4=[0.1], s40=[0.2]))
    assert list(drawn.gain_figure(gains).data[0].error_y.array) == [0, 0]
    assert "+10.0 (– to –) with 4 labels" in drawn.describe_gain(gains)


def test_gains_are_in_percentage_points_with_their_interval() -> None:
    made = drawn.gain_figure(GAINS)
    points = made.data[0]
    assert np.allclose(points.y, 100 * GAINS["gain"])
    assert np.allclose(points.y + np.array(points.error_y.array), 100 * GAINS["high"])
    assert np.allclose(points.y - np.array(points.error_y.arrayminus), 100 * GAINS["low"])
    assert made.layout.shapes[0].y0 == 0
    assert drawn.describe_gain(GAINS).startswith(
        "What the other rows add to accuracy, in percentage points: +15.0 ("
    )


def test_the_axis_of_a_share_ends_at_1() -> None:
    made = drawn.draws_figure(SUMMARY)
    assert made.layout.yaxis.range[1] == 1
    assert all(line.cliponaxis is False for line in made.data if line.mode == "lines+markers")


def test_unreached_rows_are_a_grey_bar_apart() -> None:
    made = drawn.certainty_figure(CERTAINTIES)
    bars, grey = made.data
    assert sum(bars.y) == 4 and list(grey.y) == [2]
    assert grey.marker.color == GREY and grey.x[0] < 0 and grey.name == "No label reaches"
    assert drawn.describe_certainty(CERTAINTIES) == (
        "Certainty of 4 answers: 2 of them are at 0.95 or above, 1 below 0.6. "
        "No label reaches 2 more rows."
    )
    one = CERTAINTIES.assign(rows=[1, *CERTAINTIES["rows"].iloc[1:]])
    assert drawn.describe_certainty(one).endswith("No label reaches 1 more row.")
    many = CERTAINTIES.assign(rows=1500 * CERTAINTIES["rows"])
    assert drawn.describe_certainty(many).endswith("No label reaches 3,000 more rows.")
    reached = certainty_frame(ROWS[:6])
    assert len(drawn.certainty_figure(reached).data) == 1
    assert drawn.describe_certainty(reached).endswith("below 0.6.")


def test_shares_stand_side_by_side_with_their_counts() -> None:
    given, answers = drawn.class_share_figure(COUNTS).data
    assert list(given.x) == [50, 50] and list(answers.x) == [75, 25]
    assert list(given.text) == ["1", "1"] and list(answers.text) == ["3", "1"]
    assert given.marker.pattern.shape != answers.marker.pattern.shape
    assert drawn.describe_class_share(COUNTS) == (
        "Shares of 2 classes among 2 given labels and 4 answers. The most frequent label is “a” "
        "(50 %), the most frequent answer “a” (75 %)."
    )
    alone = class_count_frame(ROWS[:2])
    assert drawn.describe_class_share(alone).endswith("There are no answers.")
    assert list(drawn.class_share_figure(alone).data[1].x) == [0, 0]


def test_names_of_classes_are_shown_letter_by_letter() -> None:
    counts = class_count_frame(ROWS.replace("a", EVIL))
    figure = json.loads(drawn.class_share_figure(counts).to_json(engine="json"))
    for text in texts([figure["data"], {**figure["layout"], "template": None}]):
        inside = re.sub(r"<br>|<extra></extra>", "", text)
        assert "<" not in inside and "$" not in inside, text


@pytest.mark.parametrize(
    ("draw", "describe", "frame"),
    [
        (drawn.draws_figure, drawn.describe_draws, SUMMARY),
        (drawn.gain_figure, drawn.describe_gain, GAINS),
        (drawn.certainty_figure, drawn.describe_certainty, CERTAINTIES),
        (drawn.class_share_figure, drawn.describe_class_share, COUNTS),
    ],
)
def test_an_empty_frame_says_so(draw, describe, frame) -> None:
    assert describe(frame[:0]) == NOTHING
    assert draw(frame[:0]).layout.annotations[0].text
    untouched = frame.copy()
    draw(frame)
    pd.testing.assert_frame_equal(frame, untouched)
