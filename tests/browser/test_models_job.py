"""The models' job in a real browser, with a real client: register, promote, call, roll back."""

from __future__ import annotations

import time
from typing import Any

import httpx2
import pytest
from driving import by_key, choose, go_to, press, says, settled
from live_server import Server
from playwright.sync_api import Page, expect
from stocked import bring, train

from mlcore.serving.beside import address
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser

#: A row as a program would send it.
ROW = {
    "island": "Biscoe",
    "bill_length_mm": 50.0,
    "bill_depth_mm": 15.0,
    "flipper_length_mm": 220,
    "body_mass_g": 5500,
    "sex": "male",
    "year": 2008,
}


def asked(workspace: Workspace) -> dict[str, Any]:
    """Return what the model answers a program, as soon as the server beside the pages is there."""
    for _ in range(300):
        if (base := address(workspace)) is not None:
            got = httpx2.post(f"{base}/models/penguins/predict", json={"rows": [ROW]}, timeout=30)
            assert got.status_code == 200, got.text
            plain: dict[str, Any] = got.json()
            return plain
        time.sleep(0.1)
    raise AssertionError("The prediction server did not start.")


def register(tab: Page, run: str, name: str, told: str) -> None:
    """Register a run under a name."""
    choose(tab, "register_run", f"{run} · predicts species · penguins")
    settled(tab)
    field = by_key(tab, "register_name").locator("input")
    field.fill(name)
    field.press("Enter")
    settled(tab)
    press(tab, "register_submit")
    says(tab, told)
    settled(tab)


def test_register_promote_call_and_roll_back(tab: Page, server: Server) -> None:
    workspace = Workspace.open(server.home)
    train(workspace, bring(workspace, "penguins"), "species", "decision_tree", "naive_bayes")
    tab.goto(server.address)
    go_to(tab, "Models")
    says(tab, "No model is registered yet")
    register(tab, "Decision tree", "penguins", "Version 1 of “penguins” is registered.")
    first = asked(workspace)
    assert (first["version"], first["answers"][0]["prediction"]) == (1, "Gentoo")

    by_key(tab, "models_register").locator("summary").first.click()
    settled(tab)
    told = "Version 2 of “penguins” is registered."
    register(tab, "Naive Bayes (Gaussian)", "penguins", told)
    expect(by_key(tab, "register_submit")).to_be_hidden()
    assert asked(workspace)["version"] == 1

    press(tab, "model_promote")
    says(tab, "“champion” points at version 2")
    second = asked(workspace)
    assert second["version"] == 2
    assert second["answers"][0]["probabilities"] != first["answers"][0]["probabilities"]

    press(tab, "model_roll_back")
    says(tab, "“champion” points at version 1")
    assert asked(workspace)["answers"] == first["answers"]

    # The same row in the form of the page gets the same answer.
    go_to(tab, "Predict")
    settled(tab)
    expect(tab.get_by_text("It predicts the class “species” from 7 columns.")).to_be_visible()
