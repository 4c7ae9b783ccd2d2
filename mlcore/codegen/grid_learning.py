"""Agents as code: each walks by itself, with the very luck that the run gave it.

What agents learn side by side in the workbench stands here as a textbook has it, one agent after
the other: the luck of each is its own, so that the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mlcore.codegen.expression import Writer
from mlcore.codegen.grid_world import WorldCode
from mlcore.codegen.script import Step
from mlcore.codegen.templating import template
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.world import SlipTo


class _Way(NamedTuple):
    """How an agent learns, as lines of its walk.

    Parameters
    ----------
    knobs : tuple of str
        Parameters that become constants.
    begin : list of str
        What an agent knows at first.
    choose : str
        Its action in ``state``, in ``episode``.
    learn : list of str
        What it learns after each step; ``later`` is the episode in which it acts next.
    functions : list of Step
        What it needs.
    table : str, default "Q"
        What it knows in the end: values of actions (``Q``) or of states (``V``).
    onward : str, optional
        Its action after a step, if it was chosen before anything was learnt.
    fresh : list of str
        What is forgotten with each episode.
    width : str, default ""
        How many more numbers of luck each step takes.
    """

    knobs: tuple[str, ...]
    begin: list[str]
    choose: str
    learn: list[str]
    functions: list[Step]
    table: str = "Q"
    onward: str = ""
    fresh: Sequence[str] = ()
    width: str = ""


class AgentCode:
    """Writes the steps of an agent, after those of its world.

    Parameters
    ----------
    result : GridResult
        The run.
    world : WorldCode
        Its world.
    writer : Writer
        Collects what is imported.
    """

    def __init__(self, result: GridResult, world: WorldCode, writer: Writer) -> None:
        self.plan, self.world, self.writer = result.plan, world, writer
        self.params, self.model = result.plan.params, world.model
        self.averages = self.params.get("step_size") == "average"
        self.anywhere = bool(self.params.get("exploring_starts"))

    def steps(self) -> list[Step]:
        """Return the steps."""
        ways: dict[str, Callable[[], _Way]] = {
            "q_learning": self.q_learning,
            "sarsa": self.sarsa,
            "expected_sarsa": self.expected_sarsa,
            "double_q_learning": self.double_q_learning,
            "n_step_sarsa": self.n_step_sarsa,
            "sarsa_lambda": self.sarsa_lambda,
            "dyna_q": self.dyna_q,
            "monte_carlo": self.monte_carlo,
            "td0": self.td0,
            "reinforce": self.reinforce,
            "actor_critic": self.actor_critic,
        }
        way = ways[self.plan.method]()
        return [
            Step("How long which agents learn, and how.", self.constants(way)),
            Step("A step in the world.", self.step()),
            *way.functions,
            Step("One agent learns, with luck of its own.", self.walk(way)),
            Step("All agents learn; what the last tenth of the episodes earned.", self.shown(way)),
        ]

    # What all agents share

    def constants(self, way: _Way) -> str:
        """Write setting and parameters as constants."""
        setting = self.plan.setting
        lines = [
            f"SEED = {setting['seed']!r}",
            f"AGENTS, EPISODES, MOST_STEPS = {setting['seeds']!r}, {setting['episodes']!r}, "
            f"{setting['most_steps']!r}",
        ]
        knobs = [name for name in way.knobs if not (name == "alpha" and self.averages)]
        lines += [f"{name.upper()} = {self.params[name]!r}" for name in knobs]
        return "\n".join(lines)

    def step(self) -> str:
        """Write ``step``; luck decides whether and where a move slips."""
        names = ["landing", "reward", *(["ends"] if self.world.has_ends else [])]
        made = ", ".join(f"{name}[action, state]" for name in names)
        if not self.world.slips:
            lines = [
                "def step(state, action):",
                '    """Return where an action leads, and what it pays."""',
                f"    return {made}",
            ]
        else:
            slip = "SLIP" if self.world.slips_alike else "slip[state]"
            lines = [
                "def step(state, action, luck):",
                '    """Return where an action leads; much luck is bad luck: the move slips."""',
                f"    slipped = luck - (1 - {slip})",
                "    if slipped >= 0:",
                *self._slipped(slip),
                f"    return {made}",
            ]
        if self.world.has_ends:
            lines[1] = lines[1].replace(", and what it pays.", ", what it pays, whether it ends.")
        return "\n".join(lines)

    def _slipped(self, slip: str) -> list[str]:
        if self.world.drawn.slip_to is SlipTo.ANYWHERE:
            return [
                "        shares = np.cumsum(np.full(n_moves - 1, 1 / n_moves))",
                f"        action = int((shares * {slip} <= slipped).sum())",
            ]
        return [f"        action = SIDES[action][int(slipped >= {slip} * 0.5)]"]

    def starts(self) -> list[str]:
        """Return the lines that draw the state in which each episode begins."""
        n_starts = int((self.model.starts > 0).sum())
        if self.anywhere:
            anywhere = "np.flatnonzero(~terminal)"
            where = anywhere if self.model.terminal.any() else "np.arange(n_states)"
            lines = [f"    possible = {where}"]
        elif n_starts == 1:
            return ["    first = np.repeat(starts, EPISODES)"]
        else:
            lines = ["    possible = starts"]
        return [
            *lines,
            "    shares = np.cumsum(np.full(len(possible), 1 / len(possible)))[:-1]",
            "    drawn = np.random.default_rng([SEED, agent, 1]).random(EPISODES)",
            '    first = possible[np.searchsorted(shares, drawn, side="right")]',
        ]

    def walk(self, way: _Way) -> str:
        """Write ``learn``: all episodes of one agent."""
        slide = "slide" if self.world.slips else "_"
        luck = f"{slide}, explore, choice = luck.random(3)"
        if "explore" not in way.choose:
            luck = luck.replace("explore", "_")
        going = "following, pay, ends_now" if self.world.has_ends else "following, pay"
        made = "step(state, action, slide)" if self.world.slips else "step(state, action)"
        over = "ends_now or number == MOST_STEPS - 1" if self.world.has_ends else None
        carry = "0.0 if ends_now else DISCOUNT" if self.world.has_ends else "DISCOUNT"
        spare = ["more = np.random.default_rng([SEED, agent, 2])"] if way.width else []
        again = [f"spare = more.random({way.width})"] if way.width else []
        later = any("later" in line for line in way.learn)
        body = [
            f"{going} = {made}",
            luck,
            *again,
            "returns[episode] += weight * pay",
            "weight *= DISCOUNT",
            f"over = {over or 'number == MOST_STEPS - 1'}",
            f"carry = {carry}",
            *(["later = episode + over"] if later else []),
            *way.learn,
            "if over:",
            "    break",
            "state = following",
            f"action = {way.onward or way.choose}",
        ]
        lines = [
            "def learn(agent):",
            '    """Return what each episode earned, and what was learnt."""',
            *self.starts(),
            "    luck = np.random.default_rng([SEED, agent, 0])",
            *(f"    {line}" for line in spare),
            *(f"    {line}" for line in way.begin),
            "    returns = np.zeros(EPISODES)",
            f"    {luck}",
            *(f"    {line}" for line in again),
            "    for episode in range(EPISODES):",
            "        state, weight = first[episode], 1.0",
            f"        action = {self._first_action(way)}",
            *(f"        {line}" for line in way.fresh),
            "        for number in range(MOST_STEPS):",
            *(f"            {line}" for line in body),
            f"    return returns, {'tables.mean(axis=0)' if way.width == '2' else way.table}",
        ]
        if not any("carry" in line for line in way.learn):
            lines = [line for line in lines if not line.lstrip().startswith("carry =")]
        return "\n".join(lines)

    def _first_action(self, way: _Way) -> str:
        return "int(choice * n_moves)" if self.anywhere else way.choose

    def shown(self, way: _Way) -> str:
        """Write what is printed."""
        lines = [
            "learnt = [learn(agent) for agent in range(AGENTS)]",
            "returns = np.stack([earned for earned, _ in learnt])",
            f"{way.table} = np.mean([found for _, found in learnt], axis=0)",
            "last = max(1, EPISODES // 10)",
            f"values = {'Q.max(axis=1)' if way.table == 'Q' else 'V'}",
            'print(f"last_mean {returns[:, -last:].mean(axis=1).mean():.15g}")',
            'print(f"start_value {values[starts].mean():.15g}")',
        ]
        return "\n".join(lines)

    # Tables of actions

    def guess(self, name: str, shape: str) -> list[str]:
        """Return the lines that make a table of first guesses; ends are worth 0."""
        initial = float(str(self.params["initial_value"]))
        if not initial:
            return [f"{name} = np.zeros({shape})"]
        lines = [f"{name} = np.full({shape}, INITIAL_VALUE)"]
        return lines + ([f"{name}[terminal] = 0.0"] if self.model.terminal.any() else [])

    def knobs(self, *more: str) -> tuple[str, ...]:
        """Return the names of parameters that are constants: of this method, and common ones."""
        initial = ("initial_value",) if float(str(self.params["initial_value"])) else ()
        common = ("alpha", "epsilon") if "epsilon" in self.params else ("alpha",)
        return (*more, *common, *initial)

    def table(self) -> list[str]:
        """Return the lines that make ``Q``."""
        counts = ["updates = np.zeros((n_states, n_moves))"] if self.averages else []
        return [*self.guess("Q", "(n_states, n_moves)"), *counts]

    def moved(self, table: str, place: str, target: str) -> list[str]:
        """Return the lines that move an estimate towards a target."""
        if self.averages:
            return [
                f"updates[{place}] += 1",
                f"size = 1 / updates[{place}]",
                f"{table}[{place}] += size * ({target} - {table}[{place}])",
            ]
        return [f"{table}[{place}] += ALPHA * ({target} - {table}[{place}])"]

    def epsilon(self, episode: str) -> str:
        """Return the share of actions by chance in an episode."""
        return f"epsilon({episode})" if self.params["epsilon_decay"] == "linear" else "EPSILON"

    def choice(self, worth: str = "Q[state]", episode: str = "episode") -> str:
        """Return the call that chooses an action."""
        return f"choose({worth}, {self.epsilon(episode)}, explore, choice)"

    def choosing(self) -> list[Step]:
        """Write ``choose`` and what it needs."""
        steps = [Step("How agents choose.", template("grid_choose", self.writer))]
        if self.params["epsilon_decay"] == "linear":
            code = template("grid_epsilon", self.writer)
            steps.append(Step("Exploring falls evenly to 0.", code))
        return steps

    def next_choice(self) -> list[str]:
        """Return the line that chooses the next action before anything is learnt."""
        episode = "later" if self.params["epsilon_decay"] == "linear" else "episode"
        return [f"then = {self.choice('Q[following]', episode)}"]

    def _control(self, learn: list[str], *knobs: str) -> _Way:
        return _Way(
            knobs=self.knobs(*knobs),
            begin=self.table(),
            choose=self.choice(),
            learn=learn,
            functions=self.choosing(),
        )

    def q_learning(self) -> _Way:
        """Return how it learns from the best that may follow."""
        target = ["target = pay + carry * Q[following].max()"]
        return self._control([*target, *self.moved("Q", "state, action", "target")])

    def sarsa(self) -> _Way:
        """Return how it learns from what does follow."""
        target = [*self.next_choice(), "target = pay + carry * Q[following][then]"]
        way = self._control([*target, *self.moved("Q", "state, action", "target")])
        return way._replace(onward="then")

    def expected_sarsa(self) -> _Way:
        """Return how it learns from the mean of what may follow."""
        target = [*self.mean_ahead("follows"), "target = pay + carry * follows"]
        return self._control([*target, *self.moved("Q", "state, action", "target")])

    def mean_ahead(self, name: str) -> list[str]:
        """Return the lines for what the next state is worth to who explores."""
        epsilon = self.epsilon("later")
        share = "EPSILON" if epsilon == "EPSILON" else "share"
        return [
            "ahead = Q[following]",
            *([f"share = {epsilon}"] if share == "share" else []),
            f"{name} = {share} * ahead.mean() + (1 - {share}) * ahead.max()",
        ]

    def double_q_learning(self) -> _Way:
        """Return how two tables learn from each other."""
        initial = float(str(self.params["initial_value"]))
        begin = ["tables = np.zeros((2, n_states, n_moves))"]
        if initial:
            begin = ["tables = np.full((2, n_states, n_moves), INITIAL_VALUE)"]
            begin += ["tables[:, terminal] = 0.0"] if self.model.terminal.any() else []
        if self.averages:
            begin.append("updates = np.zeros((2, n_states, n_moves))")
        learn = [
            "# By lot one table learns: it says what is best, the other what it is worth.",
            "one, other = (1, 0) if spare[0] < 0.5 else (0, 1)",
            "best = best_of(tables[one, following], spare[1])",
            "target = pay + carry * tables[other, following, best]",
            *self.moved("tables", "one, state, action", "target"),
        ]
        return _Way(
            knobs=self.knobs(),
            begin=begin,
            choose=self.choice("tables[:, state].mean(0)"),
            learn=learn,
            functions=self.choosing(),
            width="2",
        )

    def n_step_sarsa(self) -> _Way:
        """Return how it learns from the rewards of several steps."""
        moved = self.moved("Q", "place", "target")
        learn = [
            *self.next_choice(),
            "way.append((state, action))",
            "pays.append(pay)",
            "tail = carry * Q[following][then]",
            "# After n steps the first of them is judged; at the end all that are left.",
            "while len(way) == N or (over and way):",
            "    target = pays[-1] + tail",
            "    for earlier in pays[-2::-1]:",
            "        target = earlier + DISCOUNT * target",
            "    place, _ = way.pop(0), pays.pop(0)",
            *(f"    {line}" for line in moved),
        ]
        return self._control(learn, "n")._replace(onward="then", fresh=["way, pays = [], []"])

    def sarsa_lambda(self) -> _Way:
        """Return how all of the way learns, the less the longer ago."""
        adds = self.params["traces"] == "accumulating"
        count = ["updates[state, action] += 1"] if self.averages else []
        size = "1 / updates[state, action]" if self.averages else "ALPHA"
        learn = [
            *self.next_choice(),
            "surprise = pay + carry * Q[following][then] - Q[state, action]",
            "trace[state, action] += 1.0" if adds else "trace[state, action] = 1.0",
            *count,
            f"Q += {size} * surprise * trace",
            "trace *= DISCOUNT * LAMBDA",
        ]
        way = self._control(learn, "lambda")
        return way._replace(onward="then", fresh=["trace = np.zeros((n_states, n_moves))"])

    def dyna_q(self) -> _Way:
        """Return how it learns from steps made again in the head."""
        first = [
            "target = pay + carry * Q[following].max()",
            *self.moved("Q", "state, action", "target"),
        ]
        if not self.params["planning_steps"]:
            return self._control(first)
        learn = [
            *first,
            "memory.setdefault(state, {})[action] = pay, following, carry",
            "for which, what in zip(spare[::2], spare[1::2]):",
            "    seen = list(memory)",
            "    past = seen[int(which * len(seen))]",
            "    tried = list(memory[past])",
            "    move = tried[int(what * len(tried))]",
            "    paid, led, counts = memory[past][move]",
            "    target = paid + counts * Q[led].max()",
            *(f"    {line}" for line in self.moved("Q", "past, move", "target")),
        ]
        way = self._control(learn, "planning_steps")
        return way._replace(begin=[*way.begin, "memory = {}"], width="2 * PLANNING_STEPS")

    # Whole episodes

    def monte_carlo(self) -> _Way:
        """Return how it learns from what followed, up to the end."""
        moved = self.moved("Q", "place", "target")
        learn = [
            "way.append((state, action))",
            "pays.append(pay)",
            "if over:",
            *(f"    {line}" for line in self.mean_ahead("follows")),
            "    target = carry * follows",
            "    targets = {}",
            "    # Backwards, so that the first visit of a place is what remains.",
            "    for place, earlier in zip(way[::-1], pays[::-1]):",
            "        target = earlier + (target if not targets else DISCOUNT * target)",
            "        targets[place] = target",
            "    for place, target in targets.items():",
            *(f"        {line}" for line in moved),
        ]
        return self._control(learn)._replace(fresh=["way, pays = [], []"])

    # Values of states, and preferences

    def td0(self) -> _Way:
        """Return how it learns what states are worth to who moves by chance."""
        counts = ["updates = np.zeros(n_states)"] if self.averages else []
        target = ["target = pay + carry * V[following]"]
        return _Way(
            knobs=self.knobs(),
            begin=[*self.guess("V", "n_states"), *counts],
            choose="int(choice * n_moves)",
            learn=[*target, *self.moved("V", "state", "target")],
            functions=[],
            table="V",
        )

    def _gradient(self, learn: list[str], fresh: Sequence[str]) -> _Way:
        limit = ("most_change",) if self.params["most_change"] else ()
        return _Way(
            knobs=self.knobs("alpha_value", *limit),
            begin=[*self.guess("V", "n_states"), "preferences = np.zeros((n_states, n_moves))"],
            choose="draw(softmax(preferences[state]), choice)",
            learn=learn,
            functions=[Step("How agents choose.", template("grid_softmax", self.writer))],
            table="V",
            fresh=fresh,
        )

    @property
    def fades(self) -> bool:
        """Whether late steps of an episode count less."""
        return bool(self.params["from_start"]) and self.model.discount != 1

    def reinforce(self) -> _Way:
        """Return how preferences learn from what followed, up to the end."""
        counts = "DISCOUNT ** np.arange(len(pays)) * " if self.fades else ""
        judged = "surprise" if self.params["baseline"] else "followed"
        code = template("grid_reinforce", self.writer)
        code = code.replace("COUNTS", f"{counts}{judged}")
        if not self.params["most_change"]:
            start, end = code.index("    largest"), code.index("    preferences +=")
            code = code[:start] + code[end:]
        learn = [
            "way.append((state, action))",
            "pays.append(pay)",
            "if over:",
            "    judge(V, preferences, way, pays, carry * V[following])",
        ]
        way = self._gradient(learn, fresh=["way, pays = [], []"])
        words = "After an episode: values of its states, and preferences for its actions."
        return way._replace(functions=[*way.functions, Step(words, code)])

    def actor_critic(self) -> _Way:
        """Return how preferences learn from each surprise."""
        size = "ALPHA * count * surprise" if self.fades else "ALPHA * surprise"
        push = f"push = {size}"
        if self.params["most_change"]:
            push = f"push = min(max({size}, -MOST_CHANGE), MOST_CHANGE)"
        learn = [
            "surprise = pay + carry * V[following] - V[state]",
            "V[state] += ALPHA_VALUE * surprise",
            "gradient = -softmax(preferences[state])",
            "gradient[action] += 1.0",
            push,
            "preferences[state] += push * gradient",
            *(["count *= DISCOUNT"] if self.fades else []),
        ]
        return self._gradient(learn, fresh=["count = 1.0"] if self.fades else [])
