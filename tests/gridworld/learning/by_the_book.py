"""The agents once more, for one seed, in plain loops as the book writes them down.

They use the numbers that the seed is given: each step one for the move, one for whether to
explore, one for the choice. What is learnt must be the same to the last digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mlcore.gridworld.model import Model

Table = np.ndarray


class Book:
    """What the agents of the book share: a world, luck, and a table."""

    def __init__(
        self, model: Model, params: dict, *, seed: int, agent: int, episodes: int, most_steps: int
    ) -> None:
        self.model, self.params = model, params
        self.episodes, self.most_steps = episodes, most_steps
        self.luck = np.random.default_rng([seed, agent, 0])
        self.starts = np.random.default_rng([seed, agent, 1]).random(episodes)
        self.extra = np.random.default_rng([seed, agent, 2])
        self.q = np.full((model.n_states, model.n_actions), float(params.get("initial_value", 0)))
        self.q[model.terminal] = 0
        self.counts = np.zeros_like(self.q)
        self.episode = 0
        self.tick()

    def tick(self) -> None:
        self.move_luck, self.explore_luck, self.choice_luck = self.luck.random(3)

    def start(self) -> int:
        chances = self.model.starts
        if self.params.get("exploring_starts"):
            chances = ~self.model.terminal / (~self.model.terminal).sum()
        at, states = 0.0, np.flatnonzero(chances)
        for state in states[:-1]:
            at += chances[state]
            if self.starts[self.episode] < at:
                return int(state)
        return int(states[-1])

    def epsilon(self) -> float:
        epsilon = self.params["epsilon"]
        if self.params["epsilon_decay"] == "linear":
            epsilon = epsilon * max(0.0, 1 - self.episode / max(1, self.episodes - 1))
        return epsilon

    def choose(self, row: np.ndarray) -> int:
        if self.explore_luck < self.epsilon():
            return int(self.choice_luck * len(row))
        best = [action for action, worth in enumerate(row) if worth == max(row)]
        return best[int(self.choice_luck * len(best))]

    def do(self, state: int, action: int) -> tuple[int, float, bool]:
        model, slip = self.model, self.model.slip[state]
        move = action
        if self.move_luck >= 1 - slip:
            rest, at = self.move_luck - (1 - slip), 0.0
            for move in np.flatnonzero(model.astray[action]):
                at += model.astray[action, move]
                if rest < at * slip:
                    break
        landing, ends = model.landing[move, state], model.ends[move, state]
        return int(landing), float(model.reward[move, state]), bool(ends)

    def alpha(self, state: int, action: int) -> float:
        if self.params["step_size"] == "average":
            self.counts[state, action] += 1
            return 1 / self.counts[state, action]
        return self.params["alpha"]

    def move_to(self, state: int, action: int, target: float) -> None:
        self.q[state, action] += self.alpha(state, action) * (target - self.q[state, action])

    def steps(self, choose: Callable[[int], int]) -> Iterator[tuple[int, int, float, int, float]]:
        """Walk one episode; yield state, action, reward, next state, and what its value counts.

        The caller learns, sets ``self.action`` to the next action, and is told by ``self.over``
        whether the episode is over.
        """
        state = self.start()
        self.action = choose(state)
        for number in range(self.most_steps):
            action = self.action
            following, reward, ends = self.do(state, action)
            self.tick()
            self.over = ends or number == self.most_steps - 1
            yield state, action, reward, following, 0.0 if ends else self.model.discount
            if self.over:
                break
            state = following
        self.episode += 1

    def run(self) -> Table:
        for _ in range(self.episodes):
            self.learn_an_episode()
        return self.q

    def learn_an_episode(self) -> None:
        raise NotImplementedError


class BookSarsa(Book):
    def learn_an_episode(self) -> None:
        for state, action, reward, ahead, carry in self.steps(lambda s: self.choose(self.q[s])):
            self.episode += self.over
            following = self.choose(self.q[ahead])
            self.move_to(state, action, reward + carry * self.q[ahead, following])
            self.action = following
            self.episode -= self.over


class BookOffPolicy(Book):
    def follows(self, ahead: int) -> float:
        return float(self.q[ahead].max())

    def learn_an_episode(self) -> None:
        for state, action, reward, ahead, carry in self.steps(lambda s: self.choose(self.q[s])):
            self.episode += self.over
            self.move_to(state, action, reward + carry * self.follows(ahead))
            self.after(state, action, reward, ahead, carry)
            self.action = self.choose(self.q[ahead])
            self.episode -= self.over

    def after(self, state: int, action: int, reward: float, ahead: int, carry: float) -> None:
        pass


class BookExpectedSarsa(BookOffPolicy):
    def follows(self, ahead: int) -> float:
        row, epsilon = self.q[ahead], self.epsilon()
        best = row == row.max()
        chances = epsilon / len(row) + (1 - epsilon) * best / best.sum()
        return float(chances @ row)


class BookDynaQ(BookOffPolicy):
    def __init__(self, *args: object, **rest: object) -> None:
        super().__init__(*args, **rest)
        self.memory: dict[int, dict[int, tuple[float, int, float]]] = {}

    def after(self, state: int, action: int, reward: float, ahead: int, carry: float) -> None:
        self.memory.setdefault(state, {})[action] = (reward, ahead, carry)
        # The first choice of the run has luck of its own.
        if not hasattr(self, "began"):
            self.extra.random(2 * self.params["planning_steps"])
            self.began = True
        luck = self.extra.random(2 * self.params["planning_steps"])
        for which, what in zip(luck[::2], luck[1::2], strict=True):
            seen = list(self.memory)
            old = seen[int(which * len(seen))]
            tried = list(self.memory[old])
            again = tried[int(what * len(tried))]
            paid, led, counts = self.memory[old][again]
            self.move_to(old, again, paid + counts * self.q[led].max())


class BookDoubleQ(Book):
    def __init__(self, *args: object, **rest: object) -> None:
        super().__init__(*args, **rest)
        self.both = np.stack([self.q, self.q])
        self.extra.random(2)

    def learn_an_episode(self) -> None:
        choose = lambda state: self.choose(self.both.mean(axis=0)[state])  # noqa: E731
        for state, action, reward, ahead, carry in self.steps(choose):
            self.episode += self.over
            coin, tie = self.extra.random(2)
            learns = int(coin < 0.5)
            row = self.both[learns, ahead]
            best = [place for place, worth in enumerate(row) if worth == max(row)]
            follows = self.both[1 - learns, ahead, best[int(tie * len(best))]]
            table = self.both[learns]
            table[state, action] += self.params["alpha"] * (
                reward + carry * follows - table[state, action]
            )
            self.action = choose(ahead)
            self.episode -= self.over
        self.q = self.both.mean(axis=0)


class BookNStep(Book):
    def learn_an_episode(self) -> None:
        n, discount = self.params["n"], self.model.discount
        done: list[tuple[int, int, float]] = []
        for state, action, reward, ahead, carry in self.steps(lambda s: self.choose(self.q[s])):
            done.append((state, action, reward))
            self.episode += self.over
            self.action = self.choose(self.q[ahead])
            tail = carry * self.q[ahead, self.action]
            first = len(done) - n
            judged = range(max(first, 0), len(done)) if self.over else [first] if first >= 0 else []
            for place in judged:
                rewards = [step[2] for step in done[place:]]
                target = sum(discount**i * paid for i, paid in enumerate(rewards))
                target += discount ** (len(rewards) - 1) * tail
                self.move_to(*done[place][:2], target)
            self.episode -= self.over


class BookSarsaLambda(Book):
    def learn_an_episode(self) -> None:
        trace = np.zeros_like(self.q)
        for state, action, reward, ahead, carry in self.steps(lambda s: self.choose(self.q[s])):
            self.episode += self.over
            self.action = self.choose(self.q[ahead])
            surprise = reward + carry * self.q[ahead, self.action] - self.q[state, action]
            adds_up = self.params["traces"] == "accumulating"
            trace[state, action] = trace[state, action] * adds_up + 1
            self.q += self.alpha(state, action) * surprise * trace
            trace *= self.model.discount * self.params["lambda"]
            self.episode -= self.over


class BookMonteCarlo(Book):
    def learn_an_episode(self) -> None:
        done, tail = [], 0.0
        for state, action, reward, ahead, carry in self.steps(self.begin):
            done.append((state, action, reward))
            self.episode += self.over
            self.action = self.choose(self.q[ahead])
            row, epsilon = self.q[ahead], self.epsilon()
            tail = carry * (epsilon * row.mean() + (1 - epsilon) * row.max())
            self.episode -= self.over
        follows, judged = tail, {}
        for place in reversed(range(len(done))):
            state, action, reward = done[place]
            follows = reward + (self.model.discount if place < len(done) - 1 else 1) * follows
            judged[state, action] = follows
        for (state, action), target in judged.items():
            self.move_to(state, action, target)

    def begin(self, state: int) -> int:
        if self.params["exploring_starts"]:
            return int(self.choice_luck * self.model.n_actions)
        return self.choose(self.q[state])


class BookTD0(Book):
    def learn_an_episode(self) -> None:
        any_action = lambda state: int(self.choice_luck * self.model.n_actions)  # noqa: E731
        values = self.q[:, 0]
        for state, _, reward, ahead, carry in self.steps(any_action):
            self.counts[state] += 1
            average = self.params["step_size"] == "average"
            alpha = 1 / self.counts[state, 0] if average else self.params["alpha"]
            values[state] += alpha * (reward + carry * values[ahead] - values[state])
            self.action = any_action(ahead)


class BookPolicyGradient(Book):
    def __init__(self, *args: object, **rest: object) -> None:
        super().__init__(*args, **rest)
        self.theta = np.zeros_like(self.q)
        self.values = self.q[:, 0]

    def chances(self, state: int) -> np.ndarray:
        powers = np.exp(self.theta[state])
        return powers / powers.sum()

    def draw(self, state: int) -> int:
        at = 0.0
        for action, chance in enumerate(self.chances(state)):
            at += chance
            if self.choice_luck < at:
                return action
        return self.model.n_actions - 1

    def weights(self) -> Iterator[float]:
        weight = 1.0
        while True:
            yield weight
            weight *= self.model.discount if self.params["from_start"] else 1

    def gradient(self, state: int, action: int) -> np.ndarray:
        return np.eye(self.model.n_actions)[action] - self.chances(state)


class BookActorCritic(BookPolicyGradient):
    def learn_an_episode(self) -> None:
        limit = self.params["most_change"] or np.inf
        walk = zip(self.steps(self.draw), self.weights(), strict=False)
        for (state, action, reward, ahead, carry), weight in walk:
            surprise = reward + carry * self.values[ahead] - self.values[state]
            self.values[state] += self.params["alpha_value"] * surprise
            push = self.params["alpha"] * weight * surprise
            self.theta[state] += np.clip(push, -limit, limit) * self.gradient(state, action)
            self.action = self.draw(ahead)


class BookReinforce(BookPolicyGradient):
    def learn_an_episode(self) -> None:
        done, tail = [], 0.0
        for state, action, reward, ahead, carry in self.steps(self.draw):
            done.append((state, action, reward))
            tail = carry * self.values[ahead]
            if self.over:
                self.learn_from(done, tail)
            self.action = self.draw(ahead)

    def learn_from(self, done: list[tuple[int, int, float]], tail: float) -> None:
        rewards = [*(step[2] for step in done[:-1]), done[-1][2] + tail]
        change = np.zeros_like(self.theta)
        errors: dict[int, list[float]] = {}
        for place, ((state, action, _), weight) in enumerate(
            zip(done, self.weights(), strict=False)
        ):
            follows = sum(self.model.discount**i * r for i, r in enumerate(rewards[place:]))
            errors.setdefault(state, []).append(follows - self.values[state])
            judged = follows - self.values[state] * self.params["baseline"]
            change[state] += self.params["alpha"] * weight * judged * self.gradient(state, action)
        limit = self.params["most_change"] or np.inf
        self.theta += change * min(1.0, limit / max(np.abs(change).max(), 1e-300))
        for state, missed in errors.items():
            self.values[state] += self.params["alpha_value"] * np.mean(missed)


BOOK: dict[str, type[Book]] = {
    "sarsa": BookSarsa,
    "expected_sarsa": BookExpectedSarsa,
    "q_learning": BookOffPolicy,
    "double_q_learning": BookDoubleQ,
    "n_step_sarsa": BookNStep,
    "sarsa_lambda": BookSarsaLambda,
    "dyna_q": BookDynaQ,
    "monte_carlo": BookMonteCarlo,
    "td0": BookTD0,
    "reinforce": BookReinforce,
    "actor_critic": BookActorCritic,
}
