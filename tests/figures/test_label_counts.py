"""The figure of labels of each class: its bars, its words, its bounds."""

from __future__ import annotations

import pandas as pd
from figures.test_figures import EVIL, texts

from mlcore.evaluation.label_reach import class_count_frame
from mlcore.figures.label_counts import describe_label_count, label_count_figure

GIVEN = ["bee"] * 5 + ["ant"] * 2 + [None] * 9
COUNTS = class_count_frame(
    pd.DataFrame(
        {
            "given": pd.Series(GIVEN, dtype="str"),
            "predicted": pd.Series([None] * 16, dtype="str"),
            "origin": ["given"] * 7 + ["unlabelled"] * 9,
        }
    )
)


def test_there_is_a_bar_for_each_class() -> None:
    made = label_count_figure(COUNTS)
    (bars,) = made.data
    assert list(bars.x) == [2, 5]
    assert list(made.layout.yaxis.ticktext) == ["ant", "bee"]
    assert made.layout.xaxis.title.text and made.layout.yaxis.title.text


def test_the_words_name_the_most_and_the_fewest() -> None:
    said = describe_label_count(COUNTS)
    assert "7 in all" in said and "“bee” (5)" in said and "“ant” (2)" in said


def test_equal_classes_are_said_to_be_equal() -> None:
    even = pd.DataFrame({"class": ["ant", "bee"], "given": [4, 4]})
    assert describe_label_count(even) == "Labels of 2 classes, 8 in all, 4 of each class."


def test_a_single_class_is_named() -> None:
    one = COUNTS.iloc[:1]
    name, labels = one["class"].iloc[0], one["given"].iloc[0]
    assert describe_label_count(one) == f"Labels of one class, “{name}”: {labels}."


def test_nothing_to_draw_is_said() -> None:
    nothing = COUNTS.iloc[:0]
    assert label_count_figure(nothing).layout.annotations
    assert describe_label_count(nothing).endswith(".")


def test_many_classes_are_bounded_and_names_stay_plain() -> None:
    many = pd.DataFrame({"class": [f"{EVIL} {n}" for n in range(40)], "given": range(1, 41)})
    made = label_count_figure(many)
    assert len(made.data[0].x) == 30
    assert not any(EVIL in text for text in texts(made))
    assert "40 classes" in describe_label_count(many)
