"""Sentences about grid worlds: drawing, solving, learning."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # The world.
    "gridworld.nothing_free": (
        "The world has no cell in which an agent could act: all of them are walls or terminals. "
        "Free at least one cell."
    ),
    "gridworld.outside": (
        "The world has no cell in row {row}, column {column}. Rows run from 0 to {last_row} and "
        "columns from 0 to {last_column}; choose a cell among these."
    ),
    "gridworld.on_wall": (
        "The cell in row {row}, column {column} is a wall, where nothing else can stand. Remove "
        "the wall, or what stands on it."
    ),
    "gridworld.start_on_terminal": (
        "The cell in row {row}, column {column} is a start and a terminal, so that episodes would "
        "end before they begin. Make it one of the two."
    ),
    "gridworld.start_on_pit": (
        "The cell in row {row}, column {column} is a start, but it carries off at once whoever "
        "enters it. Make it one of the two."
    ),
    "gridworld.teleport_from_terminal": (
        "The cell in row {row}, column {column} is a terminal, from which nothing is carried off. "
        "Remove the teleport, or the terminal."
    ),
    "gridworld.teleport_outside": (
        "The teleport in row {row}, column {column} leads to row {to_row}, column {to_column}, but "
        "rows run from 0 to {last_row} and columns from 0 to {last_column}. Choose a target among "
        "these."
    ),
    "gridworld.teleport_to_wall": (
        "The teleport in row {row}, column {column} leads to row {to_row}, column {to_column}, "
        "which is a wall. Choose a target that can be entered."
    ),
    "gridworld.teleport_to_pit": (
        "The teleport in row {row}, column {column} leads to row {to_row}, column {to_column}, "
        "from which one is carried off at once. Choose a target where one can stand."
    ),
    "gridworld.no_cells": (
        "This method needs a world of cells, but the linear-quadratic problem has none. Choose "
        "another world, or a method for moves of any length."
    ),
    # World files and presets.
    "gridworld.unknown_preset": (
        "There is no preset called “{name}”. The presets are {known}. {suggestion}"
    ),
    "gridworld.gymnasium_id": (
        "“{name}” is none of the worlds of Gymnasium that can be loaded. These are {known}. "
        "{suggestion}"
    ),
    "gridworld.gymnasium_cells": (
        "“{name}” is more than cells, so it cannot be drawn here. Solve it or learn it as it is."
    ),
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
