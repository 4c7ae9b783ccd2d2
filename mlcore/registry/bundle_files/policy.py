"""A policy for a grid world: what to do in each cell. It needs nothing but Python 3.9 or newer.

Show it, let it act in the world, and compare what it earns with what was computed::

    python policy.py
    python policy.py --episodes 10000 --seed 1

Use it in a program of your own::

    from policy import Policy
    policy = Policy.load()
    policy.act(row=2, column=0)      # such as "up"; rows and columns count from 0

Exit status: 0 when all is well; 1 when a file was changed or the mean return is not the computed
one; 2 when the command cannot be understood.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
#: Episodes are broken off after so many steps; what then follows is taken from the table.
MOST_STEPS = 10_000
#: No more steps than these are made in all, so that the check ends soon.
MOST_STEPS_IN_ALL = 500_000
#: One honest check in twenty lies outside of the 95 % interval; further away than Bernstein's bound
#: for this chance it is none. The bound holds where few episodes earn much, and most nothing.
BY_CHANCE = 1e-5
#: What stands where there is nothing to do.
LEGEND = {"*": "the episode is over", "#": "wall", "x": "carried off at once"}
#: A larger world is printed in part.
MOST_PRINTED = 40


class Policy:
    """What to do in each cell; where several actions are equally good, chance decides."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self.plain = plain
        self.state_at: dict[tuple[int, int, int], int] = {
            (plain["layer"][state], plain["row"][state], plain["column"][state]): state
            for state in range(len(plain["row"]))
        }

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Policy:
        """Read the policy that lies beside this program."""
        return cls(json.loads((folder / "policy.json").read_text(encoding="utf-8")))

    def choices(self, row: int, column: int, layer: int = 0) -> list[str]:
        """Return all actions that are equally good in a cell; none where an episode is over."""
        state = self.state_at.get((layer, row, column))
        if state is None:
            raise KeyError(f"Nobody can stand in row {row}, column {column} (layer {layer}).")
        return list(self.plain["actions"][state])

    def act(self, row: int, column: int, layer: int = 0) -> str | None:
        """Return what to do in a cell, or None where an episode is over."""
        choices = self.choices(row, column, layer)
        return random.choice(choices) if choices else None


class World:
    """The world that the policy was made for: a copy of what each move does in each state."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self.plain = plain
        self.moves = range(len(plain["action_names"]))

    @classmethod
    def load(cls, folder: Path = FOLDER) -> World:
        """Read the world that lies beside this program."""
        return cls(json.loads((folder / "moves.json").read_text(encoding="utf-8")))

    def start(self, rng: random.Random) -> int:
        """Return the state in which an episode begins."""
        return int(rng.choices(self.plain["start_states"], self.plain["start_chances"])[0])

    def step(self, state: int, action: str, rng: random.Random) -> tuple[int, float, bool]:
        """Return where an action leads, what it pays, and whether the episode is over."""
        move = self.plain["action_names"].index(action)
        if rng.random() < self.plain["slip"][state]:
            move = rng.choices(self.moves, self.plain["astray"][move])[0]
        landing, reward, ends = (self.plain[name][move] for name in ("landing", "reward", "ends"))
        return landing[state], reward[state], bool(ends[state])


def episode(policy: Policy, world: World, rng: random.Random) -> tuple[float, int]:
    """Play one episode; return what it earned, a later reward counting less, and its length."""
    state, earned, weight, ends, steps = world.start(rng), 0.0, 1.0, False, 0
    while not ends and steps < MOST_STEPS and weight > 1e-9:
        # An exit is left by whatever move.
        choices = policy.plain["actions"][state] or policy.plain["action_names"]
        state, reward, ends = world.step(state, rng.choice(choices), rng)
        earned += weight * reward
        weight *= world.plain["discount"]
        steps += 1
    return earned if ends else earned + weight * policy.plain["policy_value"][state], steps


def check(policy: Policy, world: World, episodes: int, seed: int) -> bool:
    """Let the policy act, and return whether it earns what was computed for it."""
    computed = policy.plain["policy_start_value"]
    if computed is None:
        print("This policy can go on for ever, so there is no value to compare with.")
        return True
    rng, steps = random.Random(seed), 0
    earned: list[float] = []
    while len(earned) < episodes and (steps < MOST_STEPS_IN_ALL or len(earned) < 30):
        returned, length = episode(policy, world, rng)
        earned.append(returned)
        steps += length
    count, mean = len(earned), sum(earned) / len(earned)
    deviation = policy.plain["policy_start_deviation"]
    if deviation is None:
        deviation = (sum((one - mean) ** 2 for one in earned) / (count - 1)) ** 0.5
    error, rounding = deviation / count**0.5, 1e-6 * max(1.0, abs(computed))
    low, high = mean - 1.96 * error, mean + 1.96 * error
    print(f"Mean return of {count:,} episodes: {mean:.6g} (95 % interval {low:.6g} to {high:.6g})")
    print(f"Computed for this policy: {computed:.6g}")
    inside = low - rounding <= computed <= high + rounding
    luck = math.log(2 / BY_CHANCE)
    largest = max(abs(one - computed) for one in earned)
    most = (2 * luck) ** 0.5 * error + 2 / 3 * luck * largest / count + rounding
    fine = bool(abs(mean - computed) <= most)
    outside = "Outside of the interval, as one honest check in twenty is: play more episodes."
    print("They agree." if inside else outside if fine else "They differ: something is wrong.")
    return fine


def picture(policy: Policy, layer: int = 0) -> str:
    """Return the policy as lines of arrows; :data:`LEGEND` says what the other signs are."""
    plain, encoding = policy.plain, sys.stdout.encoding or "ascii"
    signs = plain["arrows"]
    if any(sign.encode(encoding, "replace") == b"?" for sign in signs.values()):
        signs = {name: "".join(word[0] for word in name.split()) for name in signs}
    texts = {
        (row, column): "".join(signs[name] for name in policy.choices(row, column, layer)) or "*"
        for place, row, column in policy.state_at
        if place == layer and row < MOST_PRINTED and column < MOST_PRINTED
    }
    wide = max(map(len, texts.values()), default=1)
    rows, columns = (min(MOST_PRINTED, plain[name]) for name in ("rows", "columns"))
    texts = {**dict.fromkeys(map(tuple, plain["pits"]), "x"), **texts}
    cells = [[texts.get((r, c), "#").center(wide) for c in range(columns)] for r in range(rows)]
    return "\n".join(" ".join(line).rstrip() for line in cells)


def damaged(folder: Path = FOLDER) -> list[str]:
    """Return the files that are not as they were packed."""
    listed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return [
        name
        for name, digest in listed.items()
        if not (folder / name).is_file()
        or hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest
    ]


def main() -> int:
    """Show the policy and check it."""
    parser = argparse.ArgumentParser(description="Show a policy and check what it earns.")
    parser.add_argument("--episodes", type=int, default=1000, help="how many to play (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers (0)")
    options = parser.parse_args()
    if options.episodes < 2:
        parser.error("--episodes must be 2 or more")
    if broken := damaged():
        print(f"Changed or missing since it was packed: {', '.join(broken)}", file=sys.stderr)
        return 1
    policy, world = Policy.load(), World.load()
    for layer, name in enumerate(policy.plain["layers"]):
        print(*([name] if name else []), picture(policy, layer), "", sep="\n")
    print("; ".join(f"{sign} {meaning}" for sign, meaning in LEGEND.items()) + "\n")
    return 0 if check(policy, world, options.episodes, options.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
