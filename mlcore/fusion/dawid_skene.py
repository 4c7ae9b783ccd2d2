"""Dawid and Skene's model: labels and the errors of the sources, each estimated from the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array

from mlcore.errors import UserError
from mlcore.fusion.rules import Flags, Fused, from_leaders, leaders, vote_shares
from mlcore.fusion.spelling import Codes
from mlcore.fusion.votes import Numbers, Votes

#: Votes that each source is taken to have given besides, for each true class.
SMOOTHING = 4.0
#: The part of these votes that is spread evenly, so that no mistake is ever impossible.
EVENLY = 0.1
#: Random starts besides the one from the shares of the votes.
STARTS = 3
#: Rounds of one start at most.
MOST_ROUNDS = 500
#: A start ends when a round adds less than this, for each vote, to the log-posterior.
TOLERANCE = 1e-8
#: Starts that ended within this, for each vote, are equally high.
EQUALLY_HIGH = 1e-6
#: How much of a random start is chance; the rest are the votes.
CHANCE = 0.5
#: Cells of all confusion matrices together at most: 160 MB.
MOST_CELLS = 20_000_000

#: From votes × true classes counted softly, of shape (n_sources, n_classes, n_classes), and those
#: that are added for each source, to the chance of each vote in each true class.
_Estimate: TypeAlias = Callable[[Numbers, Numbers], Numbers]


def dawid_skene(
    votes: Votes,
    *,
    starts: int = STARTS,
    smoothing: float = SMOOTHING,
    most_rounds: int = MOST_ROUNDS,
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> Fused:
    """Return the most probable labels when each source has its own confusion matrix.

    Expectation maximisation: from the probability of each row's classes follow the confusion
    matrices and the frequency of the classes, from these the probabilities, and so on until
    nothing changes. It finds an optimum near its start, so there are several starts; the one with
    the highest log-posterior is kept.

    Parameters
    ----------
    votes : Votes
        The votes.
    starts : int, default 3
        Random starts besides the one from the shares of the votes. They start from the votes too,
        mixed with chance.
    smoothing : float, default 4
        Votes that each source is taken to have given besides, for each true class. 0 gives the
        plain maximum of the likelihood.
    most_rounds : int, default 500
        Rounds of one start at most.
    seed : int, default 0
        Of the random starts.
    report : callable, optional
        Told (starts done, starts in all).

    Returns
    -------
    Fused
        With confusions, prior and curve (``start`` 0 is the one from the votes, ``iteration``,
        ``log_likelihood`` of the votes, ``log_posterior``, which never falls).

    Raises
    ------
    UserError
        There are so many different labels that the confusion matrices would not fit in memory.

    Notes
    -----
    Smoothing gives the mode under Dirichlet priors. Each row of a confusion matrix has the
    parameters 1 + smoothing × m, where m is how all sources together vote when each row's classes
    are weighted by their shares of its votes, a tenth of it spread evenly; so a source that gave
    few votes is taken to be like the others. (Even votes instead would make it a guesser: on
    simulated tables with five to ten votes a source that falls points below the plain plurality,
    and so does less smoothing.) Without smoothing, a source that was never seen to make some
    mistake is taken to be unable to make it, and a single vote of it overrules all others. The
    class frequencies have the parameters 1 + smoothing / n_classes.

    The names of the classes mean nothing to the likelihood: exchanging two of them throughout
    gives an optimum just as high. Where a random start came out with exchanged names, they are put
    back so that they agree with the votes as well as they can, and it goes on from there.

    References
    ----------
    Dawid and Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM
    algorithm", Applied Statistics 28, 20-28.
    """
    return _fitted(votes, _full, smoothing, starts, most_rounds, seed, report)


def one_coin(
    votes: Votes,
    *,
    starts: int = STARTS,
    smoothing: float = SMOOTHING,
    most_rounds: int = MOST_ROUNDS,
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
) -> Fused:
    """Return the most probable labels when each source has one accuracy and errs evenly.

    Dawid and Skene's model with one number for each source in place of a confusion matrix. It
    needs far fewer votes for each source.

    Parameters
    ----------
    votes, starts, smoothing, most_rounds, seed, report
        As for :func:`dawid_skene`.

    Returns
    -------
    Fused
        As for :func:`dawid_skene`; the accuracies stand on the diagonals of the confusions.

    Raises
    ------
    UserError
        As for :func:`dawid_skene`.

    References
    ----------
    Zhang, Chen, Zhou and Jordan (2016), "Spectral methods meet EM", Journal of Machine Learning
    Research 17, 1-44, section 2.
    """
    return _fitted(votes, _even, smoothing, starts, most_rounds, seed, report)


def posterior_of(votes: Votes, prior: Numbers, confusions: Numbers) -> Numbers:
    """Return the probability of each class for votes, under a model that was fitted before.

    Parameters
    ----------
    votes : Votes
        Votes in terms of the model's sources and classes (:func:`mlcore.fusion.votes.aligned`).
    prior, confusions
        As in :class:`mlcore.fusion.rules.Fused`.

    Returns
    -------
    float array of shape (n_rows, n_classes)
        Rows sum to 1; all zeros without votes.
    """
    table = _table(votes)
    posterior, _ = _expected(table, prior, confusions.transpose(0, 2, 1))
    return _spread(table, posterior)


# The table that is fitted


@dataclass(frozen=True, eq=False)
class _Table:
    """Rows with votes against (source, label), 1 where there is such a vote; nothing dense."""

    cells: csr_array
    turned: csr_array
    has_votes: Flags
    n_sources: int
    n_classes: int


def _table(votes: Votes) -> _Table:
    has_votes = votes.per_row() > 0
    place = np.cumsum(has_votes) - 1
    shape = (int(has_votes.sum()), votes.n_sources * votes.n_classes)
    column = votes.source * votes.n_classes + votes.label
    cells = csr_array((np.ones(votes.n_votes), (place[votes.row], column)), shape=shape)
    return _Table(cells, csr_array(cells.T), has_votes, votes.n_sources, votes.n_classes)


def _spread(table: _Table, posterior: Numbers) -> Numbers:
    """Return probabilities for all rows, zeros for those without votes."""
    full = np.zeros((len(table.has_votes), table.n_classes))
    full[table.has_votes] = posterior
    return full


# The sources


@dataclass(frozen=True, eq=False)
class _Model:
    """How sources are estimated: the votes added for each, and the rows added for each class."""

    estimate: _Estimate
    votes_added: Numbers
    rows_added: float


def _model(votes: Votes, estimate: _Estimate, smoothing: float) -> _Model:
    return _Model(estimate, smoothing * _typical(votes), smoothing / votes.n_classes)


def _typical(votes: Votes) -> Numbers:
    """Return how all sources together vote, of shape (vote, true class)."""
    together = votes.counts().T @ vote_shares(votes)
    total = together.sum(axis=0)
    even = np.full_like(together, 1 / votes.n_classes)
    pooled = np.divide(together, total, out=even, where=total > 0)
    return np.asarray((1 - EVENLY) * pooled + EVENLY / votes.n_classes)


def _full(counted: Numbers, added: Numbers) -> Numbers:
    """Return the chance of each vote of each source, by true class."""
    smoothed = counted + added
    total = smoothed.sum(axis=1, keepdims=True)
    even = np.full_like(smoothed, 1 / smoothed.shape[1])
    return np.asarray(np.divide(smoothed, total, out=even, where=total > 0))


def _even(counted: Numbers, added: Numbers) -> Numbers:
    """Return the same when a source is equally accurate in all classes and errs evenly."""
    n_classes = counted.shape[1]
    right = np.einsum("scc->s", counted) + np.trace(added)
    total = counted.sum(axis=(1, 2)) + added.sum()
    even = np.full_like(right, 1 / n_classes)
    accuracy = np.divide(right, total, out=even, where=total > 0)
    chances = np.empty_like(counted)
    chances[:] = ((1 - accuracy) / max(n_classes - 1, 1))[:, None, None]
    chances[:, range(n_classes), range(n_classes)] = accuracy[:, None]
    return chances


# One start


@dataclass(frozen=True, eq=False)
class _Fit:
    """Where a start has come to; ``chances`` are of shape (source, vote, true class)."""

    posterior: Numbers
    prior: Numbers
    chances: Numbers
    log_likelihood: float
    log_posterior: float


def _logs(chances: Numbers) -> Numbers:
    """Return logarithms that stay finite: without smoothing, 0 times its logarithm is 0."""
    return np.asarray(np.log(np.maximum(chances, np.finfo(np.float64).tiny)))


def _expected(table: _Table, prior: Numbers, chances: Numbers) -> tuple[Numbers, float]:
    """Return the probability of each row's classes, and the log-likelihood of the votes."""
    scores = table.cells @ _logs(chances).reshape(-1, table.n_classes) + _logs(prior)
    top = scores.max(axis=1, keepdims=True, initial=-np.inf)
    weights = np.exp(scores - top)
    total = weights.sum(axis=1, keepdims=True)
    return np.asarray(weights / total), float((np.log(total) + top).sum())


def _round(table: _Table, posterior: Numbers, model: _Model) -> _Fit:
    """Return one round: the sources from the rows, then the rows from the sources."""
    counted = (table.turned @ posterior).reshape(table.n_sources, table.n_classes, table.n_classes)
    chances = model.estimate(counted, model.votes_added)
    frequency = posterior.sum(axis=0) + model.rows_added
    prior = frequency / frequency.sum()
    updated, likelihood = _expected(table, prior, chances)
    penalty = (model.votes_added * _logs(chances)).sum() + model.rows_added * _logs(prior).sum()
    return _Fit(updated, prior, chances, likelihood, likelihood + float(penalty))


@dataclass(frozen=True, eq=False)
class _Climb:
    """Where a start ended, and (log-likelihood, log-posterior) after each of its rounds."""

    fit: _Fit
    heights: list[tuple[float, float]]


def _climb(table: _Table, posterior: Numbers, model: _Model, most: int) -> _Climb:
    """Go round until nothing changes any more."""
    heights: list[tuple[float, float]] = []
    before = -np.inf
    while True:
        fit = _round(table, posterior, model)
        heights.append((fit.log_likelihood, fit.log_posterior))
        gain = fit.log_posterior - before
        if gain < TOLERANCE * table.cells.nnz or len(heights) >= most:
            return _Climb(fit, heights)
        posterior, before = fit.posterior, fit.log_posterior


# All starts


def _fitted(
    votes: Votes,
    estimate: _Estimate,
    smoothing: float,
    starts: int,
    most_rounds: int,
    seed: int,
    report: Callable[[int, int], None] | None,
) -> Fused:
    _require_room(votes)
    table, model = _table(votes), _model(votes, estimate, smoothing)
    shares = vote_shares(votes)[table.has_votes]
    climbs: list[_Climb] = []
    for start, posterior in enumerate(_first_guesses(shares, starts, seed)):
        climb = _climb(table, posterior, model, most_rounds)
        order = _names_by_votes(climb.fit.posterior, shares)
        if start and (order != np.arange(len(order))).any():
            renamed = climb.fit.posterior[:, order]
            climb = _climb(table, renamed, model, most_rounds)
        climbs.append(climb)
        if report:
            report(start + 1, starts + 1)
    fit = _highest([climb.fit for climb in climbs], EQUALLY_HIGH * table.cells.nnz)
    return _fused(votes, table, fit, _curve(climbs))


def _require_room(votes: Votes) -> None:
    cells = votes.n_sources * votes.n_classes**2
    if cells > MOST_CELLS:
        raise UserError(
            "fusion.too_many_labels",
            labels=votes.n_classes,
            sources=votes.n_sources,
            cells=cells,
            most=MOST_CELLS,
        )


def _first_guesses(shares: Numbers, starts: int, seed: int) -> Iterator[Numbers]:
    yield shares
    generator = np.random.default_rng(seed)
    for _ in range(starts):
        chance = generator.dirichlet(np.ones(shares.shape[1]), len(shares))
        yield (1 - CHANCE) * shares + CHANCE * chance


def _names_by_votes(posterior: Numbers, shares: Numbers) -> Codes:
    """Return which class of a fit each name belongs to, so that it agrees best with the votes."""
    fitted, named = linear_sum_assignment(posterior.T @ shares, maximize=True)
    return np.asarray(fitted[np.argsort(named)], dtype=np.intp)


def _highest(fits: list[_Fit], tolerance: float) -> _Fit:
    """Return the highest fit; the first of those that are equally high."""
    highest = max(fit.log_posterior for fit in fits)
    return next(fit for fit in fits if fit.log_posterior >= highest - tolerance)


def _curve(climbs: list[_Climb]) -> pd.DataFrame:
    lines = [
        (start, iteration, *height)
        for start, climb in enumerate(climbs)
        for iteration, height in enumerate(climb.heights, start=1)
    ]
    columns = ["start", "iteration", "log_likelihood", "log_posterior"]
    return pd.DataFrame(lines, columns=columns)


def _fused(votes: Votes, table: _Table, fit: _Fit, curve: pd.DataFrame) -> Fused:
    posterior = _spread(table, fit.posterior)
    made = from_leaders(posterior, leaders(posterior, table.has_votes))
    return replace(
        made,
        prior=fit.prior,
        confusions=np.ascontiguousarray(fit.chances.transpose(0, 2, 1)),
        curve=curve,
    )
