"""The figures of the Explore page: drawn from frames, escaped, and described truly."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from tables import make_dataset

from mlcore.data.column_summary import word_frame
from mlcore.data.missing_patterns import missing_frame, pattern_frame
from mlcore.data.pairs import Pair, PairKind, pair_frame
from mlcore.data.relations import by_strength, relatable_columns, relation_frame
from mlcore.data.schema import ColumnKind
from mlcore.figures.distribution import describe_words, words_figure
from mlcore.figures.missing import (
    describe_missing,
    describe_patterns,
    missing_figure,
    pattern_figure,
)
from mlcore.figures.pairs import describe_pair, pair_figure
from mlcore.figures.relations import (
    describe_label,
    describe_relations,
    label_figure,
    relations_figure,
)
from mlcore.figures.table_map import MOST_COLOURS, describe_table_map, table_map_figure

EVIL = '<script>alert(1)</script><a href="https://example.org">%{x}$y$</a>'
N_ROWS = 2400


@pytest.fixture(scope="module")
def evil():
    """A table whose names and values are hostile, with a column of each kind."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            f"{EVIL} a": rng.normal(size=N_ROWS),
            f"{EVIL} b": rng.gamma(2.0, size=N_ROWS),
            f"{EVIL} name": pd.Series(rng.choice([f"{EVIL}{i}" for i in range(15)], N_ROWS),
                                      dtype="str"),
            f"{EVIL} when": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N_ROWS), "h"),
        }
    )  # fmt: skip
    frame.iloc[:5, 0] = np.nan
    frame.iloc[:3, 1] = np.nan
    a, b, name, when = frame.columns
    return make_dataset(frame, {name: ColumnKind.CATEGORY, when: ColumnKind.DATETIME})


def texts(part: object) -> list[str]:
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []


def assert_plain(figure: go.Figure, said: str) -> None:
    plain = json.loads(figure.to_json(engine="json"))
    layout = {**plain["layout"], "template": None}
    assert plain["data"] and said.endswith(".") and "{" not in said.replace("%{x}", "")
    found = texts([plain["data"], layout])
    assert any("&lt;script&gt;" in text for text in found)
    for text in found:
        inside = re.sub(r"<br>|<extra></extra>", "", text)
        assert "<" not in inside and "$" not in inside, text
        for field in re.findall(r"%\{.*?\}", inside):
            assert re.fullmatch(r"%\{(x|y|z|text|hovertext|customdata)(:[^}]*)?\}", field), text


def test_text_of_users_is_never_markup(evil) -> None:
    frame = evil.frame
    a, b, name, when = frame.columns
    few = make_dataset(frame.head(50), {name: ColumnKind.CATEGORY, when: ColumnKind.DATETIME})
    for table, one, other in (
        (few, a, b),
        (evil, a, b),
        (evil, a, name),
        (evil, name, when),
        (evil, when, b),
    ):
        pair = pair_frame(table, one, other)
        assert_plain(pair_figure(pair), describe_pair(pair))
    columns = relatable_columns(evil)
    relations = by_strength(relation_frame(evil, columns))
    assert_plain(relations_figure(relations, columns), describe_relations(relations))
    label = by_strength(relation_frame(evil, columns, a))
    assert_plain(label_figure(label), describe_label(label))
    gaps, patterns = missing_frame(evil), pattern_frame(evil)
    assert_plain(missing_figure(gaps), describe_missing(gaps))
    assert_plain(pattern_figure(patterns), describe_patterns(patterns, N_ROWS))
    places = pd.DataFrame({"row": np.arange(50), "x": np.arange(50.0), "y": 0.0})
    for column in (a, name, when):
        values = frame[column].head(50)
        assert_plain(
            table_map_figure(places, "pca", values), describe_table_map(places, "pca", values)
        )


def test_equal_medians_and_many_periods_are_told_plainly() -> None:
    days = pd.date_range("2000-01-01", periods=720, freq="20D")
    groups = np.array(["x", "y"])[np.arange(720) % 2]
    frame = pd.DataFrame({"n": np.arange(720) // 2.0, "g": groups, "day": days})
    table = make_dataset(frame, {"g": ColumnKind.CATEGORY, "day": ColumnKind.DATETIME})
    boxes = pair_frame(table, "n", "g")
    assert describe_pair(boxes).endswith("The median is 180 for all.")
    shares = pair_frame(table, "day", "g")
    axis = pair_figure(shares).layout.xaxis
    assert len(axis.ticktext) == len(axis.tickvals) <= 24 < shares.frame["x_level"].nunique()


def nothing(figure: go.Figure, said: str) -> None:
    assert figure.layout.annotations[0].text == said == "There is nothing to draw here."


@pytest.mark.parametrize("kind", PairKind)
def test_an_empty_pair_is_said(kind) -> None:
    pair = Pair(kind=kind, x="a", y="b", frame=pd.DataFrame(), rows=0, missing=9, trimmed=0)
    nothing(pair_figure(pair), describe_pair(pair))


def test_nothing_to_draw_is_said() -> None:
    whole = make_dataset(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 3.0]}))
    relations = by_strength(relation_frame(whole, []))
    nothing(relations_figure(relations, []), describe_relations(relations))
    undefined = by_strength(relation_frame(whole, ["a"], "b"))
    nothing(label_figure(undefined), describe_label(undefined))
    gaps = missing_frame(whole)
    nothing(missing_figure(gaps), describe_missing(gaps))
    patterns = pattern_frame(whole)
    assert pattern_figure(patterns).layout.annotations
    assert describe_patterns(patterns, 2) == "All 2 rows are complete."
    words = pd.DataFrame({"word": [], "rows": [], "share": []})
    nothing(words_figure(words), describe_words(words, "a"))
    places = pd.DataFrame({"row": [], "x": [], "y": []})
    nothing(table_map_figure(places, "pca"), describe_table_map(places, "pca"))


def test_a_square_of_relations_is_mirrored_and_signed() -> None:
    values = np.arange(20.0)
    table = make_dataset(pd.DataFrame({"a": values, "b": -values, "c": values % 2}))
    relations = by_strength(relation_frame(table, ["a", "b", "c"]))
    heat = relations_figure(relations, ["a", "b", "c"]).data[0]
    assert heat.z[0][1] == heat.z[1][0] == 1 and np.isnan(heat.z[0][0])
    assert heat.text[0][1] == heat.text[1][0] == "−1.00"
    assert describe_relations(relations) == (
        "Strength of the relation between 3 columns. The strongest is between “a” and “b”: "
        "Spearman’s ρ −1.00."
    )


def test_cells_far_apart_in_number_are_coloured_by_powers_of_ten() -> None:
    rng = np.random.default_rng(0)
    heaped = pd.DataFrame({"a": [*np.zeros(5000), *range(100)], "b": [*np.zeros(5000)] + [5] * 100})
    pair = pair_frame(make_dataset(heaped.astype(float)), "a", "b")
    heat = pair_figure(pair).data[0]
    assert heat.z.max() is not None and np.nanmax(heat.z) < 4
    assert "3,000" in heat.colorbar.ticktext
    even = pd.DataFrame(rng.integers(0, 5, (5000, 2)).astype(float), columns=["a", "b"])
    heat = pair_figure(pair_frame(make_dataset(even), "a", "b")).data[0]
    assert np.nanmax(heat.z) > 100 and heat.colorbar.ticktext is None


def test_boxes_and_periods_say_where_the_median_is_highest() -> None:
    frame = pd.DataFrame(
        {
            "name": pd.Series(["x", "x", "y", "y"], dtype="str"),
            "a": [1.0, 3, 10, np.nan],
            "when": pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"]),
        }
    )
    table = make_dataset(frame, {"name": ColumnKind.CATEGORY, "when": ColumnKind.DATETIME})
    assert describe_pair(pair_frame(table, "name", "a")) == (
        "“a” by “name”, 3 rows: the box is the middle half, the line in it the median, the "
        "whiskers reach from 5 % to 95 % of the rows. The median is largest for “y” (10) and "
        "smallest for “x” (2). Rows left out, as one of the two values is missing: 1."
    )
    assert "highest in 2022-01 (10) and lowest in 2020-01 (1)" in describe_pair(
        pair_frame(table, "when", "a")
    )


def test_the_rarer_names_of_a_map_share_a_colour() -> None:
    names = pd.Series([f"n{i}" for i in range(MOST_COLOURS + 4)] * 2 + [None], dtype="str")
    places = pd.DataFrame({"row": range(len(names)), "x": 1.0, "y": 2.0})
    figure = table_map_figure(places, "pca", names.rename("name"))
    assert [trace.name for trace in figure.data[:2]] == ["No value", "(others)"]
    assert len(figure.data) == MOST_COLOURS + 2
    assert sorted(row for trace in figure.data for row in trace.customdata) == list(places["row"])


def test_words_say_their_most_frequent_one() -> None:
    cells = pd.Series(["good wine", "wine"], dtype="str").to_frame("a")
    words = word_frame(make_dataset(cells, {"a": ColumnKind.TEXT}), "a")
    assert list(words_figure(words).data[0].x) == [2, 1]
    said = describe_words(words, "a")
    assert said == "The 2 most frequent words of “a”; “wine” stands in 2 rows."
