"""Groupings compared: scikit-learn's numbers, known tables, what must not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlcore.data.samples import FOLDER
from mlcore.evaluation import agreement
from mlcore.evaluation.agreement import (
    EXTERNAL_SCORES,
    contingency_frame,
    external_scores,
    pairwise_agreement,
)

LABELS = st.lists(
    st.tuples(st.sampled_from(["0", "1", "2", "noise"]), st.sampled_from(["a", "b", "c"])),
    min_size=2,
    max_size=30,
)


def text(values) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def values_of(frame: pd.DataFrame) -> dict[str, float]:
    return dict(zip(frame["metric"], frame["value"], strict=True))


@given(LABELS)
@settings(max_examples=20)
def test_scores_are_scikit_learns(rows):
    clusters, known = text(c for c, _ in rows), text(k for _, k in rows)
    ours = values_of(external_scores(clusters, known))
    assert ours == pytest.approx(
        {
            "adjusted_rand": metrics.adjusted_rand_score(known, clusters),
            "adjusted_mutual_information": metrics.adjusted_mutual_info_score(known, clusters),
            "homogeneity": metrics.homogeneity_score(known, clusters),
            "completeness": metrics.completeness_score(known, clusters),
            "v_measure": metrics.v_measure_score(known, clusters),
            "purity": pd.crosstab(known, clusters).max().sum() / len(rows),
        }
    )


@given(LABELS, st.permutations(["0", "1", "2", "noise"]))
@settings(max_examples=10)
def test_the_names_of_clusters_do_not_matter(rows, names):
    clusters, known = text(c for c, _ in rows), text(k for _, k in rows)
    renamed = clusters.map(dict(zip(["0", "1", "2", "noise"], names, strict=True)))
    one, other = external_scores(clusters, known), external_scores(renamed, known)
    np.testing.assert_allclose(one["value"], other["value"], atol=1e-12)


def test_the_table_of_hubert_and_arabie_in_closed_form():
    # 3 × 3 counts; pairs: Σ C(nij, 2) = 4, rows 15, columns 14, all C(14, 2) = 91
    counts = [[3, 1, 1], [1, 2, 1], [0, 1, 4]]
    pairs = [(r, c) for r in range(3) for c in range(3) for _ in range(counts[r][c])]
    known, clusters = text("abc"[r] for r, _ in pairs), text(str(c) for _, c in pairs)
    together = sum(n * (n - 1) // 2 for row in counts for n in row)
    by_row = sum(n * (n - 1) // 2 for n in map(sum, counts))
    by_column = sum(n * (n - 1) // 2 for n in np.sum(counts, axis=0))
    expected = by_row * by_column / 91
    rand = (together - expected) / ((by_row + by_column) / 2 - expected)
    assert values_of(external_scores(clusters, known))["adjusted_rand"] == pytest.approx(rand)


def test_noise_is_a_group_or_left_out_as_stated():
    clusters, known = text(["0"] * 4 + ["1"] * 4 + ["noise"] * 4), text("aaaabbbbabab")
    as_group = external_scores(clusters, known)
    left_out = external_scores(clusters, known, noise="left_out")
    assert values_of(left_out) == pytest.approx(dict.fromkeys(values_of(left_out), 1.0))
    assert (left_out["rows"] == 8).all() and (as_group["rows"] == 12).all()
    assert values_of(as_group)["adjusted_rand"] < 1


def test_only_rows_with_a_known_class_count():
    clusters, known = text("0011"), text(["a", "a", "b", None])
    frame = external_scores(clusters, known)
    assert (frame["rows"] == 3).all() and values_of(frame)["adjusted_rand"] == 1
    nothing = external_scores(clusters, text([None] * 4))
    assert nothing["value"].isna().all() and (nothing["rows"] == 0).all()


@pytest.mark.parametrize("name", ["0", "noise"])
def test_one_cluster_tells_nothing_about_the_classes(name):
    values = values_of(external_scores(text([name] * 6), text("aaabbb")))
    assert values["adjusted_rand"] == values["adjusted_mutual_information"] == 0
    assert (values["completeness"], values["homogeneity"], values["purity"]) == (1, 0, 0.5)


def test_numbers_and_dates_can_be_known_classes_too():
    known = pd.Series([1.0, 1.0, 2.5, np.nan])
    assert values_of(external_scores(text("0011"), known))["adjusted_rand"] == 1
    assert contingency_frame(text("0011"), known)["known"].tolist() == ["1", "2.5"] * 2


def test_purity_grows_with_the_number_of_clusters_and_says_so():
    known = text(np.resize(["a", "b"], 40))
    values = [
        values_of(external_scores(text(map(str, np.arange(40) * k // 40)), known))["purity"]
        for k in (1, 20, 40)
    ]
    assert values[0] <= values[1] <= values[2] == 1
    (purity,) = (score for score in EXTERNAL_SCORES if score.id == "purity")
    assert "grows with the number of groups" in purity.help


def test_declarations_are_complete():
    assert len({score.id for score in EXTERNAL_SCORES}) == len(EXTERNAL_SCORES)
    for score in EXTERNAL_SCORES:
        assert "1" in score.help and score.label[0].isupper()


# --- contingency -------------------------------------------------------------------------------


def test_contingency_against_pandas():
    random = np.random.default_rng(0)
    clusters = text(random.choice(["0", "1", "10", "2", "noise"], 300))
    known = text(random.choice(["x", "y", "z"], 300)).where(random.random(300) < 0.9)
    frame = contingency_frame(clusters, known)
    assert list(frame["cluster"].unique()) == ["0", "1", "2", "10", "noise"]
    for column, normalize in (("count", False), ("share", "index"), ("share_of_known", "columns")):
        ours = frame.pivot(index="cluster", columns="known", values=column)
        table = pd.crosstab(clusters, known, normalize=normalize)
        np.testing.assert_allclose(ours, table.loc[ours.index, ours.columns])


def test_a_cluster_whose_classes_are_all_unknown_has_no_share():
    frame = contingency_frame(text("0011"), text([None, None, "a", "b"]))
    assert frame.loc[frame["cluster"] == "0", "share"].isna().all()
    assert frame.loc[frame["cluster"] == "0", "count"].eq(0).all()
    assert contingency_frame(text("01"), text([None, None])).empty


def test_rare_classes_are_put_together(monkeypatch):
    monkeypatch.setattr(agreement, "MOST_CLASSES", 2)
    frame = contingency_frame(text("000000"), text(["z", "z", "c", "a", "a", "b"]))
    assert frame["known"].tolist() == ["a", "z", "(others)"]
    assert frame["count"].tolist() == [2, 2, 2]


# --- runs against each other -------------------------------------------------------------------


def test_pairs_of_runs():
    species = pd.read_csv(FOLDER / "penguins.csv", encoding="utf-8")["species"].astype("str")
    random = np.random.default_rng(0)
    runs = {
        "one": species,
        "same": species.map({"Adelie": "2", "Gentoo": "0", "Chinstrap": "1"}),
        "random": text(random.choice(["0", "1", "2"], len(species))),
    }
    frame = pairwise_agreement(runs)
    assert frame[["first", "second"]].to_numpy().tolist() == [
        ["one", "same"], ["one", "random"], ["same", "random"]
    ]  # fmt: skip
    assert frame.loc[0, "adjusted_rand"] == pytest.approx(1)
    assert frame.loc[0, "adjusted_mutual_information"] == pytest.approx(1)
    assert frame.loc[1:, "adjusted_rand"].abs().max() < 0.02
    assert frame.loc[1, "adjusted_rand"] == pytest.approx(frame.loc[2, "adjusted_rand"])
    assert frame.loc[1, "adjusted_rand"] == pytest.approx(
        metrics.adjusted_rand_score(runs["one"], runs["random"])
    )


def test_runs_are_compared_on_the_rows_that_both_hold():
    one = pd.Series(["0", "0", "1", "1"], index=[0, 1, 2, 3], dtype="str")
    other = pd.Series(["1", "1", "0", "noise"], index=[3, 2, 1, 9], dtype="str")
    (line,) = pairwise_agreement({"a": one, "b": other}).to_dict("records")
    assert (line["rows"], line["adjusted_rand"]) == (3, 1.0)
    (line,) = pairwise_agreement({"a": one, "b": other.rename({9: 0})}).to_dict("records")
    assert (line["rows"], line["adjusted_rand"]) == (4, pytest.approx(0.5714, abs=1e-3))
    (line,) = pairwise_agreement(
        {"a": one, "b": other.rename({9: 0})}, noise="left_out"
    ).to_dict("records")  # fmt: skip
    assert (line["rows"], line["adjusted_rand"]) == (3, 1.0)
    (line,) = pairwise_agreement({"a": one, "b": one.rename(lambda i: i + 10)}).to_dict("records")
    assert line["rows"] == 0 and np.isnan(line["adjusted_rand"])


def test_a_single_run_has_nothing_to_agree_with():
    frame = pairwise_agreement({"a": text("01")})
    assert frame.empty and "adjusted_rand" in frame


def test_mutual_information_of_long_tables_uses_a_part_and_says_so(monkeypatch):
    monkeypatch.setattr(agreement, "MOST_ROWS", 50)
    clusters = text(np.resize(["0", "1"], 400))
    frame = external_scores(clusters, clusters)
    rows = dict(zip(frame["metric"], frame["rows"], strict=True))
    assert rows["adjusted_rand"] == 400
    (line,) = pairwise_agreement({"a": clusters, "b": clusters}).to_dict("records")
    assert (line["rows"], line["rows_mutual_information"]) == (400, 50)
