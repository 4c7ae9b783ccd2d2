"""Learning with and without the other rows: fair draws, hidden labels, honest intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_iris, make_moons
from sklearn.neighbors import KNeighborsClassifier
from sklearn.semi_supervised import LabelSpreading

from mlcore.evaluation.intervals import corrected_interval
from mlcore.evaluation.label_draws import (
    COLUMNS,
    GainVerdict,
    compare_draws,
    draw_interval,
    draw_sizes,
    draw_summary,
    gain_at_fewer,
    gain_frame,
    gain_interval,
    gain_verdict,
    judge_gain,
    label_draws,
    why_no_draws,
)


def coded(*counts: int, unlabelled: int = 20) -> np.ndarray:
    codes = np.repeat(np.arange(-1, len(counts)), [unlabelled, *counts])
    return np.random.default_rng(0).permutation(codes)


def hidden(codes: np.ndarray, kept: int, seed: int = 0) -> np.ndarray:
    """Codes with ``kept`` of them by lot, the rest -1."""
    lot = np.random.default_rng(seed).permutation(len(codes))
    return np.where(np.isin(np.arange(len(codes)), lot[:kept]), codes, -1)


def draws_of(**gains: list[float]) -> pd.DataFrame:
    """A frame of draws: the key is ``s<size>``, values are gains over an accuracy of 0.5."""
    lines = [
        (int(key[1:]), repeat, method, 0.5 + value, int(key[1:]), 10)
        for key, values in gains.items()
        for repeat, gain in enumerate(values, start=1)
        for method, value in (("alone", 0.0), ("with_unlabelled", gain))
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


# Sizes


def test_sizes_rise_by_about_a_factor_from_one_a_class_to_three_quarters() -> None:
    assert draw_sizes(coded(50, 50)) == (2, 5, 12, 30, 75)
    assert draw_sizes(coded(6, 6)) == (2, 3, 4)  # 8 stay hidden


@given(st.lists(st.integers(1, 60), min_size=2, max_size=8))
def test_sizes_keep_a_label_a_class_and_hide_enough(counts: list[int]) -> None:
    codes, total = coded(*counts), sum(counts)
    sizes = draw_sizes(codes)
    assert list(sizes) == sorted(set(sizes)) and len(sizes) <= 5
    assert bool(sizes) == (why_no_draws(codes) is None)
    if sizes:
        assert sizes[0] == len(counts)
        assert total - sizes[-1] >= max(8, total / 4)


def test_too_few_labels_say_how_many_are_needed() -> None:
    assert draw_sizes(coded(5, 4)) == ()
    assert "there are 9 labels of 2 classes, and at least 10 are needed" in str(
        why_no_draws(coded(5, 4))
    )
    assert draw_sizes(coded(5, 5)) == (2,) and why_no_draws(coded(5, 5)) is None
    assert "name 1 class" in str(why_no_draws(coded(50)))
    many = coded(*[1] * 40)  # a quarter, not eight, decides
    assert "at least 54 are needed" in str(why_no_draws(many))
    assert draw_sizes(coded(*[1] * 26, *[2] * 14)) == (40,)


# Draws


@given(st.lists(st.integers(1, 30), min_size=2, max_size=6), st.integers(0, 5))
def test_a_draw_divides_the_labels_and_keeps_every_class(counts: list[int], seed: int) -> None:
    codes = coded(*counts)
    for draw in label_draws(codes, draw_sizes(codes), 2, seed):
        assert len(draw.train) == draw.size
        both = np.concatenate([draw.train, draw.held_out])
        assert sorted(both) == np.flatnonzero(codes >= 0).tolist()
        kept = np.bincount(codes[draw.train], minlength=len(counts))
        assert (kept >= 1).all()
        share = (draw.size - len(counts)) / max(1, sum(counts) - len(counts))
        expected = 1 + share * (np.array(counts) - 1)
        assert (np.abs(kept - expected) < 1).all()


def test_draws_differ_and_can_be_had_again() -> None:
    codes = coded(20, 20)
    first = [draw.train.tolist() for draw in label_draws(codes, (10, 20), 3, 7)]
    assert len({tuple(rows) for rows in first}) == 6
    assert [draw.train.tolist() for draw in label_draws(codes, (20,), 3, 7)] == first[3:]
    assert [draw.train.tolist() for draw in label_draws(codes, (10, 20), 3, 8)] != first


# Hidden labels are hidden


def test_whoever_hands_back_what_it_was_given_is_never_right() -> None:
    codes = coded(20, 30)
    frame = compare_draws(
        codes, label_draws(codes, (5, 20), 3), lambda known: known, lambda known: known
    )
    assert (frame["accuracy"] == 0).all()


def test_the_hidden_labels_reach_no_algorithm_and_no_later_draw() -> None:
    codes = coded(20, 30)
    draws = list(label_draws(codes, (5, 20), 3))
    seen = []

    def learner(known: np.ndarray) -> np.ndarray:
        seen.append(known.copy())
        answer = np.zeros_like(known)
        known[:] = 9  # what it does to its copy is its own affair
        return answer

    compare_draws(codes, draws, learner, learner)
    for number, known in enumerate(seen):
        draw = draws[number // 2]
        assert np.flatnonzero(known != -1).tolist() == draw.train.tolist()
        assert (known[draw.train] == codes[draw.train]).all()
    assert set(np.unique(codes)) == {-1, 0, 1}


def test_accuracy_is_the_share_of_hidden_labels_that_were_met() -> None:
    codes = coded(20, 30)
    told = []
    frame = compare_draws(
        codes,
        label_draws(codes, (10,), 2),
        lambda known: np.zeros_like(known),
        lambda known: np.full_like(known, -1),  # reached nothing
        report=lambda done, total: told.append((done, total)),
    )
    assert frame.columns.tolist() == COLUMNS and told == [(1, 2), (2, 2)]
    assert frame["method"].tolist() == ["alone", "with_unlabelled"] * 2
    alone = frame[frame["method"] == "alone"]
    assert alone["accuracy"].tolist() == [16 / 40] * 2  # 4 of 20 and 6 of 30 are learnt from
    assert (frame.loc[frame["method"] != "alone", "accuracy"] == 0).all()
    assert (frame["n_train"] == 10).all() and (frame["n_held_out"] == 40).all()


def test_nothing_to_draw_is_an_empty_frame() -> None:
    frame = compare_draws(coded(3, 3), [], lambda known: known, lambda known: known)
    assert frame.empty and frame.columns.tolist() == COLUMNS
    assert draw_summary(frame).empty and gain_frame(frame).empty
    assert judge_gain(gain_frame(frame)) is GainVerdict.NOT_MEASURED
    assert "not measured" in str(gain_verdict(gain_frame(frame)))


# Summaries and verdicts


def test_summary_and_gain_use_the_corrected_interval_of_each_size() -> None:
    frame = draws_of(s4=[0.1, 0.2, 0.4], s40=[0.1, -0.1, 0.3])
    summary, gains = draw_summary(frame), gain_frame(frame)
    assert summary[["size", "method"]].to_numpy().tolist() == [
        [4, "alone"], [4, "with_unlabelled"], [40, "alone"], [40, "with_unlabelled"]
    ]  # fmt: skip
    for size, values, ratio in ((4, [0.1, 0.2, 0.4], 1.0), (40, [0.1, -0.1, 0.3], 0.25)):
        expected = corrected_interval(values, ratio)
        row = gains[gains["size"] == size].iloc[0]
        assert row[["gain", "low", "high"]].tolist() == pytest.approx(
            [expected.mean, expected.low, expected.high]
        )
        mean = summary[(summary["size"] == size) & (summary["method"] != "alone")].iloc[0]
        assert mean["mean"] == pytest.approx(0.5 + expected.mean)
        assert mean["high"] == pytest.approx(min(1.0, 0.5 + expected.high))
        assert mean["repeats"] == 3


def test_the_interval_stays_on_the_scale_with_a_handful_of_labels() -> None:
    values = [0.6, 0.7, 0.8, 0.7, 0.65, 0.75]
    assert draw_interval(values, 2, 98) == corrected_interval(values, 1.0)
    assert draw_interval(values, 75, 25) == corrected_interval(values, 1 / 3)


@pytest.mark.parametrize(
    ("gains", "verdict", "said"),
    [
        ([0.4, 0.41, 0.42] * 2, GainVerdict.HELPS, "accuracy is higher by +41.0 percentage points"),
        ([-0.1, 0.11, 0.12] * 2, GainVerdict.NOT_TOLD, "cannot be told"),
        ([-0.4, -0.41, -0.42] * 2, GainVerdict.HURTS, "Train on the labelled rows alone."),
        ([0.4], GainVerdict.FEW_DRAWS, "fewer than 5 draws of the labels (1)"),
        ([0.4, 0.41, 0.42, 0.43], GainVerdict.FEW_DRAWS, "Ask for more draws."),
        ([0.1] * 5, GainVerdict.NOT_TOLD, "+10.0"),
        ([0.0] * 5, GainVerdict.NOT_TOLD, "+0.0"),
    ],
)
def test_the_verdict_is_that_of_the_largest_size(
    gains: list[float], verdict: GainVerdict, said: str
) -> None:
    frame = gain_frame(draws_of(s4=[0.3, 0.3, 0.31], s40=gains))
    assert judge_gain(frame) is verdict
    assert said in str(gain_verdict(frame)) and "40 labels" in str(gain_verdict(frame))


def test_where_both_are_perfect_there_is_nothing_to_gain() -> None:
    perfect = draws_of(s4=[0.3] * 5, s40=[0.0] * 5).assign(
        accuracy=lambda table: table["accuracy"].where(table["size"] == 4, 1.0)
    )
    gains = gain_frame(perfect)
    assert gains["perfect"].tolist() == [False, True]
    assert judge_gain(gains) is GainVerdict.PERFECT
    assert "both ways of learning are perfect on the hidden labels" in str(gain_verdict(gains))
    one_label_missed = perfect.assign(accuracy=perfect["accuracy"].replace(1.0, 0.99))
    assert judge_gain(gain_frame(one_label_missed)) is GainVerdict.NOT_TOLD
    once = gain_frame(perfect[perfect["repeat"] == 1])
    assert judge_gain(once) is GainVerdict.FEW_DRAWS


def test_each_smaller_number_of_labels_has_its_word() -> None:
    gains = gain_frame(
        draws_of(s4=[0.4] * 6, s10=[0.41] * 6, s20=[-0.45] * 6, s30=[0.0] * 6, s40=[0.3] * 6)
    )
    assert str(gain_at_fewer(gains)) == (
        "With fewer labels: they help with 4 and 10; it cannot be told with 30; they hurt with 20."
    )
    assert gain_at_fewer(gains.tail(1)) is None and gain_at_fewer(gains.iloc[:0]) is None


@pytest.mark.parametrize("gain", [0.0, 0.1, -0.5, 1.0])
def test_equal_gains_are_no_surer_than_counting_so_few_labels(gain: float) -> None:
    found = gain_interval([gain] * 10, 4, 8)
    share = (12 * abs(gain) + 1) / (12 + 2)  # of all labels, those learnt from and those hidden
    reach = 2.2622 * np.sqrt(share * (1 - share) / 12)
    assert (found.mean, found.high - gain, gain - found.low) == pytest.approx(
        (gain, reach, reach), rel=1e-4
    )


def test_gains_that_spread_more_have_their_own_interval() -> None:
    gains = [0.3, -0.1, 0.5, 0.0, 0.2]
    assert gain_interval(gains, 30, 10) == corrected_interval(gains, 1 / 3)


def test_a_steady_gain_on_enough_labels_is_told() -> None:
    assert gain_interval([0.2] * 10, 20, 20).low > 0 > gain_interval([0.2] * 10, 4, 8).low


@pytest.mark.parametrize(("labels", "repeats"), [(12, 2), (12, 5), (12, 10), (20, 5)])
def test_labels_by_lot_seldom_get_a_verdict(labels: int, repeats: int) -> None:
    verdicts = [verdict_by_lot(labels, repeats, seed) for seed in range(60)]
    told = [one for one in verdicts if one in (GainVerdict.HELPS, GainVerdict.HURTS)]
    assert len(verdicts) == 60 and len(told) <= 3  # one in twenty


def verdict_by_lot(labels: int, repeats: int, seed: int) -> GainVerdict:
    """What is said where nobody can know anything: the nearest row against the nearest mean."""
    random = np.random.default_rng(seed)
    matrix, codes = random.normal(size=(labels, 2)), np.arange(labels) % 2
    draws = label_draws(codes, draw_sizes(codes)[-1:], repeats, seed)
    return judge_gain(gain_frame(compare_draws(codes, draws, by_row(matrix), by_mean(matrix))))


def by_row(matrix: np.ndarray):
    def learn(known: np.ndarray) -> np.ndarray:
        rows = np.flatnonzero(known >= 0)
        apart = ((matrix[:, None] - matrix[rows]) ** 2).sum(axis=2)
        return known[rows[apart.argmin(axis=1)]]

    return learn


def by_mean(matrix: np.ndarray):
    def learn(known: np.ndarray) -> np.ndarray:
        means = np.array([matrix[known == code].mean(axis=0) for code in (0, 1)])
        return ((matrix[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)

    return learn


def alone(matrix: np.ndarray):
    def learn(known: np.ndarray) -> np.ndarray:
        rows = known >= 0
        return KNeighborsClassifier(1).fit(matrix[rows], known[rows]).predict(matrix)

    return learn


def spreading(matrix: np.ndarray):
    def learn(known: np.ndarray) -> np.ndarray:
        model = LabelSpreading(kernel="knn", n_neighbors=7, alpha=0.9, max_iter=200)
        return model.fit(matrix, known).transduction_

    return learn


def compared(matrix: np.ndarray, codes: np.ndarray, sizes: tuple[int, ...], repeats: int = 8):
    draws = label_draws(codes, sizes, repeats)
    return gain_frame(compare_draws(codes, draws, alone(matrix), spreading(matrix)))


def test_on_two_moons_the_other_rows_help() -> None:
    matrix, codes = make_moons(300, noise=0.08, random_state=0)
    gains = compared(matrix, hidden(codes, 40), (4,))
    assert judge_gain(gains) is GainVerdict.HELPS and gains["gain"].iloc[0] > 0.05


def test_where_neighbours_are_of_other_classes_the_other_rows_hurt() -> None:
    # One feature tells the classes apart; labelled rows know it alone, the graph sees noise.
    random = np.random.default_rng(1)
    codes = random.integers(0, 2, 300)
    noise = random.normal(size=(300, 5))
    telling = codes[:, None] + random.normal(0, 0.1, (300, 1))
    draws = label_draws(hidden(codes, 60), (20, 44), 8)
    frame = compare_draws(hidden(codes, 60), draws, alone(telling), spreading(noise))
    gains = gain_frame(frame)
    assert judge_gain(gains) is GainVerdict.HURTS
    assert str(gain_verdict(gains)).startswith("The rows without a label hurt: with 44 labels")


def test_iris_gets_better_with_labels() -> None:
    matrix, codes = load_iris(return_X_y=True)
    frame = compare_draws(codes, label_draws(codes, (6, 30), 10), alone(matrix), spreading(matrix))
    summary = draw_summary(frame)
    spread = summary[summary["method"] == "with_unlabelled"]["mean"].tolist()
    # Published for spreading over the nearest neighbours: .90 with 6 labels, .95 with 30.
    assert spread[0] == pytest.approx(0.90, abs=0.05)
    assert spread[1] == pytest.approx(0.95, abs=0.02)
