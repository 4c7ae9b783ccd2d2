"""Each source by itself: counted by hand, the long way, and under permutations."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from evaluation.test_rater_agreement import random_votes, table
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.evaluation.intervals import wilson_interval
from mlcore.evaluation.sources import (
    confusion_frame,
    estimated_accuracy,
    estimated_confusion_frame,
    hits_on,
    leave_one_out,
    row_votes_frame,
    source_frame,
)
from mlcore.fusion.votes import wide_votes

COLUMNS = [
    "source", "votes", "abstained", "missing", "coverage", "conflicts", "agreement",
    "leave_one_out", "gold_rows", "gold_hits", "accuracy", "low", "high", "weight",
    "estimated_accuracy",
]  # fmt: skip


def codes(text: str) -> np.ndarray:
    """Class numbers of letters, "*" for none."""
    return np.array([-1 if letter == "*" else "abc".index(letter) for letter in text])


#: Rows: a a b | b b - | a b c | a - - ; the last source abstains on the last row.
VOTES = wide_votes(
    pd.DataFrame(
        {"x": ["a", "b", "a", "a"], "y": ["a", "b", "b", None], "z": ["b", None, "c", "?"]},
        dtype="str",
    ),
    ["x", "y", "z"],
    abstain=["?"],
)


def test_every_column_by_hand():
    frame = source_frame(VOTES, codes("ab*a"), gold=codes("bba*")).set_index("source")
    assert ["source", *frame.columns] == COLUMNS
    assert frame["votes"].tolist() == [4, 3, 2]
    assert frame["abstained"].tolist() == [0, 0, 1]
    assert frame["missing"].tolist() == [0, 1, 1]
    assert frame["coverage"].tolist() == [1, 0.75, 0.75]
    assert frame["conflicts"].tolist() == [2, 2, 2]
    assert frame["agreement"].tolist() == [1, 1, 0]
    assert frame["gold_rows"].tolist() == [3, 3, 2]
    assert frame["gold_hits"].tolist() == [2, 1, 1]
    assert frame["accuracy"].tolist() == pytest.approx([2 / 3, 1 / 3, 1 / 2])
    low, high = wilson_interval([2, 1, 1], [3, 3, 2])
    assert frame["low"].tolist() == low.tolist() and frame["high"].tolist() == high.tolist()
    # x, first row: the others say a and b, so half; third row: b and c, so nothing; the last row
    # has no other vote and is left out.
    assert frame["leave_one_out"].tolist() == pytest.approx([1.5 / 3, 1.5 / 3, 0])
    assert frame[["weight", "estimated_accuracy"]].isna().all(axis=None)


def test_without_gold_nothing_is_claimed():
    frame = source_frame(VOTES, codes("ab*a"), weights=np.array([1.0, 2, 3]))
    assert (frame["gold_rows"] == 0).all()
    assert frame[["accuracy", "low", "high"]].isna().all(axis=None)
    assert frame["weight"].tolist() == [1, 2, 3]


def the_long_way(votes):
    """Agreement with the plurality of the others, vote by vote."""
    found = {source: [] for source in range(len(votes.sources))}
    for row in range(votes.n_rows):
        here = votes.row == row
        for source, label in zip(votes.source[here], votes.label[here], strict=True):
            others = votes.label[here][votes.source[here] != source]
            if len(others):
                counts = np.bincount(others, minlength=len(votes.classes))
                lead = np.flatnonzero(counts == counts.max())
                found[source].append((label in lead) / len(lead))
    return [fmean(each) if each else np.nan for each in found.values()]


@pytest.mark.parametrize(("sources", "classes"), [(2, 2), (3, 2), (5, 3), (7, 4)])
def test_leave_one_out_the_long_way(sources, classes):
    for seed in range(5):
        votes = random_votes(seed, rows=40, sources=sources, classes=classes)
        hits, rows = leave_one_out(votes)
        assert (hits / rows).tolist() == pytest.approx(the_long_way(votes))


def test_a_source_alone_agrees_with_nobody():
    hits, rows = leave_one_out(table("aba"))
    assert hits.tolist() == [0] and rows.tolist() == [0]
    assert np.isnan(source_frame(table("aba"), codes("aba"))["leave_one_out"][0])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_permutations_permute_the_frame(seed):
    votes = random_votes(seed, rows=20)
    rng = np.random.default_rng(seed)
    fused, gold = rng.integers(-1, len(votes.classes), (2, votes.n_rows))
    frame = source_frame(votes, fused, gold)
    rows, classes = rng.permutation(votes.n_rows), rng.permutation(len(votes.classes))
    names = np.append(classes, -1)
    mixed = replace(votes, row=rows[votes.row], label=classes[votes.label])
    order = np.lexsort((mixed.source, mixed.row))
    mixed = replace(
        mixed, row=mixed.row[order], source=mixed.source[order], label=mixed.label[order]
    )
    back = np.argsort(rows)
    same = source_frame(mixed, names[fused][back], names[gold][back])
    pd.testing.assert_frame_equal(same, frame)


def test_a_source_that_always_abstains_changes_no_other_line():
    fused, gold = codes("ab*a"), codes("bba*")
    more = replace(
        VOTES,
        sources=(*VOTES.sources, "silent"),
        abstained_row=np.append(VOTES.abstained_row, np.arange(4)),
        abstained_source=np.append(VOTES.abstained_source, [3] * 4),
    )
    frame = source_frame(more, fused, gold)
    pd.testing.assert_frame_equal(frame.iloc[:3], source_frame(VOTES, fused, gold))
    silent = frame.iloc[3]
    assert (silent["votes"], silent["abstained"], silent["coverage"]) == (0, 4, 1)
    assert np.isnan(silent["agreement"]) and np.isnan(silent["leave_one_out"])


def test_counted_confusions():
    frame = confusion_frame(VOTES, codes("bba*"))
    assert list(frame.columns) == ["source", "actual", "vote", "count", "share", "estimated"]
    assert len(frame) == 3 * 9 and not frame["estimated"].any()
    x = frame[frame["source"] == "x"].pivot(index="actual", columns="vote", values="count")
    assert x.to_numpy().tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    share = frame[frame["source"] == "x"].pivot(index="actual", columns="vote", values="share")
    assert share.loc["b"].tolist() == [0.5, 0.5, 0] and share.loc["c"].isna().all()
    hits, rows = hits_on(VOTES, codes("bba*"))
    right = frame[frame["actual"] == frame["vote"]].groupby("source")["count"].sum()
    assert right.tolist() == hits.tolist()
    assert frame.groupby("source")["count"].sum().tolist() == rows.tolist()
    only = confusion_frame(VOTES, codes("bba*"), sources=np.array([2]))
    pd.testing.assert_frame_equal(only, frame[frame["source"] == "z"].reset_index(drop=True))


def test_estimated_confusions():
    confusions = np.array([[[0.8, 0.2, 0], [0.3, 0.7, 0], [0, 0, 1]]] * 3)
    prior = np.array([0.5, 0.25, 0.25])
    assert estimated_accuracy(confusions, prior).tolist() == pytest.approx([0.825] * 3)
    posterior = np.array([[0.6, 0.4, 0], [0, 1, 0], [1, 0, 0], [1, 0, 0]])
    frame = estimated_confusion_frame(VOTES, confusions, posterior)
    assert frame["estimated"].all() and (frame["share"] == np.tile(confusions[0].ravel(), 3)).all()
    x = frame[frame["source"] == "x"].pivot(index="actual", columns="vote", values="count")
    np.testing.assert_allclose(x, [[2.6, 0, 0], [0.4, 1, 0], [0, 0, 0]])
    sources = source_frame(VOTES, codes("abaa"), confusions=confusions)
    # three of four fused labels are a, one is b
    assert sources["estimated_accuracy"].tolist() == pytest.approx([0.75 * 0.8 + 0.25 * 0.7] * 3)


def test_certain_posteriors_count_like_labels():
    votes = random_votes(2, classes=3)
    reference = np.random.default_rng(0).integers(0, 3, votes.n_rows)
    confusions = np.zeros((len(votes.sources), 3, 3))
    estimated = estimated_confusion_frame(votes, confusions, np.eye(3)[reference])
    assert (estimated["count"] == confusion_frame(votes, reference)["count"]).all()


def test_too_many_cells_are_not_listed(monkeypatch):
    monkeypatch.setattr("mlcore.evaluation.sources.MOST_CELLS", 20)
    frame = confusion_frame(VOTES, codes("bba*"))
    assert frame["source"].unique().tolist() == ["x", "y"]


def test_the_votes_of_one_row():
    frame = row_votes_frame(VOTES, 0)
    assert frame.to_dict("list") == {
        "label": ["a", "b"], "votes": [2, 1], "sources": ["x; y", "z"],
    }  # fmt: skip
    assert row_votes_frame(VOTES, 2)["votes"].tolist() == [1, 1, 1]
    assert row_votes_frame(table("a*"), 1).empty
