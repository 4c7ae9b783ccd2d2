"""What several parts of the page that fuses labels read, worked out once for all reruns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from mlcore.data.dataset import Dataset
from mlcore.data.schema import MOST_NUMERIC_CLASSES, ColumnKind
from mlcore.evaluation.fusion_board import FusionRunScores
from mlcore.evaluation.fusion_checks import read_findings
from mlcore.experiment import Experiment
from mlcore.findings import Finding
from mlcore.fusion.abstaining import likely_abstentions
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.layout import Layout, detect_layout
from mlcore.fusion.spelling import Codes
from mlcore.fusion.votes import Votes
from mlcore.setups import FusionSetup
from mlcore.training.runs import Run
from mlcore.workflow.fusion import read_gold, read_votes
from pages.ui import stored
from pages.ui.session import session, workspace

#: Rows of one table on the screen at most.
MOST_SHOWN = 1000


@dataclass(frozen=True, eq=False)
class Read:
    """The votes that a set-up points at.

    Parameters
    ----------
    votes : Votes
        Edits included; their notes tell of the gold labels too.
    gold : array of shape (n_rows,)
        Class number of the known labels, -1 elsewhere.
    gold_rows : int
        Rows with a known label.
    gold_votes : int
        Votes on such rows.
    """

    votes: Votes
    gold: Codes
    gold_rows: int
    gold_votes: int


def layout(table: Dataset) -> Layout:
    """Return how the table seems to hold votes."""
    return _layout(workspace().user, table.fingerprint, table)


@st.cache_data(max_entries=16, show_spinner="Looking for votes …")
def _layout(user: str, fingerprint: str, _table: Dataset) -> Layout:
    return detect_layout(_table.frame)


def read(table: Dataset, setup: FusionSetup) -> Read:
    """Return the votes of a set-up; read once for all reruns, and not to be changed.

    Raises
    ------
    UserError
        The set-up does not fit the table, or there is no vote.
    """
    config = setup.split
    plan = [setup.target, config.columns, config.is_long, config.abstain, config.edits]
    return _read(workspace().user, f"{table.fingerprint} {json.dumps(plan)}", table, setup)


@st.cache_resource(max_entries=8, show_spinner="Reading the votes …")
def _read(user: str, plan: str, _table: Dataset, _setup: FusionSetup) -> Read:
    votes = read_votes(_table, _setup)
    gold = read_gold(_table, _setup, votes)
    on_gold = int((gold.codes[votes.row] >= 0).sum())
    told = replace(votes, notes=(*votes.notes, *gold.notes))
    return Read(told, gold.codes, len(gold.rows), on_gold)


def bare(table: Dataset, setup: FusionSetup) -> Read:
    """Return the votes as the table has them: no edits, and no label read as an abstention."""
    return read(table, replace(setup, split=replace(setup.split, abstain=(), edits=())))


def with_guesses(table: Dataset, setup: FusionSetup) -> FusionSetup:
    """Return a first set-up with what its labels suggest: abstentions, and numbers on a scale.

    Raises
    ------
    UserError
        There is no vote.
    """
    labels = bare(table, setup).votes.classes
    abstain = likely_abstentions(labels)
    split = replace(setup.split, abstain=abstain)
    values = read(table, replace(setup, split=split)).votes.values
    numbers = values is not None and len(values) > MOST_NUMERIC_CLASSES
    return replace(setup, split=replace(split, numbers=numbers))


def config_of(run: Run) -> FusionConfig:
    """Return what a fusion was told about the votes."""
    assert isinstance(run.experiment.split, FusionConfig)
    return run.experiment.split


def setup_of(run: Run) -> FusionSetup:
    """Return what was chosen before the rule of a run was."""
    experiment = run.experiment
    return FusionSetup(
        target=experiment.target,
        features=experiment.features,
        split=config_of(run),
        preparation=experiment.preparation,
    )


def is_of(run: Run, table: Dataset) -> bool:
    """Return whether the table is still the one whose votes were fused."""
    return table.fingerprint == run.experiment.fingerprint


def frame(run: str, name: str) -> pd.DataFrame:
    """Return a table that every fusion leaves behind."""
    found = stored.run_frame(run, name)
    assert found is not None, name
    return found


def has_gold(run: str) -> bool:
    """Return whether the true label of some rows was known."""
    return bool(frame(run, "rows")["gold"].notna().any())


def findings(run: str) -> tuple[Finding, ...]:
    """Return what a careful colleague would point out."""
    return read_findings(frame(run, "findings"))


def scores(runs: Sequence[Run]) -> list[FusionRunScores]:
    """Return what the boards need of some runs, under names that differ."""
    names = distinct_names(runs)
    return [
        FusionRunScores(
            id=run.id,
            name=names[run.id],
            rule=run.experiment.spec.name,
            evaluation=stored.evaluation(run.id),
            rows=frame(run.id, "rows"),
            is_number=config_of(run).numbers,
        )
        for run in runs
    ]


def distinct_names(runs: Sequence[Run]) -> dict[str, str]:
    """Return a name for each run; those of one name are numbered in the order they were made."""
    count = Counter(run.name for run in runs)
    met: Counter[str] = Counter()
    names: dict[str, str] = {}
    for run in runs:
        met[run.name] += 1
        numbered = f"{run.name} ({met[run.name]})"
        names[run.id] = numbered if count[run.name] > 1 else run.name
    return names


def run_name(experiment: Experiment) -> str:
    """Return what a fusion is called at first: its rule, and what it was told besides."""
    config = experiment.split
    assert isinstance(config, FusionConfig)
    said = [experiment.spec.name]
    if config.learner is not None:
        said.append("models vote")
    if count := len(config.edits):
        said.append(f"{count} vote{'s' if count != 1 else ''} changed")
    return ", ".join(said)


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose shares have one digit behind the point as percentages."""
    return table.round(dict.fromkeys(_SHARES & set(table), 3))


#: Columns of a run's tables that hold a share of a whole.
_SHARES = {
    *("confidence", "share", "margin", "accuracy", "low", "high", "coverage", "agreement"),
    *("leave_one_out", "estimated_accuracy", "decided_share", "tie_share", "ties_wrong"),
    *("ties_right", "balanced_accuracy", "same_as_most"),
}


def identifier(table: Dataset) -> str | None:
    """Return the column that tells the rows of a wide table apart, if there is one."""
    columns = table.schema.columns
    return next((c.name for c in columns if c.kind is ColumnKind.IDENTIFIER), None)


def edits_key() -> str:
    """Return the name under which changed votes of the table in use are remembered."""
    return f"fusion_edits:{session().dataset}"
