"""All runs that completed labels of a table side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.evaluation.few_labels_board import (
    FewLabelsRunScores,
    few_labels_board,
    hidden_accuracy,
)
from mlcore.evaluation.intervals import Interval
from mlcore.evaluation.label_draws import GainVerdict, judge_gain
from mlcore.evaluation.label_reach import PROPAGATED
from mlcore.training.runs import Run
from pages.ui import run_changes, show, stored
from pages.ui.downloads import frame_button
from pages.ui.panels import few_facts
from pages.ui.session import workspace
from pages.ui.text import literal, number

#: What the board says of each verdict.
VERDICTS = {
    GainVerdict.HELPS: "yes",
    GainVerdict.HURTS: "no, they hurt",
    GainVerdict.PERFECT: "nothing to gain",
    GainVerdict.NOT_TOLD: "cannot be told",
    GainVerdict.FEW_DRAWS: "cannot be told (too few draws)",
    GainVerdict.NOT_MEASURED: "not measured",
}


def title(run: Run) -> str:
    """Return what tells a run from the others in a menu."""
    accuracy = _accuracy(run)
    score = "no score" if np.isnan(accuracy.mean) else f"accuracy {number(accuracy.mean)}"
    return f"{run.name} · {few_facts.n_given(run.id):,} labels · {score}"


def best(runs: Sequence[Run]) -> str:
    """Return the best run among those that were asked what the newest one was asked."""
    newest = runs[-1]
    alike = [run for run in runs if question(run) == question(newest)]
    return str(_board(alike)["id"].iloc[0])


def question(run: Run) -> str:
    """Return what has to be equal for scores to be compared: the label and what is known of it."""
    config = few_facts.config_of(run).to_json()
    del config["rival"], config["repeats"]
    return json.dumps([run.experiment.fingerprint, run.experiment.target, config], sort_keys=True)


def _board(runs: Sequence[Run]) -> pd.DataFrame:
    return _cached_board(workspace().user, tuple((run.id, run.name) for run in runs), runs)


@st.cache_data(max_entries=32, show_spinner=False)
def _cached_board(
    user: str, names: tuple[tuple[str, str], ...], _runs: Sequence[Run]
) -> pd.DataFrame:
    return few_labels_board([_scores(run) for run in _runs])


def _scores(run: Run) -> FewLabelsRunScores:
    return FewLabelsRunScores(
        id=run.id,
        name=run.name,
        algorithm=run.experiment.spec.name,
        target=run.experiment.label,
        evaluation=stored.evaluation(run.id),
        rows=few_facts.frame(run.id, "rows"),
        draws=few_facts.frame(run.id, "draws"),
    )


def draw(trained: Sequence[Run], untrained: Sequence[Run]) -> None:
    """Draw the table of runs and what can be done with them."""
    board = _board(trained)
    _draw_table(_readable(board))
    st.caption(
        "The most accurate run on hidden labels comes first. Few labels can be hidden where there "
        "are few, so mind the interval: runs whose intervals overlap much are about as good."
    )
    if len({question(run) for run in trained}) > 1:
        st.caption(
            ":material/warning: The runs had different labels, or hid others of them. Compare "
            "accuracies only between runs that had the same."
        )
    with st.container(horizontal=True):
        frame_button("Download as CSV", "semi_board_csv", board, "few_labels.csv")
        run_changes.rename_or_delete(trained, "semi")
    run_changes.without_result(untrained, "semi")


def _readable(board: pd.DataFrame) -> pd.DataFrame:
    """Return the board's columns as people read them, numbers kept as numbers."""
    columns: dict[str, Any] = {"Run": board["name"]}
    if board["target"].nunique() > 1:
        columns["Completes"] = board["target"]
    return pd.DataFrame(
        {
            **columns,
            "Labels": board["labels"],
            "Accuracy": 100 * board["accuracy"],
            "From": 100 * board["accuracy_low"],
            "To": 100 * board["accuracy_high"],
            "Balanced": 100 * board["balanced_accuracy"],
            "Not reached": board["unreached"],
            "Other rows help": [VERDICTS[GainVerdict(one)] for one in board["verdict"]],
            "Gain": 100 * board["gain"],
            "Seconds": board["fit_seconds"],
            "Algorithm": board["algorithm"],
        }
    )


def _draw_table(readable: pd.DataFrame) -> None:
    show.table(
        readable,
        alt="Every run with its accuracy on hidden labels and whether unlabelled rows help",
        column_config=_COLUMNS,
        placeholder="–",
    )


_ENDS = (
    "at each end the wider of two intervals, that over the folds (Nadeau and Bengio) and that of a "
    "share of so few labels (Wilson)"
)
_INTERVAL = f"end of the 95 % interval of the accuracy: {_ENDS}."
#: Shares are shown in percent with one digit, so that they stand below each other.
PERCENT = "%.1f %%"

_COLUMNS = {
    "Labels": st.column_config.NumberColumn(
        format="%d", help="Rows whose label was known when the run started."
    ),
    "Accuracy": st.column_config.NumberColumn(
        format=PERCENT,
        help="Share of the labels that were found again after being hidden, mean over the folds. "
        "A row that no label reaches counts as wrong.",
    ),
    "From": st.column_config.NumberColumn(format=PERCENT, help=f"Lower {_INTERVAL}"),
    "To": st.column_config.NumberColumn(format=PERCENT, help=f"Upper {_INTERVAL}"),
    "Balanced": st.column_config.NumberColumn(
        format=PERCENT, help="Balanced accuracy: the mean over the classes, each counting alike."
    ),
    "Not reached": st.column_config.NumberColumn(
        format="%d", help="Rows that no label reaches. They stay without a label."
    ),
    "Other rows help": st.column_config.TextColumn(
        help="Whether learning with the rows that have no label is more accurate than learning "
        "from the labelled rows alone, at the largest number of labels that was tried; clear only "
        "if the interval of the difference leaves out 0. Nothing to gain: both are perfect there."
    ),
    "Gain": st.column_config.NumberColumn(
        format="%+.1f",
        help="How much more accurate it is with these rows, in percentage points, at the largest "
        "number of labels that was tried.",
    ),
    "Seconds": st.column_config.NumberColumn(
        format="%.3g", help="To spread all labels once; folds and draws come on top."
    ),
}


def _accuracy(run: Run) -> Interval:
    return _cached_accuracy(workspace().user, run.id)


@st.cache_data(max_entries=256, show_spinner=False)
def _cached_accuracy(user: str, run: str) -> Interval:
    return hidden_accuracy(stored.evaluation(run))


def metrics(run: Run) -> None:
    """Draw the few numbers that say how a run came out."""
    accuracy = _accuracy(run)
    verdict = judge_gain(few_facts.gains(run.id))
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            "Accuracy",
            _share(accuracy.mean),
            width="content",
            help="On hidden labels: the share of them that was found again.",
        )
        st.metric(
            "95 % interval",
            _interval(accuracy.low, accuracy.high),
            width="content",
            help=f"Where the accuracy may lie with other labels of the same source: {_ENDS}.",
        )
        st.metric(
            "Rows completed",
            f"{few_facts.count(run.id, PROPAGATED):,}",
            width="content",
            help="Rows that had no label and got one.",
        )
        st.metric(
            "Not reached",
            f"{few_facts.n_unreached(run.id):,}",
            width="content",
            help="Rows that no label reaches. They stay without a label.",
        )
        st.metric(
            "Other rows help",
            VERDICTS[verdict].capitalize(),
            width="content",
            help="Whether the rows without a label make it more accurate: see the first part "
            "below.",
        )


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1%}"


def _interval(low: float, high: float) -> str:
    return "–" if np.isnan(low) else f"{low:.0%} to {literal(f'{high:.0%}')}"
