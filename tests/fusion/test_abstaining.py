"""Labels that look like “I do not know”."""

from __future__ import annotations

from mlcore.fusion.abstaining import WORDS, likely_abstentions
from mlcore.fusion.spelling import normal_label


def test_case_and_blanks_do_not_matter() -> None:
    assert likely_abstentions(["yes", "no", " Don't  know "]) == (" Don't  know ",)


def test_labels_that_may_be_meant_are_left_alone() -> None:
    assert likely_abstentions(["-1", "0", "1"]) == ()
    assert likely_abstentions(["yes", "no", "maybe"]) == ()


def test_something_must_be_left_to_decide_between() -> None:
    assert likely_abstentions(["pass", "fail"]) == ()


def test_the_words_have_the_form_they_are_compared_in() -> None:
    assert {normal_label(word) for word in WORDS} == WORDS
