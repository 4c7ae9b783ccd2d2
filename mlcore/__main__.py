"""``python -m mlcore``: the workbench without the browser."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from mlcore.command_line.catalogue import list_algorithms
from mlcore.command_line.clustering import cluster
from mlcore.command_line.few_labels import propagate
from mlcore.command_line.fusing import fuse
from mlcore.command_line.gridworlds import gridworld
from mlcore.command_line.options import parser
from mlcore.command_line.serving import serve
from mlcore.command_line.training import train
from mlcore.errors import UserError

#: Exit status when the input cannot be used; a command returns 0, or 1 when a run failed.
BAD_INPUT = 2

_COMMANDS = {
    "algorithms": list_algorithms,
    "cluster": cluster,
    "fuse": fuse,
    "gridworld": gridworld,
    "propagate": propagate,
    "serve": serve,
    "train": train,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands after ``python -m mlcore``; taken from the system when not given.

    Returns
    -------
    int
        0 when all went well, 1 when a run failed, 2 when the input cannot be used; then a
        sentence on standard error says why.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A console that lacks a letter shows another one rather than ending the run.
            stream.reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except UserError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
