"""The linear equations that labels on a graph obey, solved so that no small number gets lost.

A random walk goes from row to row along the graph, with rates q_ij = q_ji, or leaves at rate e_i.
What it is worth to stand at row i, given what each row gives (s_i), obeys

    (e_i + Σ_j q_ij) f_i = Σ_j q_ij f_j + s_i,        all of q, e, s at least 0.

Both label propagation and label spreading are of this form. Values far from every source may be
10⁻¹⁰⁰ of those near one, and still decide what a row is called: what counts is the size of a row's
values among themselves. A solver that is accurate only relative to the largest value would give
noise there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array, eye_array
from scipy.sparse.csgraph import reverse_cuthill_mckee

#: (n_rows, n_classes) or (n_rows,).
Values = npt.NDArray[np.float64]

#: Columns eliminated together, so that most of the work is products of matrices.
_PANEL = 32
#: Residual that is asked of conjugate gradients, relative to the right-hand side.
_TOLERANCE = 1e-13
#: Values down to this part of the largest one are taken from one solution. The rest, in which the
#: solver's rounding would show, is solved for again with those values given.
_TRUSTED = 1e-4
#: Classes solved for at a time, which bounds the memory of tables with many.
_TOGETHER = 16


@dataclass(frozen=True, kw_only=True)
class Equations:
    """Rates between rows, rates of leaving, and what each row gives to each class.

    Parameters
    ----------
    joined : csr_array or array of shape (n_rows, n_rows)
        q: symmetric, nothing on the diagonal, never negative. Every row reaches one that gives
        or is left at.
    leaving : array of shape (n_rows,)
        e.
    giving : array of shape (n_rows, n_classes)
        s.
    """

    joined: csr_array | Values
    leaving: Values
    giving: Values


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Each row's values divided by their sum, and the solver's steps.

    Rows that no source reaches are all zeros.
    """

    values: Values
    steps: int


def solve(equations: Equations) -> Solution:
    """Solve for every class; a sparse graph by conjugate gradients, a dense one by elimination.

    Returns
    -------
    Solution
        The rows of ``values`` sum to 1 or are all zeros.
    """
    if not len(equations.leaving):
        return Solution(values=np.zeros_like(equations.giving), steps=0)
    if isinstance(equations.joined, np.ndarray):
        return Solution(values=shares(_eliminate(equations)), steps=len(equations.leaving))
    return _solve_in_shells(equations)


def shares(values: Values) -> Values:
    """Return each row divided by its sum; rows without anything stay all zeros."""
    clean = np.maximum(values, 0.0)
    largest = clean.max(axis=1, keepdims=True, initial=0.0)
    clean = np.divide(clean, largest, out=np.zeros_like(clean), where=largest > 0)
    total = clean.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(clean, total, out=clean, where=total > 0))


# Dense: elimination without a subtraction (Grassmann, Taksar and Heyman 1985), which keeps every
# value accurate relative to itself however small it is.


def _eliminate(equations: Equations) -> Values:
    """Return the values of all rows, each accurate relative to itself."""
    joined = np.array(equations.joined, dtype=np.float64)
    given = np.column_stack([equations.leaving, equations.giving])
    out = np.empty(len(joined))
    for stop in range(len(joined), 0, -_PANEL):
        start = max(0, stop - _PANEL)
        _eliminate_panel(joined, given, out, start, stop)
        ahead = joined[start:stop, :start]
        share = (ahead / out[start:stop, None]).T
        joined[:start, :start] += share @ ahead
        given[:start] += share @ given[start:stop]
    return _substitute(joined, given[:, 1:], out)


def _eliminate_panel(joined: Values, given: Values, out: Values, start: int, stop: int) -> None:
    """Take rows ``stop - 1`` down to ``start`` out of the walk, within these rows only."""
    for row in range(stop - 1, start - 1, -1):
        ahead = joined[row, :row]
        # Nothing to divide where nothing goes out; the smallest number keeps 0 / 0 from arising.
        out[row] = max(ahead.sum() + given[row, 0], np.finfo(np.float64).tiny)
        share = joined[start:row, row, None] / out[row]
        joined[start:row, :row] += share * ahead
        given[start:row] += share * given[row]


def _substitute(joined: Values, giving: Values, out: Values) -> Values:
    """Return the values, first row first, from those of the rows before."""
    values = np.empty_like(giving)
    for row in range(len(joined)):
        values[row] = (joined[row, :row] @ values[:row] + giving[row]) / out[row]
    return values


# Sparse: conjugate gradients with the diagonal as preconditioner, from the sources outwards.


def _solve_in_shells(equations: Equations) -> Solution:
    """Solve, keep the rows whose values are large, and solve for the rest with those given.

    Each shell of rows is solved at its own scale, so that neither rounding nor the smallest float
    ends what is right.
    """
    # Rows near each other in the graph are put near each other in memory: twice as fast.
    order = reverse_cuthill_mckee(csr_array(equations.joined), symmetric_mode=True)
    system, source = _scaled(equations, order)
    found = np.zeros_like(source)  # each row's values divided by their sum …
    size = np.full(len(order), -np.inf)  # … and the logarithm of that sum
    far = np.arange(len(order))
    steps = 0
    while len(far):
        around = system[far]
        right, scale = _right_side(around, source[far], found, size)
        if not np.isfinite(scale):
            break
        values, taken = _conjugate_gradients(csr_array(around[:, far]), right)
        steps += taken
        sums = values.sum(axis=1)
        kept = sums >= _TRUSTED * sums.max()
        found[far[kept]] = shares(values[kept])
        size[far[kept]] = scale + np.log(sums[kept])
        far = far[~kept]
    values = np.empty_like(found)
    values[order] = shares(found)
    return Solution(values=values, steps=steps)


def _scaled(equations: Equations, order: npt.NDArray[np.intp]) -> tuple[csr_array, Values]:
    """Return the equations' matrix, rows in that order and 1 on the diagonal, and right side."""
    joined = csr_array(equations.joined)[order][:, order]
    total = np.asarray(joined.sum(axis=1)).ravel() + equations.leaving[order]
    root = np.divide(1.0, np.sqrt(total), out=np.zeros_like(total), where=total > 0)
    scale = diags_array(root)
    system = csr_array(eye_array(len(root)) - scale @ joined @ scale)
    return system, equations.giving[order] * root[:, None]


def _right_side(
    around: csr_array, source: Values, found: Values, size: Values
) -> tuple[Values, float]:
    """Return what known rows and sources give to the far rows, and the logarithm of its scale."""
    known = np.unique(around.indices[np.isfinite(size[around.indices])])
    given = float(source.max(initial=0.0))
    log_given = np.log(given) if given > 0 else -np.inf
    scale = float(max(size[known].max(initial=-np.inf), log_given))
    if not np.isfinite(scale):
        return source, scale
    right = source * (np.exp(log_given - scale) / given) if given > 0 else source
    flowing = found[known] * np.exp(size[known] - scale)[:, None]
    return right - around[:, known] @ flowing, scale


def _conjugate_gradients(system: csr_array, right: Values) -> tuple[Values, int]:
    """Solve system x = right for every column of ``right``; return x and the steps taken."""
    parts = [
        _refined(system, np.ascontiguousarray(right[:, first : first + _TOGETHER]))
        for first in range(0, right.shape[1], _TOGETHER)
    ]
    return np.hstack([part for part, _ in parts]), max(steps for _, steps in parts)


def _refined(system: csr_array, right: Values) -> tuple[Values, int]:
    """Solve, then solve for what is left over, which mends the rounding of many steps."""
    goal = _TOLERANCE**2 * _squares(right)
    values, steps = np.zeros_like(right), 0
    for _ in range(3):
        left = right - system @ values
        if (_squares(left) <= 4 * goal).all():
            break
        change, taken = _one_solve(system, left, goal)
        values += change
        steps += taken
    return values, steps


def _one_solve(system: csr_array, right: Values, goal: Values) -> tuple[Values, int]:
    values = np.zeros_like(right)
    left, along = right.copy(), right.copy()
    size = _squares(left)
    most = max(1000, 4 * len(right))
    for taken in range(1, most + 1):
        moved = system @ along
        curve = np.einsum("ij,ij->j", along, moved)
        length = np.divide(size, curve, out=np.zeros_like(size), where=(curve > 0) & (size > goal))
        values += length * along
        moved *= length
        left -= moved
        new = _squares(left)
        if (new <= goal).all():
            return values, taken
        along *= np.divide(new, size, out=np.zeros_like(size), where=size > 0)
        along += left
        size = new
    return values, most


def _squares(values: Values) -> Values:
    return np.asarray(np.einsum("ij,ij->j", values, values))
