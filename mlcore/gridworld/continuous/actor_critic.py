"""The expected-utility algorithm: a policy function and a value function learn together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import UserError
from mlcore.gridworld.continuous.adam import Adam
from mlcore.gridworld.continuous.advantage import advantages
from mlcore.gridworld.continuous.arena import Arena, inputs
from mlcore.gridworld.continuous.gaussian import GaussianPolicy, entropy, log_density
from mlcore.gridworld.continuous.network import Network
from mlcore.gridworld.continuous.trials import play
from mlcore.gridworld.world import Mask, Numbers

#: So many steps are taken between two updates, in as many worlds side by side as samples allow.
_STEPS = 16
#: About so many times while it learns an agent is watched, over so many episodes from the starts.
_WATCHED, _EPISODES = 50, 100
#: Advantages whose spread is below this share of that of returns are not magnified further.
_FAINT = 0.02
#: By so much of itself the learning rate falls until the last update.
_FALL = 0.9
#: Each pass over the samples of an update takes so many steps of Adam, with a part for each.
_PARTS = 4


@dataclass(frozen=True, kw_only=True)
class Training:
    """How an agent is trained.

    Parameters
    ----------
    updates : int
        How many times both functions are improved.
    samples : int
        How many steps are taken for each update.
    hidden : tuple of int
        Sizes of the hidden layers of both networks.
    rate : float
        Learning rate of Adam at the beginning; it falls evenly to a tenth.
    decay : float
        λ of the advantages.
    sigma : float
        Spread of the policy at the beginning.
    local : bool
        Whether each place has a spread of its own.
    bonus : float
        What a unit of entropy is worth.
    passes : int
        How many steps both functions take with the same samples.
    most_steps : int
        Episodes that go on so long are broken off.
    watched_steps : int
        Those that are only watched go on so long at most.
    """

    updates: int
    samples: int
    hidden: tuple[int, ...]
    rate: float
    decay: float
    sigma: float
    local: bool
    bonus: float
    passes: int
    most_steps: int
    watched_steps: int


class Update(NamedTuple):
    """What one update saw; the first three are ``None`` where the agent was not watched.

    They are means over episodes that begin anew with the policy as it stands before the update,
    and count in full however they end: of the steps an agent learns from, those that reach a
    goal early would be the first to be heard of.

    Parameters
    ----------
    utility : float or None
        Mean discounted sum of rewards.
    length : float or None
        Mean number of steps.
    reached : float or None
        The share that ended at a goal.
    spread : float
        Mean sigma of the policy.
    entropy : float
        Its mean entropy, in nats.
    value_loss : float
        Half the mean squared error of the value function, in squared units of reward.
    """

    utility: float | None
    length: float | None
    reached: float | None
    spread: float
    entropy: float
    value_loss: float


@dataclass(frozen=True, eq=False)
class Agent:
    """What was learnt: both functions.

    Parameters
    ----------
    arena : Arena
        Where it was learnt.
    policy : GaussianPolicy
        The policy function.
    policy_params : float array
        Its numbers.
    critic : Network
        The value function, for scaled states and values.
    critic_params : float array
        Its numbers.
    offset, unit : float
        A value is ``offset + unit *`` what the network puts out.
    """

    arena: Arena
    policy: GaussianPolicy
    policy_params: Numbers
    critic: Network
    critic_params: Numbers
    offset: float
    unit: float

    def act(self, states: Numbers) -> Numbers:
        """Return the mean action in each state, shape (n, n_numbers)."""
        return self.policy.look(self.policy_params, inputs(self.arena, states)).mean

    def spread(self, states: Numbers) -> Numbers:
        """Return the spread of the actions in each state, shape (n, n_numbers)."""
        look = self.policy.look(self.policy_params, inputs(self.arena, states))
        return np.exp(look.log_sigma)

    def value(self, states: Numbers) -> Numbers:
        """Return what the agent expects from each state, shape (n,)."""
        seen = inputs(self.arena, states)
        return self.offset + self.unit * self.critic.forward(self.critic_params, seen)[-1][:, 0]


class _Batch(NamedTuple):
    """Steps of many worlds; arrays of shape (n_steps, n_worlds, …)."""

    states: Numbers
    actions: Numbers
    rewards: Numbers
    after: Numbers
    terminated: Mask
    broken: Mask


class _Episodes:
    """Walks through many worlds side by side, beginning anew wherever an episode ends."""

    def __init__(self, arena: Arena, rng: np.random.Generator, n: int, most_steps: int) -> None:
        self._arena, self._rng, self._most = arena, rng, most_steps
        self._states = arena.starts(rng, n)
        self._clock = np.zeros(n, dtype=int)

    def walk(self, act: Callable[[Numbers], Numbers], n_steps: int) -> _Batch:
        """Take steps and return them."""
        steps = [self._step(act) for _ in range(n_steps)]
        return _Batch(*(np.stack(parts) for parts in zip(*steps, strict=True)))

    def _step(self, act: Callable[[Numbers], Numbers]) -> _Batch:
        states = self._states
        actions = act(states)
        step = self._arena.step(states, actions, self._rng)
        self._clock += 1
        broken = ~step.terminated & (step.broken | (self._clock >= self._most))
        self._begin_anew(step.states, step.terminated | broken)
        return _Batch(states, actions, step.rewards, step.states, step.terminated, broken)

    def _begin_anew(self, states: Numbers, over: Mask) -> None:
        self._states = states
        if not over.any():
            return
        self._states = states.copy()
        self._states[over] = self._arena.starts(self._rng, int(over.sum()))
        self._clock[over] = 0


class Learner:
    """Trains one agent, update by update.

    Parameters
    ----------
    arena : Arena
        Where it learns.
    training : Training
        How.
    rng : Generator
        Where the chance comes from.

    References
    ----------
    Sutton, R. S. and Barto, A. G. (2018). Reinforcement Learning, 2nd edition, chapter 13.
    """

    def __init__(self, arena: Arena, training: Training, rng: np.random.Generator) -> None:
        self._arena, self._training, self._rng = arena, training, rng
        # Watching has luck of its own: however often, what is learnt stays the same.
        (self._watching,) = rng.spawn(1)
        n_inputs, n_numbers, hidden = arena.n_inputs, arena.n_numbers, training.hidden
        self._policy = GaussianPolicy(
            n_inputs, n_numbers, hidden, bounded=arena.bounded, local=training.local
        )
        self._critic = Network((n_inputs, *hidden, 1))
        self._policy_params = self._policy.initial(rng, training.sigma)
        self._critic_params = self._critic.initial(rng, last=0.01)
        self._policy_adam = Adam(len(self._policy_params))
        self._critic_adam = Adam(len(self._critic_params))
        worlds = max(1, training.samples // _STEPS)
        self._episodes = _Episodes(arena, rng, worlds, training.most_steps)
        self._offset, self._unit, self._is_measured = 0.0, 1.0, False

    @property
    def agent(self) -> Agent:
        """What has been learnt so far."""
        return Agent(
            self._arena,
            self._policy,
            self._policy_params.copy(),
            self._critic,
            self._critic_params.copy(),
            self._offset,
            self._unit,
        )

    def updates(self) -> Iterator[Update]:
        """Train, and yield what each update saw.

        Raises
        ------
        UserError
            ``gridworld.diverged``: the numbers grew without bound.
        """
        for number in range(1, self._training.updates + 1):
            with np.errstate(over="ignore", invalid="ignore"):
                update = self._update(number)
            known = np.isfinite(self._policy_params).all() & np.isfinite(self._critic_params).all()
            if not (known and np.isfinite(update.value_loss)):
                raise UserError("gridworld.diverged", update=number, rate=self._training.rate)
            yield update

    def _update(self, number: int) -> Update:
        utility, length, reached = (
            self._watched() if self._is_watched(number) else (None, None, None)
        )
        batch = self._episodes.walk(lambda states: self._draw(states, self._rng), _STEPS)
        seen = inputs(self._arena, batch.states).reshape(-1, self._arena.n_inputs)
        if not self._is_measured:
            self._measure(batch)
        better, targets = self._judge(batch)
        rate = self._training.rate * (1 - _FALL * (number - 1) / self._training.updates)
        look = self._policy.look(self._policy_params, seen)
        actions = batch.actions.reshape(-1, self._arena.n_numbers)
        before = log_density(look, actions)
        losses = [
            self._improve(
                seen[part], actions[part], before[part], better[part], targets[part], rate
            )
            for part in self._parts(len(seen))
        ]
        spread = float(np.exp(look.log_sigma).mean())
        undecided = float(entropy(look.log_sigma).mean())
        return Update(utility, length, reached, spread, undecided, losses[0] * self._unit**2)

    def _is_watched(self, number: int) -> bool:
        """Return whether it is the turn of an update: of the first, the last, and some between."""
        last = self._training.updates
        return number == last or (number - 1) % -(-last // _WATCHED) == 0

    def _watched(self) -> tuple[float, float, float]:
        """Return mean utility, length and share at a goal of the policy, which goes on trying."""
        rng = self._watching
        trials = play(
            self._arena,
            lambda states: self._draw(states, rng),
            self._arena.starts(rng, _EPISODES),
            rng,
            self._training.watched_steps,
        )
        seen = (trials.returns, trials.steps, trials.reached)
        utility, length, reached = (float(each.mean()) for each in seen)
        return utility, length, reached

    def _parts(self, n: int) -> Iterator[NDArray[np.int_]]:
        """Yield all samples in several parts, drawn anew with each pass."""
        for _ in range(self._training.passes):
            yield from np.array_split(self._rng.permutation(n), _PARTS)

    def _draw(self, states: Numbers, rng: np.random.Generator) -> Numbers:
        look = self._policy.look(self._policy_params, inputs(self._arena, states))
        drawn = rng.standard_normal(look.mean.shape)
        return look.mean + np.exp(look.log_sigma) * drawn

    def _measure(self, batch: _Batch) -> None:
        """Choose the unit of values by the first steps that pay differently: any world fits."""
        nothing = np.zeros_like(batch.rewards)
        sums = advantages(
            batch.rewards, nothing, nothing, batch.terminated, batch.broken,
            discount=self._arena.discount, decay=1.0,
        )  # fmt: skip
        if sums.std() > 0:
            self._offset, self._unit = float(sums.mean()), float(sums.std())
            self._is_measured = True

    def _judge(self, batch: _Batch) -> tuple[Numbers, Numbers]:
        """Return the standardised advantage of each step, and the value to be learnt for it."""
        values = self._values(batch.states)
        found = advantages(
            batch.rewards, values, self._values(batch.after), batch.terminated, batch.broken,
            discount=self._arena.discount, decay=self._training.decay,
        )  # fmt: skip
        targets = (found + values - self._offset) / self._unit
        # Where nothing has been paid yet, what little the value function errs must not count.
        standard = (found - found.mean()) / max(found.std(), _FAINT * self._unit)
        return standard.ravel(), targets.ravel()

    def _values(self, states: Numbers) -> Numbers:
        seen = inputs(self._arena, states.reshape(-1, self._arena.n_inputs))
        put_out = self._critic.forward(self._critic_params, seen)[-1]
        return self._offset + self._unit * put_out.reshape(states.shape[:-1])

    def _improve(
        self,
        seen: Numbers,
        actions: Numbers,
        before: Numbers,
        better: Numbers,
        targets: Numbers,
        rate: float,
    ) -> float:
        """Take one step with both functions, and return the value loss of before."""
        bonus = self._training.bonus
        _, gradient = self._policy.loss(
            self._policy_params, seen, actions, better, before=before, bonus=bonus
        )
        self._policy_params += self._policy_adam.step(gradient, rate)
        loss, gradient = value_loss(self._critic, self._critic_params, seen, targets)
        self._critic_params += self._critic_adam.step(gradient, rate)
        return loss


def value_loss(
    critic: Network, params: Numbers, inputs: Numbers, targets: Numbers
) -> tuple[float, Numbers]:
    """Return half the mean squared error of a value function, and its gradient.

    Parameters
    ----------
    critic : Network
        The value function, with one output.
    params : float array of shape (n_params,)
        Its numbers.
    inputs : float array of shape (n, n_inputs)
        States, scaled.
    targets : float array of shape (n,)
        What it should say of them.
    """
    passed = critic.forward(params, inputs)
    wrong = passed[-1][:, 0] - targets
    gradient = critic.backward(params, passed, wrong[:, None] / len(wrong))
    return 0.5 * float(np.mean(wrong**2)), gradient
