"""A policy that draws its action from a bell curve around what it thinks best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mlcore.gridworld.continuous.network import Network
from mlcore.gridworld.world import Numbers

#: How far the density of an action may go from that at which it was drawn, as a share of it.
CLIP = 0.2
#: The spread stays between these (as logarithms): neither a single point nor all of the room.
NARROWEST, WIDEST = np.log(0.01), np.log(3.0)


class Look(NamedTuple):
    """What a policy thinks of some states.

    Parameters
    ----------
    mean, log_sigma : float array of shape (n, n_numbers)
        Centre and (logarithm of the) spread of each number of the action.
    passed : list of float array
        What the layers of the network put out.
    raw : float array of shape (n, n_numbers)
        The spread's logarithm before it is kept within bounds.
    """

    mean: Numbers
    log_sigma: Numbers
    passed: list[Numbers]
    raw: Numbers


@dataclass(frozen=True)
class GaussianPolicy:
    """The policy function: a normal distribution over actions, given a state.

    Its parameters are one row: those of the network, then one logarithm of a spread for each
    number of an action.

    Parameters
    ----------
    n_inputs, n_numbers : int
        How many numbers make a state and an action.
    hidden : tuple of int
        Sizes of the network's hidden layers.
    bounded : bool
        Whether the mean is kept between -1 and 1 (by tanh).
    local : bool
        Whether the spread depends on the state as well, by further outputs of the network.
    """

    n_inputs: int
    n_numbers: int
    hidden: tuple[int, ...]
    bounded: bool = False
    local: bool = False

    @cached_property
    def network(self) -> Network:
        """The network behind it."""
        outputs = self.n_numbers * (2 if self.local else 1)
        return Network((self.n_inputs, *self.hidden, outputs))

    def initial(self, rng: np.random.Generator, sigma: float) -> Numbers:
        """Return parameters to begin with: mean near 0 and spread ``sigma`` everywhere."""
        spread = np.full(self.n_numbers, np.log(sigma))
        return np.concatenate([self.network.initial(rng, last=0.01), spread])

    def look(self, params: Numbers, inputs: Numbers) -> Look:
        """Return mean and spread of the actions.

        Parameters
        ----------
        params : float array of shape (n_params,)
            The policy's numbers.
        inputs : float array of shape (n, n_inputs)
            States, scaled to about -1 to 1.
        """
        passed = self.network.forward(params[: self.network.n_params], inputs)
        mean = passed[-1][:, : self.n_numbers]
        raw = np.broadcast_to(params[self.network.n_params :], mean.shape)
        if self.local:
            raw = raw + passed[-1][:, self.n_numbers :]
        if self.bounded:
            mean = np.tanh(mean)
        return Look(mean, np.clip(raw, NARROWEST, WIDEST), passed, raw)

    def loss(
        self,
        params: Numbers,
        inputs: Numbers,
        actions: Numbers,
        advantages: Numbers,
        *,
        before: Numbers,
        bonus: float = 0.0,
    ) -> tuple[float, Numbers]:
        """Return what is to fall, and its gradient.

        The loss is minus the mean of advantage times ratio, minus ``bonus`` times the mean
        entropy, where the ratio is the density of the action by that at which it was drawn. While
        both are alike, its gradient is that of advantage times log-density, which by the policy
        gradient theorem points away from more utility. A ratio that has already gone further than
        ``CLIP`` in the direction wanted counts no more: the steps tell nothing about a policy so
        far from the one that took them.

        Parameters
        ----------
        params : float array of shape (n_params,)
            The policy's numbers.
        inputs : float array of shape (n, n_inputs)
            States, scaled to about -1 to 1.
        actions : float array of shape (n, n_numbers)
            What was drawn in them, before anything is clipped.
        advantages : float array of shape (n,)
            How much better each turned out than expected.
        before : float array of shape (n,)
            Logarithm of the density with which each was drawn.
        bonus : float, default 0
            What a unit of entropy is worth.

        References
        ----------
        Schulman, J., Wolski, F., Dhariwal, P., Radford, A. and Klimov, O. (2017). Proximal policy
        optimization algorithms. arXiv:1707.06347.
        """
        look = self.look(params, inputs)
        ratio = np.exp(log_density(look, actions) - before)
        gains = ratio * advantages
        least = np.minimum(gains, np.clip(ratio, 1 - CLIP, 1 + CLIP) * advantages)
        loss = -float(np.mean(least + bonus * entropy(look.log_sigma)))
        share = np.where(gains <= least, gains, 0.0)[:, None] / len(inputs)
        sigma = np.exp(look.log_sigma)
        apart = (actions - look.mean) / sigma
        by_spread = -share * (apart**2 - 1) - bonus / len(inputs)
        return loss, self._gradient(params, look, -share * apart / sigma, by_spread)

    def _gradient(
        self, params: Numbers, look: Look, by_mean: Numbers, by_spread: Numbers
    ) -> Numbers:
        if self.bounded:
            by_mean = by_mean * (1 - look.mean**2)
        # A spread at its bound may come back, but go no further.
        stuck = (look.raw <= NARROWEST) & (by_spread > 0) | (look.raw >= WIDEST) & (by_spread < 0)
        by_spread = np.where(stuck, 0.0, by_spread)
        slope = np.hstack([by_mean, by_spread]) if self.local else by_mean
        behind = self.network.backward(params[: self.network.n_params], look.passed, slope)
        return np.concatenate([behind, by_spread.sum(axis=0)])


def log_density(look: Look, actions: Numbers) -> Numbers:
    """Return the logarithm of the density of each action, shape (n,)."""
    apart = (actions - look.mean) / np.exp(look.log_sigma)
    one = -0.5 * apart**2 - look.log_sigma - 0.5 * np.log(2 * np.pi)
    total: Numbers = one.sum(axis=1)
    return total


def entropy(log_sigma: Numbers) -> Numbers:
    """Return how undecided the policy is in each state, in nats, shape (n,).

    Parameters
    ----------
    log_sigma : float array of shape (n, n_numbers)
        Logarithms of the spreads.
    """
    total: Numbers = (log_sigma + 0.5 * np.log(2 * np.pi * np.e)).sum(axis=1)
    return total
