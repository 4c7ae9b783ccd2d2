"""Claim: Dawid and Skene's model fits 20,000 rows × 800 sources × 100,000 votes in seconds.

A loop over votes, as the algorithm is usually written down, is timed on a smaller table, round for
round, and must come to the same probabilities.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from vote_tables import Simulated, simulate, uneven_confusions

from mlcore.fusion.dawid_skene import dawid_skene, one_coin
from mlcore.fusion.rows import row_frame
from mlcore.fusion.rules import Fused, plurality, vote_shares
from mlcore.fusion.votes import Votes, long_votes

AIM_SECONDS = 5
TINY = np.finfo(float).tiny


def drawn(n_rows: int, n_sources: int, n_votes: int, seed: int) -> Simulated:
    accuracies = np.random.default_rng(seed).uniform(0.4, 0.95, n_sources)
    confusions = uneven_confusions(accuracies, 4, seed)
    return simulate(n_rows, confusions, [0.4, 0.3, 0.2, 0.1], n_votes, seed)


def timed(function: Callable, *values, **named) -> tuple[float, object]:
    started = time.perf_counter()
    made = function(*values, **named)
    return time.perf_counter() - started, made


def plain_loop(votes: Votes, rounds: int) -> np.ndarray:
    """The same rounds, one vote after the other, without smoothing."""
    each = [*zip(votes.row.tolist(), votes.source.tolist(), votes.label.tolist(), strict=True)]
    posterior = vote_shares(votes)
    for _ in range(rounds):
        chances = np.zeros((votes.n_sources, votes.n_classes, votes.n_classes))
        for row, source, label in each:
            chances[source, label] += posterior[row]
        total = chances.sum(axis=1, keepdims=True)
        chances = np.where(total > 0, chances / np.maximum(total, TINY), 1 / votes.n_classes)
        prior = posterior.sum(axis=0) / posterior.sum()
        scores = np.tile(np.log(np.maximum(prior, TINY)), (votes.n_rows, 1))
        logs = np.log(np.maximum(chances, TINY))
        for row, source, label in each:
            scores[row] += logs[source, label]
        posterior = np.exp(scores - scores.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def accuracy(fused: Fused, votes: Votes, table: Simulated) -> float:
    return float((fused.label == table.truth[[int(name) for name in votes.names]]).mean())


def large(options: argparse.Namespace) -> None:
    table = drawn(options.rows, options.sources, options.votes, seed=0)
    seconds, votes = timed(long_votes, table.frame, "row", "who", "label")
    print(f"{votes.n_rows:,} rows × {votes.n_sources} sources × {votes.n_votes:,} votes")
    print(f"{'reading':<14} {seconds:6.2f} s")
    for model in (plurality, one_coin, dawid_skene):
        seconds, fused = timed(model, votes)
        rounds = "" if fused.curve is None else f"{len(fused.curve)} rounds in 4 starts, "
        aim = f" (aim: {AIM_SECONDS} s)" if model is dawid_skene else ""
        right = f"{accuracy(fused, votes, table):.1%} right"
        print(f"{model.__name__:<14} {seconds:6.2f} s{aim}, {rounds}{right}")
    seconds, _ = timed(row_frame, votes, fused)
    print(f"{'table of rows':<14} {seconds:6.2f} s")


def against_loop(rounds: int) -> None:
    table = drawn(1000, 40, 5000, seed=1)
    votes = long_votes(table.frame, "row", "who", "label")
    slow, expected = timed(plain_loop, votes, rounds)
    fast, fused = timed(dawid_skene, votes, smoothing=0, starts=0, most_rounds=rounds)
    assert len(fused.curve) == rounds, "it stopped early; ask for fewer rounds"
    away = np.abs(fused.posterior - expected).max()
    print(
        f"{votes.n_votes:,} votes, {rounds} rounds: {slow:.2f} s in a loop, {fast:.3f} s here: "
        f"{slow / fast:.0f} times as fast, probabilities at most {away:.0e} apart"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--sources", type=int, default=800)
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20, help="of the comparison with the loop")
    options = parser.parse_args()
    large(options)
    against_loop(options.rounds)


if __name__ == "__main__":
    main()
