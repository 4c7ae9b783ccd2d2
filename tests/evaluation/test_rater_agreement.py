"""Agreement between sources: textbook values, another library, closed forms, permutations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from mlcore.errors import UserError
from mlcore.evaluation.rater_agreement import (
    agreement_frame,
    cohen_kappa_frame,
    fleiss_kappa,
    kappa_note,
    krippendorff_alpha,
    pair_counts,
    read_agreement,
)
from mlcore.fusion.votes import Votes, wide_votes

#: 10 rows, 14 raters, 5 classes: the worked example for Fleiss (1971) that textbooks print.
FLEISS = np.array(
    [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
     [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
)  # fmt: skip
#: 3 coders, 15 units, "*" for a missing vote: the worked example for Krippendorff's alpha.
CODERS = ("*****34121133*3", "1*213343*******", "**21344*21133*4")
ALPHA = {"nominal": 0.691358, "ordinal": 0.806721, "interval": 0.810845, "ratio": 0.808944}


def table(*lines: str) -> Votes:
    """Votes of one source a line, one character a row, "*" for none."""
    columns = {f"s{n}": [None if c == "*" else c for c in line] for n, line in enumerate(lines)}
    return wide_votes(pd.DataFrame(columns, dtype="str"), list(columns))


def crossed(counts: list[list[int]]) -> Votes:
    """Votes of two sources with this table of counts."""
    pairs = [(i, j) for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(n)]
    return table("".join(str(i) for i, _ in pairs), "".join(str(j) for _, j in pairs))


def random_votes(seed: int = 0, rows: int = 60, sources: int = 4, classes: int = 3) -> Votes:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, rows)
    lines = []
    for _ in range(sources):
        given = np.where(rng.random(rows) < 0.7, truth, rng.integers(0, classes, rows))
        lines.append("".join("*" if rng.random() < 0.3 else str(label) for label in given))
    return table(*lines)


def textbook_alpha(votes: Votes, metric: str) -> float:
    """Krippendorff's alpha the long way, over all pairs of votes."""
    distance = {
        "nominal": lambda c, k, n: float(c != k),
        "ordinal": lambda c, k, n: (n[min(c, k) : max(c, k) + 1].sum() - (n[c] + n[k]) / 2) ** 2,
        "interval": lambda c, k, n: (votes.values[c] - votes.values[k]) ** 2,
    }[metric]
    units = [votes.label[votes.row == row] for row in range(votes.n_rows)]
    units = [unit for unit in units if len(unit) > 1]
    n = np.bincount(np.concatenate(units), minlength=len(votes.classes))
    observed = sum(
        distance(unit[i], unit[j], n) / (len(unit) - 1)
        for unit in units for i in range(len(unit)) for j in range(len(unit)) if i != j
    )  # fmt: skip
    every = range(len(n))
    expected = sum(n[c] * n[k] * distance(c, k, n) for c in every for k in every)
    return 1 - (n.sum() - 1) * observed / expected


@pytest.mark.parametrize(
    ("counts", "kappa"),
    [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.13043), ([[25, 35], [5, 35]], 0.25926)],
)
def test_cohen_as_published(counts, kappa):
    frame = cohen_kappa_frame(crossed(counts))
    assert list(frame.columns) == ["source", "other", "kappa", "rows"]
    assert frame["kappa"][0] == pytest.approx(kappa, abs=5e-6)
    assert frame["rows"][0] == np.sum(counts)


def test_cohen_is_scikit_learns_on_common_rows():
    votes = random_votes(sources=5)
    wide = np.full((votes.n_rows, 5), -1)
    wide[votes.row, votes.source] = votes.label
    frame = cohen_kappa_frame(votes)
    assert len(frame) == 10
    for line in frame.itertuples():
        pair = wide[:, [votes.sources.index(line.source), votes.sources.index(line.other)]]
        both = pair[(pair >= 0).all(axis=1)]
        assert line.rows == len(both)
        assert line.kappa == pytest.approx(cohen_kappa_score(both[:, 0], both[:, 1]))


def test_pairs_without_a_kappa_have_none_and_their_rows():
    frame = cohen_kappa_frame(table("aab**", "***ab", "aa***"))
    assert frame["kappa"].tolist() == [None, None, None]
    assert frame["rows"].tolist() == [0, 2, 0]


def test_of_many_sources_the_most_active_are_compared():
    votes = table("ab*", "aba", "a**", "abb")
    frame = cohen_kappa_frame(votes, most_sources=2)
    assert frame[["source", "other"]].to_numpy().tolist() == [["s1", "s3"]]
    assert "the 2 sources with the most votes, of 4" in str(kappa_note(4, 2))
    assert kappa_note(30) is None


def test_common_rows_can_be_limited():
    rows = np.array([True, True, False])
    counted = pair_counts(table("aab", "aab"), np.arange(2), rows)
    assert counted.rows.tolist() == counted.same.tolist() == [[2, 2], [2, 2]]
    assert counted.chance.tolist() == [[4, 4], [4, 4]]


def test_fleiss_as_published():
    assert fleiss_kappa(FLEISS) == pytest.approx(0.20993, abs=5e-6)


def test_fleiss_with_different_numbers_of_votes():
    counts = [[2, 0], [1, 2], [1, 0], [0, 0]]
    # agreement (1 + 1/3) / 2; class shares (1 + 1/3 + 1) / 3 = 7/9 and 2/9
    chance = (49 + 4) / 81
    assert fleiss_kappa(counts) == pytest.approx((2 / 3 - chance) / (1 - chance))


def test_fleiss_without_a_value():
    assert np.isnan(fleiss_kappa([[1, 0], [0, 1]]))
    assert np.isnan(fleiss_kappa([[3, 0], [2, 0]]))
    assert fleiss_kappa([[3, 0], [0, 3]]) == 1


@pytest.mark.parametrize("metric", ALPHA)
def test_krippendorff_as_published(metric):
    assert krippendorff_alpha(table(*CODERS), metric) == pytest.approx(ALPHA[metric], abs=5e-7)


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", [1, 2])
def test_krippendorff_the_long_way(metric, seed):
    votes = random_votes(seed, classes=5)
    assert krippendorff_alpha(votes, metric) == pytest.approx(textbook_alpha(votes, metric))


def test_interval_alpha_knows_no_zero_point():
    votes = random_votes(3, classes=4)
    moved = replace(votes, values=votes.values * 0.001 + 1e6)
    alpha = krippendorff_alpha(votes, "interval")
    assert krippendorff_alpha(moved, "interval") == pytest.approx(alpha, abs=1e-6)


def test_alpha_without_a_value():
    assert np.isnan(krippendorff_alpha(table("a*", "*b")))
    assert np.isnan(krippendorff_alpha(table("aa", "aa")))
    assert krippendorff_alpha(table("ab", "ab")) == 1
    assert krippendorff_alpha(table("ab", "ba")) < 0


def test_what_a_metric_needs():
    words = table("abc", "abc")
    with pytest.raises(UserError, match="needs labels that are numbers"):
        krippendorff_alpha(words, "interval")
    negative = replace(words, values=np.array([-2.0, 0, 1]))
    with pytest.raises(UserError, match="go down to -2"):
        krippendorff_alpha(negative, "ratio")
    assert krippendorff_alpha(negative, "interval") == 1


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_names_and_order_of_rows_sources_and_classes_do_not_matter(seed):
    votes = random_votes(seed, rows=25)
    rng = np.random.default_rng(seed)
    rows, classes = rng.permutation(votes.n_rows), rng.permutation(len(votes.classes))
    mixed = replace(votes, row=rows[votes.row], label=classes[votes.label], values=None)
    assert krippendorff_alpha(mixed) == pytest.approx(krippendorff_alpha(votes), nan_ok=True)
    assert fleiss_kappa(mixed.counts()) == pytest.approx(fleiss_kappa(votes.counts()), nan_ok=True)
    assert cohen_kappa_frame(mixed)["kappa"].tolist() == pytest.approx(
        cohen_kappa_frame(votes)["kappa"].tolist()
    )
    turned = replace(votes, sources=votes.sources[::-1], source=3 - votes.source)
    assert sorted(cohen_kappa_frame(turned)["kappa"]) == pytest.approx(
        sorted(cohen_kappa_frame(votes)["kappa"])
    )


def test_turning_the_order_round_keeps_the_ordinal_alpha():
    votes = random_votes(4, classes=5)
    turned = replace(votes, label=len(votes.classes) - 1 - votes.label)
    assert krippendorff_alpha(turned, "ordinal") == pytest.approx(
        krippendorff_alpha(votes, "ordinal")
    )


def test_a_source_that_always_abstains_changes_nothing():
    votes = random_votes(5)
    more = replace(
        votes,
        sources=(*votes.sources, "silent"),
        abstained_row=np.arange(votes.n_rows),
        abstained_source=np.full(votes.n_rows, len(votes.sources)),
    )
    pd.testing.assert_frame_equal(
        agreement_frame(more, 20, ordered=True), agreement_frame(votes, 20, ordered=True)
    )
    kappas = cohen_kappa_frame(more)
    silent = kappas["other"] == "silent"
    assert kappas.loc[silent, "kappa"].tolist() == [None] * 4
    pd.testing.assert_frame_equal(
        kappas[~silent].reset_index(drop=True), cohen_kappa_frame(votes), check_dtype=False
    )


def test_the_frame_holds_the_statistics_with_their_intervals():
    votes = random_votes(6, rows=200)
    frame = agreement_frame(votes, ordered=True)
    assert list(frame.columns) == ["statistic", "value", "low", "high", "rows"]
    by = frame.set_index("statistic")["value"]
    assert by["fleiss"] == pytest.approx(fleiss_kappa(votes.counts()))
    for metric in ("nominal", "ordinal", "interval"):
        assert by[f"alpha_{metric}"] == pytest.approx(krippendorff_alpha(votes, metric))
    assert ((frame["low"] < frame["value"]) & (frame["value"] < frame["high"])).all()
    assert (frame["rows"] == (votes.counts().sum(axis=1) >= 2).sum()).all()
    pd.testing.assert_frame_equal(frame, agreement_frame(votes, ordered=True))
    assert not frame.equals(agreement_frame(votes, ordered=True, seed=1))


def test_an_order_is_used_only_when_it_means_something():
    assert list(agreement_frame(random_votes(), 0)["statistic"]) == ["fleiss", "alpha_nominal"]
    words = agreement_frame(table("abc", "abb"), 0, ordered=True)
    assert list(words["statistic"]) == ["fleiss", "alpha_nominal", "alpha_ordinal"]


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Alpha of a very long table of the same kind is the truth."""
    truth = krippendorff_alpha(random_votes(99, rows=20_000))
    held = 0
    for seed in range(40):
        line = agreement_frame(random_votes(seed, rows=150), 100, seed).iloc[1]
        held += line["low"] <= truth <= line["high"]
    assert held >= 33


def test_agreement_in_words():
    said = list(map(str, read_agreement(agreement_frame(random_votes(6, rows=200), ordered=True))))
    assert len(said) == 5
    assert said[0].startswith("Fleiss’ kappa is 0.") and "(95 % interval 0." in said[0]
    assert "between 0.09 and 0.58" in said[-1] and "60 to 96 %" in said[-1]
    perfect = list(map(str, read_agreement(agreement_frame(table("ab", "ab"), 0))))
    assert perfect[0].startswith("Fleiss’ kappa is 1.00 on 2 rows")
    assert "called reliable" in perfect[-1]
    none = read_agreement(agreement_frame(table("a*", "*b")))
    assert [message.code for message in none] == ["fusion.agreement.undefined"]


def test_nothing_is_undefined_loudly():
    frame = agreement_frame(table("a*", "*b"))
    assert frame[["value", "low", "high"]].isna().all(axis=None) and (frame["rows"] == 0).all()


@pytest.mark.parametrize("n_labels", [3, 64, 65, 200])
def test_pairs_are_counted_right_whatever_the_number_of_labels(n_labels):
    rng = np.random.default_rng(n_labels)
    frame = pd.DataFrame(rng.integers(0, n_labels, (300, 4)), columns=list("pqrs"))
    # Labels by lot are seldom alike, so one source follows another on half of the rows.
    frame["q"] = frame["q"].where(rng.random(300) < 0.5, frame["p"])
    votes = wide_votes(frame.where(rng.random(frame.shape) < 0.8), list("pqrs"))
    pairs = pair_counts(votes, np.arange(4))
    label = np.full((300, 4), -1)
    label[votes.row, votes.source] = votes.label
    for one in range(4):
        for other in range(4):
            both = label[(label[:, [one, other]] >= 0).all(axis=1)][:, [one, other]]
            shares = [np.bincount(column, minlength=n_labels) for column in both.T]
            assert pairs.rows[one, other] == len(both)
            assert pairs.same[one, other] == (both[:, 0] == both[:, 1]).sum()
            assert pairs.chance[one, other] == shares[0] @ shares[1]
