"""Solving a world that is known: the Bellman equations.

Frames of a result (columns in this order):

- ``policy``: see :func:`mlcore.gridworld.policies.policy_frame`.
- ``sweeps``: ``sweep`` (from 0, which stands for the values before the first one),
  ``largest_change`` (missing for 0), ``error_bound`` (how far the values are from the exact ones
  at most; missing where the sweep alone proves nothing), ``backups`` (states backed up so far).
- ``values``: ``sweep``, ``state``, ``value`` (as shown). At most 300 sweeps and 500,000 rows: the
  first ones, the last, an even choice of the rest; of more than 3,600 states the last ones only.
- ``policies`` (policy iteration and finite horizon): ``sweep``, ``state``, ``actions``,
  ``arrows``. For the finite horizon the sweep is the number of steps left.
- ``improvements`` (policy iteration): ``sweep``, ``improved`` (in how many states there was a
  better action than that of the policy of this sweep).

Figures: ``start_value``, ``error_bound``, ``sweeps``, ``backups``, ``compiled`` (1 where compiled
loops ran), ``seconds``. The first note says what the bound means.
"""

from mlcore.gridworld.planning import (
    finite_horizon,
    linear_programming,
    policy_evaluation,
    policy_iteration,
    prioritised,
    value_iteration,
)
from mlcore.gridworld.spec import MethodSpec

#: Every planner, in the order of a menu.
SPECS: tuple[MethodSpec, ...] = (
    value_iteration.SPEC,
    policy_iteration.SPEC,
    policy_evaluation.SPEC,
    prioritised.SPEC,
    policy_iteration.MODIFIED_SPEC,
    value_iteration.Q_SPEC,
    linear_programming.SPEC,
    finite_horizon.SPEC,
)
