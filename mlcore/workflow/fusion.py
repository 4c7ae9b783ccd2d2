"""Make one label of several for each row, and judge the rule and the sources.

A run leaves, besides the fitted rule, these tables (:attr:`RunResult.frames`):

``rows``
    One line a row: :func:`mlcore.fusion.rows.row_frame` and ``gold`` (the known label or missing).
    For numbers: ``row``, ``position``, ``predicted``, ``spread``, ``low``, ``high``, ``n_votes``,
    ``gold``.
``sources``, ``confusions``
    One line a source, and its answers against the truth (:mod:`mlcore.evaluation.sources`).
``agreement``, ``kappa``
    How far all sources agree, and each two of them (:mod:`mlcore.evaluation.rater_agreement`).
``findings``
    ``finding``: what a careful colleague would point out (:mod:`mlcore.evaluation.fusion_checks`),
    each as JSON.
``likelihood``
    For Dawid and Skene's models: the log-likelihood of each start, round by round.

What a rule learns from gold labels (weights, which source is the most accurate) is never judged on
the same rows: gold rows are cut into folds, and each fold is fused by what the others taught. With
fewer than two gold rows that have votes there is no such score.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline

from mlcore.algorithms import label_fusion
from mlcore.algorithms.fitted_rule import FittedRule, fusion_pipeline
from mlcore.data.dataset import Dataset
from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.fusion_checks import check_fusion as check_votes
from mlcore.evaluation.fusion_checks import findings_frame
from mlcore.evaluation.fusion_scores import fusion_scores, number_scores
from mlcore.evaluation.rater_agreement import agreement_frame, cohen_kappa_frame
from mlcore.evaluation.sources import (
    confusion_frame,
    estimated_confusion_frame,
    leave_one_out,
    source_frame,
)
from mlcore.experiment import Experiment
from mlcore.fusion.config import FusionConfig
from mlcore.fusion.context import FusionContext
from mlcore.fusion.gold import Gold, long_gold, no_gold, wide_gold
from mlcore.fusion.numbers import FusedNumbers
from mlcore.fusion.rows import label_names, row_frame
from mlcore.fusion.rules import Fused
from mlcore.fusion.spelling import Codes, normal_label
from mlcore.fusion.ties import TieRule, resolve
from mlcore.fusion.votes import (
    Numbers,
    Votes,
    aligned,
    long_votes,
    replaced,
    require_room,
    wide_votes,
    without_vote,
)
from mlcore.messages import Message, message
from mlcore.setups import FusionSetup, check_fusion
from mlcore.splitting import Split
from mlcore.workflow.remarks import Remarks
from mlcore.workflow.result import Progress, Report, RunResult
from mlcore.workflow.source_models import votes_of_models

#: What a row without a fused label is called where a class is expected.
UNDECIDED_NAME = "(undecided)"

#: Parts into which gold rows are cut.
GOLD_FOLDS = 5
#: Gold rows with votes from which on what they teach can be judged: one teaches, one judges.
FEWEST_GOLD = 2

#: What is said of changed votes, by whether there is a single one.
_EDITED = {False: "fusion.edited", True: "fusion.edited.one"}

_STAGES = ("votes", "models", "fuse", "judge", "agreement")


def run_fusion(dataset: Dataset, experiment: Experiment, report: Report) -> RunResult:
    """Fuse the votes with one rule and judge it on gold rows, where there are any.

    Raises
    ------
    UserError
        The experiment does not fit the table, or the rule needs what is not there.
    """
    run = _Run(dataset, experiment, report)
    started = time.perf_counter()
    fused = run.fuse()
    seconds = time.perf_counter() - started
    made = run.classes_made(fused) if isinstance(fused, Fused) else run.numbers_made(fused)
    run.tell("done")
    timing = {
        "fold": 0,
        "n_train": run.votes.n_votes,
        "n_validation": run.n_gold,
        "fit_seconds": seconds,
        "predict_seconds": 0.0,
    }
    evaluation = Evaluation(
        scores=made.scores,
        predictions=made.predictions,
        timing=pd.DataFrame([timing]),
        curves=pd.DataFrame({"fold": [], "step": [], "name": [], "value": []}),
    )
    frames = {**made.frames, **run.agreement()}
    frames["findings"] = run.findings(fused, frames["agreement"])
    return RunResult(
        experiment, made.pipeline, evaluation, run.split, run.notes, run.votes.classes, frames
    )


def read_votes(dataset: Dataset, setup: FusionSetup | Experiment) -> Votes:
    """Return the votes that a set-up points at, edits included.

    Raises
    ------
    UserError
        The set-up does not fit the table, there is no vote, or a label has the name that stands
        for undecided rows.
    """
    config, frame = setup.split, dataset.frame
    assert isinstance(config, FusionConfig)
    gold = () if setup.target is None else tuple(frame[setup.target].dropna().unique())
    if config.is_long:
        row, source, label = config.columns
        votes = long_votes(frame, row, source, label, config.abstain, gold)
    else:
        votes = wide_votes(frame, config.sources, config.abstain, gold)
    votes = replaced(votes, config.edits) if config.edits else votes
    if normal_label(UNDECIDED_NAME) in map(normal_label, votes.classes):
        raise UserError("fusion.reserved_name", name=UNDECIDED_NAME)
    return votes


def read_gold(dataset: Dataset, setup: FusionSetup | Experiment, votes: Votes) -> Gold:
    """Return the known labels of the rows of :func:`read_votes`."""
    config = setup.split
    assert isinstance(config, FusionConfig)
    if setup.target is None:
        return no_gold(votes)
    if config.row is not None and config.is_long:
        return long_gold(dataset.frame, config.row, setup.target, votes)
    return wide_gold(dataset.frame, setup.target, votes)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Made:
    """What came of a fusion."""

    pipeline: Pipeline
    scores: pd.DataFrame
    predictions: pd.DataFrame
    frames: dict[str, pd.DataFrame]


class _Run:
    """One fusion: the steps share votes, gold labels and progress."""

    def __init__(self, dataset: Dataset, experiment: Experiment, report: Report) -> None:
        assert isinstance(experiment.split, FusionConfig)
        setup = FusionSetup(
            target=experiment.target, features=experiment.features, split=experiment.split
        )
        check_fusion(dataset, setup)
        self.experiment = experiment
        self.config = experiment.split
        self.spec = experiment.spec
        self.values = self.spec.check(experiment.params)
        self.report = report
        self.done = 0
        self.remarks = Remarks(self.spec.name)
        self.tell("votes")
        self.votes = read_votes(dataset, setup)
        if not self.spec.fuses_numbers:
            require_room(self.votes, self.config.label)
        self.reading = self.votes.notes
        self.gold = read_gold(dataset, setup, self.votes)
        self.models: dict[str, Pipeline] = {}
        if self.config.learner is not None:
            self._let_models_vote(dataset)

    def _let_models_vote(self, dataset: Dataset) -> None:
        self.tell("models")
        with self.remarks.of_fit(0):
            voting = votes_of_models(dataset, self.experiment, self.votes, self._inside("models"))
        self.votes, self.models = voting.votes, voting.models
        # A row on which no source voted has the votes of the models.
        of_table = (note for note in self.reading if note.code != "fusion.votes.none")
        self.reading = (*of_table, *without_vote(self.votes), *voting.notes)

    def _inside(self, stage: str) -> Callable[[int, int], None]:
        words = message(f"fusion.stage.{stage}")
        return lambda step, steps: self.report(
            Progress(self.done, len(_STAGES), words, step, steps)
        )

    def tell(self, stage: str) -> None:
        """Report a stage."""
        self.done = _STAGES.index(stage) if stage in _STAGES else len(_STAGES)
        self.report(Progress(self.done, len(_STAGES), message(f"fusion.stage.{stage}")))

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was decided and noticed."""
        edits = len(self.config.edits)
        said = [message(_EDITED[edits == 1], count=edits)] if edits else []
        if self.models:
            said.append(message("fusion.models_vote"))
        if self.n_gold and not self.can_judge:
            said.append(message("fusion.gold.cannot_judge", rows=len(self.teaching)))
        return (*self.reading, *self.gold.notes, *said, *self.remarks.notes)

    @property
    def split(self) -> Split:
        """Rows with a gold label stand as ``development``, all others as ``unlabelled``."""
        nothing, unknown = np.empty(0, dtype=np.intp), np.flatnonzero(self.gold.codes < 0)
        return Split(self.gold.rows, nothing, unknown, (), ())

    @property
    def n_gold(self) -> int:
        """Rows whose true label is known."""
        return len(self.gold.rows)

    @property
    def teaching(self) -> Codes:
        """Gold rows that have votes: only of them something can be learnt."""
        rows = self.gold.rows
        return rows[self.votes.per_row()[rows] > 0]

    def fuse(self) -> Fused | FusedNumbers:
        """Fuse with all that is known."""
        self.tell("fuse")
        return self._fused(self.gold.codes)

    def _fused(self, gold: Codes) -> Fused | FusedNumbers:
        context = FusionContext(
            votes=self.votes,
            gold=gold,
            weights=self._weights(),
            seed=self.config.seed,
            report=self._inside("fuse"),
        )
        fused = label_fusion.fuse(self.spec.id, self.values, context)
        if isinstance(fused, FusedNumbers):
            return fused
        return resolve(
            fused,
            self.votes,
            cast(TieRule, self.config.ties),
            order=self.config.order,
            accuracies=self._accuracies(context),
            seed=self.config.seed,
        )

    def _weights(self) -> Numbers | None:
        if not self.config.weights:
            return None
        given = dict(self.config.weights)
        return np.array([given.get(name, 1.0) for name in self.votes.sources])

    def _accuracies(self, context: FusionContext) -> Numbers:
        """Return how accurate each source is: on gold rows, else by agreement with the others."""
        if (context.gold >= 0).any():
            return context.accuracies
        alike, others = leave_one_out(self.votes)
        return _share(alike, others)

    @property
    def learns_from_gold(self) -> bool:
        """Whether gold labels have a say in the fused labels."""
        ties = self.config.ties == "most_accurate" and not self.spec.fuses_numbers
        return self.spec.needs_gold or ties

    @property
    def can_judge(self) -> bool:
        """Whether gold rows can judge the fused labels: others must have taught these."""
        return not self.learns_from_gold or len(self.teaching) >= FEWEST_GOLD

    def judged(self, fused: Fused) -> tuple[Fused, Codes]:
        """Return the labels that are judged, and the fold of each gold row (0: none).

        Where gold labels have a say, a gold row is fused by what other gold rows taught.
        """
        folds = self._gold_folds()
        if not self.learns_from_gold:
            return fused, folds
        label, tied, best = fused.label.copy(), fused.tied.copy(), fused.best.copy()
        for number in range(1, folds.max(initial=0) + 1):
            hidden = folds == number
            other = self._fused(np.where(hidden, -1, self.gold.codes))
            assert isinstance(other, Fused)
            label[hidden], tied[hidden] = other.label[hidden], other.tied[hidden]
            best[hidden] = other.best[hidden]
        return replace(fused, label=label, tied=tied, best=best), folds

    def _gold_folds(self) -> Codes:
        """Return the fold of each gold row from 1 on, 0 for all rows that do not judge."""
        folds = np.zeros(self.votes.n_rows, dtype=np.intp)
        if not self.can_judge:
            return folds
        # Rows without votes teach nothing, so it does not matter with which others they stand.
        folds[self.gold.rows] = 1
        if self.learns_from_gold:
            rows = self.teaching
            parts = min(GOLD_FOLDS, len(rows))
            splitter = KFold(parts, shuffle=True, random_state=self.config.seed)
            for number, (_, places) in enumerate(splitter.split(rows), start=1):
                folds[rows[places]] = number
        return folds

    def classes_made(self, fused: Fused) -> _Made:
        """Return everything that follows from fused classes."""
        self.tell("judge")
        gold = self.gold.codes
        judged, folds = self.judged(fused)
        rows = np.flatnonzero(folds)
        names = label_names(judged.label, self.votes.classes).fillna(UNDECIDED_NAME)
        predictions = pd.DataFrame(
            {
                "row": rows,
                "fold": folds[rows],
                "actual": label_names(gold, self.votes.classes).iloc[rows].to_numpy(),
                "predicted": names.iloc[rows].to_numpy(),
            }
        ).astype({"actual": "str", "predicted": "str"})
        return _Made(
            pipeline=fusion_pipeline(self._rule(fused), self.models),
            scores=fusion_scores(judged, np.where(folds > 0, gold, -1), folds),
            predictions=predictions,
            frames=self._class_frames(fused, gold),
        )

    def _rule(self, fused: Fused | None) -> FittedRule:
        votes = self.votes
        shares = np.bincount(votes.label, minlength=votes.n_classes) / max(votes.n_votes, 1)
        learnt = None if fused is None else fused.prior
        context = FusionContext(votes=votes, gold=self.gold.codes, weights=None, seed=0)
        return FittedRule(
            method=self.spec.id,
            values=self.values,
            sources=votes.sources,
            classes=votes.classes,
            abstain=votes.abstain,
            weights=None if fused is None else fused.weights,
            confusions=None if fused is None else fused.confusions,
            prior=shares if learnt is None else learnt,
            ties=self.config.ties,
            order=self.config.order,
            accuracies=None if fused is None else self._accuracies(context),
            seed=self.config.seed,
        )

    def _class_frames(self, fused: Fused, gold: Codes) -> dict[str, pd.DataFrame]:
        known = label_names(gold, self.votes.classes)
        has_gold = bool((gold >= 0).any())
        sources = source_frame(
            self.votes,
            fused.label,
            gold if has_gold else None,
            fused.weights,
            fused.confusions,
            fused.prior,
        )
        frames = {
            "rows": row_frame(self.votes, fused).assign(gold=known),
            "sources": sources,
            "confusions": self._confusions(fused, gold if has_gold else fused.label),
        }
        return frames if fused.curve is None else {**frames, "likelihood": fused.curve}

    def _confusions(self, fused: Fused, reference: Codes) -> pd.DataFrame:
        counted = confusion_frame(self.votes, reference)
        if fused.confusions is None:
            return counted
        estimated = estimated_confusion_frame(self.votes, fused.confusions, fused.posterior)
        return pd.concat([counted, estimated], ignore_index=True)

    def numbers_made(self, fused: FusedNumbers) -> _Made:
        """Return everything that follows from fused numbers."""
        self.tell("judge")
        gold, rows = self._gold_numbers(), self.gold.rows
        predictions = pd.DataFrame(
            {"row": rows, "fold": 1, "actual": gold[rows], "predicted": fused.value[rows]}
        )
        frame = pd.DataFrame(
            {
                "row": pd.Series(self.votes.names, dtype="str"),
                "position": np.arange(self.votes.n_rows),
                "predicted": fused.value,
                "spread": fused.spread,
                "low": fused.low,
                "high": fused.high,
                "n_votes": fused.n_votes,
                "gold": gold,
            }
        )
        return _Made(
            pipeline=fusion_pipeline(self._rule(None), {}),
            scores=number_scores(fused.value, gold),
            predictions=predictions,
            frames={"rows": frame, "sources": self._number_sources(fused)},
        )

    def _gold_numbers(self) -> Numbers:
        """Return the known numbers, NaN elsewhere."""
        assert self.votes.values is not None
        return np.append(self.votes.values, np.nan)[self.gold.codes]

    def _number_sources(self, fused: FusedNumbers) -> pd.DataFrame:
        """Return for each source how many numbers it gave and how far they are off."""
        votes = self.votes
        assert votes.values is not None
        off = votes.values[votes.label] - fused.value[votes.row]
        given = votes.per_source()
        table: dict[str, Any] = {
            "source": pd.Series(votes.sources, dtype="str"),
            "votes": given,
            "abstained": np.bincount(votes.abstained_source, minlength=votes.n_sources),
            "mean_difference": _mean_by(votes.source, off, given),
            "mean_absolute_difference": _mean_by(votes.source, np.abs(off), given),
        }
        return pd.DataFrame(table)

    def agreement(self) -> dict[str, pd.DataFrame]:
        """Return how far the sources agree, whatever the rule."""
        self.tell("agreement")
        ordered = bool(self.config.order) or self.config.numbers
        votes = in_stated_order(self.votes, self.config.order)
        return {
            "agreement": agreement_frame(votes, seed=self.config.seed, ordered=ordered),
            "kappa": cohen_kappa_frame(self.votes),
        }

    def findings(self, fused: Fused | FusedNumbers, agreement: pd.DataFrame) -> pd.DataFrame:
        """Return what stands out, told with the votes that were fused."""
        classes = fused if isinstance(fused, Fused) else None
        gold = self.gold.codes if self.n_gold else None
        found = check_votes(self.votes, classes, gold=gold, agreement=agreement)
        return findings_frame(found)


def in_stated_order(votes: Votes, order: Sequence[str]) -> Votes:
    """Return votes whose classes stand in the user's order; those left out come last."""
    if not order:
        return votes
    stated = [code for code in votes.codes_of(order).tolist() if code >= 0]
    places = list(dict.fromkeys([*stated, *range(votes.n_classes)]))
    return aligned(votes, votes.sources, [votes.classes[place] for place in places])


def _mean_by(group: Codes, values: Numbers, count: Codes) -> Numbers:
    total = np.bincount(group, values, minlength=len(count)).astype(np.float64)
    return _share(total, count)


def _share(part: Numbers, whole: Codes) -> Numbers:
    """Return a part of a whole; NaN of nothing."""
    share = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return np.asarray(share, dtype=np.float64)
