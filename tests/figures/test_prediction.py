"""Steps that lead from one prediction to another, and bars of probabilities."""

from __future__ import annotations

import pandas as pd
import pytest

from mlcore.figures.prediction import (
    MOST_STEPS,
    describe_probabilities,
    describe_steps,
    probability_figure,
    steps_figure,
    steps_frame,
)


def adds(*values: float) -> pd.DataFrame:
    rows = [(f"c{n}", f"v{n}", value) for n, value in enumerate(values)]
    return pd.DataFrame(rows, columns=["column", "value", "adds"])


def test_each_step_begins_where_the_one_before_ends() -> None:
    steps = steps_frame(adds(3.0, -1.0, 0.0), 10.0, 12.0)
    assert steps["label"].tolist() == ["Typical row", "c0 = v0", "c1 = v1", "This row"]
    assert steps["start"].tolist() == [0, 10, 13, 0]
    assert steps["stop"].tolist() == [10, 13, 12, 12]
    assert steps["kind"].tolist() == ["end", "up", "down", "end"]


def test_small_steps_are_one_together() -> None:
    values = [1.0] * (MOST_STEPS + 5)
    steps = steps_frame(adds(*values), 0.0, float(len(values)))
    assert len(steps) == MOST_STEPS + 3
    assert steps["label"].iloc[-2] == "5 other columns"
    assert steps["stop"].iloc[-2] == steps["stop"].iloc[-1] == len(values)


def test_the_figure_draws_the_steps() -> None:
    made = steps_figure(adds(3.0, -1.0), 10.0, 12.0, "<b>cat</b>")
    bars, ends = made.data
    assert list(bars.base) == [10, 13] and list(bars.x) == [3, -1]
    assert list(ends.x) == [10, 12]
    assert "<b>" not in made.layout.xaxis.title.text


def test_the_words_name_the_largest_steps() -> None:
    said = describe_steps(adds(3.0, -1.0), 10.0, 12.0)
    assert "10" in said and "12" in said and "c0 +3" in said and "c1 −1" in said
    assert "no column" in describe_steps(adds(0.0), 1.0, 1.0)


@pytest.mark.parametrize("shares", [[0.7, 0.3], [1.0], [0.5, 0.3, 0.2]])
def test_probabilities(shares: list[float]) -> None:
    frame = pd.DataFrame({"class": list("abc")[: len(shares)], "probability": shares})
    assert list(probability_figure(frame).data[0].x) == shares
    said = describe_probabilities(frame)
    assert "“a”" in said and ("“b”" in said) == (len(shares) > 1)
