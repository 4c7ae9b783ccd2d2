"""Solving a world that is known: the Bellman equations."""
