"""Planners as code: the sweeps or rounds of a run, its start value, and how far it may be off."""

from __future__ import annotations

import contextlib
from typing import cast

import numpy as np

from mlcore.codegen.expression import Writer
from mlcore.codegen.grid_world import WorldCode
from mlcore.codegen.script import Step
from mlcore.codegen.templating import template
from mlcore.errors import UserError
from mlcore.gridworld.catalogue import find_method
from mlcore.gridworld.planning.exact import evaluate
from mlcore.gridworld.planning.record import MOST_KEPT
from mlcore.gridworld.planning.starting import starts_lowest
from mlcore.gridworld.planning.termination import can_end, idle_for_ever, resting
from mlcore.gridworld.policies import greedy
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.world import Numbers

#: What "ends" means where no cost bounds the number of steps.
_MOST_STEPS = "1_000_000"


class PlannerCode:
    """Writes the steps of a planner, after those of its world.

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
        self.result, self.world, self.writer = result, world, writer
        self.plan, self.model = result.plan, world.model
        self.undiscounted = self.model.discount == 1
        self.counts = find_method(self.plan.method).counts
        self.idles = self.undiscounted and self._idles()
        self.rests = self.undiscounted and any(map(self._may_rest, self._beginnings()))
        #: Without discounting some policies never end; then what ends is written out, too.
        self.wanders = self.idles or self.rests

    def steps(self) -> list[Step]:
        """Return the steps."""
        ways = {
            "value_iteration": self.value_iteration,
            "q_value_iteration": self.q_value_iteration,
            "policy_evaluation": self.policy_evaluation,
            "policy_iteration": self.policy_iteration,
            "modified_policy_iteration": self.modified_policy_iteration,
            "prioritised": self.prioritised,
            "linear_programming": self.linear_programming,
            "finite_horizon": self.finite_horizon,
        }
        return [*ways[self.plan.method](), Step("Show what was found.", self.shown())]

    def shown(self) -> str:
        """Write what is printed."""
        count = {"sweep": "sweeps", "round": "rounds", "step": "steps"}[self.counts]
        lines = [
            'print(f"start_value {values[starts].mean():.15g}")',
            f'print(f"{count} {{done}}")',
            'print(f"error_bound {bound:.15g}")',
        ]
        if self.world.table or self.model.n_actions != 4:
            return "\n".join(lines)
        return "\n".join([*lines, *self._arrows()])

    def _arrows(self) -> list[str]:
        if self.plan.method == "policy_evaluation":
            return []
        end = " and not terminal[number[cell]]" if self.model.terminal.any() else ""
        offered = "offered" if self.plan.method == "finite_horizon" else "action_values(values)"
        return [
            "# A best move in each cell: up, right, down or left.",
            f"best = {offered}.argmax(axis=1)",
            "for row, line in enumerate(WORLD):",
            "    for column, sign in enumerate(line):",
            "        cell = row, column",
            f"        known = cell in number{end}",
            '        print("^>v<"[best[number[cell]]] if known else sign, end="")',
            "    print()",
        ]

    # Parts

    def part(self, name: str, words: str) -> Step:
        """Return a step that is a template."""
        return Step(words, template(name, self.writer))

    def actions(self, *, mixing: bool = False) -> Step:
        """Write ``action_values``, and ``by_action`` where moves slip or it is needed."""
        ended = "np.where(ends, 0.0, values[landing])" if self.world.has_ends else "values[landing]"
        made = f"reward + DISCOUNT * {ended}"
        lines = []
        if self.world.slips:
            slip = self.world.slip
            lines = [
                self._astray(),
                "",
                "",
                "def by_action(made):",
                '    """Return the mean over the moves that an action may turn into."""',
                f"    return (1 - {slip}) * made + {slip} * (astray @ made)",
                "",
                "",
            ]
        elif mixing:
            lines = [
                "def by_action(made):",
                '    """Return what actions do: the moves that they ask for, for certain."""',
                "    return made",
                "",
                "",
            ]
        worth = f"by_action({made}).T" if self.world.slips else f"({made}).T"
        lines += [
            "def action_values(values):",
            '    """Return what each move is worth: its reward, and what follows."""',
            f"    return {worth}",
        ]
        return Step("What each move is worth if states are worth so much.", "\n".join(lines))

    def _astray(self) -> str:
        if (self.model.astray == 1 / self.model.n_actions).all():
            return "astray = np.full((n_moves, n_moves), 1 / n_moves)"
        return "\n".join(
            [
                "astray = np.zeros((n_moves, n_moves))",
                "for which, sides in enumerate(SIDES):",
                "    for side in sides:",
                "        astray[which, side] += 0.5",
            ]
        )

    def under(self) -> list[Step]:
        """Write ``under`` and ``solve``."""
        words = "Linear equations for what a policy is worth."
        return [self.chain(), self.part("grid_solve", words)]

    def chain(self) -> Step:
        """Write ``under``."""
        self.writer.name("scipy.sparse", "csr_array")
        made = "policy.T"
        if self.world.slips:
            one = self.world.slip if self.world.slips_alike else "slip[:, None]"
            made = f"((1 - {one}) * policy + {one} * (policy @ astray)).T"
        going = "np.where(ends, 0.0, made)" if self.world.has_ends else "made"
        lines = [
            "def under(policy):",
            '    """Return chances from state to state, and the mean reward, of a policy."""',
            f"    made = {made}",
            f"    chances = {going}.ravel()",
            "    places = np.tile(np.arange(n_states), n_moves), landing.ravel()",
            "    going = csr_array((chances, places), shape=(n_states, n_states))",
            "    going.eliminate_zeros()",
            "    return going, (made * reward).sum(axis=0)",
        ]
        return Step("What a policy (the chance of each move) makes of the world.", "\n".join(lines))

    def improving(self) -> list[Step]:
        """Write policy iteration."""
        name = "grid_improve_resting" if self.rests else "grid_improve"
        words = "Better and better moves, until nothing is better."
        return [*self.endings(), self.part(name, words)]

    def rounding(self) -> Step:
        """Write ``rounding``."""
        return self.part("grid_rounding", "Rounding.")

    def proof(self) -> list[Step]:
        """Write ``proved`` of the best values; without discounting with all that it needs."""
        if not self.undiscounted:
            return [self.part("grid_proved_discounted", "How far values may be off.")]
        steps = [self.part("grid_steps", "How many steps a policy takes.")]
        cost, last = self.costs()
        if self.model.n_states <= MOST_KEPT or not 0 < cost < np.inf:
            return [*steps, self._undiscounted()]
        quick = template("grid_proved_costs", self.writer)
        quick = f"COST, LAST = {cost!r}, {last!r}\n\n\n{quick}"
        words = "What a step costs at least, and what the last one pays at most, prove a bound."
        return [*steps, Step(words, quick), self._undiscounted(quick=True)]

    def costs(self) -> tuple[float, float]:
        """Return what a step costs at least that is not the last, and what the last one pays."""
        cost = -float(np.max(self.model.reward, where=~self.model.ends, initial=-np.inf))
        return cost, float(np.max(self.model.reward, where=self.model.ends, initial=-np.inf))

    def _undiscounted(self, *, quick: bool = False) -> Step:
        code = template("grid_proved", self.writer)
        if self.rests:
            code = code.replace("np.eye(n_moves)[moves]", "chosen(moves)")
            gained = "action_values(exact).max(axis=1)"
            rested = (
                f"    offered = {gained}\n    offered[rests] = np.maximum(offered[rests], 0.0)\n"
            )
            gain = code.index("    gain =")
            code = code[:gain] + rested + code[gain:].replace(gained, "offered", 1)
        if quick:
            begin = "    moves, exact = best_policy(values)\n"
            first = ["    found = by_costs(values)", "    if found:", "        return found"]
            code = code.replace(begin, "\n".join([*first, begin]))
        cost, last = self.costs()
        words = "How far values may be off."
        if cost == np.inf:
            return Step(words, code.replace(" * MOST_STEPS", ""))
        if cost <= 0:
            return Step(words, code.replace("MOST_STEPS", _MOST_STEPS))
        steps = (
            f"    # A step costs {cost!r} at least, and the last one pays {last!r} at most.\n"
            f"    most = 1 + max(0.0, {last!r} - (exact.min() - below)) / {cost!r}\n"
        )
        start = code.index("    above = ")
        return Step(words, code[:start] + steps + code[start:].replace("MOST_STEPS", "most"))

    # Policies that need not end

    def _beginnings(self) -> list[Numbers]:
        """Return the values whose best moves the program begins policy iteration with."""
        method, params = self.plan.method, self.plan.params
        if method == "finite_horizon" or params.get("policy") == "random":
            return []
        if method == "policy_evaluation":
            return [self._swept()]
        first = [self._first_value()] if method == "policy_iteration" else []
        return [*first, self.found()]

    def _swept(self) -> Numbers:
        swept = np.zeros(self.model.n_states)
        for _ in range(300):
            swept = self.model.action_values(swept).max(axis=1)
        return swept

    def _first_value(self) -> Numbers:
        """Return the values that the first policy of policy iteration is taken from."""
        if self.plan.params["start"] == "random":
            with contextlib.suppress(UserError):
                # Where moves by chance have no value, the first policy is that of no values.
                return evaluate(self.model, self._by_chance())
        return np.zeros(self.model.n_states)

    def _by_chance(self) -> Numbers:
        return np.full((self.model.n_states, self.model.n_actions), 1 / self.model.n_actions)

    def _may_rest(self, values: Numbers) -> bool:
        """Return whether the best moves by some values never end, or resting may be the best."""
        best = self.model.action_values(values).argmax(axis=1)
        ends = can_end(self.model, np.eye(self.model.n_actions)[best]).all()
        return bool(resting(self.model).any() or not ends)

    def _idles(self) -> bool:
        """Return whether the policy that is evaluated goes on for ever somewhere."""
        params = self.plan.params
        if self.plan.method == "policy_iteration" and params["start"] == "random":
            policy = self._by_chance()
        elif self.plan.method == "policy_evaluation":
            policy = self._by_chance()
            if params["policy"] == "optimal":
                best = greedy(self.result.frames["policy"].filter(like="q:").to_numpy())
                policy = best / best.sum(axis=1, keepdims=True)
        else:
            return False
        with contextlib.suppress(UserError):
            return bool(idle_for_ever(self.model, policy).any())
        return False

    def endings(self) -> list[Step]:
        """Write what says which policies end, where some do not."""
        steps = []
        if self.wanders:
            steps.append(self.part("grid_endings", "Which ways lead to an end."))
        if self.rests:
            steps.append(self.part("grid_resting", "Where one can rest for nothing."))
        if self.idles:
            steps.append(self.part("grid_idle", "Which policies never end."))
        return steps

    def found(self) -> Numbers:
        """Return the values that the run found."""
        frame = self.result.frames["policy"]
        values: Numbers = frame["value"].to_numpy() - self.model.terminal_values
        return values

    # Sweeps

    def sweeping(self) -> list[Step]:
        """Return what planners that sweep share."""
        exact = [*self.under(), *self.improving()] if self.undiscounted else []
        proof = self.proof() if self.undiscounted or self.ran_out else []
        return [*exact, self.rounding(), *proof]

    @property
    def ran_out(self) -> bool:
        """Whether the sweeps were spent."""
        return self.result.figures["sweeps"] >= cast(int, self.plan.params["most_sweeps"])

    def knobs(self, *names: str) -> str:
        """Write parameters of the run as constants."""
        return "\n".join(f"{name.upper()} = {self.plan.params[name]!r}" for name in names)

    @property
    def starts_lowest(self) -> bool:
        """Whether the run begins with the lowest values."""
        return starts_lowest(self.model, str(self.plan.params.get("start", "lowest")))

    def first(self) -> list[str]:
        """Return the line of the first values."""
        if self.starts_lowest:
            return ["values = lowest()"]
        return ["values = np.zeros(n_states)"]

    def lowest(self) -> list[Step]:
        """Write ``lowest``, if the run begins with the lowest values."""
        if not self.starts_lowest:
            return []
        if self.undiscounted:
            towards = "towards(np.ones((n_states, n_moves)))" if self.rests else "towards_the_end()"
            lines = [
                "def lowest():",
                '    """Return what states are worth on the shortest way to an end."""',
                f"    values = worth_of({towards})",
                "    return np.where(rests, np.maximum(values, 0.0), values)",
            ]
            if self.rests:
                words = "Values to begin with, that no state can fall below."
                return [Step(words, "\n".join(lines))]
            lines[2:] = [f"    return worth_of({towards})"]
            return [
                self.part("grid_towards_end", "The shortest way to an end."),
                Step("Values to begin with, that no state can fall below.", "\n".join(lines)),
            ]
        code = template("grid_lowest", self.writer)
        if not self.world.has_ends:
            code = code.replace("    going = by_action((~ends).astype(float))\n", "")
            code = code.replace("DISCOUNT * going", "DISCOUNT")
        if not self.model.terminal.any():
            code = code.replace("np.where(terminal, pays[0], alike)", "np.full(n_states, alike)")
        return [Step("Values to begin with, that no state can fall below.", code)]

    def loop(self, sweep: list[str], *, before: tuple[str, ...] = ()) -> str:
        """Write sweeps until values are certain; ``sweep`` sets ``new`` and ``change``."""
        lines = [*self.first(), *before]
        if self.undiscounted:
            lines.append("aim = TOLERANCE")
        lines += ["for done in range(1, MOST_SWEEPS + 1):", *(f"    {line}" for line in sweep)]
        lines += [f"    {line}" for line in self.verdict()]
        if self.ran_out:
            bound = "bound, _ = proved(values)" if self.undiscounted else "bound = proved(values)"
            lines += ["else:", f"    {bound}"]
        return "\n".join(lines)

    def verdict(self) -> list[str]:
        """Return the lines that end the sweeps once values are certain, or cannot be more so."""
        if not self.undiscounted:
            return [
                "bound = (DISCOUNT * change + rounding(values)) / (1 - DISCOUNT)",
                "if bound <= TOLERANCE or change <= rounding(values):",
                "    break",
            ]
        return [
            "still = change <= rounding(values)",
            "if change <= aim or still:",
            "    aim = change * 0.1",
            "    bound, remains = proved(values)",
            "    missing = bound - remains",
            "    if bound <= TOLERANCE or missing <= min(remains, TOLERANCE) or still:",
            "        break",
        ]

    def value_iteration(self) -> list[Step]:
        """Write sweeps over states."""
        order = self.plan.params["order"]
        if order == "blocks" or (order == "automatic" and self.model.n_states > MOST_KEPT):
            return self.by_blocks()
        sweep = [
            "new = action_values(values).max(axis=1)",
            "change = np.abs(new - values).max()",
            "values = new",
        ]
        extra = []
        if order == "in_place":
            extra = [self.one_state()]
            sweep = [
                "change = 0.0",
                "for state in range(n_states):",
                "    new = best_value(state, values)",
                "    change = max(change, abs(new - values[state]))",
                "    values[state] = new",
            ]
        code = [self.knobs("tolerance", "most_sweeps"), self.loop(sweep)]
        return [
            self.actions(mixing=self.starts_lowest or self.wanders),
            *self.sweeping(),
            *self.lowest(),
            *extra,
            Step(
                "Sweep: each state is worth what its best move is worth, until that is certain.",
                "\n".join(code),
            ),
        ]

    def by_blocks(self) -> list[Step]:
        """Write sweeps over squares of cells, and over all states to see what is missing."""
        squares = template("grid_squares", self.writer)
        if self.world.table:
            cut = "np.unique(np.array(cells) // 32, axis=0, return_inverse=True)[1]"
            squares = squares.replace(cut, "np.zeros(n_states, dtype=int)")
        enough = ["if done >= MOST_SWEEPS:", "    break"] if self.ran_out else []
        lines = [
            self.knobs("tolerance", *(["most_sweeps"] if self.ran_out else [])),
            *self.first(),
            *self.threshold(),
            "done = 0",
            "while True:",
            "    count = 0",
            "    for backed_up in settle_all(values, threshold):",
            "        count += backed_up",
            "        if count >= n_states:  # As much work as a sweep.",
            "            count, done = 0, done + 1",
            *(f"            {line}" for line in enough),
            *self.spent(),
            "    new = action_values(values).max(axis=1)",
            "    change = np.abs(new - values).max()",
            "    values, done = new, done + 1",
            *(f"    {line}" for line in self.verdict()),
            *self.spent(),
            "    threshold = 0.1 * min(threshold, change)",
        ]
        return [
            self.actions(mixing=self.starts_lowest or self.wanders),
            *self.sweeping(),
            *self.lowest(),
            Step("Squares of 32 by 32 cells, and from which others moves lead there.", squares),
            Step("Back up the states of one square until little changes there.", self.settle()),
            self.part("grid_blocks", "Back up squares for as long as something changes."),
            Step("By turns: squares, and all at once to see what is missing.", "\n".join(lines)),
        ]

    def settle(self) -> str:
        """Write ``settle``: from the old values at once or, compiled, one state after the other."""
        if self.result.figures["compiled"]:
            code = template("grid_settle_compiled", self.writer)
            slip, others = "np.zeros(n_states)", "np.eye(n_moves)"
            if self.world.slips:
                slip = "np.full(n_states, SLIP)" if self.world.slips_alike else "slip"
                others = "astray"
            code = code.replace("SLIPS", slip).replace("OTHERS", others)
            ends = "ends" if self.world.has_ends else "np.zeros(landing.shape, dtype=bool)"
            return code.replace("ENDS", ends)
        follows, worth = "values[landing[:, states]]", "made"
        if self.world.has_ends:
            follows = f"np.where(ends[:, states], 0.0, {follows})"
        if self.world.slips:
            slip = "SLIP" if self.world.slips_alike else "slip[states]"
            worth = f"((1 - {slip}) * made + {slip} * (astray @ made))"
        code = template("grid_settle", self.writer)
        return code.replace("FOLLOWS", follows).replace("WORTH", worth)

    def threshold(self) -> list[str]:
        """Return the lines that set what is aimed at in a part of the states."""
        aim = "TOLERANCE * (1 - DISCOUNT) / max(DISCOUNT, 1e-3)"
        return [
            *(["aim = TOLERANCE"] if self.undiscounted else []),
            f"threshold = 0.5 * {'TOLERANCE' if self.undiscounted else aim}",
        ]

    def spent(self) -> list[str]:
        """Return the lines that end a run which spent its sweeps."""
        if not self.ran_out:
            return []
        bound = "bound, _" if self.undiscounted else "bound"
        return ["    if done >= MOST_SWEEPS:", f"        {bound} = proved(values)", "        break"]

    def one_state(self) -> Step:
        """Write ``best_value``: one state from the newest values."""
        ended = "np.where(ends[:, state], 0.0, values[landing[:, state]])"
        follows = ended if self.world.has_ends else "values[landing[:, state]]"
        lines = [
            "def best_value(state, values):",
            '    """Return what the best move in one state is worth."""',
            f"    follows = {follows}",
            "    made = reward[:, state] + DISCOUNT * follows",
        ]
        if not self.world.slips:
            lines.append("    return made.max()")
        else:
            slip = "SLIP" if self.world.slips_alike else "slip[state]"
            lines += [
                "    others = [sum(a * one for a, one in zip(row, made)) for row in astray]",
                "    pairs = zip(made, others)",
                f"    return max((1 - {slip}) * one + {slip} * other for one, other in pairs)",
            ]
        return Step("One state after the other.", "\n".join(lines))

    def q_value_iteration(self) -> list[Step]:
        """Write sweeps over states and moves."""
        sweep = [
            "new = action_values(Q.max(axis=1))",
            "change = np.abs(new - Q).max()",
            "Q, values = new, new.max(axis=1)",
        ]
        begin = ("Q = np.repeat(values[:, None], n_moves, axis=1)",)
        code = [self.knobs("tolerance", "most_sweeps"), self.loop(sweep, before=begin)]
        return [
            self.actions(mixing=self.starts_lowest or self.wanders),
            *self.sweeping(),
            *self.lowest(),
            Step(
                "Sweep: a move is worth its reward and the best move that follows.",
                "\n".join(code),
            ),
        ]

    def modified_policy_iteration(self) -> list[Step]:
        """Write rounds of an improvement and a few sweeps that keep to it."""
        sweep = [
            "if moves is not None:",
            "    going, pays = under(np.eye(n_moves)[moves])",
            "    for _ in range(SWEEPS_BETWEEN):",
            "        values = pays + DISCOUNT * (going @ values)",
            "offered = action_values(values)",
            "best, moves = offered.max(axis=1), offered.argmax(axis=1)",
            "change = np.abs(best - values).max()",
            "values = best",
        ]
        code = [
            self.knobs("sweeps_between", "tolerance", "most_sweeps"),
            self.loop(sweep, before=("moves = None",)),
        ]
        return [
            self.actions(mixing=self.starts_lowest or self.wanders),
            *([] if self.undiscounted else [self.chain()]),
            *self.sweeping(),
            *self.lowest(),
            Step("Improve the policy, follow it for a few sweeps, and again.", "\n".join(code)),
        ]

    # Policies

    def policy_evaluation(self) -> list[Step]:
        """Write what a policy is worth, by sweeps or by equations."""
        params = self.plan.params
        optimal = params["policy"] == "optimal"
        needs_actions = optimal or self.wanders
        steps = [self.actions(mixing=self.wanders)] if needs_actions else self._mixer()
        steps += self.under()
        lines = ["policy = np.full((n_states, n_moves), 1 / n_moves)"]
        if optimal:
            steps += self.improving()
            lines = [
                "values = np.zeros(n_states)",
                "for _ in range(300):",
                "    values = action_values(values).max(axis=1)",
                "offered = action_values(best_policy(values)[1])",
                "best = offered.max(axis=1, keepdims=True)",
                "tied = offered >= best - 1e-9 * np.maximum(1.0, np.abs(best))",
                "policy = tied / tied.sum(axis=1, keepdims=True)",
            ]
        else:
            steps += self.endings()
        if self.idles:
            lines.append("policy[idle(policy)] = 0.0  # To rest for ever is worth nothing.")
        words = "The policy: all moves alike." if not optimal else "The policy: the best moves."
        steps.append(Step(words, "\n".join([*lines, "going, pays = under(policy)"])))
        steps.append(self.rounding())
        if self.undiscounted:
            steps.append(self.part("grid_steps", "How many steps the policy takes."))
        proved = template("grid_proved_policy", self.writer)
        count = "steps_under(going)" if self.undiscounted else "1 / (1 - DISCOUNT)"
        steps.append(Step("How far values may be off.", proved))
        if params["how"] == "equations":
            solved = "solve(going, pays)" if self.undiscounted else "solve(going * DISCOUNT, pays)"
            code = [
                f"steps = {count}",
                f"done, values = 1, {solved}",
                "bound = proved(values)",
            ]
            return [*steps, Step("What states are worth, by linear equations.", "\n".join(code))]
        code = [
            self.knobs("tolerance", "most_sweeps"),
            f"steps = {count}",
            "values = np.zeros(n_states)",
            "for done in range(1, MOST_SWEEPS + 1):",
            "    new = pays + DISCOUNT * (going @ values)",
            "    change = np.abs(new - values).max()",
            "    values = new",
            "    bound = (DISCOUNT * change + rounding(values)) * steps",
            "    if bound <= TOLERANCE or change <= rounding(values):",
            "        break",
            "bound = proved(values)",
        ]
        words = "Sweep: a state is worth the mean of what its moves are worth."
        return [*steps, Step(words, "\n".join(code))]

    def _mixer(self) -> list[Step]:
        """Write ``astray`` alone, where moves slip."""
        return [Step("Where slips go.", self._astray())] if self.world.slips else []

    def policy_iteration(self) -> list[Step]:
        """Write rounds of evaluation and improvement."""
        begin = "values = np.zeros(n_states)"
        if self._first_value().any():
            rest = "policy[idle(policy)] = 0.0\n" if self.idles else ""
            begin = (
                "policy = np.full((n_states, n_moves), 1 / n_moves)\n"
                f"{rest}"
                "going, pays = under(policy)\n"
                "values = solve(going * DISCOUNT, pays)"
            )
        first = "first_moves(values)" if self.rests else "action_values(values).argmax(axis=1)"
        code = [
            begin,
            f"moves, better, done = None, {first}, 0",
            "while moves is None or (better != moves).any():",
            "    moves, done = better, done + 1",
            "    values = worth_of(moves)",
            "    better = improved(moves, values)",
            "bound, _ = proved(values)" if self.undiscounted else "bound = proved(values)",
        ]
        improve = self.improving()
        if not self.undiscounted:
            last = improve.pop()
            improve.append(Step(last.comment, last.code.partition("\n\n\ndef best_policy")[0]))
        return [
            self.actions(mixing=self.wanders),
            *self.under(),
            *improve,
            self.rounding(),
            *self.proof(),
            Step("Evaluate the policy, take better moves, and again.", "\n".join(code)),
        ]

    def linear_programming(self) -> list[Step]:
        """Write the linear programme, and what sharpens its answer."""
        self.writer.name("scipy.optimize", "linprog")
        self.writer.name("scipy.sparse", "vstack")
        self.writer.name("scipy.sparse", "eye_array")
        bounds, limit = [], "(None, None)"
        if self.rests:
            limit = "bounds"
            bounds = [
                "# Where one can rest nothing less than 0 need be accepted.",
                "bounds = [(0 if rest else None, None) for rest in rests]",
            ]
        code = [
            "chains = [under(np.tile(move, (n_states, 1))) for move in np.eye(n_moves)]",
            "left = vstack([csr_array(eye_array(n_states) - DISCOUNT * go) for go, _ in chains])",
            "right = np.concatenate([pays for _, pays in chains])",
            *bounds,
            f"found = linprog(np.ones(n_states), -left, -right, bounds={limit})",
            "# The solver is precise to some digits; the equations of its policy give the rest.",
            "_, values = best_policy(found.x)",
            "done = 2",
            "bound, _ = proved(values)" if self.undiscounted else "bound = proved(values)",
        ]
        return [
            self.actions(mixing=self.wanders),
            *self.under(),
            *self.improving(),
            self.rounding(),
            *self.proof(),
            Step("The smallest values that no move can better.", "\n".join(code)),
        ]

    def finite_horizon(self) -> list[Step]:
        """Write values backwards from the last step."""
        code = [
            self.knobs("horizon"),
            "values, bound = np.zeros(n_states), 0.0",
            "for done in range(1, HORIZON + 1):",
            "    offered = action_values(values)",
            "    values = offered.max(axis=1)",
            "    bound = DISCOUNT * bound + rounding(values)",
        ]
        words = "With one step left the best reward counts; with more, what is left then too."
        return [self.actions(), self.rounding(), Step(words, "\n".join(code))]

    def mixed(self) -> list[str]:
        """Return the line for the chance of each move, if it is the same in all states."""
        if not self.world.slips or not self.world.slips_alike:
            return []
        return ["chances = (1 - SLIP) * np.eye(n_moves) + SLIP * astray"]

    def at_once(self) -> list[str]:
        """Return a sweep of all states; its last digits decide which state is urgent first."""
        if not self.mixed():
            return ["    new = action_values(values).max(axis=1)"]
        ended = "np.where(ends, 0.0, values[landing])" if self.world.has_ends else "values[landing]"
        return [
            f"    made = reward + DISCOUNT * {ended}",
            "    new = (chances @ made).max(axis=0)",
        ]

    def prioritised(self) -> list[Step]:
        """Write backups of the most urgent state first, and sweeps that show what is missing."""
        code = template("grid_urgent", self.writer)
        if not self.world.has_ends:
            code = code.replace("np.where(ends, 0.0, changes[landing])", "changes[landing]")
            code = code.replace(" and not ends[move, state]", "")
        spent = self.spent()
        lines = [
            self.knobs("tolerance", *(["most_sweeps"] if spent else [])),
            *self.first(),
            *self.threshold(),
            *self.mixed(),
            "changes, done = np.zeros(n_states), 0",
            "while True:",
            "    if urgent_first(values, changes, threshold):",
            "        done += 1",
            *(f"    {line}" for line in spent),
            *self.at_once(),
            "    changes = np.abs(new - values)",
            "    values, change, done = new, changes.max(), done + 1",
            *(f"    {line}" for line in self.verdict()),
            *spent,
            "    if done > 1 and change <= threshold:",
            "        threshold = 0.1 * min(threshold, change)",
        ]
        words = "By turns: urgent states, and all at once to see what is missing."
        return [
            self.actions(mixing=True),
            *self.sweeping(),
            *self.lowest(),
            self.one_state(),
            Step("First the state whose value is off the most.", code),
            Step(words, "\n".join(lines)),
        ]
