"""What became of the algorithms that the command line was asked to train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlcore.algorithms.cost import Cost
from mlcore.algorithms.spec import AlgorithmSpec
from mlcore.data.dataset import Dataset
from mlcore.data.reading import Reading
from mlcore.evaluation.evaluation import Evaluation
from mlcore.experiment import Experiment
from mlcore.messages import Message
from mlcore.setups import Setup
from mlcore.splitting import Split
from mlcore.workflow import RunResult


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What became of one algorithm.

    Parameters
    ----------
    experiment : Experiment
        What was run.
    seconds : float
        How long all its fits and predictions took.
    result : RunResult, optional
        Missing when the run failed.
    why : Message, optional
        Why it failed, or why its bundle could not be written.
    path : Path, optional
        The bundle that was written.
    rows_path : Path, optional
        The file of all rows that was written, for tasks that complete a table.
    estimate : Cost, optional
        What it was thought to take before; supervised runs have none.
    """

    experiment: Experiment
    seconds: float
    result: RunResult | None = None
    why: Message | None = None
    path: Path | None = None
    rows_path: Path | None = None
    estimate: Cost | None = None

    @property
    def spec(self) -> AlgorithmSpec:
        """The algorithm."""
        return self.experiment.spec

    @property
    def paths(self) -> tuple[Path, ...]:
        """Everything that was written."""
        return tuple(path for path in (self.path, self.rows_path) if path is not None)


@dataclass(frozen=True, eq=False, kw_only=True)
class Report:
    """All that a call of ``train`` has to tell.

    Parameters
    ----------
    dataset : Dataset
        The table.
    reading : Reading
        How its file was read.
    setup : Setup
        What all runs share.
    split : Split
        Which rows do what.
    outcomes : tuple of Outcome
        The baseline first.
    """

    dataset: Dataset
    reading: Reading
    setup: Setup
    split: Split
    outcomes: tuple[Outcome, ...]

    @property
    def baseline(self) -> Evaluation | None:
        """The scores every model has to beat; ``None`` when the baseline failed."""
        for outcome in self.outcomes:
            if outcome.spec.is_baseline and outcome.result is not None:
                return outcome.result.evaluation
        return None

    def notes(self, outcome: Outcome) -> tuple[Message, ...]:
        """Return what a run remarked that is not said of the split already."""
        notes = () if outcome.result is None else outcome.result.notes
        return tuple(note for note in notes if note not in self.split.notes)
