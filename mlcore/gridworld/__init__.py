"""Grid worlds: drawn, solved exactly, and learnt by agents.

The flow, and where each step lives::

    GridWorld ──▶ Model ──▶ planners ─┐
    world.py      model.py  planning/  ├─▶ GridResult ──▶ figures, policy files
    (cells)       (moves)   agents ───┘    result.py
                            learning/
                            continuous/ has rooms of its own, in which a move is a displacement

A :class:`~mlcore.gridworld.plan.GridPlan` says everything that a run will do, as an experiment
does for a table. Planners and agents see a :class:`~mlcore.gridworld.model.Model` only, so that
they work on drawn worlds and on those of Gymnasium alike.
"""
