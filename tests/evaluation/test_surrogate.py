"""The tree that describes clusters: its rules hold, its fidelity is measured on unseen rows."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from mlcore.data.samples import FOLDER
from mlcore.data.schema import ColumnKind
from mlcore.evaluation import surrogate
from mlcore.evaluation.surrogate import shown_threshold, surrogate_tree
from mlcore.evaluation.views import tree_frame
from mlcore.figures.tree import describe_tree, tree_figure

NUMBER, CATEGORY = ColumnKind.NUMBER, ColumnKind.CATEGORY


def text(values) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def penguins() -> tuple[pd.DataFrame, dict[str, ColumnKind], pd.Series]:
    frame = pd.read_csv(FOLDER / "penguins.csv", encoding="utf-8")
    features = frame.drop(columns=["species", "year"])
    kinds = {
        name: NUMBER if frame[name].dtype.kind == "f" else CATEGORY for name in features.columns
    }
    clusters = frame["species"].map({"Adelie": "0", "Gentoo": "1", "Chinstrap": "2"})
    return features, kinds, clusters


def holds(rule: str, row: pd.Series) -> bool:
    """Whether a rule in words holds for a row, read as a person would."""
    for part in rule.split(", and "):
        if match := re.fullmatch(r"“(.+)” is (not )?“(.+)”", part):
            if (row[match[1]] == match[3]) == bool(match[2]):
                return False
            continue
        match = re.fullmatch(r"(?:(\S+) < )?“(.+)”(?: (≤|>) (\S+))?", part)
        value = row[match[2]]
        if match[1] and not float(match[1]) < value:
            return False
        if match[3] == "≤" and not value <= float(match[4]):
            return False
        if match[3] == ">" and not value > float(match[4]):
            return False
    return True


def test_rules_hold_for_the_rows_they_count():
    features, kinds, clusters = penguins()
    whole = features.notna().all(axis=1)
    features, clusters = features[whole], clusters[whole]
    found = surrogate_tree(features, kinds, clusters)
    assert found.rules["rows"].sum() == len(features) == found.rows
    for rule in found.rules.itertuples():
        met = features.apply(lambda row, rule=rule: holds(rule.rule, row), axis=1)
        assert met.sum() == rule.rows
        right = clusters[met] == rule.cluster
        assert right.mean() == pytest.approx(rule.share_right)
        assert right.sum() / (clusters == rule.cluster).sum() == pytest.approx(
            rule.share_of_cluster
        )


@given(st.integers(0, 10_000), st.integers(1, 4))
@settings(max_examples=8)
def test_rules_hold_whatever_the_table(seed, depth):
    random = np.random.default_rng(seed)
    unit = 10.0 ** random.integers(-6, 7)
    features = pd.DataFrame(
        {
            "x": random.normal(size=40).round(int(random.integers(0, 9))) * unit,
            "whole": random.integers(0, 9, 40).astype(float),
            "c": text(random.choice(["a", "b", "c"], 40)),
        }
    )  # fmt: skip
    clusters = text(random.choice(["0", "1", "noise"], 40))
    kinds = {"x": NUMBER, "whole": NUMBER, "c": CATEGORY}
    found = surrogate_tree(features, kinds, clusters, max_depth=depth)
    met = [
        features.apply(lambda row, rule=rule: holds(rule, row), axis=1)
        for rule in found.rules["rule"]
    ]
    assert [rows.sum() for rows in met] == found.rules["rows"].tolist()
    assert (np.sum(met, axis=0) == 1).all()  # every row meets exactly one rule


def test_fidelity_is_that_of_rows_not_seen():
    features, kinds, clusters = penguins()
    found = surrogate_tree(features, kinds, clusters)
    assert found.baseline == pytest.approx(152 / 344)
    assert found.fidelity.folds == 5
    named = cross_val_predict(
        found.pipeline,
        surrogate._readable(features, kinds),
        clusters,
        cv=StratifiedKFold(5, shuffle=True, random_state=1),
    )
    # Other folds, hence not the same digits.
    assert found.fidelity.accuracy == pytest.approx((named == clusters).mean(), abs=0.03)
    assert found.fidelity.balanced_accuracy == pytest.approx(
        balanced_accuracy_score(clusters, named), abs=0.03
    )
    assert found.fidelity.accuracy > 0.9
    assert str(found.verdict).startswith("These rules describe the groups well")


def test_random_clusters_are_not_described():
    random = np.random.default_rng(0)
    features = pd.DataFrame({"x": random.normal(size=400), "y": random.normal(size=400)})
    clusters = text(random.choice(["0", "1"], 400))
    found = surrogate_tree(features, {"x": NUMBER, "y": NUMBER}, clusters, max_depth=12)
    # A deep tree knows its own rows by heart; unseen ones tell the truth.
    assert found.rules["share_right"].mean() > 0.9
    assert found.fidelity.balanced_accuracy < 0.6
    assert str(found.verdict).startswith("A few simple rules do not describe these groups")


def test_folds_keep_every_cluster_even():
    y = np.array(["0"] * 23 + ["1"] * 11 + ["2"] * 2, dtype=object)
    fold = surrogate._folds(y, seed=4)
    sizes = pd.crosstab(y, fold)
    assert (sizes.max(axis=1) - sizes.min(axis=1)).max() <= 1
    assert np.ptp(np.bincount(fold)) <= 1


def test_balanced_accuracy_is_scikit_learns_and_leaves_out_clusters_that_cannot_be_learnt():
    y = pd.Series(["0"] * 6 + ["1"] * 8)
    named = pd.Series(["0"] * 4 + ["1"] * 10)
    assert surrogate._balanced(named == y, y) == pytest.approx(balanced_accuracy_score(y, named))
    with_one = pd.concat([y, pd.Series(["2"])], ignore_index=True)
    right = pd.concat([named == y, pd.Series([False])], ignore_index=True)
    assert surrogate._balanced(right, with_one) == surrogate._balanced(named == y, y)


def test_the_tree_can_be_drawn_with_what_there_is():
    features, kinds, clusters = penguins()
    features["seen"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(344), "D")
    found = surrogate_tree(features, kinds | {"seen": ColumnKind.DATETIME}, clusters)
    nodes = tree_frame(found.pipeline, found.names)
    assert nodes["depth"].max() <= 3
    assert nodes.loc[0, "samples"] == 344
    assert tree_figure(nodes).data and "Its first question is" in describe_tree(nodes)


def test_dates_are_asked_by_their_parts():
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(400), "D")
    features = pd.DataFrame({"seen": days})
    clusters = text(np.where(days.day_of_week >= 5, "1", "0"))
    found = surrogate_tree(features, {"seen": ColumnKind.DATETIME}, clusters)
    assert found.rules["rule"].tolist() == ["“seen (day_of_week)” ≤ 4", "“seen (day_of_week)” > 4"]
    assert found.fidelity.accuracy == 1


def test_a_row_in_one_category_is_not_said_to_be_in_no_other():
    c = text(np.repeat(["a", "b", "c"], [50, 30, 20]))
    found = surrogate_tree(
        pd.DataFrame({"c": c}), {"c": CATEGORY}, c.map({"a": "0", "b": "1", "c": "2"})
    )
    assert sum(" is “" in rule for rule in found.rules["rule"]) == 2
    assert (found.rules["share_right"] == 1).all()
    assert not any("is “" in rule and "is not" in rule for rule in found.rules["rule"])


def test_halves_that_answer_alike_are_one_rule():
    random = np.random.default_rng(3)
    x = np.linspace(0, 1, 200)
    clusters = text(np.where(random.random(200) < 0.5 + 0.4 * (x > 0.5), "0", "1"))
    found = surrogate_tree(pd.DataFrame({"x": x}), {"x": NUMBER}, clusters)
    neighbours = found.rules.sort_values("rule")
    nodes = tree_frame(found.pipeline, found.names)
    n_leaves = (~nodes["node"].isin(set(nodes["parent"]))).sum()
    assert len(neighbours) < n_leaves


# --- odd tables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [("0", "All rows are in one group"), ("noise", "All rows are noise, so there are no groups")],
)
def test_one_cluster_is_a_tree_without_questions(name, said):
    features, kinds, _ = penguins()
    found = surrogate_tree(features, kinds, text([name] * 344))
    assert found.fidelity is None and found.baseline == 1
    assert found.rules.to_dict("records") == [
        {"cluster": name, "rule": "every row", "rows": 344, "share_right": 1.0,
         "share_of_cluster": 1.0}
    ]  # fmt: skip
    assert said in str(found.verdict)
    assert "without any question" in describe_tree(tree_frame(found.pipeline, found.names))


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_tiny_tables(rows):
    features = pd.DataFrame({"x": np.arange(rows, dtype=float)})
    found = surrogate_tree(features, {"x": NUMBER}, text(map(str, range(rows))))
    assert found.rows == rows
    assert (found.pipeline is None) == (rows == 0)
    if rows > 1:
        assert found.fidelity.folds == rows
        assert found.fidelity.accuracy == 0  # no row is like another
        assert found.rules["rows"].sum() == rows


def test_clusters_too_small_for_a_rule_are_named():
    x = np.r_[np.zeros(50), np.ones(50), 0.5]
    found = surrogate_tree(
        pd.DataFrame({"x": x}), {"x": NUMBER}, text(["0"] * 50 + ["1"] * 50 + ["2"]), max_depth=1
    )
    assert "No rule leads to “2”" in str(found.verdict)
    assert str(found.verdict).startswith("These rules describe the groups well")


def test_columns_that_cannot_be_asked():
    features = pd.DataFrame(
        {"t": text(["a b", "c d"]), "gone": [np.nan, np.nan], "id": text(["1", "2"])}
    )
    kinds = {"t": ColumnKind.TEXT, "gone": NUMBER, "id": ColumnKind.IDENTIFIER}
    found = surrogate_tree(features, kinds, text("01"))
    assert found.pipeline is None and found.rules.empty and found.fidelity is None
    assert "no column that rules could ask for" in str(found.verdict)


def test_missing_infinite_and_enormous_values():
    random = np.random.default_rng(0)
    n = 80
    clusters = text(np.resize(["0", "1"], n))
    features = pd.DataFrame(
        {
            "x": np.where(clusters == "0", 1e300, -1e300),
            "y": np.where(random.random(n) < 0.3, np.inf, 1.0),
            "c": text(random.choice(["a", "b"], n)).where(random.random(n) < 0.5),
            "d": pd.Series(pd.Timestamp("2020-01-01"), index=range(n)).where(
                random.random(n) < 0.5
            ),
        }
    )
    kinds = {"x": NUMBER, "y": NUMBER, "c": CATEGORY, "d": ColumnKind.DATETIME}
    assert surrogate_tree(features, kinds, clusters).fidelity.accuracy == 1


def test_many_categories_and_weird_names():
    names = [f"{{0}} = <b>{i}</b>" for i in range(60)]
    c = text(np.resize(names, 600))
    clusters = text(np.where(c == names[3], "1", "0"))
    features = pd.DataFrame({"a = b": c, "prepare": np.arange(600.0)})
    found = surrogate_tree(features, {"a = b": CATEGORY, "prepare": NUMBER}, clusters)
    assert len(found.names) == 21
    assert found.rules["rule"].tolist() == [
        f"“a = b” is not “{names[3]}”", f"“a = b” is “{names[3]}”"
    ]  # fmt: skip


def test_long_tables_are_described_from_a_part(monkeypatch):
    monkeypatch.setattr(surrogate, "MOST_ROWS", 100)
    x = np.arange(1000.0)
    found = surrogate_tree(pd.DataFrame({"x": x}), {"x": NUMBER}, text(np.where(x < 500, "0", "1")))
    assert found.rows == 100 == found.rules["rows"].sum()


def test_the_same_seed_gives_the_same_tree():
    features, kinds, clusters = penguins()
    one, other = (surrogate_tree(features, kinds, clusters, seed=5) for _ in range(2))
    assert one.fidelity == other.fidelity
    pd.testing.assert_frame_equal(one.rules, other.rules)


@pytest.mark.parametrize(
    ("threshold", "values", "shown"),
    [
        (206.5, [180, 206, 207], "206"),
        (2007.5, [2007, 2008], "2007"),
        (0.1234567, [0.12301, 0.1239], "0.1235"),
        (-1.5, [-2, -1], "-2"),
        (0.0, [-1, 1], "0"),
        (1e-9, [0.0, 2e-9], "1e-09"),
        (123456.5, [123456, 123457], "123456"),
    ],
)
def test_thresholds_are_as_short_as_the_values_allow(threshold, values, shown):
    assert shown_threshold(threshold, np.array(values, dtype=float)) == shown
