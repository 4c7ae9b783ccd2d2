"""Claim: doubting six clusterings costs little more than the same work in a plain loop.

k-means, mini-batch k-means, Gaussian mixture, BIRCH, DBSCAN and HDBSCAN on 20,000 rows × 10 columns
as jobs of the supervisor, against two loops around scikit-learn in one process. "The same work"
fits, scores, repeats 20 times on rows drawn by lot and 20 times on shuffled columns, as a run does;
"fit and score" is what people usually write: one fit and the three scores on all rows, nothing to
doubt them by. All use one thread for linear algebra.
"""

import argparse
import gc
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN, HDBSCAN, Birch, KMeans, MiniBatchKMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from workbench_against_loop import bring, wait

from mlcore.data.store import DatasetStore
from mlcore.settings import MAX_JOBS
from mlcore.setups import default_cluster_setup
from mlcore.training.runs import submit_training
from mlcore.training.service import accompanied, is_running
from mlcore.workspace import Workspace

#: Each algorithm with what it is given, by the workbench's id: parameters and the plain call.
CLUSTERERS: dict[str, tuple[dict[str, Any], Callable[[], Any]]] = {
    "k_means": ({"n_clusters": 5}, lambda: KMeans(5, n_init=10, random_state=0)),
    "mini_batch_k_means": (
        {"n_clusters": 5},
        lambda: MiniBatchKMeans(5, n_init=10, random_state=0),
    ),
    "gaussian_mixture": (
        {"n_components": 5},
        lambda: GaussianMixture(5, n_init=3, reg_covar=1e-4, random_state=0),
    ),
    "birch": ({"n_clusters": 5, "threshold": 1.0}, lambda: Birch(n_clusters=5, threshold=1.0)),
    "dbscan": ({"eps": 1.0, "min_samples": 10}, lambda: DBSCAN(eps=1.0, min_samples=10)),
    "hdbscan": ({"min_cluster_size": 50}, lambda: HDBSCAN(min_cluster_size=50, copy=True)),
}


def table(rows: int) -> pd.DataFrame:
    points, _ = make_blobs(rows, 10, centers=5, cluster_std=2.0, random_state=0)
    return pd.DataFrame(points, columns=[f"x{number}" for number in range(10)]).round(5)


def scores(matrix: np.ndarray, labels: np.ndarray, most: int | None) -> None:
    """The three usual scores; the silhouette of a sample where most rows are given."""
    inside = labels >= 0
    if len(set(labels[inside])) > 1:
        size = None if most is None else min(most, int(inside.sum()))
        silhouette_score(matrix[inside], labels[inside], sample_size=size, random_state=0)
        calinski_harabasz_score(matrix[inside], labels[inside])
        davies_bouldin_score(matrix[inside], labels[inside])


def fit_and_score(frame: pd.DataFrame) -> float:
    started = time.perf_counter()
    matrix = StandardScaler().fit_transform(frame)
    for _, make in CLUSTERERS.values():
        scores(matrix, make().fit_predict(matrix), None)
    return time.perf_counter() - started


def same_work(frame: pd.DataFrame) -> float:
    """Also repeat on parts of the rows and on shuffled columns, as the runs do."""
    started = time.perf_counter()
    draw = np.random.default_rng(0)
    for name, (_, make) in CLUSTERERS.items():
        matrix = StandardScaler().fit_transform(frame)
        labels = make().fit_predict(matrix)
        scores(matrix, labels, 5000)
        # Density algorithms are not repeated on thinner tables.
        for _ in range(0 if "dbscan" in name else 20):
            rows = draw.choice(len(frame), 2000, replace=False)
            again = make().fit_predict(StandardScaler().fit_transform(frame.iloc[rows]))
            adjusted_rand_score(labels[rows], again)
        part = matrix[draw.choice(len(matrix), 1000, replace=False)]
        for number in range(20):
            shuffled = part if number == 0 else draw.permuted(part, axis=0)
            scores(shuffled, make().fit_predict(shuffled), None)
    return time.perf_counter() - started


def workbench(content: bytes, workers: int) -> float:
    os.environ[MAX_JOBS.name] = str(workers)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        workspace = Workspace.open(Path(folder))
        identifier = bring(workspace, content)
        dataset = DatasetStore(workspace).load(identifier)
        setup = default_cluster_setup(dataset)
        chosen = [setup.experiment(dataset, name, p) for name, (p, _) in CLUSTERERS.items()]
        with accompanied(workspace):
            while not is_running(workspace):
                time.sleep(0.01)
            # One run before the clock starts: it loads the libraries, and tests for structure,
            # which is done once a table.
            wait(workspace, submit_training(workspace, identifier, chosen[3:4], ["warm-up"]))
            started = time.perf_counter()
            names = [experiment.spec.name for experiment in chosen]
            wait(workspace, submit_training(workspace, identifier, chosen, names))
            return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    frame = table(options.rows)
    content = frame.to_csv(index=False).encode()
    print(f"{len(CLUSTERERS)} clusterers, {options.rows} rows × 10 columns; {os.cpu_count()} cores")
    print("round   fit and score (s)   same work (s)   1 worker (s)   2 workers (s)")
    ratios: dict[str, list[float]] = {"same work, 1 worker": [], "same work, 2 workers": []}
    ratios["fit and score, 2 workers"] = []
    for number in range(1, options.rounds + 1):
        gc.collect()
        with threadpool_limits(1):  # as in each job
            usual, same = fit_and_score(frame), same_work(frame)
        one, two = workbench(content, 1), workbench(content, 2)
        print(f"{number:5} {usual:19.2f} {same:15.2f} {one:14.2f} {two:15.2f}")
        for name, ratio in zip(ratios, (one / same, two / same, two / usual), strict=True):
            ratios[name].append(ratio)
    for name, values in ratios.items():
        print(f"median ratio to {name}: {statistics.median(values):.2f}")


if __name__ == "__main__":
    main()
