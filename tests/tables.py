"""Small tables made by hand, for any test: ``from tables import make_dataset``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mlcore.data.dataset import Dataset, fingerprint
from mlcore.data.schema import Column, ColumnKind, Role, Schema
from mlcore.messages import Message


def make_dataset(
    frame: pd.DataFrame, kinds: Mapping[str, ColumnKind] = {}, label: str | None = None
) -> Dataset:
    """Return a Dataset of a hand-made frame; kinds not given are numbers."""
    columns = tuple(
        Column(
            name=str(name),
            kind=kinds.get(str(name), ColumnKind.NUMBER),
            role=Role.LABEL if name == label else Role.FEATURE,
            reason=Message("test.by_hand"),
            missing=int(frame[name].isna().sum()),
            distinct=int(frame[name].nunique()),
        )
        for name in frame.columns
    )
    return Dataset("by hand", frame, Schema(columns, len(frame)), fingerprint(frame))


def make_mixed() -> Dataset:
    """120 rows with every kind of column and gaps in each.

    Labels: ``species`` (three classes that the features tell apart), ``grown`` (yes/no) and
    ``price`` (a number that follows ``size``).
    """
    n_rows = 120
    rng = np.random.default_rng(7)
    species = np.resize(["ant", "bee", "cat"], n_rows)
    size = rng.normal(np.select([species == "ant", species == "bee"], [1.0, 3.0], 6.0), 0.7)
    frame = pd.DataFrame(
        {
            "size": size,
            "weight": rng.gamma(2.0, 3.0, n_rows),
            "colour": pd.Series(rng.choice(["red", "green", "blue"], n_rows), dtype="str"),
            "tagged": pd.Series(rng.choice(["yes", "no"], n_rows), dtype="str"),
            "seen": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.permutation(n_rows), "D"),
            "remark": pd.Series(
                [f"the {kind} was {word}" for kind, word in zip(
                    species, rng.choice(["calm", "loud", "quick"], n_rows), strict=True
                )],
                dtype="str",
            ),
            "place": pd.Series(np.arange(n_rows) // 10, dtype="str").radd("site "),
            "species": pd.Series(species, dtype="str"),
            "grown": pd.Series(np.where(size > 3, "yes", "no"), dtype="str"),
            "price": 10 + 2 * size + rng.normal(0, 0.5, n_rows),
        }
    )  # fmt: skip
    for position, name in enumerate(["size", "weight", "colour", "tagged", "seen", "remark"]):
        frame.loc[position::17, name] = None
    kinds = {
        "colour": ColumnKind.CATEGORY,
        "tagged": ColumnKind.YES_NO,
        "seen": ColumnKind.DATETIME,
        "remark": ColumnKind.TEXT,
        "place": ColumnKind.CATEGORY,
        "species": ColumnKind.CATEGORY,
        "grown": ColumnKind.YES_NO,
    }
    return make_dataset(frame, kinds, label="species")
