"""What a run tells on its way, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd
from sklearn.pipeline import Pipeline

from mlcore.evaluation.evaluation import Evaluation
from mlcore.experiment import Experiment
from mlcore.messages import Message
from mlcore.splitting import Split


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Parameters
    ----------
    done, total : int
        Fits that are finished, and all of them (the folds and the final fit).
    stage : Message
        What is going on.
    step : int, optional
        Step inside the running fit (epoch, tree), for algorithms that count.
    steps : int, optional
        How many there will be at most.
    loss : float, optional
        Loss at that step.
    """

    done: int
    total: int
    stage: Message
    step: int | None = None
    steps: int | None = None
    loss: float | None = None


Report = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """Report to nobody."""


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run leaves behind.

    Parameters
    ----------
    experiment : Experiment
        What was run.
    pipeline : Pipeline
        Fitted on all development rows: raw columns in, prediction (or cluster) out. Test rows
        were not used.
    evaluation : Evaluation
        Scores and predictions on rows the predicting model had not seen.
    split : Split
        Which rows did what.
    notes : tuple of Message
        What was decided or noticed on the way.
    classes : tuple of str
        The classes in the model's order, or the clusters; empty for regression.
    frames : mapping of str to DataFrame
        More tables by name, kept with the run; what :mod:`mlcore.workflow.clustering` documents.
    """

    experiment: Experiment
    pipeline: Pipeline
    evaluation: Evaluation
    split: Split
    notes: tuple[Message, ...]
    classes: tuple[str, ...]
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
