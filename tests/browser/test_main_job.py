"""The main job as a person does it: from a file to a model that works elsewhere."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from driving import by_key, choose, go_to, open_part, press, says
from live_server import Server, live_server
from playwright.sync_api import BrowserContext, Page, expect
from stocked import bring

from mlcore.data.store import DatasetStore
from mlcore.setups import default_setup
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """A table nobody has seen: semicolons, decimal commas, gaps, a date, German column names."""
    draw = random.Random(7)
    path = tmp_path / "Äpfel und Birnen.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["Größe", "Gewicht", "Farbe", "geerntet am", "Frucht"])
        for number in range(240):
            fruit = draw.choice(["Apfel", "Birne"])
            size = draw.gauss(7.5 if fruit == "Apfel" else 9.0, 0.8)
            weight = draw.gauss(150 if fruit == "Apfel" else 180, 20)
            colour = draw.choice(["rot", "grün", "gelb"] if fruit == "Apfel" else ["grün", "gelb"])
            writer.writerow(
                [
                    f"{size:.2f}".replace(".", ","),
                    "" if number % 17 == 0 else f"{weight:.1f}".replace(".", ","),
                    colour,
                    f"2025-0{draw.randint(8, 9)}-{draw.randint(1, 28):02d}",
                    fruit,
                ]
            )
    return path


def test_from_a_file_to_a_model_that_works_elsewhere(
    tab: Page, server: Server, own_file: Path, tmp_path: Path
) -> None:
    by_key(tab, "data_upload").locator("input[type=file]").set_input_files(own_file)
    says(tab, "How the file was read")
    press(tab, "data_use")
    # The browser still holds the file; it must not come back as a second table.
    says(tab, "Bring another table")
    open_part(tab, "Findings")
    says(tab, "Missing values")
    assert len(DatasetStore(Workspace(server.home)).all()) == 1
    tab.get_by_role("link", name="Choose what to predict").click()

    choose(tab, "setup_target", "Frucht")
    says(tab, "holds 2 categories")
    tab.get_by_role("link", name="Choose algorithms and train").click()

    # Three are chosen at first. The page is reloaded in the middle.
    press(tab, "train_start")
    expect(tab.get_by_role("heading", name="In training")).to_be_visible()
    tab.reload()
    expect(by_key(tab, "train_start")).to_be_visible()
    for name in ("Logistic regression", "Random forest", "Gradient boosting (histogram)"):
        says(tab, f"{name} done")

    expect(tab.get_by_role("heading", name="In training")).to_be_hidden()

    go_to(tab, "Results")
    expect(by_key(tab, "results_run")).to_be_visible()
    open_part(tab, "Test set")
    says(tab, "48 test rows are sealed")
    press(tab, "results_open_test")
    says(tab, "on 48 test rows")
    says(tab, "was opened once in all")

    open_part(tab, "Download")
    for key, ending in (
        ("download_joblib", ".joblib"),
        ("download_skops", ".skops"),
        ("download_predictions", ".csv"),
        ("download_bundle", ".zip"),
    ):
        with tab.expect_download() as download:
            press(tab, key)
        assert download.value.suggested_filename.endswith(ending)
        download.value.save_as(tmp_path / f"download{ending}")
    run_bundle(tmp_path / "download.zip", own_file, tmp_path / "elsewhere")


def run_bundle(bundle: Path, table: Path, folder: Path) -> None:
    """Unpack a bundle away from the project and use it from the command line."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    (script,) = folder.rglob("predict.py")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "predict.py", *arguments],
            cwd=script.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    checked = run()
    assert checked.returncode == 0, checked.stderr
    predicted = run(str(table), "answers.csv")
    assert predicted.returncode == 0, predicted.stderr
    with (script.parent / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        answers = list(csv.DictReader(file, delimiter=";"))
    assert len(answers) == 240
    assert {answer["prediction"] for answer in answers} == {"Apfel", "Birne"}


def test_cancel_means_cancel(tab: Page, server: Server) -> None:
    start_something_long(tab, server)
    press(tab, "train_cancel")
    says(tab, "Multilayer perceptron cancelled")
    expect(tab.get_by_role("heading", name="In training")).to_be_hidden()


def test_a_killed_server_loses_nothing(tab: Page, server: Server) -> None:
    start_something_long(tab, server)
    server.kill()
    server.start()
    tab.goto(f"{server.address}/train")
    # The job went on without the server and is found again.
    expect(tab.get_by_role("heading", name="In training")).to_be_visible()
    says(tab, "Decision tree done")
    press(tab, "train_cancel")
    says(tab, "Multilayer perceptron cancelled")


def test_a_killed_job_says_so_and_the_others_stay(tab: Page, server: Server) -> None:
    start_something_long(tab, server)
    for process in server.job_processes():
        process.kill()
    says(tab, "Multilayer perceptron failed")
    says(tab, "ended without a result")
    says(tab, "Decision tree done")


def test_a_full_workspace_is_said(window: BrowserContext, tmp_path: Path) -> None:
    with live_server(tmp_path / "small", WORKBENCH_QUOTA_MB="0") as server:
        page = window.new_page()
        page.goto(server.address)
        press(page, "data_use")
        says(page, "The workspace is full")
        page.close()


def start_something_long(tab: Page, server: Server) -> None:
    """Train a tree, which is done at once, and a perceptron that would take very long."""
    workspace = Workspace.open(server.home)
    identifier = bring(workspace, "digits")
    setup = default_setup(DatasetStore(workspace).load(identifier), "digit")
    workspace.remember(f"setup:{identifier}", setup.to_json())
    endless = {
        "hidden_layer_sizes": [512, 512, 512],
        "max_iter": 5000,
        "tol": 1e-8,
        "n_iter_no_change": 200,
    }
    workspace.remember(
        "algorithms:classification",
        {"chosen": ["decision_tree", "mlp"], "params": {"mlp": endless}},
    )
    tab.goto(f"{server.address}/train")
    press(tab, "train_start")
    says(tab, "Decision tree done")
    expect(tab.get_by_role("heading", name="In training")).to_be_visible()
