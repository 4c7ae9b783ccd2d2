"""What the board of running jobs says of a clustering that is done."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from mlcore.tasks import Task
from pages.ui import training_board

NAN = float("nan")


@pytest.mark.parametrize(
    ("clusters", "noise", "silhouette", "said"),
    [
        (0.0, 1.0, NAN, "0 groups · 100% noise"),
        (1.0, 0.25, NAN, "1 group · 25% noise"),
        (3.0, 0.0, 0.5, "3 groups · silhouette 0.5 · stability 0.45"),
    ],
)
def test_stability_is_told_of_two_groups_or_more(
    clusters: float, noise: float, silhouette: float, said: str
) -> None:
    scores = pd.DataFrame(
        [
            (0, "n_clusters", clusters),
            (0, "noise_share", noise),
            (0, "silhouette", silhouette),
            (1, "stability", 0.4),
            (2, "stability", 0.5),
            (3, "stability", NAN),
        ],
        columns=["fold", "metric", "value"],
    )
    assert training_board._groups(scores) == said


@pytest.mark.parametrize(("accuracy", "explained"), [(0.8, True), (NAN, False)])
def test_a_score_that_no_fusion_has_is_not_explained(
    accuracy: float, explained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = pd.DataFrame(
        [(0, "decided_share", 1.0), (0, "accuracy", accuracy)], columns=["fold", "metric", "value"]
    )
    fusion = SimpleNamespace(id="f", is_trained=True, experiment=SimpleNamespace(task=Task.FUSION))
    evaluation = SimpleNamespace(scores=scores)
    monkeypatch.setattr(training_board.stored, "evaluation", lambda run: evaluation)
    said = training_board._about_scores([fusion])
    assert bool(said) is explained and said.startswith("Accuracy: ") is explained
