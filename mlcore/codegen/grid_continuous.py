"""Moves of any direction and length as code: the world, two small networks, and how they learn."""

from __future__ import annotations

from typing import cast

import numpy as np

from mlcore.codegen.expression import Writer, quoted
from mlcore.codegen.grid_world import WorldCode
from mlcore.codegen.script import Step
from mlcore.codegen.templating import template
from mlcore.gridworld.continuous.quadratic import FORGOTTEN, horizon
from mlcore.gridworld.continuous.room import room_of
from mlcore.gridworld.linear_quadratic import LinearQuadratic, exact
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.world import GridWorld

#: Episodes of the linear-quadratic problem that an agent learns from have so many steps, and so
#: many steps are played in all to see what it is worth.
_SHORT, _PLAYED = 5, 400_000


class ContinuousCode:
    """Writes the steps of the expected-utility algorithm, those of its world included.

    Parameters
    ----------
    result : GridResult
        The run.
    writer : Writer
        Collects what is imported.
    """

    def __init__(self, result: GridResult, writer: Writer) -> None:
        self.plan, self.params, self.writer = result.plan, result.plan.params, writer
        self.figures = result.figures
        writer.module("numpy")
        writer.name("threadpoolctl", "threadpool_limits")

    def steps(self) -> list[Step]:
        """Return the steps."""
        world = self.plan.world
        if isinstance(world, LinearQuadratic):
            first, last = self.quadratic(world), self.quadratic_found(world)
            most_steps = _SHORT
        else:
            assert isinstance(world, GridWorld)
            first, last = self.room(world), self.room_found()
            most_steps = max(50, 4 * (world.rows + world.columns))
        return [
            *first,
            Step("How long how many agents learn, and how.", self.constants(most_steps)),
            self.part("continuous_network", "Small networks, and how they learn."),
            Step("The policy: a bell curve around what it thinks best.", self.policy()),
            self.part("continuous_train", "Two networks learn together: what to do, and values."),
            *last,
        ]

    def part(self, name: str, words: str) -> Step:
        """Return a step that is a template."""
        return Step(words, template(name, self.writer))

    def constants(self, most_steps: int) -> str:
        """Write setting and parameters as constants."""
        setting = self.plan.setting
        hidden = tuple(cast(tuple[int, ...], self.params["hidden"]))
        outputs = "2 * NUMBERS" if self.local else "NUMBERS"
        knobs = ("updates", "samples", "learning_rate", "gae_lambda", "entropy_bonus", "passes")
        return "\n".join(
            [
                f"SEED, AGENTS = {setting['seed']!r}, {setting['seeds']!r}",
                f"MOST_STEPS = {most_steps}",
                *(f"{name.upper()} = {self.params[name]!r}" for name in knobs),
                f"SIGMA = {self.params['initial_sigma']!r}",
                f"HIDDEN = {hidden!r}",
                f"POLICY, CRITIC = (INPUTS, *HIDDEN, {outputs}), (INPUTS, *HIDDEN, 1)",
                "# One thread: several may add in another order.",
                "threadpool_limits(1)",
            ]
        )

    @property
    def local(self) -> bool:
        """Whether each place has a spread of its own."""
        return self.params["spread"] == "place"

    def policy(self) -> str:
        """Write the policy; its spread depends on the place or not."""
        raw, slope = "np.broadcast_to(policy[-NUMBERS:], mean.shape)", "by_mean"
        if self.local:
            raw = "policy[-NUMBERS:] + passed[-1][:, NUMBERS:]"
            slope = "np.hstack([by_mean, by_spread])"
        code = template("continuous_policy", self.writer)
        return code.replace("RAW", raw).replace("SLOPE", slope)

    # The linear-quadratic problem

    def quadratic(self, world: LinearQuadratic) -> list[Step]:
        """Write the problem."""
        names = ("a", "b", "q", "r", "noise", "discount")
        lines = [f"{name.upper()} = {getattr(world, name)!r}" for name in names]
        lines.append("INPUTS = NUMBERS = 1")
        lines.append("CENTRE, HALF = 0.0, 1.0")
        words = "A number that drifts, and actions that push it."
        code = template("continuous_quadratic", self.writer)
        return [Step("The problem.", "\n".join(lines)), Step(words, code)]

    def quadratic_found(self, world: LinearQuadratic) -> list[Step]:
        """Write the exact answer, and how near to it the agents come."""
        n_steps = horizon(world.discount, FORGOTTEN)
        found = template("continuous_quadratic_found", self.writer)
        names = ("gain", "learnt_start_value", "start_value")
        return [
            Step("The exact answer.", "\n".join(self.exact(world))),
            self.part("continuous_lost", "What an agent is worth, seen from the exact answer."),
            Step(
                "Train, and print means over all agents.",
                f"NAMES = {self.named(names)}\n"
                f"N_STEPS, N_EPISODES = {n_steps}, {max(1, _PLAYED // n_steps)}\n{found}",
            ),
        ]

    def exact(self, world: LinearQuadratic) -> list[str]:
        """Return the lines that solve the Riccati equation."""
        if world.b == 0 or world.discount == 0:
            lines = ["P = Q / (1 - DISCOUNT * A**2)"]
        else:
            lines = [
                "pushed, fading = DISCOUNT * B**2, 1 - DISCOUNT * A**2",
                "linear = R * fading - pushed * Q",
                "root = np.sqrt(linear**2 + 4 * pushed * Q * R)",
            ]
            larger = world.r * (1 - world.discount * world.a**2)
            if larger - world.discount * world.b**2 * world.q <= 0:
                lines.append("P = (root - linear) / (2 * pushed)")
            else:
                lines.append("P = 2 * Q * R / (root + linear)")
        constant = "0.0"
        if exact(world).constant:
            constant = "DISCOUNT * P * NOISE**2 / (1 - DISCOUNT)"
        return [
            *lines,
            "PRICE = R + DISCOUNT * B**2 * P",
            "GAIN = DISCOUNT * A * B * P / PRICE",
            f"CONSTANT = {constant}",
        ]

    def named(self, names: tuple[str, ...]) -> str:
        """Return the names of what is printed; what no agent came to is not."""
        return f"[{', '.join(quoted(name) for name in names if name in self.figures)}]"

    # A room

    def room(self, world: GridWorld) -> list[Step]:
        """Write the room: the drawing, its rules and how one walks."""
        code = WorldCode(world, self.writer)
        drawing = code.drawing(by_cell=True)
        missing = [
            f"{name} = {{}}"
            for name in ("REWARDS", "PITS", "DOORS", "WIND")
            if f"\n{name} = " not in drawing
        ]
        lines = [
            f"STEP_REWARD, BUMP_REWARD = {world.step_reward!r}, {world.bump_reward!r}",
            f"DISCOUNT, NOISE = {world.discount!r}, {self.params['noise']!r}",
            "INPUTS = NUMBERS = 2",
            "CENTRE = np.array([len(WORLD[0]), len(WORLD)]) / 2",
            "HALF = CENTRE.max()",
        ]
        words = "How one walks: along a straight line, up to a wall, an end or a pit."
        walk = template("continuous_room", self.writer)
        first, functions = walk.split("\n\n\n", 1)
        return [
            Step(
                "The room: # is a wall, S a start, T the end, . a free cell.",
                "\n".join([drawing, *missing]),
            ),
            Step("Its rules.", "\n".join(lines)),
            Step("The same for all cells.", f"{first}\n{self.begins(world)}"),
            Step(words, functions),
        ]

    def begins(self, world: GridWorld) -> str:
        """Return the line that says in which cells episodes begin."""
        room = room_of(world, 0.0)[0]
        if (room.start_cells == room.standing & world.starts).all():
            return 'begins = (signs == "S") & ~pits'
        if (room.start_cells == room.standing).all():
            return "begins = ~(walls | terminals | pits)"
        closed = [tuple(cell) for cell in np.argwhere(room.standing & ~room.start_cells).tolist()]
        return f"begins = ~(walls | terminals | pits)\nbegins[tuple(zip(*{closed!r}))] = False"

    def room_found(self) -> list[Step]:
        """Write what the agents come to."""
        names = ("start_value", "learnt_start_value", "reached", "mean_steps")
        found = template("continuous_room_found", self.writer)
        return [
            self.part("continuous_play", "Watch an agent that tries nothing any more."),
            Step(
                "Train, and print means over all agents.",
                f"NAMES = {self.named(names)}\n{found}",
            ),
        ]
