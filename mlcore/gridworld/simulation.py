"""Let a policy act, and compare what it earns with what was computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import stats

from mlcore.errors import UserError
from mlcore.gridworld.continuous.quadratic import Quadratic, horizon
from mlcore.gridworld.continuous.room import Room
from mlcore.gridworld.continuous.trials import play
from mlcore.gridworld.model import Model
from mlcore.gridworld.returns import Bernstein
from mlcore.gridworld.sampling import Places, Sampler, cumulative, drawn, start_states
from mlcore.gridworld.world import Mask, Numbers
from mlcore.messages import Message, message

#: Means that differ by less than this (of the larger one, or of 1) differ by rounding only.
ROUNDING = 1e-9
#: Of the interval around the mean.
CONFIDENCE = 0.95


def simulate(
    model: Model, policy: Numbers, episodes: int = 1000, seed: int = 0, most_steps: int = 1000
) -> pd.DataFrame:
    """Return what a policy earns, one row an episode.

    Parameters
    ----------
    model : Model
        The world.
    policy : float array of shape (n_states, n_actions)
        The chance of each action; rows sum to 1.
    episodes : int, default 1000
        How many. All walk at once.
    seed : int, default 0
        Of the random numbers.
    most_steps : int, default 1000
        An episode that goes on so long is broken off.

    Returns
    -------
    DataFrame
        Columns ``episode`` (from 1), ``start`` (state), ``return`` (plain sum of the rewards),
        ``discounted_return``, ``length`` (steps) and ``terminated`` (``False``: broken off).

    Raises
    ------
    UserError
        ``gridworld.policy_shape``, ``gridworld.policy_chances``: it is no policy of this world.
    """
    _check(model, policy)
    crowd = _Crowd(model, policy, episodes, np.random.default_rng(seed))
    for _ in range(most_steps):
        if not crowd.step():
            break
    return pd.DataFrame(
        {
            "episode": np.arange(1, episodes + 1),
            "start": crowd.start,
            "return": crowd.total,
            "discounted_return": crowd.discounted,
            "length": crowd.length,
            "terminated": crowd.terminated,
        }
    )


def simulate_numbers(
    arena: Room | Quadratic,
    act: Callable[[Numbers], Numbers],
    episodes: int = 1000,
    seed: int = 0,
    most_steps: int = 1000,
) -> pd.DataFrame:
    """Return what a policy earns whose actions are numbers, one row an episode.

    Parameters
    ----------
    arena : Room or Quadratic
        Where. The linear-quadratic problem has no end and is played until nothing that follows
        counts, however long that is.
    act : callable
        From states to actions.
    episodes : int, default 1000
        How many. All walk at once.
    seed : int, default 0
        Of the random numbers.
    most_steps : int, default 1000
        An episode in a room that goes on so long is broken off.

    Returns
    -------
    DataFrame
        The columns of :func:`simulate` but ``start``. In the linear-quadratic problem
        ``terminated`` is ``False`` where the number ran away.
    """
    endless = isinstance(arena, Quadratic)
    rng = np.random.default_rng(seed)
    longest = horizon(arena.discount) if endless else most_steps
    trials = play(arena, act, arena.starts(rng, episodes), rng, longest)
    return pd.DataFrame(
        {
            "episode": np.arange(1, episodes + 1),
            "return": trials.totals,
            "discounted_return": trials.returns,
            "length": trials.steps,
            "terminated": ~trials.broken if endless else trials.terminated,
        }
    )


def _check(model: Model, policy: Numbers) -> None:
    expected = (model.n_states, model.n_actions)
    if policy.shape != expected:
        raise UserError("gridworld.policy_shape", expected=str(expected), got=str(policy.shape))
    proper = (policy >= 0).all(axis=1) & (np.abs(policy.sum(axis=1) - 1) < 1e-6)
    if not proper.all():
        raise UserError("gridworld.policy_chances", state=int(np.argmin(proper)))


class _Crowd:
    """Many that follow one policy, each in an episode of its own."""

    def __init__(
        self, model: Model, policy: Numbers, episodes: int, rng: np.random.Generator
    ) -> None:
        self._sampler = Sampler(model)
        self._sums = cumulative(policy)
        self._discount, self._rng = model.discount, rng
        self.start = start_states(model.starts, rng.random(episodes))
        self._who: Places = np.arange(episodes)
        self._state = self.start
        self._weight = 1.0
        self.total: Numbers = np.zeros(episodes)
        self.discounted: Numbers = np.zeros(episodes)
        self.length: Places = np.zeros(episodes, dtype=np.intp)
        self.terminated: Mask = np.zeros(episodes, dtype=bool)

    def step(self) -> bool:
        """Make one step in all episodes that go on, and return whether any still does."""
        luck = self._rng.random((2, len(self._who)))
        action = drawn(self._sums[self._state], luck[0])
        state, reward, ends = self._sampler.step(self._state, action, luck[1])
        self.total[self._who] += reward
        self.discounted[self._who] += self._weight * reward
        self.length[self._who] += 1
        self.terminated[self._who] = ends
        self._weight *= self._discount
        self._who, self._state = self._who[~ends], state[~ends]
        return len(self._who) > 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a policy earned beside what was computed for it.

    Parameters
    ----------
    mean : float
        Mean discounted return of the episodes.
    low, high : float
        Interval for the mean of infinitely many, right at least 95 times in 100 by Bernstein's
        bound where the deviation of a return is known; else that of Student's t, which is infinite
        for one episode.
    computed : float
        What was computed.
    z : float
        By how many standard errors the mean is off; infinite where all episodes earned the same
        and that is not what was computed.
    p : float
        How probable it is to be so far off by chance alone (at most, by Bernstein's bound).
    n : int
        Episodes.
    truncated : int
        How many of them were broken off.
    rest : float
        How much of the mean can be missing because of these: 0 without any, infinite where
        nothing is known.
    exact : bool
        Whether the deviation of a return is known, and not estimated from the episodes.
    """

    mean: float
    low: float
    high: float
    computed: float
    z: float
    p: float
    n: int
    truncated: int
    rest: float
    exact: bool = False

    @property
    def agrees(self) -> bool:
        """Whether chance, and what was broken off, explain the difference.

        ``False`` too where so much can be missing that nothing is known.
        """
        if math.isinf(self.rest):
            return False
        low, high = self.low - self.rest, self.high + self.rest
        slack = ROUNDING * max(1.0, abs(self.computed))
        return low - slack <= self.computed <= high + slack

    @property
    def verdict(self) -> Message:
        """The result in one sentence."""
        numbers = {
            "n": f"{self.n:,}",
            "mean": f"{self.mean:.4g}",
            "low": f"{self.low:.4g}",
            "high": f"{self.high:.4g}",
            "computed": f"{self.computed:.4g}",
        }
        if self.truncated and math.isinf(self.rest):
            return message(
                "gridworld.simulated.unbounded", truncated=f"{self.truncated:,}", **numbers
            )
        if self.n == 1:
            return message("gridworld.simulated.one", **numbers)
        if not self.agrees and math.isinf(self.z):
            known = "differs_always" if self.exact else "differs_so_far"
            return message(f"gridworld.simulated.{known}", **numbers)
        if not self.agrees:
            return message("gridworld.simulated.differs", off=f"{abs(self.z):.1f}", **numbers)
        if self.low == self.high and not self.truncated:
            return message("gridworld.simulated.certain", **numbers)
        return message("gridworld.simulated.agrees", **numbers)

    @property
    def earned(self) -> Message:
        """The mean and its interval in one sentence."""
        shown = {"mean": f"{self.mean:.4g}", "low": f"{self.low:.4g}", "high": f"{self.high:.4g}"}
        return message("gridworld.simulated.earned", n=f"{self.n:,}", **shown)

    def beside(self, what: str) -> Message:
        """Return in one sentence how what was earned stands to something else.

        Parameters
        ----------
        what : str
            What the computed number is: ``"learnt"`` (by the value function), ``"fine_grid"`` or
            ``"optimum"`` (of the best policy, nearly or exactly).
        """
        off = self.computed - self.mean
        found = "inside" if self.agrees else "more" if off > 0 else "less"
        shown = {"computed": f"{self.computed:.4g}", "off": f"{abs(off):.2g}"}
        return message(f"gridworld.simulated.{what}.{found}", **shown)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What else must be known: episodes that were broken off, and what that can change."""
        if self.rest <= ROUNDING * max(1.0, abs(self.mean)):
            return ()
        shown = {"truncated": f"{self.truncated:,}", "n": f"{self.n:,}"}
        if math.isinf(self.rest):
            return (message("gridworld.simulated.broken_off", **shown),)
        return (message("gridworld.simulated.rest", rest=f"{self.rest:.2g}", **shown),)


class Paying(Protocol):
    """What bounds an episode that goes on: a model, or a room."""

    @property
    def discount(self) -> float:
        """What a reward a step later is worth."""

    @property
    def reward(self) -> Numbers:
        """All that a step can pay."""


def compare(
    frame: pd.DataFrame,
    computed_value: float,
    model: Paying | None = None,
    deviation: float | None = None,
) -> Comparison:
    """Return how the mean return of episodes compares with a computed value.

    Parameters
    ----------
    frame : DataFrame
        What :func:`simulate` or :func:`simulate_numbers` returned.
    computed_value : float
        What the policy is worth on average over the starts.
    model : Model or Room, optional
        The world. With it, what episodes that were broken off can still earn is bounded by its
        discount: at most the largest reward at every step that is missing.
    deviation : float, optional
        The standard deviation of a return: of :func:`~mlcore.gridworld.returns.start_deviation`.
        Without it that of the episodes is taken, which is too small where something rare matters.
    """
    earned = frame["discounted_return"].to_numpy(dtype=float)
    n, mean = len(earned), float(np.mean(earned))
    error = _error(earned, deviation)
    z = _off(mean - computed_value, error, max(1.0, abs(computed_value)))
    if deviation is None:
        reach, p = _student(error, z, n)
    else:
        largest = float(np.abs(earned - computed_value).max())
        reach, p = _bernstein(error, z, largest / n)
    return Comparison(
        mean=mean,
        low=mean - reach,
        high=mean + reach,
        computed=computed_value,
        z=z,
        p=p,
        n=n,
        truncated=int((~frame["terminated"]).sum()),
        rest=_rest(frame, model),
        exact=deviation is not None,
    )


def _error(earned: Numbers, deviation: float | None) -> float:
    """Return the standard error of a mean; one of rounding is none."""
    n = len(earned)
    if deviation is None:
        deviation = float(np.std(earned, ddof=1)) if n > 1 else math.inf
    error = deviation / math.sqrt(n)
    return error if error > ROUNDING * max(1.0, abs(float(np.mean(earned)))) else 0.0


def _student(error: float, z: float, n: int) -> tuple[float, float]:
    """Return how far the interval reaches, and how probable the difference is."""
    if n == 1:
        return math.inf, 1.0
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * error
    return reach, float(2 * stats.t.sf(abs(z), n - 1))


def _bernstein(error: float, z: float, largest: float) -> tuple[float, float]:
    """Return the same where the error is known, not estimated."""
    if error == 0:
        return 0.0, float(z == 0)
    bound = Bernstein(error=error, largest=largest)
    return bound.reach(1 - CONFIDENCE), bound.chance(z * error)


def _off(difference: float, error: float, scale: float) -> float:
    """Return a difference in standard errors; one of rounding is none."""
    if abs(difference) <= ROUNDING * scale:
        return 0.0
    return math.copysign(math.inf, difference) if error == 0 else difference / error


def _rest(frame: pd.DataFrame, model: Paying | None) -> float:
    """Return by how much the mean can be off because episodes were broken off."""
    length = frame.loc[~frame["terminated"], "length"].to_numpy(dtype=float)
    if not len(length):
        return 0.0
    if model is None or (model.discount == 1 and np.any(model.reward)):
        return math.inf
    largest = float(np.abs(model.reward).max())
    if largest == 0:
        return 0.0
    missing = model.discount**length * largest / (1 - model.discount)
    return float(missing.sum() / len(frame))
