"""Steps down a slope whose size fits itself to each parameter."""

from __future__ import annotations

import numpy as np

from mlcore.gridworld.world import Numbers


class Adam:
    """Gradient descent with running means of the gradient and of its square.

    Parameters
    ----------
    n_params : int
        How many numbers are tuned.
    forget, forget_square : float
        How much of a running mean stays with each step; the defaults are those of the paper.
    floor : float
        Added to the divisor, against division by 0.

    References
    ----------
    Kingma, D. P. and Ba, J. (2015). Adam: a method for stochastic optimization. ICLR.
    """

    def __init__(
        self,
        n_params: int,
        *,
        forget: float = 0.9,
        forget_square: float = 0.999,
        floor: float = 1e-8,
    ) -> None:
        self._forget, self._forget_square, self._floor = forget, forget_square, floor
        self._mean = np.zeros(n_params)
        self._square = np.zeros(n_params)
        self._steps = 0

    def step(self, gradient: Numbers, rate: float) -> Numbers:
        """Return what to add to the parameters, shape (n_params,).

        Parameters
        ----------
        gradient : float array of shape (n_params,)
            Of the loss, which is to fall.
        rate : float
            The learning rate: about how far a parameter moves.
        """
        self._steps += 1
        self._mean += (1 - self._forget) * (gradient - self._mean)
        self._square += (1 - self._forget_square) * (gradient**2 - self._square)
        # Both means began at 0; this takes out what that still counts.
        mean = self._mean / (1 - self._forget**self._steps)
        square = self._square / (1 - self._forget_square**self._steps)
        change: Numbers = -rate * mean / (np.sqrt(square) + self._floor)
        return change
