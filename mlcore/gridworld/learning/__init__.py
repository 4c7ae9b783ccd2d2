"""Learning a world by trying: agents that know nothing of its rules.

All seeds learn at once. Each is an agent for itself, with random numbers of its own: what it does
is the same however many others there are. Different methods with the same seed begin their
episodes alike and meet the same luck, step for step.

The tables of a run:

``episodes``
    ``seed`` (from 0), ``episode`` (from 1), ``return`` (plain sum of the rewards),
    ``discounted_return``, ``length`` (steps), ``terminated`` (``False``: broken off).
``errors``
    ``seed``, ``episode``, ``rms``: root mean square difference between what the agent holds the
    states to be worth and what they are worth by the world's rules, over states that can be
    reached and are no terminals: to who acts best, or to who acts best while exploring as the agent
    does where it estimates that (:class:`mlcore.gridworld.spec.Estimates`), or, for prediction, to
    who acts by chance. At most 200 episodes, more of them early on. Empty where exact values are
    missing.
``policy``
    Of :func:`mlcore.gridworld.policies.policy_frame`, mean over seeds, and ``visits`` of all seeds
    together. Agents that learn no values of actions show what follows from those of states, one
    step looked ahead.
``replay``
    First, middle and last episode of seed 0: ``seed``, ``episode``, ``step`` (from 0), ``state``,
    ``row``, ``column``, ``layer``, ``action`` (taken there; empty where the episode ended up) and
    ``reward`` (paid for it). At most 5,000 rows.
``lines``
    ``name``, ``label`` (plain words) and ``value`` (in the measure of ``discounted_return``):
    ``optimum``, ``soft_optimum``, ``soft_greedy``, ``policy_value``.

The figures: ``start_value`` (learnt, mean over starts and seeds), ``optimum``, ``soft_optimum``,
``policy_value`` (where known), ``last_mean``, ``last_low``, ``last_high`` (mean discounted return
of the last tenth of the episodes, and its 95 % interval over seeds; one seed has none),
``seconds``.
"""

from mlcore.gridworld.learning.specs import SPECS

__all__ = ["SPECS"]
