"""What a process may take of the machine; it sets its own limits before it does anything else."""

from __future__ import annotations

import contextlib
import sys

#: What a process with the libraries loaded reserves without using it, in MiB; the limit on
#: reserved memory lies this much above the limit on used memory.
RESERVED_MB = 1229


def limit_memory(memory_mb: int) -> None:
    """Make allocations beyond the limit fail, where the system can; elsewhere somebody watches."""
    if sys.platform == "win32":
        return
    import resource

    limit = (memory_mb + RESERVED_MB) * 2**20
    # Some systems refuse to limit reserved memory; watching is what is left there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
