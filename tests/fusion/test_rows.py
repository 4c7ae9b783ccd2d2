"""The table of fused rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.fusion.dawid_skene import one_coin
from mlcore.fusion.rows import row_frame
from mlcore.fusion.rules import plurality, weighted
from mlcore.fusion.ties import resolve
from mlcore.fusion.votes import wide_votes

TABLE = pd.DataFrame(
    {
        "p": ["b", "a", None, "a"],
        "q": ["a", "b", None, "?"],
        "r": ["b", "?", None, None],
        "s": ["c", None, None, None],
    }
)
VOTES = wide_votes(TABLE, list(TABLE), abstain=["?"])
FUSED = plurality(VOTES)


def test_each_row_says_what_was_voted_and_by_whom():
    frame = row_frame(VOTES, FUSED)
    expected = pd.DataFrame(
        {
            "row": ["0", "1", "2", "3"],
            "position": [0, 1, 2, 3],
            "predicted": ["b", None, None, "a"],
            "confidence": [0.5, 0.5, 0, 1],
            "n_votes": [4, 2, 0, 1],
            "abstained": [0, 1, 0, 1],
            "share": [0.5, 0.5, np.nan, 1],
            "margin": [0.25, 0, np.nan, 1],
            "entropy": [1.5, 1, np.nan, 0],
            "tie": [False, True, False, False],
            "dissent": ["q; s", "", "", ""],
            "votes": ["b: 2, a: 1, c: 1", "a: 1, b: 1", "", "a: 1"],
            "p:a": [0.25, 0.5, 0, 1],
            "p:b": [0.5, 0.5, 0, 0],
            "p:c": [0.25, 0, 0, 0],
        }
    )
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)


def test_a_resolved_tie_has_dissent_and_stays_marked():
    frame = row_frame(VOTES, resolve(FUSED, VOTES, "order", order=["b"]))
    line = frame.loc[1]
    assert (line["predicted"], line["tie"], line["dissent"]) == ("b", True, "p")
    assert line["confidence"] == line["share"] == 0.5


def test_the_share_is_that_of_the_label_even_where_one_heavy_vote_won():
    fused = weighted(VOTES, np.array([1.0, 2.0, 1.0, 0.0]))  # row 0: q's a against p's and r's b
    frame = row_frame(VOTES, resolve(fused, VOTES, "order", order=["b"]))
    assert frame.loc[0, ["predicted", "confidence", "share"]].tolist() == ["b", 0.5, 0.5]
    frame = row_frame(VOTES, resolve(fused, VOTES, "order", order=["a"]))
    assert frame.loc[0, ["predicted", "confidence", "share"]].tolist() == ["a", 0.5, 0.25]


def test_a_model_is_sure_by_its_probability_but_votes_are_counted_as_they_are():
    fused = one_coin(VOTES)
    frame = row_frame(VOTES, fused)
    assert frame.loc[0, "share"] == 0.5
    assert frame.loc[0, "confidence"] == pytest.approx(fused.posterior[0].max())
    assert frame.loc[2, ["confidence", "p:a", "p:b", "p:c"]].tolist() == [0, 0, 0, 0]


def test_a_single_class_is_no_contest():
    votes = wide_votes(pd.DataFrame({"p": ["a"], "q": ["a"]}), ["p", "q"])
    frame = row_frame(votes, plurality(votes))
    assert frame.loc[0, ["margin", "entropy", "share"]].tolist() == [1, 0, 1]
