"""What counts as one label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.fusion.spelling import Vocabulary, in_order, number_of, shown_label
from mlcore.fusion.votes import normal_label


@pytest.mark.parametrize(
    "spellings",
    [
        (1, 1.0, "1", " 1 ", "1.0", "+1", "1.", np.int8(1), np.float32(1)),
        (0.5, "0.5", ".5", "0.50"),
        (-1, "-1", "-1.0", "−1"),
        (0, "0", -0.0, "-0", "0.0"),
        (True, "true", "TRUE", np.True_),
        ("Very  good", "very good", " VERY GOOD "),
        ("Straße", "STRASSE"),
        ("caf\u00e9", "cafe\u0301", "CAFE\u0301"),
    ],
)
def test_spellings_of_one_label(spellings):
    assert len({normal_label(spelling) for spelling in spellings}) == 1


def test_words_and_codes_are_not_numbers():
    labels = ["yes", "1", "01", "true", "no", "0", "one", "1e0", "1,0"]
    assert len({normal_label(label) for label in labels}) == len(labels)
    assert [number_of(normal_label(label)) for label in ("01", "yes", "1.50")] == [None, None, 1.5]


@pytest.mark.parametrize("value", [None, np.nan, pd.NA, pd.NaT, "", "  ", "\t"])
def test_what_is_missing(value):
    assert normal_label(value) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(number):
    assert number_of(normal_label(number)) == number
    assert normal_label(shown_label(number)) == normal_label(number)


@given(st.text(max_size=8))
def test_the_form_of_a_form_is_itself(text):
    assert normal_label(normal_label(text)) == normal_label(text)


def test_the_most_frequent_spelling_is_shown_and_of_several_the_first_met():
    vocabulary = Vocabulary()
    vocabulary.read(pd.Series(["dog", "Cat", "CAT", "CAT"]), 1)
    vocabulary.read(pd.Series(["Dog", "Cat", None, "x"]), 0)
    cat, dog = vocabulary.number("cat"), vocabulary.number("dog")
    assert vocabulary.shown(cat) == "Cat"  # two each; Cat stands in row 1, CAT in row 2
    assert vocabulary.shown(dog) == "Dog"  # one each in row 0; the column further left
    assert vocabulary.shown(vocabulary.number("bird")) == "bird"


def test_the_order_of_labels():
    assert in_order(["10", "9", "-1", "0.5"]) == ["-1", "0.5", "9", "10"]
    assert in_order(["b", "a", "10", "9"]) == ["10", "9", "a", "b"]
