"""Which of a few labels are hidden, and that typing one in moves no other row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.errors import UserError
from mlcore.splitting import FewLabelsConfig, Split, make_few_labels_split


def own_labels(*counts: int, unlabelled: int = 60) -> pd.Series:
    """A column with so many rows of classes a, b, … and many without a label, shuffled."""
    names = np.repeat(np.array([*"abcdefgh"[: len(counts)], None]), [*counts, unlabelled])
    shuffled = np.random.default_rng(1).permutation(names)
    return pd.Series(shuffled, dtype="str")


def divided(own: pd.Series, *typed: tuple[int, str], **changes: float) -> Split:
    label = own.copy()
    for row, name in typed:
        label.iloc[row] = name
    config = FewLabelsConfig(typed=typed, **changes)
    return make_few_labels_split(config, label, "kind", own)


def fold_of(split: Split) -> dict[int, int]:
    return {int(row): n for n, (_, judged) in enumerate(split.folds) for row in judged}


def empty_rows(own: pd.Series) -> list[int]:
    return np.flatnonzero(own.isna()).tolist()


@pytest.mark.parametrize("name", ["a", "b", "brand new"])
@pytest.mark.parametrize("seed", range(4))
def test_one_typed_label_moves_no_other_row(name: str, seed: int) -> None:
    own = own_labels(30, 22, 9)
    row = empty_rows(own)[7 + seed]
    before = divided(own, test_share=0.3, seed=seed)
    after = divided(own, (row, name), test_share=0.3, seed=seed)
    assert len(before.test) == 19 and after.test.tolist() == before.test.tolist()
    assert {r: n for r, n in fold_of(after).items() if r != row} == fold_of(before)
    assert row in after.development


def test_labels_that_are_typed_later_move_none_that_were_typed_before() -> None:
    own = own_labels(12, 9)
    rows = np.random.default_rng(3).permutation(empty_rows(own))[:12].tolist()
    typed = [(row, "ab"[n % 2]) for n, row in enumerate(rows)]
    placed: dict[int, int] = {}
    for n in range(1, len(typed) + 1):
        now = fold_of(divided(own, *typed[:n], test_share=0.2))
        assert placed.items() <= now.items() and rows[n - 1] in now
        placed = now


def test_a_sealed_row_that_is_typed_over_stays_sealed_and_moves_nobody() -> None:
    own = own_labels(30, 22)
    before = divided(own, test_share=0.3)
    sealed = int(before.test[0])
    other = "b" if own.iloc[sealed] == "a" else "a"
    after = divided(own, (sealed, other), test_share=0.3)
    assert after.test.tolist() == before.test.tolist() and fold_of(after) == fold_of(before)


def test_a_label_that_is_typed_over_moves_nobody() -> None:
    own = own_labels(30, 22)
    before = divided(own)
    for row in before.development[:6].tolist():
        after = divided(own, (row, "b" if own.iloc[row] == "a" else "a"))
        assert fold_of(after) == fold_of(before)


def test_each_class_gives_its_share_to_the_seal_and_keeps_a_row() -> None:
    own = own_labels(40, 20, 2, 1)
    split = divided(own, test_share=0.25)
    assert own.iloc[split.test].value_counts().to_dict() == {"a": 10, "b": 5, "c": 1}


@given(st.lists(st.integers(1, 12), min_size=2, max_size=5), st.integers(0, 9), st.integers(2, 8))
def test_folds_cover_the_labels_evenly_and_never_hide_a_whole_class(
    counts: list[int], seed: int, folds: int
) -> None:
    own = own_labels(*counts, unlabelled=5)
    split = divided(own, seed=seed, folds=folds)
    labels = own.iloc[split.development]
    lone = [name for name, count in labels.value_counts().items() if count == 1]
    judged = sorted(fold_of(split))
    assert judged == sorted(labels.index[~labels.isin(lone)]) or not split.folds
    for known, hidden in split.folds:
        assert sorted([*known, *hidden]) == split.development.tolist()
        assert set(own.iloc[known]) == set(labels)
    if split.folds:
        assert len(split.folds) == min(folds, max(counts))


@given(st.data())
def test_whatever_is_typed_every_class_stays_known(data: st.DataObject) -> None:
    own = own_labels(*data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=3)), unlabelled=8)
    rows = st.integers(0, len(own) - 1)
    typed = data.draw(st.lists(st.tuples(rows, st.sampled_from("abcd")), max_size=8))
    try:
        split = divided(own, *typed, test_share=data.draw(st.sampled_from([0.0, 0.4])))
    except UserError:
        return
    label = own.copy()
    for row, name in typed:
        label.iloc[row] = name
    for known, hidden in split.folds:
        assert len(hidden) and set(label.iloc[known]) == set(label.iloc[split.development])
    assert set(split.test) <= set(np.flatnonzero(own.notna()))


def test_where_all_that_may_teach_is_of_one_class_there_is_a_sentence() -> None:
    own = own_labels(10)
    with pytest.raises(UserError, match="At least two different labels"):
        divided(own, test_share=0.5)
