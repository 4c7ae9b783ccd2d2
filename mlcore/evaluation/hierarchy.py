"""The tree of a hierarchical clustering, and where to cut it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.cluster import hierarchy

from mlcore.algorithms.labels import Matrix
from mlcore.errors import UserError
from mlcore.evaluation.choosing import MOST_ROWS, rows_by_lot
from mlcore.evaluation.criteria import Floats, said
from mlcore.messages import Message, message

#: scikit-learn's names of the rules that say how far apart two groups are.
Linkage: TypeAlias = Literal["ward", "complete", "average", "single"]

#: Branches of a drawn tree at most: more cannot be told apart.
MOST_LEAVES = 60
#: Groups that a suggested cut leaves at most.
MOST_GROUPS = 20


def linkage_frame(
    matrix: Matrix, linkage: Linkage = "ward", *, seed: int = 0, most_rows: int = MOST_ROWS
) -> pd.DataFrame:
    """Return the merges that lead from single rows to one group.

    They are those of ``AgglomerativeClustering`` on the same rows. The heights belong to the rows
    used: with Ward's rule they grow with the number of rows, so a cut is carried over to a larger
    table as a number of groups and not as a height.

    Parameters
    ----------
    matrix : array of shape (n_rows, n_inputs)
        Prepared inputs; of more than ``most_rows`` rows a part is drawn by lot, which bounds the
        memory at 8 · most_rows² / 2 bytes.
    linkage : {"ward", "complete", "average", "single"}, default "ward"
        How the distance between two groups is measured.
    seed : int, default 0
        Of the part.
    most_rows : int, default 2,000
        Rows used at most.

    Returns
    -------
    DataFrame
        One row a merge, in their order: ``merge`` (0 …), ``left`` and ``right`` (below ``rows``:
        a row; else ``rows`` plus the number of an earlier merge), ``height``, ``size`` (rows in
        the new group), ``rows`` (rows used).

    Raises
    ------
    UserError
        There are fewer than two rows.
    """
    part = matrix[rows_by_lot(len(matrix), most_rows, seed)]
    if len(part) < 2:
        raise UserError("choosing.too_few_rows", needed=2, rows=len(part))
    merges = hierarchy.linkage(part, method=linkage)
    return pd.DataFrame(
        {
            "merge": np.arange(len(merges)),
            "left": merges[:, 0].astype(int),
            "right": merges[:, 1].astype(int),
            "height": merges[:, 2],
            "size": merges[:, 3].astype(int),
            "rows": len(part),
        }
    )


def _heights(frame: pd.DataFrame) -> Floats:
    return frame["height"].to_numpy(dtype=np.float64)


def cut(frame: pd.DataFrame, height: float) -> int:
    """Return the number of groups when the tree is cut at a height.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`linkage_frame`.
    height : float
        Merges up to this height are kept.
    """
    return len(frame) + 1 - int((_heights(frame) <= height).sum())


def height_for(frame: pd.DataFrame, k: int) -> float:
    """Return the height midway between the last merge that is kept for ``k`` groups and the next.

    Where two merges have one height there may be no cut with exactly ``k`` groups; the nearest
    smaller number results then.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`linkage_frame`.
    k : int
        From 1 to the number of rows used.

    Raises
    ------
    ValueError
        ``k`` is outside of this range.
    """
    if not 1 <= k <= len(frame) + 1:
        raise ValueError(f"k must be from 1 to {len(frame) + 1}, and is {k}")
    heights = np.concatenate([[0.0], _heights(frame)])
    kept = len(heights) - k  # heights has one entry a row, the first for "nothing merged"
    if kept == len(frame):
        return float(1.05 * heights[-1])
    return float((heights[kept] + heights[kept + 1]) / 2)


def suggest_cut(frame: pd.DataFrame, most_groups: int = MOST_GROUPS) -> float:
    """Return the height in the middle of the largest gap between two merges.

    A first proposal, as every tree has a largest gap, whether there are groups or not.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`linkage_frame`.
    most_groups : int, default 20
        Gaps that would leave more groups do not count: the first merges, of a few rows each, can
        lie far apart without meaning anything.
    """
    gaps = np.diff(_heights(frame))[-(most_groups - 1) :]
    if len(gaps) == 0 or gaps.max() == 0:
        return height_for(frame, 1)
    return height_for(frame, len(gaps) + 1 - int(np.argmax(gaps)))


def say_cut(frame: pd.DataFrame, height: float) -> Message:
    """Return the sentence that belongs beside the line: how many groups this cut leaves."""
    k, rows = cut(frame, height), len(frame) + 1
    if k == 1:
        return message("choosing.cut.one", height=said(height), rows=rows)
    return message("choosing.cut", height=said(height), k=k, rows=rows)


def dendrogram_segments(frame: pd.DataFrame, most_leaves: int = MOST_LEAVES) -> pd.DataFrame:
    """Return the lines of the tree's upper part, placed for drawing.

    Parameters
    ----------
    frame : DataFrame
        Of :func:`linkage_frame`.
    most_leaves : int, default 60
        What would branch further is drawn as one leaf, down to the height at which it branches.

    Returns
    -------
    DataFrame
        Four points for each drawn merge, from the foot of its left branch over the bridge to the
        foot of its right one, lowest merge first: ``line`` (number of the merge), ``above``
        (number of the merge that its bridge hangs from; -1 at the top), ``x`` (leaves lie at 0, 1
        …), ``y`` (height), ``leaf_rows`` (rows of the leaf that this point is the foot of; 0 for
        other points), ``rows`` (rows used).
    """
    n_rows = len(frame) + 1
    first = max(0, len(frame) - (most_leaves - 1))
    drawn = frame.iloc[first:]
    leaves = list(_leaves(frame, n_rows + first))
    place = {leaf: float(position) for position, leaf in enumerate(leaves)}
    above = {
        int(child): merge
        for merge, left, right in zip(drawn["merge"], drawn["left"], drawn["right"], strict=True)
        for child in (left, right)
    }
    lines = []
    for merge, left, right in zip(drawn["merge"], drawn["left"], drawn["right"], strict=True):
        place[n_rows + merge] = (place[left] + place[right]) / 2
        lines.append(_line(frame, int(merge), above.get(n_rows + int(merge), -1), place, leaves))
    return pd.concat(lines, ignore_index=True).assign(rows=n_rows)


def _leaves(frame: pd.DataFrame, first_inner: int) -> Iterator[int]:
    """Yield the leaves of the drawn part from left to right."""
    n_rows = len(frame) + 1
    left, right = frame["left"].to_numpy(), frame["right"].to_numpy()
    waiting = [2 * n_rows - 2]
    while waiting:
        node = waiting.pop()
        if node < first_inner:
            yield int(node)
        else:
            waiting += [right[node - n_rows], left[node - n_rows]]


def _line(
    frame: pd.DataFrame, merge: int, above: int, place: dict[int, float], leaves: list[int]
) -> pd.DataFrame:
    row = frame.iloc[merge]
    left, right = int(row["left"]), int(row["right"])
    feet = [_foot(frame, node, node in leaves) for node in (left, right)]
    top = float(row["height"])
    return pd.DataFrame(
        {
            "line": merge,
            "above": above,
            "x": [place[left], place[left], place[right], place[right]],
            "y": [feet[0][0], top, top, feet[1][0]],
            "leaf_rows": [feet[0][1], 0, 0, feet[1][1]],
        }
    )


def _foot(frame: pd.DataFrame, node: int, is_leaf: bool) -> tuple[float, int]:
    """Return the height at which a branch ends, and its rows when it is a leaf."""
    n_rows = len(frame) + 1
    if node < n_rows:
        return 0.0, 1
    merge = frame.iloc[node - n_rows]
    return float(merge["height"]), int(merge["size"]) if is_leaf else 0
