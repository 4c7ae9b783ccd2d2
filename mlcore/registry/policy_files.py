"""A policy as files: a table, JSON, NumPy arrays, and the bundle with a program that acts."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.errors import UserError
from mlcore.gridworld.catalogue import find_method, plan_to_json
from mlcore.gridworld.model import Model
from mlcore.gridworld.planning.exact import evaluate
from mlcore.gridworld.policies import probabilities, told
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.returns import start_deviation
from mlcore.gridworld.spec import Family
from mlcore.gridworld.world import GridWorld, Numbers
from mlcore.gridworld.worldfile import write_world
from mlcore.gridworld.worlds import model_of_world
from mlcore.registry.bundle_files import contract
from mlcore.registry.exports import csv_bytes
from mlcore.registry.formats import zip_bytes
from mlcore.registry.network_files import network_files
from mlcore.registry.packing import Files, json_bytes, shipped, with_manifest, write_files
from mlcore.registry.policy_card import Worth, policy_card, world_name

#: The program of a bundle.
PROGRAM = "policy.py"

#: Version of ``policy.json``.
FORMAT_VERSION = 1

#: Beyond so many states, linear equations are solved by sweeps, and ``policy.json`` leaves out what
#: single actions are worth (the arrays have it).
MANY_STATES = 100_000
_MOST_SWEEPS = 20_000
_SETTLED = 1e-9


@dataclass(frozen=True, eq=False)
class GridPolicy:
    """The policy of a run in a world of states, and what it is worth as it stands.

    Parameters
    ----------
    result : GridResult
        Of a planner or an agent, with the frame ``"policy"``.
    """

    result: GridResult

    @property
    def frame(self) -> pd.DataFrame:
        """The table of the policy, see :func:`mlcore.gridworld.policies.policy_frame`."""
        return self.result.frames["policy"]

    @cached_property
    def model(self) -> Model:
        """What moves do in its world."""
        return model_of_world(self.result.plan.world)

    @cached_property
    def chances(self) -> Numbers:
        """The chance of each action, shape (n_states, n_actions); actions that tie share it.

        Of an agent that learns chances, the likeliest action.
        """
        return probabilities(self.frame, self.model)

    @cached_property
    def action_values(self) -> Numbers:
        """What each action is worth by the run's own account, shape (n_states, n_actions)."""
        return self.frame[[f"q:{name}" for name in self.model.actions]].to_numpy(dtype=float)

    @cached_property
    def values(self) -> Numbers | None:
        """What each state is worth under this very policy; ``None`` where that has no number.

        Not what the run computed or believes: an agent may be wrong, and a planner may have
        evaluated another policy.
        """
        if self.model.n_states > MANY_STATES:
            return self._swept()
        try:
            return evaluate(self.model, self.chances)
        except UserError:
            return None

    @property
    def start_value(self) -> float | None:
        """Its mean over the starts."""
        return None if self.values is None else float(self.model.starts @ self.values)

    @property
    def start_deviation(self) -> float | None:
        """The standard deviation of the return of an episode, exactly; ``None`` where unknown."""
        if self.values is None or self.model.n_states > MANY_STATES:
            return None
        return start_deviation(self.model, self.chances, self.values)

    def _swept(self) -> Numbers | None:
        model = self.model
        transitions, rewards = model.under(self.chances)
        values: Numbers = self.frame["value"].to_numpy(dtype=float) - model.terminal_values
        values = np.nan_to_num(values)
        slack = _SETTLED * (1 - model.discount) if model.discount < 1 else _SETTLED / 1000
        for _ in range(_MOST_SWEEPS):
            swept = rewards + model.discount * (transitions @ values)
            change = float(np.abs(swept - values).max())
            values = swept
            if change <= slack * max(1.0, float(np.abs(values).max())):
                return values
        return None


def is_of_states(result: GridResult) -> bool:
    """Return whether a run's policy says what to do in each of many states, one by one."""
    return find_method(result.plan.method).family is not Family.CONTINUOUS


def policy_csv(result: GridResult) -> bytes:
    """Return a policy as a table for a spreadsheet.

    Its columns are those of :func:`mlcore.gridworld.policies.told`, as on the screen. Where an
    action is a displacement or a number, those of the run's frame ``"field"``.
    """
    if not is_of_states(result):
        return csv_bytes(result.frames["field"])
    policy = GridPolicy(result)
    return csv_bytes(told(policy.frame, policy.model))


def policy_json(result: GridResult, name: str) -> bytes:
    """Return a policy as JSON, which the program of a bundle reads.

    Parameters
    ----------
    result : GridResult
        The run.
    name : str
        What the user calls it.
    """
    if not is_of_states(result):
        return network_files(result, name)["policy.json"]
    return _states_json(GridPolicy(result), name)


def _states_json(policy: GridPolicy, name: str) -> bytes:
    frame, model, plan = policy.frame, policy.model, policy.result.plan
    is_small = model.n_states <= MANY_STATES
    plain = {
        "format": "ml-workbench-policy",
        "version": FORMAT_VERSION,
        "name": name,
        "world": world_name(plan.world),
        "method": plan.method,
        "discount": model.discount,
        "rows": model.rows,
        "columns": model.columns,
        "pits": sorted(plan.world.pits) if isinstance(plan.world, GridWorld) else [],
        "layers": list(model.layers),
        "action_names": list(model.actions),
        "arrows": dict(zip(model.actions, model.arrows, strict=True)),
        "policy_start_value": policy.start_value,
        "policy_start_deviation": policy.start_deviation,
        **{key: frame[key].tolist() for key in ("row", "column", "layer", "terminal")},
        "actions": [text.split(", ") if text else [] for text in frame["actions"]],
        "value": _numbers(frame["value"]),
        "policy_value": None if policy.values is None else _numbers(policy.values),
        **({"q": {a: _numbers(frame[f"q:{a}"]) for a in model.actions}} if is_small else {}),
    }
    return _compact(plain)


def policy_npz(result: GridResult) -> bytes:
    """Return a policy as NumPy arrays: numbers and short texts, nothing that runs when opened.

    Arrays of shape (n_states,): ``row``, ``column``, ``layer``, ``terminal``, ``value`` (by the
    run's own account) and ``policy_value`` (of this very policy, NaN where it has none). Of shape
    (n_states, n_actions): ``q``, ``chance`` of each action in this policy, 1 or shared by those
    that tie (for an agent that learns chances, such as REINFORCE, the likeliest action has it).
    Names: ``action_names``, ``layers``.
    Where an action is a displacement or a number: the columns of the frame ``"field"``.
    """
    if not is_of_states(result):
        field = result.frames["field"]
        return npz_bytes({str(name): field[name].to_numpy(dtype=float) for name in field})
    return _states_npz(GridPolicy(result))


def _states_npz(policy: GridPolicy) -> bytes:
    frame, model = policy.frame, policy.model
    nowhere = np.full(model.n_states, np.nan)
    return npz_bytes(
        {
            **{key: frame[key].to_numpy() for key in ("row", "column", "layer", "terminal")},
            "value": frame["value"].to_numpy(dtype=float),
            "policy_value": nowhere if policy.values is None else policy.values,
            "q": policy.action_values,
            "chance": policy.chances,
            "action_names": np.array(model.actions, dtype=np.str_),
            "layers": np.array(model.layers, dtype=np.str_),
            **({"visits": frame["visits"].to_numpy()} if "visits" in frame else {}),
        }
    )


def npz_bytes(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return arrays as the file that ``numpy.savez_compressed`` writes; same arrays, same bytes."""
    files: dict[str, bytes] = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
        files[f"{name}.npy"] = buffer.getvalue()
    return zip_bytes(files)


def policy_bundle(result: GridResult, name: str, versions: dict[str, str]) -> bytes:
    """Return the bundle of a run as a zip archive: world, plan, policy, card, and a program.

    Parameters
    ----------
    result : GridResult
        The run.
    name : str
        What the user calls it.
    versions : dict of str to str
        Of Python and the libraries that it was made with.
    """
    worth, own = _state_files(result, name) if is_of_states(result) else _number_files(result, name)
    files: Files = {
        "README.txt": shipped("POLICY.txt" if worth.is_of_states else "NETWORK.txt"),
        "card.md": policy_card(result, name, versions, worth).encode(),
        "world.json": write_world(result.plan.world).encode(),
        "plan.json": json_bytes(plan_to_json(result.plan)),
        "policy.csv": policy_csv(result),
        **own,
    }
    return zip_bytes(with_manifest(name, files, {}))


def verify_policy_bundle(content: bytes) -> None:
    """Unpack a bundle and run its check in a fresh Python that cannot see this project.

    Raises
    ------
    UserError
        ``registry.self_test``: the check failed, with its reason.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = [name for name in archive.namelist() if contract.is_inside(name)]
        write_files(Path(folder), {name: archive.read(name) for name in inside})
        done = subprocess.run(
            [sys.executable, "-I", PROGRAM],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise UserError("registry.self_test", reason=" ".join(last))


def _state_files(result: GridResult, name: str) -> tuple[Worth, Files]:
    policy = GridPolicy(result)
    files = {
        "policy.npz": _states_npz(policy),
        "policy.json": _states_json(policy, name),
        "moves.json": _moves_json(policy.model),
        PROGRAM: shipped(PROGRAM),
    }
    return Worth(is_of_states=True, start_value=policy.start_value), files


def _number_files(result: GridResult, name: str) -> tuple[Worth, Files]:
    files = {"policy.npz": policy_npz(result), **network_files(result, name)}
    return Worth(is_of_states=False), files


def _moves_json(model: Model) -> bytes:
    """Return what moves do, as the program of the bundle reads it."""
    starts = np.flatnonzero(model.starts)
    plain = {
        "discount": model.discount,
        "action_names": list(model.actions),
        "start_states": starts.tolist(),
        "start_chances": model.starts[starts].tolist(),
        "slip": model.slip.tolist(),
        "astray": model.astray.tolist(),
        "landing": model.landing.tolist(),
        "reward": model.reward.tolist(),
        "ends": model.ends.astype(int).tolist(),
    }
    return _compact(plain)


def _numbers(column: pd.Series | Numbers) -> list[float | None]:
    """Return numbers as JSON has them; what is undefined becomes ``None``."""
    return [float(value) if math.isfinite(value) else None for value in column]


def _compact(plain: dict[str, Any]) -> bytes:
    """Return one line for each key: long lists stay on theirs."""
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in plain.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
