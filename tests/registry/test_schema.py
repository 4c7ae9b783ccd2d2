"""What a model expects is learnt from its training rows and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from registry_runs import find, mixed_experiment
from tables import make_dataset

from mlcore.data.dataset import Dataset
from mlcore.data.kinds import typed_column
from mlcore.data.schema import Column, ColumnKind, Role
from mlcore.messages import Message
from mlcore.registry import schema
from mlcore.registry.schema import InputFeature, InputSchema, cell_text, input_schema, written_form
from mlcore.tasks import Task
from mlcore.workflow import RunResult

#: A column of which only the text tells how it is written.
BY_HAND = Column("x", ColumnKind.NUMBER, Role.FEATURE, Message("test.by_hand"), 0, 0)


@pytest.fixture(scope="module")
def learnt(forest: RunResult, mixed_dataset: Dataset) -> InputSchema:
    return input_schema(mixed_dataset, forest.experiment, forest.split.development)


def test_ranges_and_gaps_are_those_of_the_training_rows(
    learnt: InputSchema, forest: RunResult, mixed_dataset: Dataset
) -> None:
    training = mixed_dataset.frame.iloc[forest.split.development]
    size, _, _, _, seen, _, place = learnt.features
    assert (size.low, size.high) == (training["size"].min(), training["size"].max())
    assert size.missing_in_training == training["size"].isna().sum() > 0
    assert seen.low == cell_text(training["seen"].min(), ColumnKind.DATETIME, ".")
    assert place.missing_in_training == 0
    assert all(feature.missing_allowed for feature in learnt.features)


def test_test_rows_leave_no_trace(mixed_dataset: Dataset, forest: RunResult) -> None:
    frame = mixed_dataset.frame.copy()
    sealed = forest.split.test
    frame.loc[sealed[0], "size"] = 1e9
    frame.loc[sealed[1], "colour"] = "ultraviolet"
    changed = make_dataset(frame, {c.name: c.kind for c in mixed_dataset.schema.columns})
    rows = forest.split.development
    assert input_schema(changed, forest.experiment, rows) == input_schema(
        mixed_dataset, forest.experiment, rows
    )


def test_categories_and_classes_are_listed_in_order(learnt: InputSchema) -> None:
    colour, tagged = learnt.features[2:4]
    assert colour.categories == ("blue", "green", "red")
    assert tagged.categories == ("no", "yes")
    assert learnt.classes == ("ant", "bee", "cat")
    assert learnt.features[5].categories is None


def test_a_number_is_predicted_without_classes(mixed_dataset: Dataset) -> None:
    experiment = mixed_experiment(mixed_dataset, find("ridge", Task.REGRESSION))
    assert input_schema(mixed_dataset, experiment, [0, 1, 2, 3]).classes == ()


def test_a_long_list_of_categories_is_cut_and_says_so(
    mixed_dataset: Dataset, forest: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MOST_CATEGORIES", 2)
    colour = input_schema(mixed_dataset, forest.experiment, range(120)).features[2]
    assert colour.categories == ("blue", "green")
    assert (colour.n_categories, colour.categories_cut) == (3, True)


def test_it_comes_back_from_json(learnt: InputSchema) -> None:
    assert InputSchema.from_json(json.loads(json.dumps(learnt.to_json()))) == learnt


def test_an_empty_column_has_no_range() -> None:
    feature = schema._feature(pd.Series([float("nan")] * 3, name="x"), ColumnKind.NUMBER, {})
    assert (feature.low, feature.high, feature.example) == (None, None, "")
    assert feature.missing_in_training == 3


def test_a_word_for_missing_that_is_a_value_stays_one() -> None:
    frame = pd.DataFrame({"x": pd.Series(["None", "a", "NA"], dtype="str"), "y": [1.0, 2.0, 3.0]})
    feature = schema._feature(frame["x"], ColumnKind.CATEGORY, {})
    assert not {"None", "NA"} & set(feature.missing_tokens)
    assert "?" in feature.missing_tokens


@pytest.mark.parametrize(
    ("cells", "decimal"), [(["1,5", "2"], ","), (["1.5", "2"], "."), (["1.234,5", "x", "3"], ",")]
)
@pytest.mark.parametrize("mark_of_the_file", [".", ","])
def test_the_decimal_mark_of_a_column_is_learnt(
    cells: list[str], decimal: str, mark_of_the_file: str
) -> None:
    written = pd.Series(cells, dtype="str")
    typed, _ = typed_column(written, ColumnKind.NUMBER, mark_of_the_file)
    form = written_form(typed, ColumnKind.NUMBER, written, mark_of_the_file, BY_HAND)
    assert (form["decimal"], form["thousands"]) == (decimal, None)


@pytest.mark.parametrize(
    ("cells", "form", "day_first"),
    [
        (["2024-01-31", "2024-02-01"], "iso", True),
        (["31.01.2024", "01.02.2024"], "day_month", True),
        (["01/31/2024", "02/01/2024"], "day_month", False),
        (["31 Jan 2024", "1 Feb 2024"], "day_name", True),
        (["10:30", "11:45"], "time", True),
    ],
)
def test_the_written_form_of_dates_is_learnt(cells: list[str], form: str, day_first: bool) -> None:
    written = pd.Series(cells, dtype="str")
    typed, _ = typed_column(written, ColumnKind.DATETIME)
    learnt = written_form(typed, ColumnKind.DATETIME, written, ".", BY_HAND)
    assert learnt == {"date_form": form, "day_first": day_first}


def test_without_the_text_the_reason_of_the_kind_tells_the_order_of_day_and_month() -> None:
    typed = pd.Series(pd.to_datetime(["2024-01-31"]))
    for code, day_first in (("date_month_first", False), ("date_day_first", True)):
        reason = Message(f"data.kind.{code}", {"count": 1})
        form = written_form(typed, ColumnKind.DATETIME, None, ".", replace(BY_HAND, reason=reason))
        assert form == {"date_form": None, "day_first": day_first}


def test_a_cell_is_written_so_that_it_reads_back() -> None:
    kinds = ColumnKind
    assert cell_text(5.0, kinds.NUMBER, ".") == "5"
    assert cell_text(0.1, kinds.NUMBER, ",") == "0,1"
    assert cell_text(float("nan"), kinds.NUMBER, ".") == ""
    assert cell_text(pd.Timestamp("2024-01-31"), kinds.DATETIME, ".") == "2024-01-31"
    moment = pd.Timestamp("2024-01-31T10:20:30.5")
    assert pd.Timestamp(cell_text(moment, kinds.DATETIME, ".")) == moment
    assert cell_text("1", kinds.CATEGORY, ",") == "1"


def test_an_example_is_written_with_the_decimal_mark() -> None:
    feature = schema._feature(pd.Series([1.5], name="x"), ColumnKind.NUMBER, {"decimal": ","})
    assert isinstance(feature, InputFeature)
    assert feature.example == "1,5"


# Intervals, units, typical values


def errors_of(sizes: list[float]) -> pd.DataFrame:
    rows = range(len(sizes))
    return pd.DataFrame({"row": rows, "actual": sizes, "predicted": [0.0] * len(sizes)})


def test_the_width_of_intervals_is_the_quantile_for_one_row_more() -> None:
    """Of 19 errors and a further one, 18 of 20 places are 90 %: the 18th smallest error."""
    interval = schema.learnt_interval(errors_of([float(size) for size in range(1, 20)]))
    assert interval == schema.Interval(coverage=0.9, width=18.0, rows=19)


def test_nine_errors_are_the_fewest_that_promise_nine_tenths() -> None:
    assert schema.learnt_interval(errors_of([1.0] * 8)) is None
    assert schema.learnt_interval(errors_of([1.0] * 8 + [5.0])).width == 5.0


def test_a_further_row_lies_inside_as_often_as_stated() -> None:
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(2000):
        *seen, further = rng.exponential(size=30)
        inside.append(further <= schema.learnt_interval(errors_of(seen)).width)
    # 27 of 30 places; four standard errors.
    assert np.mean(inside) == pytest.approx(27 / 30, abs=0.027)


def test_what_an_interval_held_of_the_test_rows_is_measured() -> None:
    interval = schema.Interval(coverage=0.9, width=2.0, rows=50)
    got = schema.measured(interval, errors_of([1.0, -2.0, 2.5, 0.0]))
    assert (got.test_rows, got.test_coverage) == (4, 0.75)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("height (cm)", "cm"),
        ("speed [km/h]", "km/h"),
        ("share (%)", "%"),
        ("height", None),
        ("(cm)", None),
        ("income (2019)", None),
        ("a (b) c", None),
    ],
)
def test_the_unit_stands_in_brackets_at_the_end(name: str, unit: str | None) -> None:
    assert schema.unit_of(name) == unit


def test_typical_values_occur() -> None:
    numbers = schema._feature(pd.Series([1.0, 2.0, 5.0, 9.0], name="x"), ColumnKind.NUMBER, {})
    assert (numbers.typical, numbers.whole) == (2.0, True)
    words = schema._feature(pd.Series(["b", "a", "b"], name="x"), ColumnKind.CATEGORY, {})
    assert (words.typical, words.whole) == ("b", False)


def test_words_that_training_took_as_missing_mean_missing() -> None:
    typed = pd.Series([1.0, None, None, None], name="x")
    written = pd.Series(["1", "unknown", " unknown ", None], dtype="str")
    assert schema.words_for_nothing(typed, written) == ("unknown",)
    feature = schema._feature(typed, ColumnKind.NUMBER, {}, ("unknown",))
    assert "unknown" in feature.missing_tokens
