"""What a job can be: one declaration a kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlcore import settings


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """One kind of job.

    Parameters
    ----------
    name : str
        What stands in the job's row.
    function : str
        ``"module:function"`` of what runs in the job's process; named, not imported, so that
        pages and supervisor stay free of what only jobs need.
    memory_mb : settings.Setting
        Memory in MiB a job may use unless it was given its own limit.
    seconds : settings.Setting
        Seconds a job may run unless it was given its own limit.
    urgent : bool, default False
        Somebody waits in front of the screen: taken before the others, with one place of its own,
        so that a table can be read while every other place is busy training.
    repeatable : bool, default False
        Whether a job cut off by a crash of the machine is started once more by itself.
    """

    name: str
    function: str
    memory_mb: settings.Setting = settings.MEMORY_MB
    seconds: settings.Setting = settings.TIME_LIMIT_S
    urgent: bool = False
    repeatable: bool = False


#: Every kind there is.
KINDS: tuple[JobKind, ...] = (
    JobKind(name="read", function="mlcore.training.work:read", urgent=True, repeatable=True),
    JobKind(name="train", function="mlcore.training.work:train"),
    JobKind(name="learning_curve", function="mlcore.training.work:learning_curve"),
    JobKind(name="importance", function="mlcore.training.work:importance"),
    JobKind(name="structure", function="mlcore.training.work:structure", urgent=True),
    JobKind(name="choose", function="mlcore.training.work:choose"),
    JobKind(name="map", function="mlcore.training.work:map_rows"),
    JobKind(name="table_map", function="mlcore.training.work:map_table"),
    JobKind(name="open_test", function="mlcore.training.work:open_test", urgent=True),
    JobKind(name="gridworld", function="mlcore.training.grid_work:run_grid"),
    JobKind(name="package", function="mlcore.registry.offers:package", urgent=True),
    JobKind(name="register", function="mlcore.registry.registering:register", urgent=True),
    JobKind(
        name="import_model",
        function="mlcore.registry.onnx_import:import_model",
        memory_mb=settings.IMPORT_MEMORY_MB,
        seconds=settings.IMPORT_SECONDS,
        urgent=True,
    ),
    JobKind(name="check_rows", function="mlcore.serving.table_predictions:check", urgent=True),
    JobKind(name="predict_rows", function="mlcore.serving.table_predictions:predict_rows"),
    JobKind(name="package_rows", function="mlcore.serving.table_predictions:package", urgent=True),
    JobKind(name="package_grid", function="mlcore.registry.grid_offers:package", urgent=True),
)


def find_kind(name: str, kinds: Sequence[JobKind] = KINDS) -> JobKind:
    """Return the kind of that name.

    Raises
    ------
    KeyError
        There is none.
    """
    for kind in kinds:
        if kind.name == name:
            return kind
    raise KeyError(f"No kind of job is called {name!r}.")
