"""Random grid worlds, every kind of cell and of rule among them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import strategies as st

from mlcore.gridworld.world import Cell, Convention, GridWorld, SlipTo, Teleport


def random_world(
    seed: int,
    rows: int = 5,
    columns: int = 6,
    *,
    walls: float = 0.15,
    teleports: int = 2,
    moves: int | None = None,
    convention: Convention | None = None,
    discount: float = 0.9,
) -> GridWorld:
    """A world in which at least one cell is free, the same for the same seed.

    Rewards are halves and quarters, so that sums of them are exact. What is ``None`` is drawn.
    """
    generator = np.random.default_rng([seed, rows, columns])
    kinds = generator.choice(
        4, size=(rows, columns), p=[walls, 0.1, 0.15, 0.75 - walls]
    )  # wall, terminal, start, free
    kinds.flat[generator.integers(kinds.size)] = 3
    solid = kinds == 0

    def some(share: float, drawn: np.ndarray) -> np.ndarray:
        return np.where((generator.random((rows, columns)) < share) & ~solid, drawn, np.nan)

    breeze = generator.integers(-2, 3, size=(rows, columns, 2))
    windy = (generator.random((rows, columns)) < 0.15) & ~solid
    return GridWorld(
        name=f"Random world {seed}",
        source="made for a test",
        walls=solid,
        terminals=kinds == 1,
        starts=kinds == 2,
        rewards=some(0.3, generator.integers(-8, 9, size=(rows, columns)) / 4),
        wind=np.where(windy[..., None], breeze, 0),
        slips=some(0.15, generator.integers(0, 5, size=(rows, columns)) / 4),
        teleports=_teleports(generator, kinds, teleports),
        moves=moves or int(generator.choice([4, 8, 9])),
        slip=float(generator.choice([0.0, 0.2, 0.5])),
        slip_to=SlipTo(generator.choice(list(SlipTo))),
        step_reward=float(generator.choice([0.0, -0.25, -1.0])),
        bump_reward=None if generator.random() < 0.5 else -0.75,
        convention=convention or Convention(generator.choice(list(Convention))),
        discount=discount,
    )


def _teleports(
    generator: np.random.Generator, kinds: np.ndarray, most: int
) -> dict[Cell, Teleport]:
    """From free cells to cells that are neither walls nor carry off at once."""
    free = [Cell(int(row), int(column)) for row, column in np.argwhere(kinds == 3)]
    generator.shuffle(free)
    # One free cell stays, for the agent to stand in.
    chosen = free[: min(most, len(free) - 1)]
    at_once = {cell for cell in chosen if generator.random() < 0.5}
    open_cells = [Cell(int(row), int(column)) for row, column in np.argwhere(kinds != 0)]
    targets = [cell for cell in open_cells if cell not in at_once]
    return {
        cell: Teleport(
            to=targets[generator.integers(len(targets))],
            reward=None if generator.random() < 0.5 else float(generator.integers(-10, 11)),
            at_once=cell in at_once,
        )
        for cell in chosen
    }


def random_worlds(most_side: int = 7) -> st.SearchStrategy[GridWorld]:
    """Worlds of all sizes up to ``most_side``, for property tests."""
    return st.builds(
        random_world,
        seed=st.integers(0, 2**32 - 1),
        rows=st.integers(1, most_side),
        columns=st.integers(1, most_side),
        walls=st.sampled_from([0.0, 0.15, 0.5]),
        teleports=st.integers(0, 4),
        discount=st.sampled_from([0.0, 0.5, 0.9, 0.99]),
    )


def assert_same_world(one: GridWorld, other: GridWorld) -> None:
    """Every field is the same, NaN being NaN."""
    for field in fields(GridWorld):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype and first.shape == second.shape, field.name
            np.testing.assert_array_equal(first, second, err_msg=field.name)
        else:
            assert type(first) is type(second) or field.name == "teleports", field.name
            assert first == second, field.name
