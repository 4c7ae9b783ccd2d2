"""Copies are found, and independent sources are left alone: simulated and counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from evaluation.test_rater_agreement import table

from mlcore.evaluation.copying import COLUMNS, copying_frame
from mlcore.fusion.votes import Votes

NONE = np.array([], dtype=np.intp)


def simulated(
    seed: int,
    accuracy: float | list[float] = 0.75,
    *,
    rows: int = 200,
    sources: int = 6,
    classes: int = 2,
    copied: float = 0.0,
    hard: float = 0.0,
) -> tuple[Votes, np.ndarray]:
    """Votes of independent sources, the second of which copies the first on a share of the rows.

    On hard rows every source guesses.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, rows)
    chance = np.broadcast_to(accuracy, sources) * np.ones((rows, 1))
    chance = np.where(rng.random((rows, 1)) < hard, 1 / classes, chance)
    wrong = (truth[:, None] + rng.integers(1, classes, (rows, sources))) % classes
    label = np.where(rng.random((rows, sources)) < chance, truth[:, None], wrong)
    label[:, 1] = np.where(rng.random(rows) < copied, label[:, 0], label[:, 1])
    row, source = np.divmod(np.arange(label.size), sources)
    votes = Votes(
        names=tuple(map(str, range(rows))),
        sources=tuple(f"s{n}" for n in range(sources)),
        classes=tuple(map(str, range(classes))),
        row=row,
        source=source,
        label=label.ravel(),
        abstained_row=NONE,
        abstained_source=NONE,
        values=None,
    )
    return votes, truth


def copies(votes: Votes, gold: np.ndarray | None = None) -> list[tuple[str, str]]:
    frame = copying_frame(votes, gold)
    found = frame[frame["copies"]]
    return list(zip(found["source"], found["other"], strict=True))


@pytest.mark.parametrize("with_gold", [False, True])
@pytest.mark.parametrize(
    "kind",
    [{}, {"accuracy": 0.95}, {"accuracy": 0.6}, {"classes": 4}, {"hard": 0.3, "accuracy": 0.9},
     {"accuracy": [0.95, 0.95, 0.6, 0.6, 0.55, 0.5]}, {"sources": 20, "rows": 60}],
    ids=str,
)  # fmt: skip
def test_independent_sources_are_left_alone(kind, with_gold):
    """Fewer than 5 % of tables may have a false alarm; of 25 none is seen."""
    for seed in range(25):
        votes, truth = simulated(seed, **kind)
        assert copies(votes, truth if with_gold else None) == []


@pytest.mark.parametrize("with_gold", [False, True])
@pytest.mark.parametrize("classes", [2, 4])
def test_a_copy_is_found(classes, with_gold):
    for seed in range(10):
        votes, truth = simulated(seed, 0.8, copied=0.9, classes=classes)
        assert copies(votes, truth if with_gold else None) == [("s0", "s1")]


def test_few_sources_need_gold():
    votes, truth = simulated(1, sources=3, copied=0.9)
    assert copying_frame(votes).empty
    assert copies(votes, truth) == [("s0", "s1")]


def test_good_sources_that_agree_are_no_copies():
    votes, _ = simulated(0, [0.99, 0.99, 0.6, 0.6, 0.6, 0.6], rows=400)
    frame = copying_frame(votes).set_index(["source", "other"])
    assert frame.loc[("s0", "s1"), "alike"] >= 385 and not frame["copies"].any()


def test_always_the_same_label_is_no_copying():
    votes, truth = simulated(3)
    constant = replace(votes, label=np.where(votes.source < 2, 0, votes.label))
    assert copies(constant) == copies(constant, truth) == []


def test_common_mistakes_by_hand():
    # Two classes, 20 rows each; a and b are wrong on 10 rows of the first class, 5 of them common.
    a = "b" * 10 + "a" * 10 + "b" * 20
    b = "b" * 5 + "a" * 10 + "b" * 5 + "b" * 20
    gold = np.repeat([0, 1], 20)
    frame = copying_frame(table(a, b), gold)
    assert list(frame.columns) == COLUMNS
    line = frame.iloc[0]
    assert (line["basis"], line["rows"], line["alike"]) == ("gold", 40, 5)
    assert line["expected"] == pytest.approx(10 * 10 / 20)
    assert line["part"] == 0 and line["p_value"] > 0.5 and not line["copies"]
    same = copying_frame(table(a, a), gold).iloc[0]
    assert (same["alike"], same["part"]) == (10, 1) and same["expected"] == pytest.approx(5)


def test_expected_agreement_is_what_skills_give():
    votes, _ = simulated(0, 0.8, rows=20_000, sources=5)
    frame = copying_frame(votes)
    share = frame["expected"] / frame["rows"]
    assert np.allclose(share, 0.8**2 + 0.2**2, atol=0.015)
    assert len(frame) == 10 and (frame["basis"] == "others").all()


def test_pairs_with_few_gold_rows_are_judged_by_the_others():
    votes, truth = simulated(0, copied=0.9)
    some = np.where(np.arange(len(truth)) < 10, truth, -1)
    assert set(copying_frame(votes, some)["basis"]) == {"others"}
    assert set(copying_frame(votes, truth)["basis"]) == {"gold"}


def test_names_of_rows_and_classes_do_not_matter():
    votes, truth = simulated(4, copied=0.6, classes=3)
    classes = np.array([2, 0, 1])
    mixed = replace(votes, label=classes[votes.label])
    for gold, same in ((None, None), (truth, classes[truth])):
        one, other = copying_frame(votes, gold), copying_frame(mixed, same)
        assert one["expected"].sort_values().tolist() == pytest.approx(
            other["expected"].sort_values().tolist()
        )


def test_little_to_compare():
    assert copying_frame(table("ab" * 5, "ab" * 5)).empty
    assert copying_frame(table("a" * 30, "a" * 30, "a" * 30, "a" * 30))["copies"].sum() == 0
