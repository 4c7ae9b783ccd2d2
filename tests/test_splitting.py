"""Rows are divided as said: completely, without overlap, and like scikit-learn divides them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)
from tables import make_dataset

from mlcore.data.dataset import Dataset
from mlcore.data.schema import ColumnKind
from mlcore.errors import UserError
from mlcore.splitting import SPLIT_PARAMS, Split, SplitConfig, make_split
from mlcore.tasks import Task

KINDS = {
    "label": ColumnKind.CATEGORY,
    "person": ColumnKind.CATEGORY,
    "day": ColumnKind.DATETIME,
}


def table(labels: list[str | None], people: int = 8, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    n_rows = len(labels)
    frame = pd.DataFrame(
        {
            "x": rng.normal(size=n_rows),
            "label": pd.Series(labels, dtype="str"),
            "person": pd.Series(rng.integers(0, people, n_rows), dtype="str"),
            # Several rows share a day.
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 30, n_rows), "D"),
        }
    )
    return make_dataset(frame, KINDS, label="label")


def split(config: SplitConfig, dataset: Dataset) -> Split:
    return make_split(config, dataset, "label", Task.CLASSIFICATION)


#: From no row at all to plenty of each class, with and without rows that have no label.
labels = st.builds(
    lambda a, b, c, missing: ["a"] * a + ["b"] * b + ["c"] * c + [None] * missing,
    *[st.integers(0, 12) | st.integers(13, 40)] * 2,
    *[st.integers(0, 6)] * 2,
).filter(lambda made: len(made) > 1)
configs = st.builds(
    SplitConfig,
    method=st.sampled_from(["random", "stratified", "group", "time"]),
    test_share=st.sampled_from([0.0, 0.05, 0.2, 1 / 3, 0.5]),
    validation=st.sampled_from(["folds", "holdout"]),
    folds=st.integers(2, 7),
    validation_share=st.sampled_from([0.05, 0.25, 0.5]),
    seed=st.integers(0, 50),
    group=st.just("person"),
    time=st.just("day"),
)


@settings(max_examples=150)
@given(labels=labels, config=configs, seed=st.integers(0, 20))
# Lots can be drawn so that too few of a small class are left for the folds.
@example(["a"] * 6 + ["b"] * 3, SplitConfig(test_share=0.5, validation="holdout"), 0)
@example(["a"] * 10 + ["b"] * 6, SplitConfig(test_share=0.2, folds=5), 0)
@example(["a"] * 9 + ["b"] * 3, SplitConfig(test_share=0.5, folds=2), 1)
def test_every_table_is_divided_soundly_or_refused_with_a_sentence(
    labels: list[str | None], config: SplitConfig, seed: int
) -> None:
    dataset = table(labels, seed=seed)
    try:
        made = split(config, dataset)
    except UserError as error:
        assert error.code.startswith("split.")
        return
    is_missing = dataset.frame["label"].isna().to_numpy()
    np.testing.assert_array_equal(made.unlabelled, np.flatnonzero(is_missing))
    together = np.concatenate([made.development, made.test, made.unlabelled])
    np.testing.assert_array_equal(np.sort(together), np.arange(len(labels)))
    for train, validation in made.folds:
        assert len(train) and len(validation)
        assert not np.intersect1d(train, validation).size
        assert np.isin(np.concatenate([train, validation]), made.development).all()
        assert dataset.frame["label"].iloc[train].nunique() >= 2
    _check_method(config, dataset.frame, made)


def _check_method(config: SplitConfig, frame: pd.DataFrame, made: Split) -> None:
    validated = np.concatenate([validation for _, validation in made.folds])
    if config.validation == "folds" and config.method != "time":
        np.testing.assert_array_equal(np.sort(validated), made.development)
    for earlier, later in [*made.folds, (made.development, made.test)]:
        if config.method == "group":
            assert not set(frame["person"].iloc[earlier]) & set(frame["person"].iloc[later])
        if config.method == "time" and len(later):
            assert frame["day"].iloc[earlier].max() <= frame["day"].iloc[later].min()


@given(
    counts=st.tuples(*[st.integers(12, 40)] * 3),
    share=st.sampled_from([0.1, 0.2, 0.25, 0.5]),
    folds=st.integers(2, 4),
    seed=st.integers(0, 50),
)
def test_stratified_keeps_each_class_within_one_row_of_its_share(
    counts: tuple[int, int, int], share: float, folds: int, seed: int
) -> None:
    names = np.repeat(["a", "b", "c"], counts)
    dataset = table(list(np.random.default_rng(seed).permutation(names)))
    made = split(SplitConfig(test_share=share, folds=folds, seed=seed), dataset)
    label = dataset.frame["label"]
    for name, count in label.value_counts().items():
        expected = count * len(made.test) / len(label)
        assert abs((label.iloc[made.test] == name).sum() - expected) <= 1
        in_development = (label.iloc[made.development] == name).sum()
        for _, validation in made.folds:
            assert abs((label.iloc[validation] == name).sum() - in_development / folds) <= 1


def _by_sklearn(config: SplitConfig, dataset: Dataset) -> Split:
    """The same division written out with scikit-learn on a table without the unlabelled rows."""
    rows = np.flatnonzero(dataset.frame["label"].notna())
    seed, folds = config.seed, config.folds
    outer, inner = {
        "random": (ShuffleSplit, KFold(folds, shuffle=True, random_state=seed)),
        "stratified": (
            StratifiedShuffleSplit,
            StratifiedKFold(folds, shuffle=True, random_state=seed),
        ),
        "group": (GroupShuffleSplit, GroupKFold(folds, shuffle=True, random_state=seed)),
    }[config.method]

    people = dataset.frame["person"].to_numpy()

    def divide(splitter: Any, rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        part = dataset.frame.iloc[rows]
        groups = people[rows] if config.method == "group" else None
        pairs = splitter.split(part[["x"]], part["label"], groups)
        return [(np.sort(rows[a]), np.sort(rows[b])) for a, b in pairs]

    holding_out = outer(1, test_size=config.test_share, random_state=seed)
    ((development, test),) = divide(holding_out, rows)
    return Split(development, test, rows[:0], tuple(divide(inner, development)), ())


@pytest.mark.parametrize("method", ["random", "stratified", "group"])
def test_rows_are_those_of_scikit_learn(method: str) -> None:
    names: list[str | None] = list(np.random.default_rng(3).choice(["a", "b", "c"], 90))
    names[4:90:13] = [None] * len(names[4:90:13])
    dataset = table(names, people=12)
    config = SplitConfig(method=method, group="person", seed=11)
    ours, theirs = split(config, dataset), _by_sklearn(config, dataset)
    np.testing.assert_array_equal(ours.test, theirs.test)
    np.testing.assert_array_equal(ours.development, theirs.development)
    assert len(ours.folds) == len(theirs.folds)
    for our_fold, their_fold in zip(ours.folds, theirs.folds, strict=True):
        for our_rows, their_rows in zip(our_fold, their_fold, strict=True):
            np.testing.assert_array_equal(our_rows, their_rows)


def test_by_time_is_scikit_learns_series_in_time_order() -> None:
    dataset = table(["a", "b"] * 30, seed=5)
    made = split(SplitConfig(method="time", time="day", test_share=0.25, folds=4), dataset)
    order = np.argsort(dataset.frame["day"].to_numpy(), kind="stable")
    np.testing.assert_array_equal(made.test, np.sort(order[45:]))
    theirs = TimeSeriesSplit(4).split(order[:45])
    for (train, validation), (first, later) in zip(made.folds, theirs, strict=True):
        np.testing.assert_array_equal(train, np.sort(order[first]))
        np.testing.assert_array_equal(validation, np.sort(order[later]))
    assert [note.code for note in made.notes] == ["split.time_last"]


def test_one_validation_set_is_a_single_fold() -> None:
    config = SplitConfig(validation="holdout", validation_share=0.25, test_share=0.2)
    made = split(config, table(["a", "b"] * 50))
    assert config.n_fits == len(made.folds) == 1
    train, validation = made.folds[0]
    assert (len(train), len(validation), len(made.test)) == (60, 20, 20)


def test_only_the_seed_and_the_label_decide() -> None:
    labels: list[str | None] = ["a", "b", "c"] * 20
    first = split(SplitConfig(seed=1), table(labels, seed=0))
    same = split(SplitConfig(seed=1), table(labels, seed=99))
    other = split(SplitConfig(seed=2), table(labels, seed=0))
    np.testing.assert_array_equal(first.test, same.test)
    assert not np.array_equal(first.test, other.test)


def test_without_a_test_set_every_row_may_be_looked_at() -> None:
    made = split(SplitConfig(test_share=0.0), table(["a", "b"] * 20))
    assert len(made.test) == 0
    assert len(made.development) == 40


def test_a_number_is_not_stratified_and_the_screen_is_told() -> None:
    frame = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0) ** 2})
    made = make_split(SplitConfig(), make_dataset(frame), "y", Task.REGRESSION)
    assert [note.code for note in made.notes] == ["split.stratify_regression"]
    random = make_split(SplitConfig(method="random"), make_dataset(frame), "y", Task.REGRESSION)
    np.testing.assert_array_equal(made.test, random.test)


def test_part_of_rows_names_every_row_once() -> None:
    dataset = table(["a", "b", "a", "b", None] * 10)
    made = split(SplitConfig(), dataset)
    part = made.part_of_rows(50)
    assert part.value_counts().to_dict() == {"development": 32, "unlabelled": 10, "test": 8}
    assert list(np.flatnonzero(part == "test")) == list(made.test)


def test_unlabelled_rows_are_counted_on_the_screen() -> None:
    (note,) = split(SplitConfig(), table(["a", "b", "a", "b", None] * 10)).notes
    assert str(note).startswith("10 of 50 rows have no label in “label”.")


def test_rows_without_a_group_are_one_group() -> None:
    dataset = table(["a", "b"] * 30)
    dataset.frame.loc[::6, "person"] = None
    made = split(SplitConfig(method="group", group="person", folds=3), dataset)
    assert "split.rows_without_group" in [note.code for note in made.notes]
    parts = [set(validation) for _, validation in made.folds] + [set(made.test)]
    assert sum(bool(part & set(range(0, 60, 6))) for part in parts) == 1


BALANCED: list[str | None] = ["a", "b"] * 20
REFUSED: dict[str, tuple[SplitConfig, Dataset, str]] = {
    "split.too_few_rows": (SplitConfig(), table(["a", "b"] * 3), "too few for 5 folds"),
    "split.one_class": (SplitConfig(), table(["a"] * 30), "a single class, “a”"),
    "split.rare_class": (SplitConfig(), table(["a"] * 40 + ["b"] * 3), "“b” has 3 rows"),
    "split.class_missing_in_fold": (
        SplitConfig(method="time", time="x", test_share=0.0),
        make_dataset(
            pd.DataFrame(
                {
                    "x": np.arange(30.0),
                    "label": pd.Series(["a"] * 15 + ["b"] * 15, dtype="str"),
                }
            ),
            KINDS,
        ),
        "In fold 1 the training rows hold only the class “a”",
    ),
    "split.column_needed": (
        SplitConfig(method="time", time="person"),
        table(BALANCED),
        "a column that holds the time",
    ),
    "split.too_few_groups": (
        SplitConfig(method="group", group="person"),
        table(BALANCED, people=3),
        "“person” has",
    ),
    "split.time_missing": (
        SplitConfig(method="time", time="day"),
        make_dataset(
            table(BALANCED).frame.assign(day=lambda f: f["day"].where(f.index > 1)), KINDS
        ),
        "2 rows have no readable time in “day”",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_divided_is_refused_in_a_sentence(code: str) -> None:
    config, dataset, words = REFUSED[code]
    with pytest.raises(UserError, match=words) as caught:
        split(config, dataset)
    assert caught.value.code == code
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize("method", ["group", "time"])
def test_a_method_that_needs_a_column_says_so_at_once(method: str) -> None:
    with pytest.raises(UserError, match=f"a column that holds the {method}"):
        SplitConfig.checked({"method": method})


@given(config=configs)
def test_configurations_survive_json(config: SplitConfig) -> None:
    assert SplitConfig.from_json(config.to_json()) == config


def test_a_word_that_means_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="Did you mean “folds”") as caught:
        SplitConfig.from_json({"fold": 3})
    assert caught.value.code == "param.unknown"


def test_the_declared_knobs_are_the_fields() -> None:
    declared = {param.name: param.default for param in SPLIT_PARAMS}
    assert {**declared, "group": None, "time": None} == vars(SplitConfig())
