"""Sentences about grid worlds: drawing, solving, learning."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # The world.
    "gridworld.nothing_free": (
        "The world has no cell in which an agent could act: all of them are walls or terminals. "
        "Free at least one cell."
    ),
    # World files and presets.
    # Planning.
    "gridworld.no_end": (
        "With a discount of 1 every cell needs a way to a terminal, but from {count} no terminal "
        "can be reached, whatever the moves; row {row}, column {column} (counted from 0) is the "
        "first. Add a terminal, open a way, make these cells walls, or choose a discount below 1."
    ),
    "gridworld.endless_reward": (
        "With a discount of 1 the values have no limit: going round through row {row}, column "
        "{column} (counted from 0) pays again and again, and never ends. Choose a discount below "
        "1, lower the rewards there, or make the cell a terminal."
    ),
    "gridworld.policy_never_ends": (
        "With a discount of 1 this policy has no value: at row {row}, column {column} (counted "
        "from 0) it goes on for ever, and its rewards do not stop. Choose a discount below 1, or "
        "another policy."
    ),
    # Learning.
    # Continuous moves.
    # Runs and their files.
    "gridworld.unknown_method": (
        "There is no method called “{name}”. Choose one of {known}. {suggestion}"
    ),
    "gridworld.method.no_cells": (
        "{name} needs a world of cells, but this one is a number that is kept near 0. Choose "
        "another world, or the expected-utility algorithm."
    ),
    "gridworld.method.few_moves": (
        "{name} moves in any direction, but in this world there are only the moves that come with "
        "it. Choose a drawn world, or a method whose agents choose between given moves."
    ),
    "gridworld.stage.solving": "Solving the Bellman equations",
    "gridworld.stage.learning": "Agents are learning",
}
