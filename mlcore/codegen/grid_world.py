"""A grid world as code: drawn in text, its rules, and what moves do, for just what it has."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mlcore.codegen.expression import Bracket, Node, Writer, assignment, mapped, quoted
from mlcore.codegen.script import Step
from mlcore.codegen.templating import template
from mlcore.gridworld.drawing import map_of
from mlcore.gridworld.gymnasium_worlds import GYMNASIUM_WORLDS, GymnasiumWorld, from_gymnasium
from mlcore.gridworld.model import MOVES, Model
from mlcore.gridworld.world import Convention, GridWorld, Numbers, SlipTo, Teleport
from mlcore.gridworld.worlds import model_of_world

#: Larger worlds are not written out, but read from their file: nobody reads so large a map.
MOST_CELLS = 3_600
#: What the file of a world is called, as in the bundle of a run.
WORLD_FILE = "world.json"

#: What the two kinds of teleports are called, when they act, and whether that is at once.
_TELEPORTS = (("PITS", "who enters falls", True), ("DOORS", "who leaves is carried", False))


class WorldCode:
    """Writes the steps that make a world's model.

    They define ``landing`` and ``reward``, and ``ends`` where episodes can end, of shape
    (moves, states), ``starts`` and, where there are any, ``terminal``.

    Parameters
    ----------
    world : GridWorld or GymnasiumWorld
        The world.
    writer : Writer
        Collects what is imported.
    """

    def __init__(self, world: GridWorld | GymnasiumWorld, writer: Writer) -> None:
        self.model: Model = model_of_world(world)
        self.discount = self.model.discount
        self.table = isinstance(world, GymnasiumWorld) and not GYMNASIUM_WORLDS[world.id].moves
        self.writer = writer
        writer.module("numpy")
        self.world = world
        if isinstance(world, GymnasiumWorld) and not self.table:
            self.world = from_gymnasium(world.id, world.discount)
        self.is_read = self.model.rows * self.model.columns > MOST_CELLS
        slips = self.model.slip[~self.model.terminal]
        self.slips = bool(slips.any())
        self.slips_alike = bool((slips == slips[0]).all())
        self.has_ends = bool(self.model.ends.any())

    @property
    def slip(self) -> str:
        """What the chance to slip is called, for all states or of each."""
        return "SLIP" if self.slips_alike else "slip"

    @property
    def drawn(self) -> GridWorld:
        """The world in cells."""
        assert isinstance(self.world, GridWorld)
        return self.world

    def steps(self) -> list[Step]:
        """Return the steps."""
        if self.table:
            return [
                Step("The rules, and what they make of the world as Gymnasium has it.", self.gym())
            ]
        return [
            Step(
                "The world: # is a wall, S a start, T the end, . a free cell.",
                self.reading() if self.is_read else self.drawing(),
            ),
            Step("Its rules.", self.rules()),
            Step("Where a move leads, and what it pays.", self.move()),
            Step("The same for all states (cells, row by row) and moves.", self.arrays()),
        ]

    def gym(self) -> str:
        """Write what Gymnasium says of a world that is not made of cells alone."""
        assert isinstance(self.world, GymnasiumWorld)
        self.writer.module("gymnasium")
        return "\n".join(
            [
                f"DISCOUNT = {self.discount!r}",
                template("taxi", self.writer).replace("WORLD_ID", quoted(self.world.id)),
            ]
        )

    # The drawing

    def reading(self) -> str:
        """Write how all that :meth:`drawing` writes out is read from the world's file."""
        world = self.drawn
        self.writer.module("json")
        lines = [
            f'with open({quoted(WORLD_FILE)}, encoding="utf-8") as file:',
            "    world = json.load(file)",
            'WORLD = world["map"]',
        ]
        if self._owns:
            lines.append('REWARDS = {(row, column): pay for row, column, pay in world["rewards"]}')
        for name, words, at_once in _TELEPORTS:
            if any(one.at_once == at_once for one in world.teleports.values()):
                which = 'one["at_once"]' if at_once else 'not one["at_once"]'
                lines += [
                    f"# From where {words}, where to, and what that pays.",
                    f"{name} = {{",
                    '    tuple(one["from"]): (tuple(one["to"]), one["reward"])',
                    '    for one in world["teleports"]',
                    f"    if {which}",
                    "}",
                ]
        if world.wind.any():
            lines.append("# Wind: how many rows down and columns right it carries who leaves.")
            lines.append('WIND = {tuple(blown[:2]): tuple(blown[2:]) for blown in world["wind"]}')
        if not self.slips_alike:
            lines.append('SLIPS = {(row, column): slip for row, column, slip in world["slips"]}')
        return "\n".join(lines)

    def drawing(self, *, by_cell: bool = False) -> str:
        """Write map, rewards of cells, teleports, wind and slippery cells.

        Parameters
        ----------
        by_cell : bool, default False
            Whether wind is written cell by cell in any case; slippery cells are then left out.
        """
        world = self.drawn
        rows = [f"    {quoted(row)}," for row in map_of(world)]
        parts = ["WORLD = [\n" + "\n".join(rows) + "\n]"]
        owns = np.argwhere(~np.isnan(world.rewards))
        if len(owns):
            parts.append(
                _numbered("REWARDS", ((cell, world.rewards[tuple(cell)]) for cell in owns))
            )
        for name, words, at_once in _TELEPORTS:
            found = [(cell, one) for cell, one in world.teleports.items() if one.at_once == at_once]
            if found:
                parts.append(f"# From where {words}, where to, and what that pays.")
                parts.append(_by_cell(name, ((cell, _teleport(one)) for cell, one in found)))
        if world.wind.any():
            parts += self.wind(by_cell=by_cell)
        if not self.slips_alike and not by_cell:
            cells = np.argwhere(~np.isnan(world.slips))
            parts.append(_numbered("SLIPS", ((cell, world.slips[tuple(cell)]) for cell in cells)))
        return "\n".join(parts)

    def wind(self, *, by_cell: bool) -> list[str]:
        """Write the wind, by column if that says it all."""
        world = self.drawn
        words = "# Wind: how many rows down and columns right it carries who leaves."
        if self._wind_by_column and not by_cell:
            each = Bracket("[", tuple(("", repr(int(down))) for down in world.wind[0, :, 0]), "]")
            words = "# Wind: how many rows down it carries who leaves, by column."
            return [words, assignment("WIND", each)]
        blown = np.argwhere(world.wind.any(axis=2))
        pairs = ((cell, repr(tuple(world.wind[tuple(cell)].tolist()))) for cell in blown)
        return [words, _by_cell("WIND", pairs)]

    @property
    def _wind_by_column(self) -> bool:
        wind = self.drawn.wind
        return not self.is_read and bool((wind == wind[:1]).all() and not wind[:, :, 1].any())

    # The rules

    def rules(self) -> str:
        """Write what holds in all cells."""
        world = self.drawn
        names = self.model.actions
        moves = mapped({name: repr(MOVES[place]) for place, name in enumerate(names)})
        lines = [assignment("MOVES", moves), f"STEP_REWARD = {world.step_reward!r}"]
        if world.bump_reward is not None:
            lines.append(f"BUMP_REWARD = {world.bump_reward!r}")
        lines.append(f"DISCOUNT = {self.discount!r}")
        if self.slips:
            lines.append(f"SLIP = {self._base_slip()!r}")
            if world.slip_to is SlipTo.SIDEWAYS:
                sides = [repr(_sides(row)) for row in self.model.astray]
                lines.append("# Who slips goes to one of two sides, half each.")
                lines.append(
                    assignment("SIDES", Bracket("[", tuple(("", side) for side in sides), "]"))
                )
        return "\n".join(lines)

    def _base_slip(self) -> float:
        if self.slips_alike:
            return float(self.model.slip[~self.model.terminal][0])
        return self.drawn.slip

    @property
    def _fees(self) -> bool:
        return any(one.reward is not None for one in self.drawn.teleports.values())

    def move(self) -> str:
        """Write the function that makes a move."""
        world = self.drawn
        lines = ["def move(cell, direction):", *self._wanted()]
        lines += [
            "    row = min(max(wanted[0], 0), len(WORLD) - 1)",
            "    column = min(max(wanted[1], 0), len(WORLD[0]) - 1)",
        ]
        walls, bumps = bool(world.walls.any()), world.bump_reward is not None
        if bumps:
            walled = ' or WORLD[row][column] == "#"' if walls else ""
            lines.append(f"    bumped = (row, column) != wanted{walled}")
        if walls:
            lines.append('    place = cell if WORLD[row][column] == "#" else (row, column)')
        else:
            lines.append("    place = row, column")
        lines += self._carried()
        lines += [f"    pay = {self._pay()}"]
        if self._pays_late:
            lines += [
                '    if WORLD[place[0]][place[1]] == "T":',
                "        pay = STEP_REWARD",
            ]
        if self._last_pays:
            lines += [
                '    if WORLD[place[0]][place[1]] == "T":',
                "        pay += DISCOUNT * REWARDS.get(place, 0.0)",
            ]
        if bumps:
            lines += ["    if bumped:", "        pay = BUMP_REWARD"]
        if self._fees:
            lines += ["    if fee is not None:", "        pay = fee"]
        return "\n".join([*lines, "    return place, pay"])

    def _wanted(self) -> list[str]:
        world = self.drawn
        if not world.wind.any():
            return ["    wanted = cell[0] + direction[0], cell[1] + direction[1]"]
        if self._wind_by_column:
            return ["    wanted = cell[0] + direction[0] + WIND[cell[1]], cell[1] + direction[1]"]
        return [
            "    down, right = WIND.get(cell, (0, 0))",
            "    wanted = cell[0] + direction[0] + down, cell[1] + direction[1] + right",
        ]

    def _carried(self) -> list[str]:
        teleports = self.drawn.teleports.values()
        name = "fee" if self._fees else "_"
        lines = ["    fee = None"] if self._fees else []
        if any(one.at_once for one in teleports):
            lines += ["    if place in PITS:", f"        place, {name} = PITS[place]"]
        if not all(one.at_once for one in teleports):
            lines += ["    if cell in DOORS:", f"        place, {name} = DOORS[cell]"]
        return lines

    @property
    def _owns(self) -> bool:
        return bool((~np.isnan(self.drawn.rewards)).any())

    @property
    def _ends_pay(self) -> bool:
        return bool((~np.isnan(self.drawn.rewards) & self.drawn.terminals).any())

    @property
    def _last_pays(self) -> bool:
        """Whether a terminal pays its own reward as the last one."""
        return self._ends_pay and self.drawn.convention is Convention.STATE

    @property
    def _pays_late(self) -> bool:
        """Whether a terminal pays its own reward a step after it was entered."""
        return self._ends_pay and self.drawn.convention is Convention.EXIT

    def _pay(self) -> str:
        if not self._owns:
            return "STEP_REWARD"
        if self.drawn.convention is Convention.STATE:
            return "REWARDS.get(cell, STEP_REWARD)"
        return "REWARDS.get(place, STEP_REWARD)"

    # The model

    def arrays(self) -> str:
        """Write the model: states, and what each move does in them."""
        world = self.drawn
        pits = bool(world.pits)
        free = [
            *(['sign != "#"'] if world.walls.any() else []),
            *(["(row, column) not in PITS"] if pits else []),
        ]
        lines = ["cells = [", "    (row, column)", "    for row, line in enumerate(WORLD)"]
        if world.walls.any():
            lines.append("    for column, sign in enumerate(line)")
        else:
            lines.append("    for column in range(len(line))")
        if free:
            lines = [*lines, f"    if {' and '.join(free)}", "]"]
        else:
            lines = [f"cells = [{' '.join(line.strip() for line in lines[1:])}]"]
        lines += [
            "number = {cell: state for state, cell in enumerate(cells)}",
            "n_moves, n_states = len(MOVES), len(cells)",
            "landing = np.zeros((n_moves, n_states), dtype=int)",
            "reward = np.zeros((n_moves, n_states))",
            "for which, direction in enumerate(MOVES.values()):",
            "    for state, cell in enumerate(cells):",
            "        place, reward[which, state] = move(cell, direction)",
            "        landing[which, state] = number[place]",
        ]
        if self.model.terminal.any():
            lines += self._terminals()
        lines += self._starts()
        if self.slips and not self.slips_alike:
            lines.append("slip = np.array([SLIPS.get(cell, SLIP) for cell in cells])")
        return "\n".join(lines)

    def _terminals(self) -> list[str]:
        lines = ['terminal = np.array([WORLD[row][column] == "T" for row, column in cells])']
        if self.drawn.convention is Convention.EXIT:
            owns = "np.array([REWARDS.get(cell, 0.0) for cell in cells])[terminal]"
            pays = owns if self._ends_pay else "0.0"
            lines += [
                "# An end is left by one more move, the exit, which pays its reward.",
                "ends = np.tile(terminal, (n_moves, 1))",
                "landing[:, terminal] = np.flatnonzero(terminal)",
                f"reward[:, terminal] = {pays}",
            ]
            return lines
        return [
            *lines,
            "landing[:, terminal] = np.flatnonzero(terminal)",
            "ends = terminal[landing]",
            "reward[:, terminal] = 0.0",
        ]

    def _starts(self) -> list[str]:
        if (self.drawn.starts & ~self.drawn.terminals).any():
            sign = 'WORLD[row][column] == "S"'
            return [f"starts = np.flatnonzero([{sign} for row, column in cells])"]
        if self.model.terminal.any():
            return ["starts = np.flatnonzero(~terminal)"]
        return ["starts = np.arange(n_states)"]


def _cell(cell: Iterable[int]) -> str:
    return repr(tuple(int(value) for value in cell))


def _by_cell(name: str, pairs: Iterable[tuple[Iterable[int], Node]]) -> str:
    items = tuple((f"{_cell(cell)}: ", node) for cell, node in pairs)
    return assignment(name, Bracket("{", items, "}"))


def _numbered(name: str, pairs: Iterable[tuple[Iterable[int], float]]) -> str:
    return _by_cell(name, ((cell, repr(float(value))) for cell, value in pairs))


def _teleport(teleport: Teleport) -> str:
    reward = None if teleport.reward is None else float(teleport.reward)
    return f"({_cell(teleport.to)}, {reward!r})"


def _sides(chances: Numbers) -> tuple[int, int]:
    """Return the two moves that half of the slips make each; they may be the same."""
    found = np.flatnonzero(chances)
    return int(found[0]), int(found[-1])
