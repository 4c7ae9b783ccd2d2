"""How much better an action turned out than what was expected of its state."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld.world import Mask, Numbers


def advantages(
    rewards: Numbers,
    values: Numbers,
    next_values: Numbers,
    terminated: Mask,
    broken: Mask,
    *,
    discount: float,
    decay: float,
) -> Numbers:
    """Return the generalised advantage estimate of each step.

    An end and a break are told apart: after an end nothing follows, so ``next_values`` does not
    count; where an episode is merely broken off, it stands for what would have followed. Neither
    lets the sum run on into the next episode.

    Parameters
    ----------
    rewards, values, next_values : float array of shape (n_steps, n_rooms)
        What each step paid, and the value expected before and after it.
    terminated, broken : bool array of shape (n_steps, n_rooms)
        Whether the episode ended with the step, or was broken off after it.
    discount : float
        What a reward a step later is worth.
    decay : float
        λ: 0 trusts the expected values, 1 the rewards that came.

    Returns
    -------
    float array of shape (n_steps, n_rooms)

    References
    ----------
    Schulman, J., Moritz, P., Levine, S., Jordan, M. and Abbeel, P. (2016). High-dimensional
    continuous control using generalized advantage estimation. ICLR.
    """
    surprise = rewards + discount * np.where(terminated, 0.0, next_values) - values
    carried = np.where(terminated | broken, 0.0, discount * decay)
    found = np.empty_like(rewards)
    later = np.zeros(rewards.shape[1:])
    for step in reversed(range(len(rewards))):
        later = surprise[step] + carried[step] * later
        found[step] = later
    return found
