"""Policies as tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlcore.gridworld.model import model_of
from mlcore.gridworld.policies import greedy, policy_frame, probabilities
from mlcore.gridworld.world import Convention, GridWorld, empty_world


@pytest.fixture
def world() -> GridWorld:
    world = empty_world(2, 2)
    world.terminals[1, 1] = True
    world.rewards[1, 1] = 5.0
    return world


def test_ties_are_kept_within_the_tolerance_and_no_further() -> None:
    values = np.array([[1.0, 1.0 - 1e-12, 0.0], [1e6, 1e6 - 1e-4, 1e6 - 1e-2], [-1, -2, -3]])
    assert greedy(values).tolist() == [
        [True, True, False],
        [True, True, False],
        [True, False, False],
    ]
    assert greedy(values, tolerance=10).all()


def test_the_table_names_all_tied_actions(world: GridWorld) -> None:
    model = model_of(world)
    values = np.array([4.5, 5.0, 5.0, 0.0])
    frame = policy_frame(model, model.action_values(values))
    assert list(frame.columns) == [
        *("state", "row", "column", "layer", "terminal", "actions", "arrows", "value"),
        *("q:up", "q:right", "q:down", "q:left"),
    ]
    assert frame["actions"].tolist() == ["right, down", "down", "right", ""]
    assert frame["arrows"].tolist() == ["→↓", "↓", "→", ""]
    assert frame["row"].tolist() == [0, 0, 1, 1]
    assert frame["column"].tolist() == [0, 1, 0, 1]
    assert frame["value"].tolist() == pytest.approx([4.5, 5.0, 5.0, 0.0])


def test_a_terminal_is_shown_with_what_it_pays(world: GridWorld) -> None:
    model = model_of(replace(world, convention=Convention.STATE))
    frame = policy_frame(model, np.zeros((4, 4)))
    assert frame["value"].tolist() == [0.0, 0.0, 0.0, 5.0]


def test_a_chosen_policy_is_shown_instead_of_the_best(world: GridWorld) -> None:
    model = model_of(world)
    worth = np.tile([1.0, 2.0, 3.0, 4.0], (4, 1))
    alike = np.full((4, 4), 0.25)
    frame = policy_frame(model, worth, chosen=alike)
    assert frame["arrows"].tolist() == ["↑→↓←"] * 3 + [""]
    assert frame["value"].tolist() == [2.5] * 4
    mostly_up = np.tile([0.85, 0.05, 0.05, 0.05], (4, 1))
    assert policy_frame(model, worth, chosen=mostly_up)["actions"][0] == "up"


def test_chances_are_alike_among_ties_and_in_terminals(world: GridWorld) -> None:
    model = model_of(world)
    frame = policy_frame(model, model.action_values(np.array([4.5, 5.0, 5.0, 0.0])))
    shuffled = frame.sample(frac=1, random_state=0)
    assert probabilities(shuffled, model).tolist() == [
        [0, 0.5, 0.5, 0],
        [0, 0, 1, 0],
        [0, 1, 0, 0],
        [0.25, 0.25, 0.25, 0.25],
    ]
