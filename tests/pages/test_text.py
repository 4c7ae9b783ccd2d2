"""Text of users on the screen, and numbers as people say them."""

from __future__ import annotations

import pytest

from pages.ui.text import duration, literal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("![x](y)", r"\!\[x\]\(y\)"),
        ("a|b_c*d", r"a\|b\_c\*d"),
        ("10:30", r"10\:30"),
        ("see http://a.b", "see http\\:\u2060//a\\.b"),
        ("www.a.b", "www\u2060\\.a\\.b"),
        ("me@home.org", "me@\u2060home\\.org"),
    ],
)
def test_text_comes_out_letter_by_letter(text: str, shown: str) -> None:
    assert literal(text) == shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.042, "42 ms"), (3.14, "3.1 s"), (75, "1 min 15 s")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
