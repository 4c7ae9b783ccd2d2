"""Known true labels: of wide and of long tables, and those that are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.fusion.gold import long_gold, no_gold, wide_gold
from mlcore.fusion.votes import long_votes, wide_votes

WIDE = pd.DataFrame(
    {
        "ann": ["cat", "dog", "cat", "?", "dog", "cat"],
        "bob": ["cat", "cat", "dog", "dog", None, "cat"],
        "truth": ["Cat ", "?", None, "bird", " ", "?"],
    }
)
LONG = pd.DataFrame(
    {
        "item": ["x", "x", "y", "y", "y", "z", "w", "w", "v", None],
        "who": ["ann", "bob", "ann", "bob", "eve", "ann", "ann", "bob", "ann", "ann"],
        "said": ["cat", "cat", "dog", "cat", "dog", "cat", "dog", "dog", "cat", "cat"],
        "truth": [None, "cat", "cat", "dog", "dog", "?", "?", "Dog", None, "cat"],
    }
)


def named(votes, gold) -> dict[str, str]:
    return {votes.names[row]: votes.classes[gold.codes[row]] for row in gold.rows}


def told(gold) -> dict[str, dict[str, object]]:
    return {note.code: dict(note.parameters) for note in gold.notes}


def test_a_word_for_not_knowing_is_no_true_label():
    classes = WIDE["truth"].dropna()
    votes = wide_votes(WIDE, ["ann", "bob"], ["?"], classes)
    gold = wide_gold(WIDE, "truth", votes)
    assert named(votes, gold) == {"0": "cat", "3": "bird"}
    assert told(gold) == {"fusion.gold.abstained": {"rows": 2}}
    kept = wide_votes(WIDE, ["ann", "bob"], [], classes)
    assert len(wide_gold(WIDE, "truth", kept).rows) == 4
    assert not wide_gold(WIDE, "truth", kept).notes


def test_true_labels_that_contradict_each_other_are_none():
    votes = long_votes(LONG, "item", "who", "said", ["?"], LONG["truth"].dropna())
    gold = long_gold(LONG, "item", "truth", votes)
    assert named(votes, gold) == {"x": "cat", "w": "dog"}
    assert told(gold) == {
        "fusion.gold.abstained": {"rows": 1},
        "fusion.gold.contradicted": {"rows": 1, "name": "y"},
    }


@pytest.mark.parametrize("turn", [1, -1])
def test_the_order_of_the_lines_does_not_matter(turn):
    lines = LONG.iloc[::turn].reset_index(drop=True)
    votes = long_votes(lines, "item", "who", "said", ["?"])
    assert named(votes, long_gold(lines, "item", "truth", votes)) == {"x": "cat", "w": "dog"}


def test_without_a_column_nothing_is_known():
    votes = wide_votes(WIDE, ["ann", "bob"])
    np.testing.assert_array_equal(no_gold(votes).codes, [-1] * 6)
    with pytest.raises(UserError, match="no column “thruth”"):
        wide_gold(WIDE, "thruth", votes)
