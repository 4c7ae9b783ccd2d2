"""Moves of any direction and length, learnt by the expected-utility algorithm.

A policy function and a value function, both small networks, are trained together; ``arena.py``
says what they are trained in: a room drawn as a grid (``room.py``), or the linear-quadratic
problem (``quadratic.py``). What they come to is compared with dynamic programming on a fine grid of
places (``fine_grid.py``), or with the exact answer.

The tables of a run:

``updates``
    ``seed`` (from 0), ``update`` (from 1), ``return`` (mean *discounted* sum of rewards, which is
    what the agent makes large), ``length`` (mean number of steps), ``reached`` (the share that
    ended at a goal): at the first, the last and about 50 updates between, over 100 episodes from
    the starts by the policy as it stands before the update, which tries things; those that reach
    no goal are broken off and count like all others. ``length`` and ``reached`` are missing in the
    linear-quadratic problem, which has no end. ``spread`` (mean sigma of the policy), ``entropy``
    (mean, in nats), ``value_loss`` (half the mean squared error of the value function).
``field``
    What the first agent learnt. In a room: ``x``, ``y`` (points in cells in which one can stand,
    x to the right and y down, so that cell (r, c) covers c to c + 1 and r to r + 1), ``dx``, ``dy``
    (mean displacement, cut to length 1), ``sigma_x``, ``sigma_y``, ``value`` (what the agent
    expects) and ``exact_value`` (by dynamic programming on a fine grid, within about 1 %; missing
    where no goal can be reached).
    For the linear-quadratic problem: ``s``, ``mean``, ``sigma``, ``value``, ``exact_mean``,
    ``exact_value``.
``paths``
    Episodes of the first agent's mean action: ``path``, ``step`` (from 0) and ``x``, ``y``; for the
    linear-quadratic problem ``s`` in their place.
``network``
    The first agent's mean action as plain numbers: ``layer`` (from 1), ``row`` (the input, from
    0; -1 is the bias), ``column`` (the unit, from 0), ``weight``, ``activation`` (``"tanh"`` or
    ``"linear"``). It takes x and y in cells (or s) as they are; a displacement is then cut to
    length 1.

The figures: ``start_value`` (mean discounted return of the mean action over many episodes; those
of the linear-quadratic problem have no end and are played until nothing that follows counts),
``learnt_start_value`` (what the value function expects from the same starts, of the policy that
still tries things),
``exact_start_value`` (from the same starts: exact for the linear-quadratic problem; in a room by
dynamic programming on a fine grid, within about 1 %), ``seconds``; in a room ``reached`` (share of
those episodes that ended at a goal) and ``mean_steps`` (of these; absent where none did); for the
linear-quadratic problem ``gain`` and ``exact_gain``. They are means over
agents; with ``_0``, ``_1``, … they are those of each.
"""

from mlcore.gridworld.continuous.specs import SPECS

__all__ = ["SPECS"]
