"""Claim: slippery worlds of up to a million cells are solved in seconds, and proved to be right.

Worlds with a tenth of walls, moves that slip one time in five, a discount of 0.99, certain to
within 1e-6. Beside ours stand quantecon and pymdptoolbox where they are installed. What each one
finds is compared with exact values, because a solver may stop before it is there.
"""

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix, vstack

from mlcore.gridworld.catalogue import find_method, run_plan
from mlcore.gridworld.model import Model, model_of
from mlcore.gridworld.plan import GridPlan
from mlcore.gridworld.planning.backups import Backups, PlainBackups
from mlcore.gridworld.planning.blocks import cut
from mlcore.gridworld.planning.certificate import change_bound
from mlcore.gridworld.planning.compiled import CompiledBackups, is_compiled
from mlcore.gridworld.planning.exact import optimal
from mlcore.gridworld.planning.knobs import MOST_SWEEPS
from mlcore.gridworld.planning.starting import lowest_values
from mlcore.gridworld.planning.sweeping import aimed_change
from mlcore.gridworld.planning.value_iteration import at_once, by_blocks
from mlcore.gridworld.world import GridWorld, empty_world

AIMS = {100: 0.02, 300: 0.2, 1000: 2.0}
TOLERANCE = 1e-6
#: Beyond these sides others take minutes, or more memory than a machine has.
MOST_QUANTECON = 300
MOST_MDPTOOLBOX = 50
#: Beyond this side the exact reference takes longer than all the rest.
MOST_EXACT = 300

Solver = Callable[[Model], np.ndarray]


def slippery(side: int) -> GridWorld:
    world = empty_world(side, side)
    world.walls[:] = np.random.default_rng(0).random((side, side)) < 0.1
    world.walls[-1, -1] = False
    world.terminals[-1, -1] = True
    world.rewards[-1, -1] = 1.0
    return replace(world, step_reward=-0.04, slip=0.2, discount=0.99)


def timed(function: Callable, *values) -> tuple[float, object]:
    started = time.perf_counter()
    made = function(*values)
    return time.perf_counter() - started, made


def ours(way: Callable[[Model], Backups], *, blocks: bool) -> Solver:
    """From what moves do to values that are certain, without the tables that a page draws."""

    def solve(model: Model) -> np.ndarray:
        first = lowest_values(model)
        if blocks:
            pieces = cut(model)
            aim = aimed_change(model, TOLERANCE)
            sweeps = by_blocks(pieces, way(pieces.model), first, aim, MOST_SWEEPS.default)
        else:
            sweeps = at_once(way(model), first)
        for sweep in sweeps:
            if sweep.whole and change_bound(model, sweep.change, sweep.values) <= TOLERANCE:
                return sweep.values
        raise AssertionError("sweeps never end by themselves")

    return solve


def whole_run(world: GridWorld) -> np.ndarray:
    """What a user starts: the way is chosen, values are certified, the tables made."""
    method = find_method("value_iteration")
    plan = GridPlan(world=world, method=method.id, params=method.check({"tolerance": TOLERANCE}))
    policy = run_plan(plan).frames["policy"]
    return np.where(policy["terminal"], 0.0, policy["value"])


def as_tables(model: Model) -> tuple[list[csr_matrix], np.ndarray]:
    """Transitions of each action, with a state behind the last one that nothing leaves; rewards."""
    rest = csr_matrix(([1.0], ([0], [model.n_states])), shape=(1, model.n_states + 1))
    tables, rewards = [], np.zeros((model.n_states + 1, model.n_actions))
    for action in range(model.n_actions):
        going, paid = model.under(np.tile(np.eye(model.n_actions)[action], (model.n_states, 1)))
        going = csr_matrix(going)
        going.resize(model.n_states, model.n_states + 1)
        ended = 1 - np.asarray(going.sum(axis=1)).ravel()
        behind = csr_matrix(
            (ended, (np.arange(model.n_states), np.full(model.n_states, model.n_states))),
            shape=going.shape,
        )
        tables.append(vstack([going + behind, rest]).tocsr())
        rewards[:-1, action] = paid
    return tables, rewards


def quantecon(method: str) -> Solver:
    markov = importlib.import_module("quantecon.markov")

    def solve(model: Model) -> np.ndarray:
        tables, rewards = as_tables(model)
        states = np.repeat(np.arange(model.n_states + 1), model.n_actions)
        actions = np.tile(np.arange(model.n_actions), model.n_states + 1)
        pairs = vstack(tables).tocsr()[actions * (model.n_states + 1) + states]
        problem = markov.DiscreteDP(rewards.ravel(), pairs, model.discount, states, actions)
        found = problem.solve(method=method, epsilon=2 * TOLERANCE, max_iter=100_000)
        return found.v[:-1]

    return solve


def mdptoolbox(model: Model) -> np.ndarray:
    module = importlib.import_module("mdptoolbox.mdp")
    tables, rewards = as_tables(model)
    problem = module.ValueIteration(tables, rewards, model.discount, epsilon=TOLERANCE)
    problem.run()
    return np.asarray(problem.V)[:-1]


def solvers(side: int) -> Iterator[tuple[str, Solver]]:
    if is_compiled():
        yield "ours, compiled, by blocks", ours(CompiledBackups, blocks=True)
        yield "ours, compiled, at once", ours(CompiledBackups, blocks=False)
    yield "ours, NumPy, by blocks", ours(PlainBackups, blocks=True)
    if side <= MOST_EXACT:
        yield "ours, NumPy, at once", ours(PlainBackups, blocks=False)
    if importlib.util.find_spec("quantecon") and side <= MOST_QUANTECON:
        yield "quantecon, vi", quantecon("value_iteration")
        yield "quantecon, mpi", quantecon("modified_policy_iteration")
    if importlib.util.find_spec("mdptoolbox") and side <= MOST_MDPTOOLBOX:
        yield "pymdptoolbox, vi", mdptoolbox


def compare(side: int, rounds: int) -> None:
    world = slippery(side)
    seconds, model = timed(model_of, world)
    aim = f", aim {AIMS[side]:g} s" if side in AIMS else ""
    print(f"{side}×{side}: {model.n_states:,} states, what moves do in {seconds:.3f} s{aim}")
    reference, fastest = None, None
    if side <= MOST_EXACT:
        reference = optimal(model)[0]
    for name, solve in solvers(side):
        runs = [timed(solve, model) for _ in range(rounds)]
        best = min(seconds for seconds, _ in runs)
        values = runs[0][1]
        off = "-" if reference is None else f"{np.abs(values - reference).max():.1e} off"
        reference = values if reference is None else reference
        fastest = fastest or best
        print(f"  {name:<26} {best:8.3f} s  {best / fastest:7.1f} times  {off}")
    runs = [timed(whole_run, world) for _ in range(rounds)]
    best = min(seconds for seconds, _ in runs)
    off = np.abs(runs[0][1] - reference).max()
    print(
        name="a whole run, with tables"
        f"  {name:<26} {best:8.3f} s  {best / fastest:7.1f} times  {off:.1e} off"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[50, 100, 300, 1000])
    parser.add_argument("--rounds", type=int, default=3, help="the fastest of so many counts")
    options = parser.parse_args()
    if is_compiled():
        # Compiling is paid once and kept on disk; it is no part of solving a world.
        for blocks in (True, False):
            ours(CompiledBackups, blocks=blocks)(model_of(slippery(10)))
    for side in options.sides:
        compare(side, options.rounds)


if __name__ == "__main__":
    main()
