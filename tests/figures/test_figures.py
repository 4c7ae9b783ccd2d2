"""Every figure builds from its frame, escapes what users wrote, and is described truly."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from evaluation.runs import class_predictions, evaluation_of, value_predictions
from tables import make_dataset

from mlcore.data.profile import distribution_frame
from mlcore.data.schema import ColumnKind
from mlcore.evaluation import classification, regression
from mlcore.evaluation.compare import RunScores, leaderboard
from mlcore.figures import (
    calibration,
    confusion,
    curves,
    distribution,
    importance,
    learning,
    loss,
    scores,
    tree,
)
from mlcore.figures import leaderboard as board
from mlcore.figures import regression as plots
from mlcore.figures.theme import MOST_POINTS
from mlcore.tasks import Task

EVIL = '<script>alert(1)</script><a href="https://example.org">%{x}$y$</a>'


@dataclass(frozen=True)
class Case:
    """A figure, its alternative text, and a frame for them with names of the caller's choice."""

    name: str
    draw: Callable[..., go.Figure]
    describe: Callable[..., str]
    frame: Callable[[list[str], int], pd.DataFrame]
    more: Callable[[list[str]], tuple] = lambda names: ()
    more_words: Callable[[list[str]], tuple] = lambda names: ()


def of_classes(function):
    return lambda names, n_rows: function(class_predictions(names, n_rows))


def of_values(function):
    return lambda names, n_rows: function(value_predictions(n_rows))


def residuals_by_name(names, n_rows):
    column = pd.Series(np.resize(names, n_rows))
    return regression.residual_frame(value_predictions(n_rows), column)


def importances(names, n_rows):
    values = np.linspace(0.3, -0.01, len(names))
    return pd.DataFrame({"column": names, "mean": values, "std": 0.01, "repeats": 5})


def impurities(names, n_rows):
    share = np.full(len(names), 1 / len(names))
    return pd.DataFrame({"feature": names, "column": names, "importance": share, "std": np.nan})


def coefficients(names, n_rows):
    table = pd.DataFrame(
        {"feature": names, "column": names, "class": names[0], "scale": "standard"}
    ).assign(coefficient=np.linspace(-2, 3, len(names)))
    last = {"feature": "(intercept)", "class": names[0], "scale": "intercept", "coefficient": 99.0}
    return pd.concat([table, pd.DataFrame([last])], ignore_index=True)


def nodes(names, n_rows):
    return pd.DataFrame(
        {
            "node": [0, 1, 2],
            "parent": [-1, 0, 0],
            "branch": ["", "yes", "no"],
            "depth": [0, 1, 1],
            "x": [0.5, 0.0, 1.0],
            "rule": [f"{names[0]} ≤ 3", "", ""],
            "cut": [False, False, True],
            "samples": [10, 4, 6],
            "value": [0.6, 1.0, 0.75],
            "class": [names[1], names[0], names[1]],
            "impurity": 0.1,
        }
    )


def learned(names, n_rows):
    return pd.DataFrame(
        {
            "n_train": np.repeat([10, 20, 11, 21], 2),
            "part": ["train", "validation"] * 4,
            "fold": np.repeat([1, 1, 2, 2], 2),
            "value": [0.9, 0.5, 0.8, 0.6, 0.9, 0.7, 0.8, 0.7],
        }
    )


def losses(names, n_rows):
    return pd.DataFrame(
        {"fold": [0, 0, 1, 1], "step": [1, 2, 1, 2], "name": "loss", "value": [0.9, 0.25, 1, 0.3]}
    )


def spread(names, n_rows):
    return pd.DataFrame(
        {
            "position": np.tile(range(len(names)), 2),
            "level": names * 2,
            "group": np.repeat(names[:2], len(names)),
            "count": range(2 * len(names)),
        }
    )


def runs(names, n_rows):
    return leaderboard(
        [
            RunScores(
                id=str(skill),
                name=name,
                algorithm="a",
                task=Task.CLASSIFICATION,
                evaluation=evaluation_of(
                    class_predictions(n_rows=max(n_rows, 40), skill=skill), Task.CLASSIFICATION
                ),
                baseline=skill == 0,
                split_key="k",
            )
            for skill, name in enumerate(names)
        ]
    )


def first(names):
    return (names[0],)


CASES = [
    Case("confusion", confusion.confusion_figure, confusion.describe_confusion,
         of_classes(classification.confusion_frame)),
    Case("roc", curves.roc_figure, curves.describe_roc, of_classes(classification.roc_frame)),
    Case("precision_recall", curves.precision_recall_figure, curves.describe_precision_recall,
         of_classes(classification.precision_recall_frame)),
    Case("threshold", curves.threshold_figure, curves.describe_threshold,
         lambda names, n: classification.threshold_frame(class_predictions(names, n), names[0])),
    Case("calibration", calibration.calibration_figure, calibration.describe_calibration,
         of_classes(classification.calibration_frame)),
    Case("scores", scores.score_distribution_figure, scores.describe_score_distribution,
         of_classes(classification.score_distribution_frame), first, first),
    Case("predicted_actual", plots.predicted_actual_figure, plots.describe_predicted_actual,
         of_values(regression.predicted_actual_frame), first),
    Case("residual", plots.residual_figure, plots.describe_residual,
         of_values(regression.residual_frame)),
    Case("residual_by_name", plots.residual_figure, plots.describe_residual, residuals_by_name,
         first, first),
    Case("residual_histogram", plots.residual_histogram_figure, plots.describe_residual_histogram,
         of_values(regression.residual_histogram_frame)),
    Case("permutation", importance.permutation_importance_figure,
         importance.describe_permutation_importance, importances, first),
    Case("importance", importance.importance_figure, importance.describe_importance, impurities),
    Case("coefficient", importance.coefficient_figure, importance.describe_coefficient,
         coefficients),
    Case("tree", tree.tree_figure, tree.describe_tree, nodes),
    Case("learning", learning.learning_curve_figure, learning.describe_learning_curve, learned,
         first),
    Case("loss", loss.loss_figure, loss.describe_loss, losses),
    Case("distribution", distribution.distribution_figure, distribution.describe_distribution,
         spread, first, first),
    Case("leaderboard", board.leaderboard_figure, board.describe_leaderboard, runs),
]  # fmt: skip
every_figure = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def drawn_from(case: Case, names: list[str], n_rows: int = 200) -> tuple[dict, str]:
    """Return the figure as the browser gets it, and its alternative text."""
    frame = case.frame(names, n_rows)
    before = frame.copy()
    made = case.draw(frame, *case.more(names))
    said = case.describe(frame, *case.more_words(names))
    pd.testing.assert_frame_equal(frame, before)
    return json.loads(made.to_json(engine="json")), said


def texts(part: object) -> list[str]:
    """Every text anywhere in a figure."""
    if isinstance(part, dict):
        return [text for value in part.values() for text in texts(value)]
    if isinstance(part, list):
        return [text for value in part for text in texts(value)]
    return [part] if isinstance(part, str) else []


def n_points(figure: dict) -> int:
    return sum(len(lengthy(trace)) for trace in figure["data"])


def lengthy(trace: dict) -> list:
    values = trace.get("x", trace.get("z", []))
    if isinstance(values, dict):  # packed as base64
        return list(np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]))
    return values


@every_figure
def test_it_has_axes_and_no_title(case):
    figure, said = drawn_from(case, ["ant", "bee", "cat"])
    layout = figure["layout"]
    assert "title" not in layout
    titles = [layout[axis]["title"].get("text", "") for axis in ("xaxis", "yaxis")]
    if case.name != "tree":
        assert any(titles)
    for title in filter(None, titles):
        assert title[0].isupper() or title == "ant"
    assert figure["data"] and said.endswith(".") and not re.search(r"\bnan\b|None|\{|\}", said)


@every_figure
def test_text_of_users_is_never_markup(case):
    names = [f"{EVIL}{position}" for position in range(3)]
    figure, said = drawn_from(case, names)
    for text in texts([figure["data"], {**figure["layout"], "template": None}]):
        inside = re.sub(r"<br>|<extra></extra>", "", text)
        assert "<" not in inside and "$" not in inside, text
        for field in re.findall(r"%\{.*?\}", inside):
            assert re.fullmatch(r"%\{(x|y|z|customdata(\[\d\])?)(:[^}]*)?\}", field), text
    if any("script" in text for text in texts([figure["data"], figure["layout"]])):
        assert any("&lt;script&gt;" in text for text in texts([figure["data"], figure["layout"]]))


@every_figure
@pytest.mark.parametrize("n_rows", [2, 3])
def test_two_rows_are_enough_or_it_says_so(case, n_rows):
    figure, said = drawn_from(case, ["ant", "bee"], n_rows)
    assert figure["data"] or figure["layout"]["annotations"]
    assert said


@every_figure
def test_nothing_to_draw_is_said(case):
    frame = case.frame(["ant", "bee", "cat"], 200).iloc[:0]
    figure = case.draw(frame, *case.more(["ant"]))
    assert figure.layout.annotations[0].text == "There is nothing to draw here."
    assert case.describe(frame, *case.more_words(["ant"])) == "There is nothing to draw here."


@every_figure
def test_the_browser_gets_no_more_than_it_can_draw(case):
    figure, said = drawn_from(case, [f"n{i}" for i in range(3)], 20_000)
    assert n_points(figure) <= MOST_POINTS + 20
    if case.name in ("predicted_actual", "residual"):
        assert "Drawn are 5000 of 20000." in said
        assert figure["data"][-1]["type"] == "scattergl"


@pytest.mark.parametrize("case", [case for case in CASES if case.name in
                                  ("confusion", "distribution", "importance", "leaderboard")],
                         ids=lambda case: case.name)  # fmt: skip
def test_many_names_are_bounded(case):
    names = [f"name {i}" for i in range(90)] if case.name != "leaderboard" else [*"abcdefgh"] * 4
    figure, said = drawn_from(case, names, 400)
    assert n_points(figure) <= 2 * MOST_POINTS
    if case.name in ("distribution", "importance", "leaderboard"):
        assert re.search(r"Drawn are (60|30) of (90|32)\.", said)


def test_a_class_without_rows_is_drawn_where_it_can_be():
    predictions = class_predictions()
    part = predictions[predictions["actual"] != "owl"]
    frame = classification.confusion_frame(part)
    assert confusion.confusion_figure(frame).layout.yaxis.ticktext == ("cat", "dog", "owl")
    assert confusion.confusion_figure(frame, shares=True).data
    assert len(curves.roc_figure(classification.roc_frame(part)).data) == 3


# --- the numbers in the alternative texts ------------------------------------------------------


def test_confusion_says_its_numbers():
    frame = pd.DataFrame(
        {
            "actual": ["a", "a", "b", "b"],
            "predicted": ["a", "b", "a", "b"],
            "count": [50, 10, 5, 35],
            "share": [50 / 60, 10 / 60, 5 / 40, 35 / 40],
        }
    )
    assert confusion.describe_confusion(frame) == (
        "Confusion matrix of 2 classes: 85 of 100 rows (85 %) are predicted right. "
        "The most common mistake is “a” predicted as “b” (10 rows)."
    )


def test_a_point_of_the_confusion_figure_is_a_row_of_its_frame():
    frame = classification.confusion_frame(class_predictions([f"c{i:02}" for i in range(80)], 900))
    cells = confusion.drawn_cells(frame)
    figure = confusion.confusion_figure(frame)
    (trace,) = (trace for trace in figure.data if trace.name == confusion.CELLS)
    labels = figure.layout.xaxis.ticktext
    assert len(trace.x) == len(cells) <= MOST_POINTS
    for point in (0, 71, len(cells) - 1):
        assert labels[trace.x[point]] == cells.loc[point, "predicted"]
        assert labels[trace.y[point]] == cells.loc[point, "actual"]


@pytest.mark.parametrize("n_classes", [3, 80])
def test_an_answer_that_stands_for_no_class_has_a_column_and_no_row(n_classes):
    known = class_predictions([f"c{i:02}" for i in range(n_classes)], 900)
    frame = classification.confusion_frame(
        known.assign(predicted=known["predicted"].where(known.index > 9, "none"))
    )
    figure = confusion.confusion_figure(frame)
    heat, points = figure.data
    rows, columns = figure.layout.yaxis.ticktext, figure.layout.xaxis.ticktext
    assert heat.z.shape == (min(n_classes, 70), min(n_classes, 70) + 1)
    assert "none" not in rows and columns[-1] == "none"
    cells = confusion.drawn_cells(frame)
    assert len(points.x) == len(cells) <= MOST_POINTS
    for place in (0, len(cells) - 1):
        assert columns[points.x[place]] == cells.loc[place, "predicted"]
        assert heat.z[points.y[place], points.x[place]] == cells.loc[place, "count"]


def test_roc_says_its_areas():
    frame = classification.roc_frame(class_predictions())
    areas = frame.groupby("class")["auc"].first()
    assert curves.describe_roc(frame) == (
        f"ROC curves of 3 classes. The area is largest for “{areas.idxmax()}” ({areas.max():.3g}) "
        f"and smallest for “{areas.idxmin()}” ({areas.min():.3g})."
    )


def test_threshold_says_where_f1_is_highest():
    frame = classification.threshold_frame(class_predictions(("no", "yes")), "yes")
    best = frame.sort_values("f1", kind="stable").iloc[-1]
    said = curves.describe_threshold(frame)
    assert f"{best['f1']:.3g}, at threshold" in said


def test_regression_says_its_numbers():
    predictions = value_predictions()
    frame = regression.predicted_actual_frame(predictions)
    said = plots.describe_predicted_actual(frame)
    assert f"correlation is {np.corrcoef(frame['actual'], frame['predicted'])[0, 1]:.3g}." in said
    assert f"{100 * (frame['residual'] < 0).mean():.3g} % of the rows" in said
    said = plots.describe_residual(regression.residual_frame(predictions))
    assert f"mean is {frame['residual'].mean():.3g}," in said


def test_learning_says_its_means():
    assert learning.describe_learning_curve(learned([], 0)) == (
        "Learning curve. With 10 training rows the validation score is 0.6, with 20 it is 0.65; "
        "on the training rows themselves it then is 0.8."
    )


def test_loss_says_first_and_last():
    assert loss.describe_loss(losses([], 0)) == (
        "Loss over 2 steps: it starts at 0.9 and ends at 0.25."
    )


def test_tree_says_its_size():
    assert tree.describe_tree(nodes(["age", "b"], 0)) == (
        "Decision tree, drawn with 3 nodes and 2 ends. Its first question is “age ≤ 3”. "
        "Deeper levels are not drawn."
    )


def test_coefficients_leave_out_the_intercept():
    frame = coefficients(["age", "size"], 0)
    assert importance.describe_coefficient(frame) == (
        "Coefficients of 2 features, from −2 (“age”) to 3 (“size”)."
    )
    figure = importance.coefficient_figure(frame)
    assert list(figure.data[0].x) == [-2, 3]
    assert "per standard deviation" in figure.layout.xaxis.title.text


def test_distribution_fits_the_frame_of_a_column():
    frame = pd.DataFrame({"day": pd.Timestamp("2024-01-01") + pd.to_timedelta(range(48), "h")})
    table = distribution_frame(make_dataset(frame, {"day": ColumnKind.DATETIME}), "day")
    figure = distribution.distribution_figure(table, "day")
    assert list(figure.data[0].x) == table["position"].tolist()  # bars of one day stay apart
    assert sum(figure.data[0].y) == 48
    top = table.loc[table["count"].idxmax()]
    assert distribution.describe_distribution(table, "day") == (
        f"Distribution of “day” over {len(table)} bars. "
        f"The highest is “{top['level']}” with {top['count']} of 48 rows."
    )


def test_leaderboard_draws_the_best_on_top_with_its_interval():
    frame = runs(["guess", "fair", "good"], 200)
    figure = board.leaderboard_figure(frame)
    assert figure.layout.yaxis.ticktext == ("good", "fair", "guess")
    (trace,) = (trace for trace in figure.data if trace.mode == "markers")
    assert list(trace.x) == frame["balanced_accuracy"].tolist()
    np.testing.assert_allclose(trace.x + trace.error_x.array, frame["high"])
    np.testing.assert_allclose(trace.x - trace.error_x.arrayminus, frame["low"])
    best = frame.iloc[0]
    assert f"“good” with {best['balanced_accuracy']:.3g}." in board.describe_leaderboard(frame)
