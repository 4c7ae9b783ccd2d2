"""The heat map of profiles: colours that all can tell apart, true cells, text that stays text."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from figures.test_theme import VISIONS, lab

from mlcore.data.schema import ColumnKind
from mlcore.evaluation.profiles import heatmap_frame, profile_frame
from mlcore.figures import profiles
from mlcore.figures.profiles import DIVERGING, describe_profile, profile_figure

EVIL = '<script>alert(1)</script><a href="https://example.org">%{x}$y$</a>'


def cells(names=("mass", "island"), n_clusters=2) -> pd.DataFrame:
    random = np.random.default_rng(0)
    labels = np.resize(np.arange(n_clusters), 40 * n_clusters)
    features = pd.DataFrame(
        {
            names[0]: labels * 10.0 + random.normal(size=len(labels)),
            names[1]: pd.Series([f"{names[1]}{label % 5}" for label in labels], dtype="str"),
        }
    )
    kinds = {names[0]: ColumnKind.NUMBER, names[1]: ColumnKind.CATEGORY}
    clusters = pd.Series(labels.astype(str)).where(labels > 0, "noise")
    return heatmap_frame(profile_frame(features, kinds, clusters))


def texts(part: object) -> list[str]:
    """Every text anywhere in a figure."""
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []


def test_cells_show_the_effects_of_the_frame():
    frame = cells(n_clusters=3)
    figure = profile_figure(frame)
    (heat,) = figure.data
    across, down = figure.layout.xaxis.ticktext, figure.layout.yaxis.ticktext
    assert across == ("1", "2", "noise") and len(heat.z) == len(down)
    for row in frame.itertuples():
        i, j = down.index(row.column), across.index(row.cluster)
        assert heat.z[i][j] == pytest.approx(np.clip(row.effect, -2, 2))
        if np.isfinite(row.effect):
            assert float(heat.text[i][j].replace("−", "-")) == pytest.approx(row.effect, abs=0.051)
        assert row.inside in heat.hovertext[i][j].replace("&#37;", "%")
    assert (heat.zmin, heat.zmax) == (-2, 2)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.04, "0.0"), (-0.04, "0.0"), (-1.26, "−1.3"), (0.5, "+0.5"), (np.inf, "+∞"),
     (-np.inf, "−∞"), (np.nan, "")],
)  # fmt: skip
def test_effects_in_cells(value, shown):
    assert profiles._effect(value) == shown


def test_infinite_and_missing_effects_reach_the_browser_as_numbers():
    frame = cells().assign(effect=[np.inf, -np.inf, np.nan, 1.0][: len(cells())])
    plain = profile_figure(frame).to_json(engine="json")
    assert "Infinity" not in plain and "NaN" not in plain
    assert describe_profile(frame)


@pytest.mark.parametrize("vision", VISIONS)
def test_less_and_more_are_told_apart_by_every_eye_and_nothing_is_between_them(vision):
    seen = {place: lab(colour, VISIONS[vision]) for place, colour in DIVERGING}
    assert np.linalg.norm(seen[0.0] - seen[1.0]) > 40
    assert np.linalg.norm(seen[0.25] - seen[0.75]) > 20
    for end in (0.0, 1.0):  # each step away from the middle is a step darker
        half = (0.5 + end) / 2
        assert seen[0.5][0] > seen[half][0] + 10 > seen[end][0] + 20
    assert abs(seen[0.0][0] - seen[1.0][0]) < 12
    assert np.linalg.norm(seen[0.5][1:]) < 5  # the middle has no hue


def test_text_of_users_is_never_markup():
    figure = profile_figure(cells((EVIL, f"{EVIL}2")))
    plain = json.loads(figure.to_json(engine="json"))
    for text in texts([plain["data"], {**plain["layout"], "template": None}]):
        inside = text.replace("<br>", "")
        assert "<" not in inside and "$" not in inside, text
        assert re.fullmatch(r"%\{text\}", text) or "%{" not in inside, text


def test_much_is_bounded_and_said():
    one = cells()
    many = pd.concat(
        [one.assign(column=f"c{i}", cluster=str(i % 40)) for i in range(60)], ignore_index=True
    )
    figure = profile_figure(many)
    assert np.shape(figure.data[0].z) == (30, 30)
    assert figure.data[0].texttemplate is None
    assert "Drawn are 30 of 60." in describe_profile(many)


def test_nothing_to_draw_is_said():
    frame = cells().iloc[:0]
    assert profile_figure(frame).layout.annotations[0].text == "There is nothing to draw here."
    assert describe_profile(frame) == "There is nothing to draw here."


def test_words_say_the_largest_effect():
    frame = pd.DataFrame(
        {
            "cluster": ["0", "noise"],
            "column": ["mass", "mass"],
            "effect": [0.3, -2.5],
            "inside": ["5.0", "2.0"],
            "outside": ["4.8", "5.1"],
        }
    )
    assert describe_profile(frame) == (
        "Heat map of 1 columns in 2 groups. The largest effect is that of “mass”. "
        "Noise: 2.0, against 5.1 in all other rows."
    )
