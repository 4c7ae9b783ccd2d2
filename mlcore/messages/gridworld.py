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
    # Learning.
    # Continuous moves.
    # Runs and their files.
}
