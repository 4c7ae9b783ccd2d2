"""Rows without a label: which are learnt from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.errors import UserError
from mlcore.messages import message
from mlcore.params import IntParam, Param, check_values
from mlcore.splitting.split import Split

#: The knobs of a run without a label.
SAMPLE_PARAMS: tuple[Param, ...] = (
    IntParam(
        name="sample",
        label="Rows to learn from",
        help=(
            "How many rows, drawn by lot, the groups are made from; the others are assigned to "
            "them afterwards. Left empty, all rows are used."
        ),
        default=None,
        none_label="All rows",
        low=10,
        high=10**9,
    ),
    IntParam(
        name="repeats",
        label="Repetitions for stability",
        help=(
            "How often the groups are made anew from rows drawn by lot, to see whether the same "
            "ones come out. More repetitions: slower, steadier numbers. 0 leaves the check out."
        ),
        default=20,
        low=0,
        high=500,
    ),
    IntParam(
        name="seed",
        label="Seed",
        help=(
            "The start of the random numbers. The same seed gives the same groups; try another "
            "one to see how much is luck."
        ),
        default=0,
        low=0,
        high=2**31 - 1,
    ),
)


@dataclass(frozen=True)
class SampleConfig:
    """Which rows a run without a label learns from; meanings stand in :data:`SAMPLE_PARAMS`."""

    sample: int | None = None
    repeats: int = 20
    seed: int = 0

    @classmethod
    def checked(cls, values: Mapping[str, Any]) -> SampleConfig:
        """Return a configuration from form values, or raise a sentence (``UserError``)."""
        checked: dict[str, Any] = check_values("The sample", SAMPLE_PARAMS, values)
        return cls(**checked)

    def values(self) -> dict[str, Any]:
        """Return the values of the declared knobs, by name."""
        return {param.name: getattr(self, param.name) for param in SAMPLE_PARAMS}

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return self.values()

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> SampleConfig:
        """Read what :meth:`to_json` wrote, checking every value."""
        return cls.checked(plain)


def make_sample(config: SampleConfig, n_rows: int) -> Split:
    """Draw the rows that a run without a label learns from; the rest stays aside.

    Returns
    -------
    Split
        The sample is ``development``, the rest ``unlabelled``; there are no folds and no test.

    Raises
    ------
    UserError
        The table has no rows.
    """
    if not n_rows:
        raise UserError("clustering.no_rows")
    rows = np.arange(n_rows)
    nothing, notes = rows[:0], []
    drawn, rest = rows, nothing
    if config.sample is not None and config.sample < n_rows:
        order = np.random.default_rng(config.seed).permutation(n_rows)
        drawn, rest = np.sort(order[: config.sample]), np.sort(order[config.sample :])
        notes.append(message("clustering.sampled", sample=f"{len(drawn):,}", rows=f"{n_rows:,}"))
    return Split(drawn, nothing, rest, (), tuple(notes))
