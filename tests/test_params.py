"""A knob accepts what it declares, refuses the rest in a sentence, and never changes a value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.params import (
    BoolParam,
    ChoiceParam,
    FloatParam,
    IntParam,
    LayersParam,
    Param,
    SeveralParam,
    check_values,
    defaults,
)

WORDS = {"help": "What it does."}
TREES = IntParam(name="n", label="Trees", default=100, low=1, high=500, **WORDS)
DEPTH = IntParam(
    name="depth", label="Depth", default=None, low=1, high=50, none_label="No limit", **WORDS
)
RATE = FloatParam(name="rate", label="Rate", default=0.1, low=0.001, high=1.0, log=True, **WORDS)
SHARE = FloatParam(name="share", label="Share", default=0.1, low=0.0, high=1.0, least=1e-6, **WORDS)
FLAG = BoolParam(name="flag", label="Flag", default=False, **WORDS)
KERNEL = ChoiceParam(
    name="kernel", label="Kernel", default="rbf", choices={"rbf": "RBF", "poly": "Poly"}, **WORDS
)
DEGREE = IntParam(
    name="degree", label="Degree", default=3, low=2, high=5, only_if=("kernel", ("poly",)), **WORDS
)
PARTS = SeveralParam(
    name="parts", label="Parts", default=("year",), choices={"year": "Y", "day": "D"}, **WORDS
)
LAYERS = LayersParam(
    name="layers", label="Layers", default=(100,), low=1, high=500, most=3, **WORDS
)
ALL: tuple[Param, ...] = (TREES, DEPTH, RATE, SHARE, FLAG, KERNEL, DEGREE, PARTS, LAYERS)


@pytest.mark.parametrize("param", ALL, ids=lambda param: param.name)
def test_default_and_extremes_fit_their_own_declaration(param: Param) -> None:
    for value in (param.default, *param.extremes()):
        assert param.check(value) == value


@pytest.mark.parametrize(
    ("param", "given", "expected"),
    [
        (TREES, 7.0, 7),
        (TREES, np.int64(7), 7),
        (DEPTH, None, None),
        (RATE, 1, 1.0),
        (RATE, np.float64(0.5), 0.5),
        (SHARE, 0, 0.0),
        (SHARE, 1e-6, 1e-6),
        (PARTS, "day", ("day",)),
        (PARTS, ["day", "year"], ("year", "day")),
        (PARTS, [], ()),
        (LAYERS, "64, 32", (64, 32)),
        (LAYERS, 64, (64,)),
        (LAYERS, [64, 32], (64, 32)),
    ],
)
def test_what_forms_and_files_give_becomes_the_proper_type(
    param: Param, given: Any, expected: Any
) -> None:
    value = param.check(given)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("param", "given", "words"),
    [
        (TREES, 0, "“Trees” must lie between 1 and 500, but got 0."),
        (TREES, 501, "the default is 100"),
        (TREES, 2.5, "“Trees” expects a whole number, but got 2.5."),
        (TREES, True, "expects a whole number, but got True"),
        (TREES, "seven", "expects a whole number, but got 'seven'"),
        (TREES, None, "expects a whole number, but got None"),
        (TREES, float("nan"), "expects a whole number, but got nan"),
        (TREES, float("inf"), "expects a whole number, but got inf"),
        (RATE, 0.0, "must lie between 0.001 and 1, but got 0."),
        (RATE, float("nan"), "expects a number, but got nan"),
        (RATE, float("inf"), "must lie between 0.001 and 1, but got inf."),
        (RATE, "0.1", "expects a number, but got '0.1'"),
        (SHARE, 1e-7, "“Share” must be 0, or 1e-06 or more, but got 1e-07."),
        (FLAG, 1, "expects yes or no, but got 1"),
        (KERNEL, "linear", "must be one of “rbf”, “poly”, but got 'linear'"),
        (KERNEL, None, "must be one of “rbf”, “poly”, but got None"),
        (PARTS, ["hour"], "must be one of “year”, “day”, but got 'hour'"),
        (LAYERS, "", "one to 3 layers of 1 to 500 units"),
        (LAYERS, (1, 2, 3, 4), "one to 3 layers of 1 to 500 units"),
        (LAYERS, (0,), "such as 64, 32, but got"),
        (LAYERS, "64, x", "Write the sizes separated by commas"),
        (LAYERS, 6.5, "one to 3 layers"),
        (LAYERS, None, "one to 3 layers"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(param: Param, given: Any, words: str) -> None:
    with pytest.raises(UserError) as caught:
        param.check(given)
    assert words in str(caught.value)
    assert caught.value.code.startswith("param.")


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.lists(st.integers(-3, 600) | st.text(max_size=3), max_size=5).map(tuple),
)  # fmt: skip


@given(param=st.sampled_from(ALL), value=anything)
def test_no_value_at_all_makes_a_traceback(param: Param, value: Any) -> None:
    try:
        checked = param.check(value)
    except UserError:
        return
    assert param.check(checked) == checked


def test_a_form_is_completed_with_defaults() -> None:
    assert check_values("It", ALL, {"n": 3}) == {**defaults(ALL), "n": 3}


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UserError) as caught:
        check_values("The forest", ALL, {"kernl": "rbf"})
    assert "“The forest” has no setting called “kernl”" in str(caught.value)
    assert "Did you mean “kernel”?" in str(caught.value)


def test_a_knob_shows_only_where_it_matters() -> None:
    assert not DEGREE.is_shown({"kernel": "rbf"})
    assert DEGREE.is_shown({"kernel": "poly"})
    assert TREES.is_shown({})
