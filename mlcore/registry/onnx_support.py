"""Which models can become an ONNX file, told beforehand; ``docs/onnx.md`` shows the same table.

Every algorithm that leaves a fitted pipeline can be written, and so can every preparation but
that of free text: the runtime lower-cases text by the languages installed on the computer, so the
same file would answer otherwise elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mlcore.algorithms.catalogue import CATALOGUE
from mlcore.data.schema import ColumnKind
from mlcore.experiment import Experiment
from mlcore.messages import Message, listing, message
from mlcore.registry.formats import ONNX

#: Kinds of columns whose preparation cannot be written, and the reason.
WITHHELD_KINDS: Mapping[ColumnKind, str] = {ColumnKind.TEXT: "registry.onnx.text"}


def withheld_reason(experiment: Experiment) -> Message | None:
    """Return why a run of this experiment cannot become an ONNX file, or ``None`` if it can.

    Nothing is converted for it. What is converted is compared with its original all the same,
    and withheld where it differs.
    """
    for kind, code in WITHHELD_KINDS.items():
        names = [name for name in experiment.features if experiment.kinds[name] is kind]
        if names:
            return message(code, columns=listing(names))
    return None


def support_table() -> pd.DataFrame:
    """Return which algorithm can become an ONNX file with which kinds of columns.

    Returns
    -------
    DataFrame
        ``task``, ``algorithm`` (its id), and a yes/no column for each kind of column that can be
        an input.
    """
    kinds = (
        *(ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.YES_NO),
        *(ColumnKind.DATETIME, ColumnKind.TEXT),
    )
    rows = [
        {
            "task": spec.task.value,
            "algorithm": spec.id,
            **{kind.value: kind not in WITHHELD_KINDS for kind in kinds},
        }
        for spec in CATALOGUE
        if spec.task in ONNX.tasks
    ]
    return pd.DataFrame(rows)


def support_markdown() -> str:
    """Return :func:`support_table` as a table in Markdown, for ``docs/onnx.md``."""
    table = support_table()
    words = table.replace({True: "yes", False: "no"}).astype(str)
    lines = [list(table.columns), ["---"] * len(table.columns), *words.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
