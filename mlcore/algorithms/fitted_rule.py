"""A rule for fusing votes with everything it learnt: what is kept and downloaded of a fusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from mlcore.algorithms import label_fusion
from mlcore.fusion.context import FusionContext
from mlcore.fusion.dawid_skene import posterior_of
from mlcore.fusion.numbers import FusedNumbers
from mlcore.fusion.rules import Fused, from_leaders, leaders, weighted
from mlcore.fusion.ties import TieRule, resolve
from mlcore.fusion.votes import Numbers, Votes, aligned
from mlcore.params import ParamValue


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedRule:
    """How votes of these sources become one label, now and for new rows.

    Parameters
    ----------
    method : str
        Id of the rule in the catalogue.
    values : mapping
        Complete values of its parameters.
    sources, classes : tuple of str
        Those it knows; votes of others say nothing to it.
    abstain : tuple of str
        What stands for an abstention.
    weights, confusions, prior : arrays, optional
        What it learnt (:class:`mlcore.fusion.rules.Fused`). ``prior`` also decides ties by the
        frequency of the classes.
    ties : str
        The rule for ties.
    order : tuple of str
        The order of classes that it may need.
    accuracies : float array of shape (n_sources,), optional
        How accurate each source is, where ties go to the most accurate one.
    seed : int
        For ties by lot.
    """

    method: str
    values: Mapping[str, ParamValue]
    sources: tuple[str, ...]
    classes: tuple[str, ...]
    abstain: tuple[str, ...]
    weights: Numbers | None
    confusions: Numbers | None
    prior: Numbers | None
    ties: str
    order: tuple[str, ...]
    accuracies: Numbers | None
    seed: int

    def apply(self, votes: Votes) -> Fused | FusedNumbers:
        """Fuse votes, also those of new rows, without learning anything from them."""
        # Any number counts, also one that no source gave before.
        classes = votes.classes if self._is_numeric else self.classes
        known = aligned(votes, self.sources, classes)
        fused = self._fused(known)
        if isinstance(fused, FusedNumbers):
            return fused
        return resolve(
            replace(fused, prior=self.prior),
            known,
            cast(TieRule, self.ties),
            order=self.order,
            accuracies=self.accuracies,
            seed=self.seed,
        )

    @property
    def _is_numeric(self) -> bool:
        return label_fusion.find(self.method).fuses_numbers

    def _fused(self, votes: Votes) -> Fused | FusedNumbers:
        if self.confusions is not None and self.prior is not None:
            posterior = posterior_of(votes, self.prior, self.confusions)
            fused = from_leaders(posterior, leaders(posterior, votes.per_row() > 0))
            return replace(fused, confusions=self.confusions)
        if self.weights is not None:
            return weighted(votes, self.weights)
        nobody = np.full(votes.n_rows, -1, dtype=np.intp)
        context = FusionContext(votes=votes, gold=nobody, weights=None, seed=self.seed)
        return label_fusion.fuse(self.method, self.values, context)

    def to_json(self) -> dict[str, Any]:
        """Return plain data: all that is needed to fuse new votes."""
        return {
            "method": self.method,
            "params": dict(self.values),
            "sources": list(self.sources),
            "classes": list(self.classes),
            "abstain": list(self.abstain),
            "weights": _plain(self.weights),
            "confusions": _plain(self.confusions),
            "prior": _plain(self.prior),
            "ties": self.ties,
            "order": list(self.order),
            "accuracies": _plain(self.accuracies),
            "seed": self.seed,
        }


def _plain(array: Numbers | None) -> Any:
    """Return nested lists; ``None`` for what is not known."""
    if array is None:
        return None
    unknown = np.array(None, dtype=object)
    return np.where(np.isnan(array), unknown, array.astype(object)).tolist()


class FusionModel(BaseEstimator):
    """What a run keeps of a fusion: the fitted rule and, where they vote, the sources' models.

    Parameters
    ----------
    rule : FittedRule
        The rule.
    models : mapping of str to Pipeline
        For each source the model that votes for it; empty where the sources vote themselves.
    """

    def __init__(self, rule: FittedRule, models: Mapping[str, Pipeline]) -> None:
        self.rule = rule
        self.models = models


def fusion_pipeline(rule: FittedRule, models: Mapping[str, Pipeline]) -> Pipeline:
    """Return the rule in the form in which every run keeps its model."""
    return Pipeline([("model", FusionModel(rule, models))])


def model_of(pipeline: Pipeline) -> FusionModel:
    """Return what :func:`fusion_pipeline` put in."""
    model: FusionModel = pipeline.named_steps["model"]
    return model
