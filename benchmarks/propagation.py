"""Claim: few labels reach all rows of a large table, in seconds and without a matrix of all pairs.

Rows in groups, a few of them labelled, by the workbench's label propagation and label spreading
and by scikit-learn's, with its defaults and its two kernels. Each is measured in a process of its
own: seconds from the table to the labels, the most memory (the libraries alone take nearly 200
MB), the accuracy on the rows without a label, and how many rows no label reached. scikit-learn
calls such rows the first class without a word; the workbench says that they are unlabelled.
"""

import argparse
import multiprocessing
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import psutil
from sklearn.datasets import make_blobs
from sklearn.semi_supervised import LabelPropagation, LabelSpreading
from threadpoolctl import threadpool_limits

from mlcore.algorithms.affinity import neighbor_graph
from mlcore.algorithms.propagation import Propagated, label_propagation, label_spreading

#: scikit-learn counts a row among its own neighbours, so its default of 7 means 6 others.
NEIGHBORS = 6
#: Rows up to which scikit-learn's matrix of all pairs is tried.
MOST_PAIRS = 10_000


@dataclass(frozen=True)
class Table:
    rows: int
    columns: int
    labels: int

    def draw(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, their few labels (-1 where there is none), and all labels."""
        matrix, truth = make_blobs(
            self.rows, self.columns, centers=4, cluster_std=0.3, random_state=0
        )
        known = np.random.default_rng(0).choice(self.rows, self.labels, replace=False)
        codes = np.full(self.rows, -1)
        codes[known] = truth[known]
        return matrix, codes, truth


Found = tuple[np.ndarray, np.ndarray]  # labels, and which rows were reached


def ours(method: Callable[..., Propagated], matrix: np.ndarray, codes: np.ndarray) -> Found:
    found = method(neighbor_graph(matrix, NEIGHBORS), codes, codes.max() + 1)
    return found.predicted, found.reached


def theirs(made: Any, matrix: np.ndarray, codes: np.ndarray) -> Found:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge shows in the accuracy
        made.fit(matrix, codes)
    return made.transduction_, made.label_distributions_.any(axis=1)


METHODS: dict[str, Callable[[np.ndarray, np.ndarray], Found]] = {
    "ours, propagation": lambda X, y: ours(label_propagation, X, y),
    "ours, spreading": lambda X, y: ours(label_spreading, X, y),
    "propagation, knn": lambda X, y: theirs(LabelPropagation(kernel="knn"), X, y),
    "spreading, knn": lambda X, y: theirs(LabelSpreading(kernel="knn"), X, y),
    "propagation, rbf": lambda X, y: theirs(LabelPropagation(), X, y),
    "spreading, rbf": lambda X, y: theirs(LabelSpreading(), X, y),
}


class Peak:
    """The most memory that this process held while it was watched, in MB."""

    def __enter__(self) -> "Peak":
        self._process, self._over = psutil.Process(), threading.Event()
        self.megabytes = self._held()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def _held(self) -> float:
        return self._process.memory_info().rss / 1e6

    def _watch(self) -> None:
        while not self._over.wait(0.002):
            self.megabytes = max(self.megabytes, self._held())

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watcher.join()


def measure(name: str, table: Table) -> dict[str, object]:
    matrix, codes, truth = table.draw()
    METHODS[name](matrix[:200], truth[:200])  # loads what is imported late
    with threadpool_limits(1), Peak() as peak:
        started = time.perf_counter()
        labels, reached = METHODS[name](matrix, codes)
        seconds = time.perf_counter() - started
    is_open = codes < 0
    return {
        "rows": table.rows,
        "columns": table.columns,
        "method": name,
        "seconds": seconds,
        "MB": peak.megabytes,
        "accuracy": np.mean(labels[is_open] == truth[is_open]),
        "unreached": int((~reached).sum()),
    }


def measured_alone(name: str, table: Table) -> dict[str, object]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (name, table))


def jobs(rows: list[int], largest: int) -> list[tuple[str, Table]]:
    found = [
        (name, Table(count, 2, 40))
        for count in rows
        for name in METHODS
        if not name.endswith("rbf") or count <= MOST_PAIRS
    ]
    ours_alone = [name for name in METHODS if name.startswith("ours")]
    return found + [(name, Table(largest, 10, 100)) for name in ours_alone]


def ratios(lines: pd.DataFrame) -> pd.DataFrame:
    """How often the time and memory of ours scikit-learn needs, method by method."""
    small = lines.set_index(["rows", "columns", "method"])
    found = []
    for rows, columns, name in small.index:
        method, _, kernel = name.partition(", ")
        if method != "ours":
            one, other = small.loc[(rows, columns, name)], small.loc[(rows, 2, f"ours, {method}")]
            found.append(
                {
                    "rows": rows,
                    "against": f"{method}, {kernel}",
                    "time": one["seconds"] / other["seconds"],
                    "memory": one["MB"] / other["MB"],
                }
            )
    return pd.DataFrame(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 10_000, 20_000])
    parser.add_argument("--largest", type=int, default=100_000, help="rows for ours alone")
    options = parser.parse_args()
    lines = []
    for name, table in jobs(options.rows, options.largest):
        lines.append(measured_alone(name, table))
        print(".", end="", flush=True)
    frame = pd.DataFrame(lines)
    print("\n" + frame.round({"seconds": 2, "MB": 0, "accuracy": 4}).to_string(index=False))
    print("\nscikit-learn's time and memory divided by ours:")
    print(ratios(frame).round(2).to_string(index=False))
    ours_alone = frame[(frame["rows"] == options.largest) & (frame["columns"] == 10)]
    print(f"\n{options.largest:,} rows × 10 columns with 100 labels: at most")
    print(f"{ours_alone['seconds'].max():.1f} s and {ours_alone['MB'].max():.0f} MB (aim: seconds,")
    print(f"a few hundred MB), accuracy at least {ours_alone['accuracy'].min():.4f}")


if __name__ == "__main__":
    main()
