"""What becomes of rows in which several classes share the lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Literal, TypeAlias

import numpy as np

from mlcore.fusion.rules import Fused, leaders
from mlcore.fusion.spelling import Codes
from mlcore.fusion.votes import Numbers, Votes

TieRule: TypeAlias = Literal["undecided", "order", "prior", "most_accurate", "random"]


def resolve(
    fused: Fused,
    votes: Votes,
    rule: TieRule = "undecided",
    *,
    order: Sequence[str] = (),
    accuracies: Numbers | None = None,
    seed: int = 0,
) -> Fused:
    """Return the fused labels with ties decided by a rule; what it cannot decide stays undecided.

    Only the label changes: ``tied``, ``best`` and ``posterior`` still tell of the tie.

    Parameters
    ----------
    fused : Fused
        Labels of any rule.
    votes : Votes
        The votes that were fused.
    rule : {"undecided", "order", "prior", "most_accurate", "random"}, default "undecided"
        ``undecided`` leaves ties open: any other choice claims to know what the votes do not say.
        ``order`` takes the first class in a stated order. ``prior`` takes the class that is most
        frequent by the model, or among all votes where no model was fitted. ``most_accurate``
        takes the class that the most accurate source voted for. ``random`` draws lots.
    order : sequence of str, default ()
        For ``order``: names of classes; those left out come last, in their usual order.
    accuracies : float array of shape (n_sources,), optional
        For ``most_accurate``: how accurate each source is, NaN where it is not known. They must
        not come from the rows on which the result is judged.
    seed : int, default 0
        For ``random``. The lot of a row depends on the seed, the row's name and the names of the
        tied classes only, so the order of the rows does not matter.
    """
    if rule == "undecided" or not fused.tied.any():
        return fused
    preferences = _preferences(fused, votes, rule, order, accuracies, seed)
    preferred = np.where(fused.best, preferences, -np.inf)
    decidable = fused.tied & np.isfinite(preferred.max(axis=1))
    first = leaders(np.where(decidable[:, None], preferred, 0), decidable)
    chosen = decidable & (first.sum(axis=1) == 1)
    label = np.where(chosen, first.argmax(axis=1), fused.label).astype(np.intp)
    return replace(fused, label=label)


def _preferences(
    fused: Fused,
    votes: Votes,
    rule: TieRule,
    order: Sequence[str],
    accuracies: Numbers | None,
    seed: int,
) -> Numbers:
    """Return for each row how much each class is preferred, of shape (n_rows, n_classes)."""
    if rule == "order":
        return np.broadcast_to(-_ranks(votes, order), fused.best.shape)
    if rule == "prior":
        frequent = np.bincount(votes.label, minlength=votes.n_classes)
        share = frequent / max(votes.n_votes, 1) if fused.prior is None else fused.prior
        return np.broadcast_to(share, fused.best.shape)
    if rule == "most_accurate":
        return _best_accuracy(votes, accuracies)
    return _lots(fused, votes, seed)


def _ranks(votes: Votes, order: Sequence[str]) -> Numbers:
    stated = [int(code) for code in votes.codes_of(list(order)) if code >= 0]
    listed = [*dict.fromkeys([*stated, *range(votes.n_classes)])]
    ranks = np.empty(votes.n_classes)
    ranks[listed] = np.arange(votes.n_classes)
    return ranks


def _best_accuracy(votes: Votes, accuracies: Numbers | None) -> Numbers:
    """Return the accuracy of the best source behind each class of each row, or minus infinity."""
    best = np.full((votes.n_rows, votes.n_classes), -np.inf)
    if accuracies is not None:
        known = np.where(np.isnan(accuracies), -np.inf, accuracies)
        np.maximum.at(best, (votes.row, votes.label), known[votes.source])
    return best


def _lots(fused: Fused, votes: Votes, seed: int) -> Numbers:
    lots = np.full(fused.best.shape, -np.inf)
    for row, code in zip(*np.nonzero(fused.best & fused.tied[:, None]), strict=True):
        drawn = f"{seed}\0{votes.names[row]}\0{votes.classes[code].casefold()}"
        lots[row, code] = _fraction(drawn)
    return lots


def _fraction(text: str) -> float:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def tie_interval(fused: Fused, gold: Codes) -> tuple[float, float]:
    """Return the accuracy if all ties came out wrong, and if all came out right.

    Every row whose gold label is known counts. Rows that are undecided for another reason (no
    votes, no majority) are wrong in both.

    Parameters
    ----------
    fused : Fused
        Fused labels; how ties were resolved does not matter.
    gold : int array of shape (n_rows,)
        The right class of each row; -1 where it is not known.

    Returns
    -------
    tuple of float
        NaN, NaN where no gold label is known.
    """
    known = np.flatnonzero(gold >= 0)
    if not len(known):
        return float("nan"), float("nan")
    tied = fused.tied[known]
    certain = ~tied & (fused.label[known] == gold[known])
    possible = tied & fused.best[known, gold[known]]
    return float(certain.mean()), float((certain | possible).mean())
