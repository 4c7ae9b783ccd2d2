"""A policy whose actions are numbers: a small neural network, and the world it was made for.

It needs nothing but Python 3.9 or newer. Let it act in the world, and compare what it earns with
what was measured when it was packed::

    python policy.py
    python policy.py --episodes 10000 --seed 1

Use it in a program of your own. In a room the state is x (to the right) and y (down), in cells
from the upper left corner, and the action is how far to go in x and y; in the linear-quadratic
problem both are one number::

    from policy import Policy
    policy = Policy.load()
    policy.act(0.5, 3.5)             # such as [0.7, -0.7]

Exit status: 0 when all is well; 1 when a file was changed, the network puts out other numbers than
when it was packed, or the mean return differs; 2 when the command cannot be understood.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
from operator import mul
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
#: One honest check in twenty lies outside of the 95 % interval; further away than Bernstein's bound
#: for this chance it is none. The bound holds where few episodes earn or lose much.
BY_CHANCE = 1e-5
#: Outputs that differ by less are the same: computers round differently.
ROUNDING = 1e-9
#: Whoever stops at a wall stands this far from it.
GAP = 1e-9


def read(name: str, folder: Path = FOLDER) -> Any:
    """Read one of the JSON files beside this program."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


class Policy:
    """What to do in each state: the mean action that was learnt."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self.plain = plain

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Policy:
        """Read the policy that lies beside this program."""
        return cls(read("policy.json", folder))

    def act(self, *state: float) -> list[float]:
        """Return the action in a state."""
        units = list(state)
        for layer in self.plain["network"]:
            units = [
                bias + sum(map(mul, units, layer["weights"][place]))
                for place, bias in enumerate(layer["biases"])
            ]
            if layer["activation"] == "tanh":
                units = [math.tanh(unit) for unit in units]
        longest = self.plain["longest"]
        if longest is None:
            return units
        scale = max(1.0, math.hypot(*units) / longest)
        return [unit / scale for unit in units]


class LinearQuadratic:
    """A number to be kept near 0: s' = a s + b u + noise, at a cost of q s² + r u²."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self.plain = plain

    def start(self, rng: random.Random) -> list[float]:
        """Return the state in which an episode begins."""
        return [rng.uniform(-self.plain["start"], self.plain["start"])]

    def step(
        self, state: list[float], action: list[float], rng: random.Random
    ) -> tuple[list[float], float, bool]:
        """Return where an action leads, what it pays, and whether the episode is over."""
        plain, (s,), (u,) = self.plain, state, action
        after = plain["a"] * s + plain["b"] * u + rng.gauss(0, plain["noise"])
        # Whoever is so far away is stopped: the rest of the costs would hide all others.
        is_lost = abs(after) > plain["far"]
        return [after], -(plain["q"] * s * s + plain["r"] * u * u), is_lost


class Room:
    """A drawn room; cell (row, column) covers x from column on and y from row on."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self.plain = plain
        self.teleports = {(each["row"], each["column"]): each for each in plain["teleports"]}

    def start(self, rng: random.Random) -> list[float]:
        """Return the state in which an episode begins."""
        row, column = rng.choice(self.plain["starts"])
        return [column + rng.uniform(GAP, 1 - GAP), row + rng.uniform(GAP, 1 - GAP)]

    def step(
        self, state: list[float], action: list[float], rng: random.Random
    ) -> tuple[list[float], float, bool]:
        """Return where an action leads, what it pays, and whether the episode is over."""
        plain, noise = self.plain, self.plain["noise"]
        left = (math.floor(state[1]), math.floor(state[0]))
        wind = plain["wind"][left[0]][left[1]]
        move = [action[i] + rng.gauss(0, noise) + wind[i] for i in (0, 1)]
        end, cell, bumped = self.walk(state, left, move)
        reward = plain["rewards"][cell[0]][cell[1]]
        if bumped and plain["bump_reward"] is not None:
            reward = plain["bump_reward"]
        for place, at_once in ((left, False), (cell, True)):
            teleport = self.teleports.get(place)
            if teleport and teleport["at_once"] is at_once:
                cell = (teleport["to"][0], teleport["to"][1])
                end = [cell[1] + 0.5, cell[0] + 0.5]
                own, fee = plain["rewards"][cell[0]][cell[1]], teleport["reward"]
                bump = plain["bump_reward"] if bumped else None
                reward = fee if fee is not None else own if bump is None else bump
        return end, reward, bool(plain["terminals"][cell[0]][cell[1]])

    def walk(
        self, begin: list[float], cell: tuple[int, int], move: list[float]
    ) -> tuple[list[float], tuple[int, int], bool]:
        """Follow a line; return its end, the cell of that, and whether a wall stopped it."""
        ahead = [0 if not part else 1 if part > 0 else -1 for part in move]
        place, bumped, share = [cell[1], cell[0]], False, 1.0
        met = [
            (place[i] + (move[i] > 0) - begin[i]) / move[i] if move[i] else math.inf for i in (0, 1)
        ]
        while min(met) < 1:
            first = min(met)
            crossed = [met[i] <= first + 1e-9 for i in (0, 1)]
            new = [place[i] + ahead[i] * crossed[i] for i in (0, 1)]
            beside = [(new[1], new[0]), (place[1], new[0]), (new[1], place[0])]
            bumped = any(self.is_solid(*corner) for corner in beside)
            place = place if bumped else new
            if bumped or self.catches(place[1], place[0]):
                share = first
                break
            met = [met[i] + abs(1 / move[i]) if crossed[i] else met[i] for i in (0, 1)]
        end = [begin[i] + share * move[i] for i in (0, 1)]
        end = [min(max(end[i], place[i] + GAP), place[i] + 1 - GAP) for i in (0, 1)]
        return end, (place[1], place[0]), bumped

    def is_solid(self, row: int, column: int) -> bool:
        """Return whether a cell cannot be entered: a wall, or outside."""
        walls = self.plain["walls"]
        if not (0 <= row < len(walls) and 0 <= column < len(walls[0])):
            return True
        return bool(walls[row][column])

    def catches(self, row: int, column: int) -> bool:
        """Return whether a step ends as soon as it touches a cell."""
        teleport = self.teleports.get((row, column))
        return bool(self.plain["terminals"][row][column] or (teleport and teleport["at_once"]))


def episode(policy: Policy, world: Any, rng: random.Random) -> float:
    """Play one episode and return what it earned, a later reward counting less."""
    state, earned, weight, is_over = world.start(rng), 0.0, 1.0, False
    for _ in range(policy.plain["most_steps"]):
        if is_over:
            break
        state, reward, is_over = world.step(state, policy.act(*state), rng)
        earned += weight * reward
        weight *= world.plain["discount"]
    return earned


def check(policy: Policy, world: Any, episodes: int, seed: int) -> bool:
    """Let the policy act, and return whether it earns what was measured when it was packed."""
    rng, measured = random.Random(seed), policy.plain["measured"]
    earned = [episode(policy, world, rng) for _ in range(episodes)]
    mean, expected = sum(earned) / episodes, measured["mean"]
    error = measured["deviation"] / episodes**0.5
    low, high = mean - 1.96 * error, mean + 1.96 * error
    print(
        f"Mean return of {episodes:,} episodes: {mean:.6g} (95 % interval {low:.6g} to {high:.6g})"
    )
    print(f"When it was packed: {expected:.6g}, in {measured['episodes']:,} episodes")
    apart, luck = abs(mean - expected), math.log(2 / BY_CHANCE)
    both = math.hypot(error, measured["deviation"] / measured["episodes"] ** 0.5)
    largest = max(measured["largest"], *(abs(one - expected) for one in earned))
    most = (2 * luck) ** 0.5 * both + 2 / 3 * luck * largest / episodes
    fine, agree = bool(apart <= most + 1e-6), apart <= 1.96 * both + 1e-6
    outside = "Further apart than 19 of 20 honest checks are: play more episodes."
    print("They agree." if agree else outside if fine else "They differ: something is wrong.")
    return fine


def puts_out_the_same(policy: Policy) -> bool:
    """Return whether the network answers as it did when it was packed."""
    for golden in policy.plain["golden"]:
        for place, number in enumerate(policy.act(*golden["state"])):
            expected = golden["action"][place]
            if abs(number - expected) > ROUNDING * max(1.0, abs(expected)):
                return False
    return True


def damaged(folder: Path = FOLDER) -> list[str]:
    """Return the files that are not as they were packed."""
    return [
        name
        for name, digest in read("manifest.json", folder)["files"].items()
        if not (folder / name).is_file()
        or hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest
    ]


def main() -> int:
    """Let the policy act and check it."""
    parser = argparse.ArgumentParser(description="Let a policy act and check what it earns.")
    parser.add_argument("--episodes", type=int, default=300, help="how many to play (300)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers (0)")
    options = parser.parse_args()
    if options.episodes < 2:
        parser.error("--episodes must be 2 or more")
    if broken := damaged():
        print(f"Changed or missing since it was packed: {', '.join(broken)}", file=sys.stderr)
        return 1
    policy, moves = Policy.load(), read("moves.json")
    world = Room(moves) if moves["kind"] == "room" else LinearQuadratic(moves)
    if not puts_out_the_same(policy):
        print("The network puts out other numbers than when it was packed.", file=sys.stderr)
        return 1
    for golden in policy.plain["golden"][:5]:
        shown = [[round(number, 3) for number in golden[key]] for key in ("state", "action")]
        print(f"In {shown[0]} it does {shown[1]}")
    return 0 if check(policy, world, options.episodes, options.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
