"""Figures of votes: cells, bars and intervals as in their frames, text that stays text."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from evaluation.test_rater_agreement import table
from evaluation.test_sources import codes
from figures.test_figures import EVIL

from mlcore.evaluation.fusion_scores import fusion_scores
from mlcore.evaluation.intervals import wilson_interval
from mlcore.evaluation.rater_agreement import cohen_kappa_frame
from mlcore.evaluation.sources import (
    confusion_frame,
    estimated_confusion_frame,
    row_votes_frame,
    source_frame,
)
from mlcore.figures import fusion
from mlcore.figures.theme import GREY, PALETTE
from mlcore.fusion.rows import row_frame
from mlcore.fusion.rules import plurality, unanimity
from mlcore.fusion.votes import Votes, wide_votes

NOTHING = "There is nothing to draw here."
GOLD = codes("abaab*")


def votes(names=("x", "y", "z"), classes=("a", "b")) -> Votes:
    """Three sources: x misses one of the gold rows, y two, z votes on two only."""
    lines = ("abaaaa", "ababa*", "ab****")
    spelled = dict(zip("ab", classes, strict=True)) | {"*": None}
    columns = {n: [spelled[c] for c in line] for n, line in zip(names, lines, strict=True)}
    return wide_votes(pd.DataFrame(columns, dtype="str"), list(columns))


def curve() -> pd.DataFrame:
    lines = [(start, n, -100.0 - 50 / n - 7 * start) for start in (0, 1) for n in (1, 2, 3, 4)]
    return pd.DataFrame(lines, columns=["start", "iteration", "log_likelihood"])


def board(names=("plurality", "unanimity")) -> pd.DataFrame:
    given = votes()
    fused = (plurality(given), unanimity(given))
    return pd.DataFrame([board_line(*pair, GOLD) for pair in zip(names, fused, strict=True)])


def board_line(name, fused, gold=None) -> dict[str, object]:
    scores = fusion_scores(fused, gold).set_index("metric")["value"].to_dict()
    rows = 0 if gold is None else int((gold >= 0).sum())
    low, high = wilson_interval(round(scores["accuracy"] * rows), rows) if rows else (np.nan,) * 2
    return {"method": name, **scores, "gold_rows": rows, "low": float(low), "high": float(high)}


def cases(name="x", label="b"):
    given = votes((name, "y", "z"), ("a", label))
    fused = plurality(given)
    return {
        "kappa": (fusion.kappa_figure, fusion.describe_kappa, cohen_kappa_frame(given), (1,)),
        "source": (
            fusion.source_accuracy_figure,
            fusion.describe_source_accuracy,
            source_frame(given, fused.label, GOLD),
            (),
        ),
        "confusion": (
            fusion.source_confusion_figure,
            fusion.describe_source_confusion,
            confusion_frame(given, GOLD),
            (name,),
        ),
        "likelihood": (fusion.likelihood_figure, fusion.describe_likelihood, curve(), ()),
        "method": (
            fusion.method_figure,
            fusion.describe_method,
            board((name, "unanimity")),
            (),
        ),
        "confidence": (
            fusion.sureness_figure,
            fusion.describe_sureness,
            row_frame(given, fused),
            (),
        ),
        "margin": (
            fusion.sureness_figure,
            fusion.describe_sureness,
            row_frame(given, fused),
            ("margin",),
        ),
        "row": (
            fusion.row_votes_figure,
            fusion.describe_row_votes,
            row_votes_frame(given, 1),
            (label,),
        ),
    }


every_figure = pytest.mark.parametrize("case", list(cases()))


@every_figure
def test_it_draws_and_says_and_leaves_its_frame_alone(case):
    draw, describe, frame, more = cases()[case]
    before = frame.copy()
    made = draw(frame, *more)
    assert made.data and made.layout.xaxis.title.text and made.layout.yaxis.title.text
    assert made.to_json()
    said = describe(frame, *more)
    assert said.endswith(".") and not re.search(r"\b(nan|None)\b", said)
    pd.testing.assert_frame_equal(frame, before)


@every_figure
def test_nothing_to_draw_is_said(case):
    draw, describe, frame, more = cases()[case]
    assert draw(frame.iloc[:0], *more).layout.annotations[0].text == NOTHING
    assert describe(frame.iloc[:0], *more) == NOTHING


@every_figure
def test_text_of_users_is_never_markup(case):
    draw, _, frame, more = cases(EVIL, f"{EVIL}b")[case]
    made = json.loads(draw(frame, *more).to_json(engine="json"))
    made["layout"]["template"] = None
    told = json.dumps(made).replace("<br>", "").replace("<extra></extra>", "")
    assert "<" not in told and "$" not in told and "%{x}$" not in told


def test_kappa_cells():
    made = fusion.kappa_figure(cohen_kappa_frame(votes()), 1)
    z = np.array(made.data[0].z, dtype=float)
    assert made.layout.xaxis.ticktext == ("x", "y", "z")
    # x and y: 4 of 5 alike, expected (4·3 + 1·2) / 25
    assert z[0, 1] == z[1, 0] == pytest.approx((0.8 - 0.56) / 0.44) and z[0, 2] == 1
    assert np.isnan(np.diag(z)).all()
    assert made.data[0].hovertext[1][0].endswith("Kappa 0.545 on 5 common rows")
    assert fusion.describe_kappa(cohen_kappa_frame(votes()), 1) == (
        "Cohen’s kappa of 3 sources, two at a time. Most alike are “x” and “z” (1), least alike "
        "“x” and “y” (0.545)."
    )


def test_pairs_without_a_kappa_stay_empty():
    frame = cohen_kappa_frame(table("ab*a", "ab*b", "**a*"))
    z = np.array(fusion.kappa_figure(frame, 1).data[0].z, dtype=float)
    assert np.isnan(z[0, 2]) and z[0, 1] == pytest.approx(0.4)
    assert fusion.describe_kappa(frame, 1) == (
        "Cohen’s kappa of “s0” and “s1”: 0.4. Pairs without a value: 2."
    )
    alone = cohen_kappa_frame(table("a*", "*a"))
    assert fusion.describe_kappa(alone) == NOTHING and fusion.kappa_figure(alone).to_json()


def test_a_pair_with_a_handful_of_common_rows_does_not_fill_the_scale():
    # Two sources that agree by chance on many rows; the third always contradicts them, on four.
    frame = cohen_kappa_frame(table("aabb" * 5, "abab" * 5, "bbaa" + "*" * 16))
    assert frame["kappa"].tolist() == [0, -1, 0] and frame["rows"].tolist() == [20, 4, 4]
    (cells,) = fusion.kappa_figure(frame).data
    z = np.array(cells.z, dtype=float)
    assert z[0, 1] == 0 and np.isnan(z[0, 2]) and np.isnan(z[1, 2]) and cells.zmin == 0
    assert fusion.describe_kappa(frame) == (
        "Cohen’s kappa of “s0” and “s1”: 0. Pairs left empty, because with fewer than 20 common "
        "rows their kappa would be mostly luck: 2."
    )
    assert fusion.describe_kappa(frame[1:]) == NOTHING


def test_sources_stand_sorted_with_their_intervals():
    frame = source_frame(votes(), plurality(votes()).label, GOLD)
    made = fusion.source_accuracy_figure(frame)
    (trace,) = made.data
    assert made.layout.yaxis.ticktext == ("z", "x", "y")
    np.testing.assert_allclose(trace.x, [1, 0.8, 0.6])
    ordered = frame.set_index("source").loc[["z", "x", "y"]]
    np.testing.assert_allclose(trace.x + trace.error_x.array, ordered["high"])
    np.testing.assert_allclose(trace.x - trace.error_x.arrayminus, ordered["low"])
    assert fusion.describe_source_accuracy(frame).startswith(
        "Accuracy of 3 sources on gold rows. The best is “z” (1, interval 0.342 to 1), the poorest "
        "“y” (0.6, interval 0.231 to 0.882)."
    )


def test_without_gold_the_others_are_the_measure():
    frame = source_frame(votes(), plurality(votes()).label)
    made = fusion.source_accuracy_figure(frame)
    assert made.layout.xaxis.title.text == "Agreement with most of the others (share of votes)"
    assert made.data[0].error_x.array is None
    assert "“z” most often (1)" in fusion.describe_source_accuracy(frame)


def test_many_sources_are_bounded_to_the_busiest():
    given = table(*["ab" * (1 + n) + "*" * (78 - 2 * n) for n in range(40)])
    frame = source_frame(given, plurality(given).label)
    assert len(fusion.source_accuracy_figure(frame).data[0].x) == 30
    assert "Drawn are 30 of 40." in fusion.describe_source_accuracy(frame)


def test_confusion_cells():
    frame = confusion_frame(votes(), GOLD)
    made = fusion.source_confusion_figure(frame, "y")
    np.testing.assert_allclose(made.data[0].z, [[2 / 3, 1 / 3], [1 / 2, 1 / 2]])
    assert np.array(made.data[0].text).tolist() == [["2", "1"], ["1", "1"]]
    assert fusion.describe_source_confusion(frame, "y") == (
        "Votes of “y” on rows whose class is known: 5, of which 60 % are right. The most common "
        "mistake is “b” for rows of “a” (1)."
    )
    estimate = estimated_confusion_frame(
        votes(), np.full((3, 2, 2), 0.5), np.full((6, 2), 0.5), np.array([0])
    )
    made = fusion.source_confusion_figure(estimate, "x")
    assert made.layout.yaxis.title.text == "True class, as estimated"
    assert np.array(made.data[0].text).tolist() == [["2.5", "0.5"]] * 2


def test_a_fused_label_is_not_called_the_truth():
    frame = confusion_frame(votes(), GOLD)
    made = fusion.source_confusion_figure(frame, "y", "fused")
    assert made.layout.yaxis.title.text == "Fused label"
    assert made.data[0].colorbar.title.text == "Share of the fused label"
    assert made.data[0].hovertext[0][1].startswith("b on 1 row that was fused as a")
    assert fusion.describe_source_confusion(frame, "y", "fused") == (
        "Votes of “y” on rows with a fused label: 5, of which 60 % agree with it. The true labels "
        "are not known. Where it differs, it says most often “b” for rows that were fused as “a” "
        "(1)."
    )
    estimate = estimated_confusion_frame(
        votes(), np.full((3, 2, 2), 0.5), np.full((6, 2), 0.5), np.array([0])
    )
    made = fusion.source_confusion_figure(estimate, "x", "fused")
    assert made.layout.yaxis.title.text == "True class, as estimated"
    assert "estimated" in fusion.describe_source_confusion(estimate, "x", "fused")


def test_likelihood_lines():
    made = fusion.likelihood_figure(curve())
    assert [trace.name for trace in made.data] == ["Start from the votes", "Random start 1"]
    assert list(made.data[1].y) == [-157, -132, pytest.approx(-123.667, abs=1e-3), -119.5]
    assert fusion.describe_likelihood(curve()) == (
        "Log-likelihood of 2 starts. The best ends at −112 after 4 iterations (Start from the "
        "votes), the poorest 7 below it."
    )
    large = curve().assign(log_likelihood=lambda table: 39 * table["log_likelihood"])
    assert "ends at −4,388 after 4 iterations" in fusion.describe_likelihood(large)
    assert "the poorest 273 below it" in fusion.describe_likelihood(large)
    small = curve().assign(log_likelihood=lambda table: table["log_likelihood"] / 10**6)
    assert "ends at 0 after" in fusion.describe_likelihood(small)
    one = curve().query("start == 0")
    assert fusion.describe_likelihood(one).startswith("Log-likelihood of one start. It ends at")


def test_methods_have_a_bar_from_ties_wrong_to_ties_right():
    made = fusion.method_figure(board())
    bar, points = made.data
    frame = board()
    np.testing.assert_allclose(bar.base, frame["ties_wrong"])
    np.testing.assert_allclose(np.add(bar.base, bar.x), frame["ties_right"])
    np.testing.assert_allclose(points.x, frame["accuracy"])
    np.testing.assert_allclose(points.x + points.error_x.array, frame["high"])
    assert made.layout.yaxis.ticktext == ("plurality", "unanimity")
    said = fusion.describe_method(frame)
    assert said.startswith("Accuracy of 2 methods on 5 gold rows. The best is “plurality” (0.6, ")
    assert said.endswith("Ties matter most for “plurality”: 0.6 if all are wrong, 0.8 if right.")
    named = frame.assign(name=["Most votes", "All alike"])
    assert fusion.method_figure(named).layout.yaxis.ticktext == ("Most votes", "All alike")
    unjudged = pd.DataFrame([board_line("a", plurality(votes()))])
    assert fusion.describe_method(unjudged) == NOTHING


@pytest.mark.parametrize("column", ["confidence", "margin"])
def test_sureness_counts_every_row_with_votes_once(column):
    given = table("abab*a", "abba*b", "ab**" + "*b")
    frame = row_frame(given, plurality(given))
    made = fusion.sureness_figure(frame, column)
    assert sum(sum(trace.y) for trace in made.data) == 5
    decided, undecided = made.data
    assert sum(decided.y) == 3 and sum(undecided.y) == 2 and undecided.marker.color == GREY
    said = fusion.describe_sureness(frame, column)
    assert "5 rows with votes" in said and said.endswith("Undecided: 2.")


def test_the_votes_of_a_row():
    frame = row_votes_frame(table("a", "b", "a"), 0)
    made = fusion.row_votes_figure(frame, "a")
    assert list(made.data[0].x) == [2, 1] and made.layout.yaxis.ticktext == ("a", "b")
    assert list(made.data[0].marker.color) == [PALETTE[0], GREY]
    assert fusion.describe_row_votes(frame, "a") == (
        "3 votes for 2 labels. “a”: 2 (s0; s2). “b”: 1 (s1). The fused label is “a”."
    )
    assert fusion.describe_row_votes(frame).endswith("The row is undecided.")
    alike = row_votes_frame(table("a", "a", "*"), 0)
    assert fusion.describe_row_votes(alike, "a").startswith("2 votes, all for one label. “a”: 2")
    lone = row_votes_frame(table("a", "*", "*"), 0)
    assert fusion.describe_row_votes(lone, "a").startswith("One vote. “a”: 1 (s0).")
    assert fusion.describe_row_votes(frame, "b", is_old=True).endswith(
        "Before a vote was changed, the fused label was “b”."
    )
    assert fusion.describe_row_votes(frame, is_old=True).endswith("the row was undecided.")
