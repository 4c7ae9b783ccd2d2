"""JSON is read as Python reads it, only sooner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.serving.json_text import JsonResponse, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_values_are_those_of_python(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        try:
            body = text.encode()
        except UnicodeEncodeError:  # half a character
            continue
        if "Infinity" not in text:
            assert repr(read_json(body)) == repr(json.loads(body))


@pytest.mark.parametrize("number", ["18446744073709551616", "9" * 30, "-1" + "0" * 25, "1e400"])
def test_large_numbers_keep_their_digits(number: str) -> None:
    assert repr(read_json(number.encode())) == repr(json.loads(number))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_for_numbers_are_no_json(word: str) -> None:
    with pytest.raises(ValueError, match="send null for a missing value"):
        read_json(f"[{word}]".encode())


def test_half_a_character_that_came_can_be_told_of() -> None:
    body = JsonResponse({"got": read_json(b'"\\ud800"')}).body
    assert json.loads(body) == {"got": "\ud800"}
