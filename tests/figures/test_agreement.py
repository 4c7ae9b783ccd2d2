"""Contingency and agreement, drawn: true cells, bounded size, text that stays text."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.agreement import contingency_frame, pairwise_agreement
from mlcore.figures.agreement import (
    agreement_figure,
    contingency_figure,
    describe_agreement,
    describe_contingency,
)

EVIL = "<b>%{x}$y$</b>"


def text(values) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def table(names=("ant", "bee")) -> pd.DataFrame:
    clusters = ["0"] * 5 + ["1"] * 3 + ["noise"] * 2
    known = [names[0]] * 4 + [names[1]] * 4 + [names[0]] * 2
    return contingency_frame(text(clusters), text(known))


def runs(names=("a", "b", "c")) -> pd.DataFrame:
    return pairwise_agreement(
        dict(zip(names, (text("000111"), text("111000"), text("010101")), strict=True))
    )


def test_contingency_cells():
    figure = contingency_figure(table())
    assert np.array(figure.data[0].z).tolist() == [[4, 1], [0, 3], [2, 0]]
    assert figure.layout.yaxis.ticktext == ("0", "1", "noise")
    assert figure.layout.xaxis.ticktext == ("ant", "bee")
    assert figure.data[0].hovertext[0][1] == (
        "Cluster 0, class bee: 1 rows<br>20 &#37; of the group<br>25 &#37; of the class"
    )
    shares = contingency_figure(table(), shares=True).data[0]
    assert np.array(shares.z)[0].tolist() == [0.8, 0.2] and shares.zmax == 1


def test_contingency_in_words():
    assert describe_contingency(table()) == (
        "10 rows by 3 groups and 2 known classes. Cluster 0: most common is “ant” (80 %). "
        "Cluster 1: most common is “bee” (100 %). Noise: most common is “ant” (100 %)."
    )


def test_agreement_cells_and_words():
    frame = runs()
    z = np.array(agreement_figure(frame).data[0].z)
    assert np.diag(z).tolist() == [1, 1, 1] and (z == z.T).all()
    assert z[0, 1] == 1 and z[0, 2] == pytest.approx(frame.loc[1, "adjusted_rand"])
    other = agreement_figure(frame, "adjusted_mutual_information")
    assert other.data[0].z[0][2] == pytest.approx(frame.loc[1, "adjusted_mutual_information"])
    assert describe_agreement(frame) == (
        "Adjusted Rand of 3 clusterings, two at a time. Most alike are “a” and “b” (1), "
        "least alike “a” and “c” (−0.111)."
    )
    assert describe_agreement(frame.head(1)) == "Adjusted Rand of “a” and “b”: 1."


def test_text_of_users_is_never_markup():
    for figure in (
        contingency_figure(table((EVIL, f"{EVIL}2"))),
        agreement_figure(runs((EVIL, f"{EVIL}2", "c"))),
    ):
        made = json.loads(figure.to_json(engine="json"))
        made["layout"]["template"] = None
        plain = json.dumps(made).replace("<br>", "")
        assert "<" not in plain and "$" not in plain and "%{x" not in plain
        assert "&lt;b&gt;" in plain


def test_nothing_to_draw_is_said():
    nothing = "There is nothing to draw here."
    assert describe_contingency(table().iloc[:0]) == describe_agreement(runs().iloc[:0]) == nothing
    for figure in (contingency_figure(table().iloc[:0]), agreement_figure(runs().iloc[:0])):
        assert figure.layout.annotations[0].text == nothing
    alone = runs().head(1).assign(adjusted_rand=np.nan)
    assert describe_agreement(alone) == nothing and agreement_figure(alone).data


def test_many_clusters_are_bounded():
    clusters = text(map(str, range(200)))
    frame = contingency_frame(clusters, clusters)
    figure = contingency_figure(frame)
    assert np.shape(figure.data[0].z) == (70, 51) and figure.data[0].texttemplate is None
    assert "Drawn are" not in describe_contingency(table())
    assert "200" in describe_contingency(frame)
