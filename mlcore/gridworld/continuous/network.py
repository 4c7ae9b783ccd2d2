"""A small neural network whose parameters are one flat row of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mlcore.gridworld.world import Numbers


@dataclass(frozen=True)
class Network:
    """Layers of tanh units; the last layer is linear.

    Parameters
    ----------
    sizes : tuple of int
        Number of inputs, of units in each hidden layer, and of outputs.
    """

    sizes: tuple[int, ...]

    @property
    def n_params(self) -> int:
        """How many numbers it has: weights and biases of all layers."""
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.sizes))

    def initial(self, rng: np.random.Generator, last: float = 1.0) -> Numbers:
        """Return parameters to begin with, shape (n_params,).

        Weights are drawn so that what a unit receives has about the spread of one input; biases
        are 0.

        Parameters
        ----------
        rng : Generator
            Where the chance comes from.
        last : float, default 1
            Factor of the last layer; a small one makes the first outputs nearly 0.
        """
        params = np.zeros(self.n_params)
        layers = self.layers(params)
        for weights, _ in layers:
            weights[...] = rng.standard_normal(weights.shape) / np.sqrt(len(weights))
        layers[-1][0][...] *= last
        return params

    def layers(self, params: Numbers) -> list[tuple[Numbers, Numbers]]:
        """Return weights (n_in, n_out) and biases (n_out,) of each layer, as views of the row."""
        found, at = [], 0
        for n_in, n_out in pairwise(self.sizes):
            middle, end = at + n_in * n_out, at + (n_in + 1) * n_out
            found.append((params[at:middle].reshape(n_in, n_out), params[middle:end]))
            at = end
        return found

    def forward(self, params: Numbers, inputs: Numbers) -> list[Numbers]:
        """Return what each layer puts out, the inputs first and the outputs last.

        Parameters
        ----------
        params : float array of shape (n_params,)
            Weights and biases.
        inputs : float array of shape (n_rows, n_inputs)
            One row a case.
        """
        passed = [inputs]
        *hidden, (weights, biases) = self.layers(params)
        for inner, offsets in hidden:
            received = passed[-1] @ inner
            received += offsets
            passed.append(np.tanh(received, out=received))
        passed.append(passed[-1] @ weights + biases)
        return passed

    def backward(self, params: Numbers, passed: list[Numbers], slope: Numbers) -> Numbers:
        """Return the gradient of a loss with respect to the parameters, shape (n_params,).

        Parameters
        ----------
        params : float array of shape (n_params,)
            Weights and biases.
        passed : list of float array
            What :meth:`forward` returned.
        slope : float array of shape (n_rows, n_outputs)
            The gradient of the loss with respect to the outputs.

        References
        ----------
        Rumelhart, D. E., Hinton, G. E. and Williams, R. J. (1986). Learning representations by
        back-propagating errors. Nature 323, 533-536.
        """
        gradient = np.empty_like(params)
        into = list(zip(self.layers(params), self.layers(gradient), passed[:-1], strict=True))
        for number, ((weights, _), (by_weight, by_bias), received) in enumerate(reversed(into)):
            by_weight[...] = received.T @ slope
            by_bias[...] = slope.sum(axis=0)
            if number < len(into) - 1:
                slope = (slope @ weights.T) * (1 - received**2)
        return gradient
