"""Claim: training through the workbench costs little more than a plain loop, and less with two.

Ten classifiers × 5 folds and a final fit each, as jobs of the supervisor with one and with two
workers, against the same pipelines in a loop around scikit-learn's ``cross_validate`` in one
process. All use one thread for linear algebra. The supervisor runs before the clock starts, as it
does while the pages are open; from then on everything counts: queue, processes, files, scores.
"""

import argparse
import gc
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.model_selection import cross_validate
from threadpoolctl import threadpool_limits

from mlcore.data.dataset import Dataset
from mlcore.data.store import DatasetStore
from mlcore.evaluation.metrics import metrics_for
from mlcore.experiment import Experiment
from mlcore.pipelines.build import build_pipeline
from mlcore.settings import MAX_JOBS
from mlcore.setups import default_setup
from mlcore.tasks import Task
from mlcore.training.jobs import JobQueue, JobStatus
from mlcore.training.runs import RunStore, submit_training
from mlcore.training.service import accompanied, is_running
from mlcore.workflow import divide, features_of, label_of
from mlcore.workspace import Workspace

CLASSIFIERS = (
    "logistic_regression", "decision_tree", "random_forest", "hist_gradient_boosting",
    "extra_trees", "k_nearest_neighbors", "svm_linear", "svm_rbf", "naive_bayes", "mlp",
)  # fmt: skip
#: scikit-learn's names of scores that the workbench computes for every fold.
SCORING = (
    "accuracy", "balanced_accuracy", "f1_macro", "f1_weighted", "precision_macro",
    "precision_weighted", "recall_macro", "recall_weighted", "matthews_corrcoef",
)  # fmt: skip
#: And those that need probabilities, which not every classifier gives.
PROBABILITY_SCORING = ("roc_auc_ovr", "neg_log_loss")


def table(rows: int) -> bytes:
    """A CSV of 20 numbers and 3 classes."""
    X, y = make_classification(
        rows, 20, n_informative=8, n_classes=3, flip_y=0.05, class_sep=0.8, random_state=0
    )
    frame = pd.DataFrame(X, columns=[f"x{number}" for number in range(20)]).round(5)
    return (
        frame.assign(label=pd.Series(y).map({0: "a", 1: "b", 2: "c"})).to_csv(index=False).encode()
    )


def bring(workspace: Workspace, content: bytes) -> str:
    store = DatasetStore(workspace)
    identifier = store.stage("benchmark.csv", content)
    store.read(identifier)
    store.register(identifier)
    return identifier


def experiments(dataset: Dataset) -> list[Experiment]:
    setup = default_setup(dataset, "label", Task.CLASSIFICATION)
    return [setup.experiment(dataset, name) for name in CLASSIFIERS]


def loop_seconds(dataset: Dataset, chosen: Sequence[Experiment]) -> float:
    """What a script without the workbench takes for the same fits."""
    started = time.perf_counter()
    for experiment in chosen:
        pipeline = build_pipeline(experiment, dataset.schema)
        split = divide(dataset, experiment)
        X, y = (
            features_of(dataset, experiment.features),
            label_of(dataset, "label", experiment.task),
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scoring = [*SCORING, *(PROBABILITY_SCORING if experiment.spec.probabilities else ())]
            cross_validate(pipeline, X, y, cv=split.folds, scoring=scoring)
            clone(pipeline).fit(X.iloc[split.development], y.iloc[split.development])
    return time.perf_counter() - started


def workbench_seconds(content: bytes, workers: int) -> float:
    """What the same takes as jobs."""
    os.environ[MAX_JOBS.name] = str(workers)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        workspace = Workspace.open(Path(folder))
        identifier = bring(workspace, content)
        chosen = experiments(DatasetStore(workspace).load(identifier))
        with accompanied(workspace):
            while not is_running(workspace):
                time.sleep(0.01)
            # One run before the clock starts, so that the supervisor has its libraries loaded.
            wait(workspace, submit_training(workspace, identifier, chosen[8:9], ["warm-up"]))
            started = time.perf_counter()
            names = [experiment.spec.name for experiment in chosen]
            wait(workspace, submit_training(workspace, identifier, chosen, names))
            return time.perf_counter() - started


def wait(workspace: Workspace, runs: Sequence[str]) -> None:
    """Wait until all jobs are over; a run that did not end well ends the benchmark."""
    # Watching must not take a core from what is watched.
    while JobQueue(workspace).active():
        time.sleep(0.1)
    jobs = [run.job for run in RunStore(workspace).all() if run.id in runs and run.job is not None]
    if bad := [job for job in jobs if job.status is not JobStatus.DONE]:
        raise SystemExit(f"A run ended with {bad[0].status}: {bad[0].error}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    content = table(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open(Path(folder))
        dataset = DatasetStore(workspace).load(bring(workspace, content))
    chosen = experiments(dataset)
    loop_seconds(dataset, chosen[:1])  # loads what is imported late
    print(f"{len(chosen)} classifiers × 5 folds + final fit, {options.rows} rows × 20 columns,")
    print(f"{len(metrics_for(Task.CLASSIFICATION))} scores a fold; {os.cpu_count()} cores")
    print("round   loop (s)   1 worker (s)   2 workers (s)   1 worker / loop   2 workers / loop")
    ratios: dict[int, list[float]] = {1: [], 2: []}
    for number in range(1, options.rounds + 1):
        gc.collect()
        with threadpool_limits(1):  # as in each job
            loop = loop_seconds(dataset, chosen)
        seconds = {workers: workbench_seconds(content, workers) for workers in (1, 2)}
        for workers in (1, 2):
            ratios[workers].append(seconds[workers] / loop)
        print(
            f"{number:5} {loop:10.2f} {seconds[1]:14.2f} {seconds[2]:15.2f}"
            f" {ratios[1][-1]:17.2f} {ratios[2][-1]:18.2f}"
        )
    one, two = (statistics.median(ratios[workers]) for workers in (1, 2))
    print(f"median ratio: {one:.2f} with one worker (aim: at most 1.1),")
    print(f"              {two:.2f} with two workers (aim: at most 0.6)")


if __name__ == "__main__":
    main()
