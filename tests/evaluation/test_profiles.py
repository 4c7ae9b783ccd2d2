"""What sets clusters apart, against direct formulas, closed forms and what must not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlcore.data.schema import ColumnKind
from mlcore.evaluation import profiles
from mlcore.evaluation.profiles import (
    COLUMNS,
    EFFECT_SIZES,
    cluster_names,
    cohens_h,
    describe_clusters,
    heatmap_frame,
    profile_frame,
    size_name,
)
from mlcore.messages import Message

NUMBER, CATEGORY = ColumnKind.NUMBER, ColumnKind.CATEGORY


def text(values) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def penguins() -> tuple[pd.DataFrame, dict[str, ColumnKind], pd.Series]:
    """Twelve penguins in two clusters and two rows of noise."""
    features = pd.DataFrame(
        {
            "mass": [5.0, 5.2, 4.8, 5.1, 5.3, 3.0, 3.2, 3.1, 2.9, 3.3, 4.0, None],
            "island": text(["Biscoe"] * 4 + ["Dream"] + ["Dream"] * 4 + ["Torgersen"] * 2)
            .reindex(range(12)),
            "tagged": text(["yes", "no"] * 6),
            "seen": pd.Timestamp("2024-03-01") + pd.to_timedelta([30.0] * 5 + [0.0] * 7, "D"),
            "remark": text(["big and loud"] * 5 + ["small, quiet"] * 6 + [None]),
            "ring": text(map(str, range(12))),
        }
    )  # fmt: skip
    kinds = {
        "mass": NUMBER,
        "island": CATEGORY,
        "tagged": ColumnKind.YES_NO,
        "seen": ColumnKind.DATETIME,
        "remark": ColumnKind.TEXT,
        "ring": ColumnKind.IDENTIFIER,
    }
    return features, kinds, text(["0"] * 5 + ["1"] * 5 + ["noise"] * 2)


def cohens_d(inside, outside) -> float:
    """The formula as it stands in the book."""
    n, m = len(inside), len(outside)
    pooled = ((n - 1) * np.var(inside, ddof=1) + (m - 1) * np.var(outside, ddof=1)) / (n + m - 2)
    return (np.mean(inside) - np.mean(outside)) / np.sqrt(pooled)


def line(frame: pd.DataFrame, cluster: str, column: str, value: str = "") -> pd.Series:
    found = frame[
        (frame["cluster"] == cluster) & (frame["column"] == column) & (frame["value"] == value)
    ]
    assert len(found) == 1
    return found.iloc[0]


# --- the numbers -------------------------------------------------------------------------------


def test_numbers_have_cohens_d():
    random = np.random.default_rng(0)
    x = random.gamma(2.0, 3.0, 300) * 1e6 + 1e9
    clusters = text(random.choice(["0", "1", "2", "noise"], 300, p=[0.5, 0.3, 0.15, 0.05]))
    frame = profile_frame(pd.DataFrame({"x": x}), {"x": NUMBER}, clusters)
    for name in ("0", "1", "2", "noise"):
        inside, outside = x[clusters == name], x[clusters != name]
        row = line(frame, name, "x")
        assert row["effect"] == pytest.approx(cohens_d(inside, outside), rel=1e-9)
        # d is the t of Student's test, freed from the number of rows
        t = stats.ttest_ind(inside, outside).statistic
        assert row["effect"] == pytest.approx(t * np.sqrt(1 / len(inside) + 1 / len(outside)))
        assert row["inside"] == pytest.approx(inside.mean(), rel=1e-12)
        assert row["outside"] == pytest.approx(outside.mean(), rel=1e-12)
        assert (row["effect_name"], row["rows"]) == ("Cohen's d", len(inside))


def test_shares_have_cohens_h():
    features, kinds, clusters = penguins()
    frame = profile_frame(features, kinds, clusters)
    row = line(frame, "0", "island", "Biscoe")
    assert (row["inside"], row["outside"], row["captured"]) == (0.8, 0.0, 1.0)
    assert row["effect"] == pytest.approx(2 * np.arcsin(np.sqrt(0.8)))
    row = line(frame, "1", "island", "Dream")
    assert (row["inside"], row["outside"], row["captured"]) == (0.8, 1 / 6, 0.8)
    assert row["effect"] == pytest.approx(2 * np.arcsin(np.sqrt(0.8)) - 2 * np.arcsin(6**-0.5))
    row = line(frame, "noise", "island", "Torgersen")
    assert (row["inside"], row["outside"], row["captured"]) == (1.0, 0.1, 0.5)
    assert (row["rows"], row["missing_inside"]) == (1, 0.5)


@pytest.mark.parametrize(
    ("p", "q", "h"),
    # Cohen (1988), table 6.2.2: 2·asin√0.5 = 1.571, 2·asin√0.4 = 1.369, 2·asin√0.25 = 1.047
    [(0.5, 0.4, 1.571 - 1.369), (0.5, 0.25, 1.571 - 1.047), (1, 0, np.pi), (0.3, 0.3, 0)],
)
def test_cohens_h_as_published(p, q, h):
    assert cohens_h(p, q) == pytest.approx(h, abs=1e-3)
    assert cohens_h(q, p) == -cohens_h(p, q)


def test_dates_are_compared_as_time():
    features, kinds, clusters = penguins()
    row = line(profile_frame(features, kinds, clusters), "0", "seen")
    assert row["inside"] - row["outside"] == 30 * 86_400
    assert row["effect"] == np.inf
    assert row["words"] == "later “seen” (2024-03-31 against 2024-03-01)"
    # another resolution of the same moments changes nothing
    fine = features.assign(seen=features["seen"].astype("datetime64[ns]"))
    pd.testing.assert_frame_equal(
        profile_frame(fine, kinds, clusters), profile_frame(features, kinds, clusters)
    )


def test_text_is_compared_by_its_words():
    features, kinds, clusters = penguins()
    row = line(profile_frame(features, kinds, clusters), "0", "remark", "loud")
    assert (row["inside"], row["outside"], row["captured"]) == (1.0, 0.0, 1.0)
    assert row["words"] == "100 % with the word “loud” in “remark” (against 0 %)"


def test_long_texts_are_read_in_part_and_the_frame_says_how_many(monkeypatch):
    monkeypatch.setattr(profiles, "MOST_TEXT_ROWS", 40)
    words = text(np.resize(["red fox", "blue whale"], 200))
    clusters = text(np.resize(["0", "1"], 200))
    features, kinds = pd.DataFrame({"t": words}), {"t": ColumnKind.TEXT}
    frame = profile_frame(features, kinds, clusters, seed=3)
    assert frame.groupby("cluster")["rows"].first().sum() == 40
    assert line(frame, "0", "t", "fox")["inside"] == 1.0
    pd.testing.assert_frame_equal(frame, profile_frame(features, kinds, clusters, seed=3))


@pytest.mark.parametrize(
    ("effect", "name"),
    [(0.19, "negligible"), (-0.2, "small"), (0.5, "medium"), (0.8, "large"), (np.inf, "large"),
     (np.nan, "")],
)  # fmt: skip
def test_sizes_have_cohens_names(effect, name):
    assert size_name(effect) == name
    assert EFFECT_SIZES == {"large": 0.8, "medium": 0.5, "small": 0.2}


# --- ranges ------------------------------------------------------------------------------------


def intervals() -> tuple[pd.DataFrame, pd.Series]:
    """Thirty rows of one column, cut into a low, a middle and a high third."""
    x = np.concatenate([np.linspace(low, low + 1, 10) for low in (1.0, 3.0, 5.0)])
    return pd.DataFrame({"size": x}), text(["2"] * 10 + ["0"] * 10 + ["1"] * 10)


def test_a_cluster_in_the_middle_is_told_by_its_range():
    features, clusters = intervals()
    frame = profile_frame(features, {"size": NUMBER}, clusters)
    middle = line(frame, "0", "size")
    assert middle["effect"] == pytest.approx(0, abs=1e-9)
    assert (middle["low"], middle["high"]) == pytest.approx(tuple(np.quantile(
        features["size"][clusters == "0"], [0.05, 0.95])))  # fmt: skip
    assert (middle["range_inside"], middle["range_outside"]) == (0.8, 0.0)
    assert middle["range_effect"] == pytest.approx(cohens_h(0.8, 0.0))
    said = describe_clusters(frame, {"0": 10, "1": 10, "2": 10})
    assert str(said["0"]).startswith(
        "Cluster 0 (10 rows): “size” mostly between 3.05 and 3.95 (80 % against 0 %)."
    )
    # Those at the ends differ in their means, which say more.
    assert "higher “size” (5.50 against 2.50)" in str(said["1"])
    assert "lower “size”" in str(said["2"])


def test_a_range_of_dates_and_of_a_single_value():
    features, clusters = intervals()
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(features["size"] * 100, "D")
    still = np.where(clusters == "0", 3.5, features["size"])
    frame = profile_frame(
        pd.DataFrame({"seen": days, "still": still}),
        {"seen": ColumnKind.DATETIME, "still": NUMBER},
        clusters,
    )
    assert line(frame, "0", "seen")["words"] == (
        "“seen” mostly between 2024-11-01 and 2025-01-30 (80 % against 0 %)"
    )
    assert line(frame, "0", "still")["words"] == "“still” mostly 3.50 (100 % against 0 %)"


def test_a_handful_of_rows_and_a_wide_cluster_have_no_range_to_tell():
    few = profile_frame(
        pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 3.5, 2.5, 5.0]}), {"x": NUMBER}, text("0000110")
    )
    assert few["range_effect"].isna().all()
    # A cluster on both sides of another one is wider, not narrower.
    features, clusters = intervals()
    ring = clusters.where(clusters == "0", "1")
    frame = profile_frame(features, {"size": NUMBER}, ring)
    assert line(frame, "1", "size")["range_effect"] < 0
    assert "no single column sets it apart" in str(
        describe_clusters(frame, {"0": 10, "1": 20})["1"]
    )


# --- order and completeness --------------------------------------------------------------------


def test_clusters_come_in_order_and_biggest_effects_first():
    features, kinds, clusters = penguins()
    frame = profile_frame(features, kinds, clusters)
    assert list(frame.columns) == COLUMNS
    assert list(frame["cluster"].unique()) == ["0", "1", "noise"]
    assert "ring" not in set(frame["column"])
    for _, part in frame.groupby("cluster"):
        assert part["effect"].abs().is_monotonic_decreasing
    assert cluster_names(text(["10", "noise", "9", "0", "odd"])) == ["0", "9", "10", "odd", "noise"]


def test_every_cluster_lists_the_same_values():
    random = np.random.default_rng(1)
    features = pd.DataFrame({"c": text(random.choice([f"v{i}" for i in range(40)], 500))})
    clusters = text(random.choice(["0", "1", "2"], 500))
    frame = profile_frame(features, {"c": CATEGORY}, clusters)
    listed = {name: set(part["value"]) for name, part in frame.groupby("cluster")}
    assert listed["0"] == listed["1"] == listed["2"]
    assert 3 <= len(listed["0"]) <= 9
    shares = pd.crosstab(clusters, features["c"], normalize="index")
    for row in frame.itertuples():
        assert row.inside == pytest.approx(shares.loc[row.cluster, row.value])


def test_of_very_many_clusters_the_first_are_profiled(monkeypatch):
    monkeypatch.setattr(profiles, "MOST_CLUSTERS", 2)
    x = np.array([1.0, 2.0, 5.0, 6.0, 9.0, 9.5, 4.0, 3.0])
    clusters = text(["0", "0", "1", "1", "2", "2", "noise", "noise"])
    frame = profile_frame(pd.DataFrame({"x": x}), {"x": NUMBER}, clusters)
    assert set(frame["cluster"]) == {"0", "1", "noise"}
    assert line(frame, "0", "x")["outside"] == pytest.approx(x[2:].mean())
    assert line(frame, "0", "x")["effect"] == pytest.approx(cohens_d(x[:2], x[2:]))


# --- properties --------------------------------------------------------------------------------


@given(st.permutations(["0", "1", "2"]))
@settings(max_examples=6)
def test_renaming_clusters_only_renames_the_lines(names):
    features, kinds, clusters = penguins()
    clusters = clusters.where(clusters != "noise", "2")
    mapping = dict(zip(["0", "1", "2"], names, strict=True))
    keys = ["cluster", "column", "value"]
    before = profile_frame(features, kinds, clusters).replace({"cluster": mapping})
    after = profile_frame(features, kinds, clusters.map(mapping))
    pd.testing.assert_frame_equal(
        before.sort_values(keys, ignore_index=True), after.sort_values(keys, ignore_index=True)
    )


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_a_random_subset_has_small_effects_and_nothing_to_say(seed):
    random = np.random.default_rng(seed)
    n = 2000
    features = pd.DataFrame(
        {
            "normal": random.normal(size=n),
            "skewed": random.lognormal(size=n),
            "kind": text(random.choice(["a", "b", "c"], n)),
        }
    )
    clusters = text(random.choice(["0", "1"], n))
    frame = profile_frame(
        features, {"normal": NUMBER, "skewed": NUMBER, "kind": CATEGORY}, clusters
    )
    # Five standard errors of a difference between halves.
    assert frame["effect"].abs().max() < 5 * np.sqrt(4 / n)
    said = describe_clusters(frame, {"0": 1000, "1": 1000})
    assert all("no single column sets it apart" in str(sentence) for sentence in said.values())


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.sampled_from(["0", "1"])), min_size=4, max_size=9)
)
@settings(max_examples=25)
def test_unit_and_origin_do_not_matter(rows):
    x, clusters = pd.Series([x for x, _ in rows]), text([name for _, name in rows])
    one, other = (
        profile_frame(pd.DataFrame({"x": values}), {"x": NUMBER}, clusters)
        for values in (x, x * 2.0**10)
    )
    np.testing.assert_allclose(one["effect"], other["effect"])
    if clusters.nunique() == 2:  # what one side has more of, the other has less of
        first, second = one.sort_values("cluster")["effect"]
        np.testing.assert_allclose(first, -second)


# --- odd tables --------------------------------------------------------------------------------


def test_without_any_spread_a_difference_is_infinite_and_sameness_is_zero():
    for constant in (0.1, 1e300, -7.0):
        x = np.array([constant] * 3 + [2 * constant] * 4)
        features = pd.DataFrame({"x": x, "same": constant})
        kinds = {"x": NUMBER, "same": NUMBER}
        frame = profile_frame(features, kinds, text("0000111"[::-1]))
        assert line(frame, "1", "x")["effect"] == np.sign(-constant) * np.inf
        assert line(frame, "0", "same")["effect"] == 0


def test_one_cluster_has_nothing_to_be_compared_with():
    features, kinds, _ = penguins()
    for name in ("0", "noise"):
        frame = profile_frame(features, kinds, text([name] * 12))
        assert frame["effect"].isna().all() and frame["outside"].isna().all()
        assert frame["inside"].notna().all()
        said = describe_clusters(frame, {name: 12})
        assert "these are all rows" in str(said[name])
        assert len(heatmap_frame(frame))


def test_a_cluster_of_one_row_is_compared_and_said_with_caution():
    x = np.array([10.0, 1.0, 2.0, 3.0, 1.5])
    frame = profile_frame(pd.DataFrame({"x": x}), {"x": NUMBER}, text("10000"))
    # One row has no spread of its own, so the spread is that of the others.
    assert line(frame, "1", "x")["effect"] == pytest.approx((10 - x[1:].mean()) / x[1:].std(ddof=1))
    assert str(describe_clusters(frame, {"0": 4, "1": 1})["1"]) == (
        "Cluster 1 (1 row): higher “x” (10.0 against 1.9). "
        "With so few rows, such differences can be chance."
    )


def test_columns_that_are_missing_inside():
    features = pd.DataFrame(
        {"x": [np.nan, np.nan, 1.0, 2.0], "c": text([None, None, "a", "b"]), "all": [np.nan] * 4}
    )
    kinds = {"x": NUMBER, "c": CATEGORY, "all": NUMBER}
    frame = profile_frame(features, kinds, text("0011"))
    inside = frame[frame["cluster"] == "0"]
    assert inside["effect"].isna().all() and (inside["missing_inside"] == 1).all()
    assert (inside["rows"] == 0).all()
    assert line(frame, "0", "x")["words"] == "“x” has too few values to be compared"
    said = describe_clusters(frame, {"0": 2, "1": 2})
    assert "too few values are known" in str(said["0"])


def test_infinite_and_extreme_numbers():
    x = np.array([np.inf, 1.0, 2.0, -np.inf, 5.0, 6.0])
    frame = profile_frame(
        pd.DataFrame({"x": x, "y": [1.7e308, -1.7e308, 0, 1e308, 1e308, 1.2e308]}),
        {"x": NUMBER, "y": NUMBER},
        text("000111"),
    )
    row = line(frame, "0", "x")
    assert (row["inside"], row["rows"], row["missing_inside"]) == (1.5, 2, pytest.approx(1 / 3))
    assert np.isfinite(frame["effect"]).all() and np.isfinite(frame["inside"]).all()


def test_texts_without_words_and_tables_without_columns():
    clusters = text("0011")
    frame = profile_frame(
        pd.DataFrame({"t": text(["...", "!", "?", None])}), {"t": ColumnKind.TEXT}, clusters
    )
    empty = profile_frame(pd.DataFrame(index=range(4)), {}, clusters)
    for made in (frame, empty):
        assert list(made.columns) == COLUMNS and made.empty
        assert heatmap_frame(made).empty
        assert "cannot be compared" in str(describe_clusters(made, {"0": 2, "1": 2})["0"])


def test_two_rows():
    frame = profile_frame(pd.DataFrame({"x": [1.0, 5.0]}), {"x": NUMBER}, text("01"))
    assert frame["effect"].isna().all()


def test_rows_of_another_order_and_index_do_not_matter():
    features, kinds, clusters = penguins()
    order = np.random.default_rng(0).permutation(12)
    moved = features.iloc[order]
    pd.testing.assert_frame_equal(
        profile_frame(moved, kinds, clusters.iloc[order].reset_index(drop=True)),
        profile_frame(features, kinds, clusters),
    )


# --- sentences ---------------------------------------------------------------------------------


def test_sentences_name_at_most_four_traits_of_at_least_medium_size():
    features, kinds, clusters = penguins()
    frame = profile_frame(features, kinds, clusters)
    said = describe_clusters(frame, clusters.value_counts().to_dict())
    assert str(said["0"]) == (
        "Cluster 0 (5 rows): later “seen” (2024-03-31 against 2024-03-01), "
        "higher “mass” (5.08 against 3.25), 100 % with the word “and” in “remark” (against 0 %), "
        "80 % “Biscoe” in “island” (against 0 %). "
        "With so few rows, such differences can be chance."
    )
    assert str(said["noise"]).startswith("Noise (2 rows): ")
    assert Message.from_json(said["0"].to_json()) == said["0"]


def test_of_two_opposite_values_the_one_that_is_more_is_named():
    features = pd.DataFrame({"smoker": text(["yes"] * 9 + ["no"] * 11)})
    clusters = text(["1"] * 10 + ["0"] * 10)
    frame = profile_frame(features, {"smoker": ColumnKind.YES_NO}, clusters)
    said = describe_clusters(frame, {"0": 10, "1": 10})
    assert "100 % “no” in “smoker” (against 10 %)." in str(said["0"])
    assert "90 % “yes” in “smoker” (against 0 %)." in str(said["1"])


def test_names_of_users_are_only_parameters():
    evil = "{name} %s <b>{0}</b>"
    features = pd.DataFrame({evil: [1.0, 2.0, 9.0, 9.5], "c{": text([evil] * 2 + ["é"] * 2)})
    frame = profile_frame(features, {evil: NUMBER, "c{": CATEGORY}, text("0011"))
    said = describe_clusters(frame, {"0": 2, "1": 2})
    assert f"higher “{evil}”" in str(said["1"])
    assert f"100 % “{evil}” in “c{{”" in str(said["0"])


# --- the heat map ------------------------------------------------------------------------------


def test_heat_map_has_a_cell_for_every_cluster_and_one_line_of_a_pair():
    features, kinds, clusters = penguins()
    cells = heatmap_frame(profile_frame(features, kinds, clusters))
    columns = set(cells["column"])
    assert {"mass", "seen", "tagged = yes", "island = Biscoe", "remark: word “loud”"} <= columns
    assert "tagged = no" not in columns
    assert (cells.groupby("column")["cluster"].agg(list).map(len) == 3).all()
    row = cells[(cells["cluster"] == "0") & (cells["column"] == "mass")].iloc[0]
    assert (row["inside"], row["outside"]) == ("5.08", "3.25")


def test_heat_map_is_ordered_by_clusters_that_have_rows_enough():
    random = np.random.default_rng(2)
    clusters = text(["0"] * 50 + ["1"] * 50 + ["2"])
    features = pd.DataFrame({"odd": random.normal(size=101), "real": random.normal(size=101)})
    features.loc[:49, "real"] += 3
    features.loc[100, "odd"] = 100.0
    cells = heatmap_frame(profile_frame(features, {"odd": NUMBER, "real": NUMBER}, clusters))
    assert list(cells["column"].unique()) == ["real", "odd"]
