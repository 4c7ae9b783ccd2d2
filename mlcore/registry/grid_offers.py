"""Downloads of a run in a grid world: made once, checked, kept beside the run, found again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcore.codegen.grid_script import grid_script
from mlcore.codegen.script import Script
from mlcore.errors import UserError, did_you_mean
from mlcore.gridworld.result import GridResult
from mlcore.gridworld.spec import Family
from mlcore.messages import listing, message
from mlcore.registry.formats import NOTEBOOK, SCRIPT, Format
from mlcore.registry.policy_files import (
    policy_bundle,
    policy_csv,
    policy_json,
    policy_npz,
    verify_policy_bundle,
)
from mlcore.training.context import JobContext
from mlcore.training.grid_runs import GridRun, GridRunStore
from mlcore.workflow import Progress
from mlcore.workspace import write_whole

POLICY = Format(
    id="policy",
    label="Policy as .csv",
    extension=".csv",
    help=(
        "For a spreadsheet: each cell with what to do there (all actions that are equally good), "
        "what it is worth, and what each action is worth."
    ),
    suffix="_policy",
)
POLICY_JSON = Format(
    id="policy_json",
    label="Policy as .json",
    extension=".json",
    help="The same for programs, in plain text.",
    suffix="_policy",
)
POLICY_NPZ = Format(
    id="policy_npz",
    label="Policy as .npz",
    extension=".npz",
    help="The same as NumPy arrays (`numpy.load`); nothing in it runs when it is opened.",
    suffix="_policy",
)
GRID_BUNDLE = Format(
    id="bundle",
    label="Everything as a bundle",
    extension=".zip",
    help=(
        "For using the policy elsewhere: the policy in three forms, the world, every setting, a "
        "card, and `policy.py`, which needs nothing but Python, shows the policy, acts, and checks "
        "that it earns what was computed."
    ),
    suffix="_bundle",
)

GRID_SCRIPT = replace(
    SCRIPT,
    help=(
        "For learning, and for going on without the workbench: a short Python program with the "
        "world written out in it (a large one is read from its file), which does what this run did "
        "with NumPy (and SciPy where equations are solved) and prints the same numbers."
    ),
)

#: Everything that can be downloaded of a run, in the order of the page.
GRID_FORMATS: tuple[Format, ...] = (
    *(POLICY, GRID_BUNDLE),
    *(POLICY_JSON, POLICY_NPZ),
    *(GRID_SCRIPT, NOTEBOOK),
)

#: The same of a policy whose actions are numbers.
_OF_NUMBERS: tuple[Format, ...] = (
    replace(
        POLICY,
        help=(
            "For a spreadsheet: at many places (or numbers) the mean action and its spread, what "
            "the agent expects from there, and the best value."
        ),
    ),
    GRID_BUNDLE,
    replace(POLICY_JSON, help="The network that acts, for programs, in plain text."),
    replace(
        POLICY_NPZ,
        help="The table as NumPy arrays (`numpy.load`); nothing in it runs when it is opened.",
    ),
    replace(
        GRID_SCRIPT,
        help=(
            "For learning, and for going on without the workbench: a short Python program with the "
            "world and both networks written out in it, which learns with NumPy what this run "
            "learnt and prints the same numbers."
        ),
    ),
    NOTEBOOK,
)

#: The tables of a run that its files are made of.
_NEEDED = ("policy", "field", "network")


def grid_offers(run: GridRun) -> tuple[Format, ...]:
    """Return what can be downloaded of a run, in the order of the page; nothing before it is done.

    The button of each has the key ``download_<id>``.
    """
    offered = _OF_NUMBERS if run.spec.family is Family.CONTINUOUS else GRID_FORMATS
    return offered if run.is_done else ()


def package(context: JobContext, payload: Mapping[str, Any]) -> None:
    """Prepare the download of a run that ``payload["format"]`` names; the job behind a button."""
    context.report(Progress(0, 1, message("gridworld.stage.packaging")))
    prepare_grid_download(GridRunStore(context.workspace), context.subject, payload["format"])


def prepare_grid_download(store: GridRunStore, run_id: str, format_id: str) -> Path:
    """Return the file of a download, making and checking it first unless it is there.

    Parameters
    ----------
    store : GridRunStore
        Where the run is.
    run_id : str
        The run.
    format_id : str
        Id of one of :data:`GRID_FORMATS`.

    Returns
    -------
    Path
        Inside the run's folder; it goes when the run goes.

    Raises
    ------
    UserError
        The run is not done, the bundle fails its own check, no short program does what the run
        did, the workspace is full, or there is no such format.
    """
    run, format = store.get(run_id), find_grid_format(format_id)
    if not run.is_done:
        raise UserError("training.not_trained")
    path = _path(store, run, format)
    if not path.is_file():
        store.workspace.require_space()
        for outdated in path.parent.glob(f"{format_id}-*"):
            outdated.unlink()
        content = _MAKERS[format.id](store, run)
        store.workspace.require_space(len(content))
        write_whole(path, content)
    return path


def prepared_grid(store: GridRunStore, run_id: str, format_id: str) -> Path:
    """Return the file that :func:`prepare_grid_download` made.

    Raises
    ------
    UserError
        ``registry.not_prepared``: it is not there, or is out of date.
    """
    path = _path(store, store.get(run_id), find_grid_format(format_id))
    if not path.is_file():
        raise UserError("registry.not_prepared")
    return path


def find_grid_format(format_id: str) -> Format:
    """Return the format of that id.

    Raises
    ------
    UserError
        ``registry.unknown_format``: there is none; the nearest one is offered.
    """
    known = {format.id: format for format in GRID_FORMATS}
    if format_id not in known:
        raise UserError(
            "registry.unknown_format",
            name=format_id,
            known=listing(known),
            suggestion=did_you_mean(format_id, known),
        )
    return known[format_id]


def _path(store: GridRunStore, run: GridRun, format: Format) -> Path:
    """Return where a download lies; what it depends on besides the run is part of the name."""
    digest = hashlib.sha256(run.name.encode()).hexdigest()[:16]
    return store.folder(run.id) / "downloads" / f"{format.id}-{digest}{format.extension}"


def _result(store: GridRunStore, run: GridRun) -> GridResult:
    """Return what the files are made of; sweeps and episodes stay where they are."""
    found = {name: store.frame(run.id, name) for name in _NEEDED}
    frames = {name: frame for name, frame in found.items() if frame is not None}
    return GridResult(run.plan, frames, store.figures(run.id), store.notes(run.id))


def _make_bundle(store: GridRunStore, run: GridRun) -> bytes:
    content = policy_bundle(_result(store, run), run.name, store.versions(run.id))
    verify_policy_bundle(content)
    return content


def _script(store: GridRunStore, run: GridRun) -> Script:
    return grid_script(_result(store, run), run.name, store.versions(run.id))


#: How each download is made, by id.
_MAKERS: Mapping[str, Callable[[GridRunStore, GridRun], bytes]] = {
    "policy": lambda store, run: policy_csv(_result(store, run)),
    "policy_json": lambda store, run: policy_json(_result(store, run), run.name),
    "policy_npz": lambda store, run: policy_npz(_result(store, run)),
    "bundle": _make_bundle,
    "script": lambda store, run: _script(store, run).to_python().encode(),
    "notebook": lambda store, run: _script(store, run).to_notebook().encode(),
}
