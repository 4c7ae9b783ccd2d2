"""Dawid and Skene's model: simulated sources recovered, a climb that never falls, no NaN."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_tables import even_confusions, simulate, uneven_confusions

from mlcore.errors import UserError
from mlcore.evaluation.sources import estimated_accuracy
from mlcore.fusion import dawid_skene as module
from mlcore.fusion.dawid_skene import dawid_skene, one_coin, posterior_of
from mlcore.fusion.rules import plurality
from mlcore.fusion.votes import aligned, long_votes, wide_votes

MODELS = [dawid_skene, one_coin]


def read(simulated):
    return long_votes(simulated.frame, "row", "who", "label")


def accuracy(fused, simulated) -> float:
    return float((fused.label == simulated.truth).mean())


GOOD = simulate(
    3000,
    uneven_confusions([0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5], 3, seed=1),
    [0.5, 0.3, 0.2],
    seed=2,
)


def test_known_confusion_matrices_are_recovered_within_their_standard_error():
    fused = dawid_skene(read(GOOD), smoothing=0.1)
    rows = np.bincount(GOOD.truth)[None, :, None]
    error = np.sqrt(GOOD.confusions * (1 - GOOD.confusions) / rows)
    z = (fused.confusions - GOOD.confusions) / error
    assert np.abs(z).max() < 4  # of 72
    assert np.sqrt((z**2).mean()) < 1.25
    z = (fused.prior - GOOD.prior) / np.sqrt(GOOD.prior * (1 - GOOD.prior) / 3000)
    assert np.abs(z).max() < 3


def test_known_accuracies_are_recovered_by_one_coin():
    accuracies = np.array([0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.9, 0.8])
    drawn = simulate(3000, even_confusions(accuracies, 3), [0.4, 0.35, 0.25], seed=3)
    votes = read(drawn)
    fused = one_coin(votes)
    z = (estimated_accuracy(fused.confusions, fused.prior) - accuracies) / np.sqrt(
        accuracies * (1 - accuracies) / 3000
    )
    assert np.abs(z).max() < 3.5 and np.sqrt((z**2).mean()) < 1.5
    assert accuracy(fused, drawn) > accuracy(plurality(votes), drawn)


def test_probabilities_are_honest():
    drawn = simulate(4000, uneven_confusions([0.7] * 5, 3, seed=5), [0.5, 0.3, 0.2], seed=6)
    fused = dawid_skene(read(drawn))
    sure = fused.posterior.max(axis=1)
    for low, high in [(0.4, 0.7), (0.7, 0.9), (0.9, 1.0)]:
        band = (sure >= low) & (sure < high)
        right = (fused.label == drawn.truth)[band]
        assert right.mean() == pytest.approx(sure[band].mean(), abs=4 * 0.5 / np.sqrt(len(right)))


def test_sources_with_unequal_mistakes_are_used_better_than_by_counting():
    # Three sources call most of the b "a"; what they call "b" is hardly ever an a.
    careless = [[[0.98, 0.02], [0.6, 0.4]]] * 3
    drawn = simulate(3000, np.array([*careless, [[0.8, 0.2], [0.2, 0.8]]]), [0.5, 0.5], seed=7)
    votes = read(drawn)
    assert accuracy(dawid_skene(votes), drawn) > accuracy(plurality(votes), drawn) + 0.05


def test_a_source_that_lies_is_found_and_used():
    drawn = simulate(1000, even_confusions([0.8, 0.8, 0.8, 0.05], 2), [0.5, 0.5], seed=8)
    votes = read(drawn)
    for model in MODELS:
        fused = model(votes)
        assert estimated_accuracy(fused.confusions, fused.prior)[3] == pytest.approx(0.05, abs=0.03)
        assert accuracy(fused, drawn) > 0.94


SPARSE = [
    simulate(300, even_confusions(np.linspace(0.5, 0.95, 200), 2), [0.5, 0.5], 1500, seed=seed)
    for seed in range(6)
]


def gain_over_plurality(model) -> float:
    gains = []
    for drawn in SPARSE:
        votes = read(drawn)
        truth = drawn.truth[[int(name) for name in votes.names]]
        counted = plurality(votes).posterior.argmax(axis=1)
        gains.append((model(votes).label == truth).mean() - (counted == truth).mean())
    return float(np.mean(gains))


@pytest.mark.parametrize("model", MODELS)
def test_seven_votes_of_a_source_do_not_make_it_a_guesser(model, monkeypatch):
    gain = gain_over_plurality(model)
    assert gain > 0
    monkeypatch.setattr(module, "EVENLY", 1.0)
    assert gain_over_plurality(model) < gain - 0.02


def test_one_coin_is_the_full_model_when_sources_err_evenly():
    accuracies = [0.9, 0.8, 0.7, 0.6, 0.75]
    drawn = simulate(4000, even_confusions(accuracies, 2), [0.5, 0.5], seed=9)
    votes = read(drawn)
    full, coin = dawid_skene(votes), one_coin(votes)
    assert (full.label == coin.label).mean() > 0.98
    np.testing.assert_allclose(
        estimated_accuracy(full.confusions, full.prior),
        estimated_accuracy(coin.confusions, coin.prior),
        atol=0.02,
    )


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("smoothing", [0, 0.5, 2])
def test_the_climb_never_falls(model, smoothing):
    drawn = simulate(
        400, uneven_confusions([0.8, 0.6, 0.5, 0.4], 4, 3), [0.4, 0.3, 0.2, 0.1], seed=4
    )
    curve = model(read(drawn), smoothing=smoothing, starts=4).curve
    assert sorted(curve["start"].unique()) == [0, 1, 2, 3, 4]
    column = "log_posterior" if smoothing else "log_likelihood"
    for _, steps in curve.groupby("start"):
        assert steps["iteration"].tolist() == list(range(1, len(steps) + 1))
        assert (np.diff(steps[column]) >= -1e-7 * abs(steps[column].iloc[-1])).all()
    if not smoothing:
        np.testing.assert_array_equal(curve["log_likelihood"], curve["log_posterior"])


def test_the_log_likelihood_is_that_of_the_model():
    drawn = simulate(50, even_confusions([0.8, 0.7, 0.6], 3), [0.5, 0.3, 0.2], seed=4)
    votes = read(drawn)
    fused = dawid_skene(votes, starts=0)
    total = 0.0
    for row in range(votes.n_rows):
        each = fused.prior.copy()
        for place in np.flatnonzero(votes.row == row):
            each *= fused.confusions[votes.source[place], :, votes.label[place]]
        total += np.log(each.sum())
        np.testing.assert_allclose(fused.posterior[row], each / each.sum(), atol=1e-12)
    assert fused.curve["log_likelihood"].iloc[-1] == pytest.approx(total)


def test_the_same_seed_gives_the_same_and_progress_is_told():
    votes, told = read(GOOD), []
    one = dawid_skene(votes, seed=5, report=lambda done, of: told.append((done, of)))
    other = dawid_skene(votes, seed=5)
    np.testing.assert_array_equal(one.posterior, other.posterior)
    pd.testing.assert_frame_equal(one.curve, other.curve)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("model", MODELS)
def test_a_start_with_exchanged_names_is_put_right(model, monkeypatch):
    """One start tells nothing and gets nowhere, the other says the opposite of the votes."""
    drawn = simulate(500, even_confusions([0.8] * 5, 2), [0.5, 0.5], seed=10)

    def exchanged(shares, starts, seed):
        yield np.full_like(shares, 0.5)
        yield shares[:, ::-1]

    monkeypatch.setattr(module, "_first_guesses", exchanged)
    fused = model(read(drawn), smoothing=0.0, most_rounds=300)
    assert accuracy(fused, drawn) > 0.9


def test_random_starts_do_not_exchange_names():
    for seed in range(8):
        drawn = simulate(120, uneven_confusions([0.65] * 4, 3, seed), [0.6, 0.25, 0.15], seed=seed)
        votes = read(drawn)
        fused = dawid_skene(votes, starts=6, seed=seed)
        agreed = plurality(votes).label
        decided = agreed >= 0
        same = [
            (fused.label == np.array(names)[agreed])[decided].mean()
            for names in permutations(range(3))
        ]
        assert np.argmax(same) == 0


def test_new_votes_are_fused_without_fitting_again():
    votes = read(GOOD)
    for model in MODELS:
        fused = model(votes)
        np.testing.assert_allclose(
            posterior_of(votes, fused.prior, fused.confusions), fused.posterior, atol=1e-9
        )
        new = pd.DataFrame(
            {"w003": ["b", None, "z"], "stranger": ["a", "a", "a"], "w000": ["B", None, None]}
        )
        known = aligned(wide_votes(new, list(new)), votes.sources, votes.classes)
        posterior = posterior_of(known, fused.prior, fused.confusions)
        by_hand = fused.prior * fused.confusions[3, :, 1] * fused.confusions[0, :, 1]
        np.testing.assert_allclose(posterior[0], by_hand / by_hand.sum())
        np.testing.assert_array_equal(posterior[1:], 0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "columns",
    [
        {"p": ["a", "a"], "q": ["a", "a"]},
        {"p": ["a", None, "b"], "q": [None, None, "a"]},
        {"p": ["a"], "q": [None]},
        {"p": ["a", "b", "c"], "q": ["b", "c", "a"], "r": ["c", "a", "b"]},
        {"p": list("aaaaaaaab"), "q": list("aaaaaaaaa"), "r": list("aaaaaaaac")},
    ],
    ids=["one class", "holes", "one vote", "everyone differs", "classes that never win"],
)
@pytest.mark.parametrize("smoothing", [0, 2])
def test_small_and_odd_tables_give_no_nan(model, columns, smoothing):
    frame = pd.DataFrame(columns)
    votes = wide_votes(frame, list(frame), classes=["nobody's"])
    fused = model(votes, smoothing=smoothing)
    for values in (fused.posterior, fused.confusions, fused.prior):
        assert np.isfinite(values).all()
    np.testing.assert_allclose(fused.posterior.sum(axis=1), votes.per_row() > 0)
    np.testing.assert_allclose(fused.confusions.sum(axis=2), 1)
    assert np.isfinite(fused.curve["log_likelihood"]).all()
    assert (fused.label[votes.per_row() == 0] == -1).all()


def test_two_sources_that_disagree_evenly_tie():
    frame = pd.DataFrame({"p": ["a", "b"] * 5, "q": ["b", "a"] * 5})
    fused = one_coin(wide_votes(frame, ["p", "q"]), starts=0)
    assert fused.tied.all() and (fused.label == -1).all()


CELLS = st.sampled_from(["a", "b", "c", None])
GRIDS = st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=3, max_size=8).filter(
    lambda rows: any(cell is not None for row in rows for cell in row)
)
# A few rounds: what a table like these leaves open, rounding would decide in the end.
QUICK = {"starts": 0, "most_rounds": 15}


@pytest.mark.parametrize("model", MODELS)
@given(GRIDS, st.permutations("0123"), st.permutations("abc"), st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_other_rows_sources_and_names_permute_the_result(model, rows, order, names, random):
    frame = pd.DataFrame(rows, columns=list("0123"), dtype="object")
    before = model(wide_votes(frame, list("0123"), classes="abc"), **QUICK)
    shuffled = random.sample(range(len(frame)), len(frame))
    renaming = dict(zip("abc", names, strict=True))
    changed = frame.iloc[shuffled].map(lambda cell: renaming.get(cell))
    after = model(wide_votes(changed, order, classes="abc"), **QUICK)
    place = ["abc".index(renaming[name]) for name in "abc"]
    moved = [order.index(source) for source in "0123"]
    np.testing.assert_allclose(before.posterior[shuffled], after.posterior[:, place], atol=1e-6)
    np.testing.assert_allclose(
        before.confusions, after.confusions[np.ix_(moved, place, place)], atol=1e-6
    )


@pytest.mark.parametrize("model", MODELS)
@given(GRIDS)
@settings(max_examples=20)
def test_a_source_that_always_abstains_changes_nothing(model, rows):
    frame = pd.DataFrame(rows, columns=list("0123"), dtype="object")
    silent = frame.assign(silent="?")
    before = model(wide_votes(frame, list("0123"), abstain=["?"]), **QUICK)
    after = model(wide_votes(silent, list(silent), abstain=["?"]), **QUICK)
    np.testing.assert_allclose(before.posterior, after.posterior, atol=1e-6)
    np.testing.assert_allclose(before.confusions, after.confusions[:4], atol=1e-6)


def test_numbers_chosen_as_labels_are_turned_down_before_they_fill_the_memory():
    frame = pd.DataFrame({f"s{n}": np.arange(3000) for n in range(3)})
    with pytest.raises(UserError) as caught:
        dawid_skene(wide_votes(frame, list(frame)))
    assert caught.value.code == "fusion.too_many_labels"
