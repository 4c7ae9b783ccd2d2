"""Colours that can be told apart, and text of users that stays text."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from mlcore.figures.theme import (
    GREY,
    MOST_POINTS,
    PALETTE,
    WEBGL_FROM,
    bounded,
    by_powers,
    dash,
    figure,
    name_ticks,
    number,
    plain,
    points,
)

WHITE, DARK = "#ffffff", "#0e1117"

# Machado, Oliveira, Fernandes (2009), severity 1, on linear RGB
VISIONS = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip


def linear(color: str) -> np.ndarray:
    parts = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(TO_XYZ[1] @ linear(c)) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, vision: np.ndarray) -> np.ndarray:
    xyz = TO_XYZ @ np.clip(vision @ linear(color), 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("color", [*PALETTE, GREY])
def test_colours_stand_out_on_white_and_on_dark(color):
    assert contrast(color, WHITE) >= 3 and contrast(color, DARK) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_differ_for_every_colour_vision(vision):
    for one, other in itertools.combinations([*PALETTE, GREY], 2):
        distance = np.linalg.norm(lab(one, VISIONS[vision]) - lab(other, VISIONS[vision]))
        assert distance >= 20, (one, other, distance)


def test_lines_of_equal_colour_differ_by_their_dashes():
    looks = {(position % len(PALETTE), dash(position)) for position in range(12)}
    assert len(looks) == 12


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<b>", '<a href="https://example.org">x</a>', "$x^2$", "%{x}",
     "&lt;", "a & b", "{name}", "'\""],
)  # fmt: skip
def test_plain_leaves_nothing_to_interpret(text):
    import html

    made = plain(text)
    assert not set("<>$%{}") & set(made)
    assert html.unescape(made) == text


def test_plain_cuts_and_cleans():
    assert plain("x" * 50, 10) == "x" * 9 + "…"
    assert plain("a\nb\x00c\u202ed") == "a b c d"
    assert plain(3) == "3"
    assert plain("<" * 50, 5) == "&lt;" * 4 + "…"


def test_names_cut_to_the_same_text_stay_apart():
    ticks = name_ticks(["x" * 50 + "1", "x" * 50 + "2"], 10)
    assert ticks["tickvals"] == [0, 1] and len(set(ticks["ticktext"])) == 1


def test_points_are_bounded_evenly():
    frame = pd.DataFrame({"x": range(12_345)})
    drawn = bounded(frame)["x"].tolist()
    assert len(drawn) == MOST_POINTS and (drawn[0], drawn[-1]) == (0, 12_344)
    assert max(np.diff(drawn)) <= 3
    assert len(bounded(frame.head(7))) == 7


def test_many_points_go_to_the_graphics_card():
    assert isinstance(points(WEBGL_FROM + 1), go.Scattergl)
    assert isinstance(points(WEBGL_FROM), go.Scatter)


def test_numbers_in_words():
    assert [number(value) for value in (0.12345, 1234.5, np.nan, 3)] == [
        "0.123",
        "1,234",
        "–",
        "3",
    ]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([0.0, 0.02, np.nan, 30.0], ["0.01", "0.1", "1", "10", "100"]),
        ([1e-9, 1e8], ["10<sup>−9</sup>", "10<sup>−7</sup>", "10<sup>−5</sup>", "0.001", "0.1",
                       "10", "1,000", "100,000", "10<sup>7</sup>"]),
        ([0.8, 9.0], ["0.5", "1", "2", "5", "10"]),
        ([3e-7, 4e-7], ["2·10<sup>−7</sup>", "5·10<sup>−7</sup>"]),
        ([5.0, 5.0], ["5"]),
        ([2000.0], ["2,000"]),
    ],
)  # fmt: skip
def test_powers_of_ten_are_named_in_full(values: list[float], names: list[str]) -> None:
    made = figure("x", "y")
    by_powers(made, values)
    assert made.layout.yaxis.type == "log"
    assert list(made.layout.yaxis.ticktext) == names


def test_without_anything_to_draw_powers_have_no_names() -> None:
    made = figure("x", "y")
    by_powers(made, [0.0, np.nan])
    assert made.layout.yaxis.ticktext is None
