"""Names of columns: one each, all different."""

from __future__ import annotations

from mlcore.data.cells import bare_name
from mlcore.messages import Message, listing, message


def numbered_names(count: int) -> list[str]:
    """Return names for columns that have none."""
    return [f"column_{number}" for number in range(1, count + 1)]


def lacks_row_names(first: list[str], records: list[list[str]]) -> bool:
    """Return whether a header leaves out the column of row names, as R's does."""
    full = [record for record in records if len(record) == len(first) + 1]
    if len(full) < max(2, 0.9 * len(records)):
        return False
    row_names = [record[0] for record in full]
    return len(set(row_names)) == len(full) and any(record[-1].strip() for record in full)


def distinct_names(header: list[str], n_columns: int) -> tuple[list[str], list[Message]]:
    """Return a different name for each column, and what was done for that.

    Parameters
    ----------
    header : list of str
        The names as they stand in the file, at most ``n_columns``.
    n_columns : int
        How many columns there are.
    """
    names = [bare_name(name) for name in header]
    names += [""] * (n_columns - len(names))
    said: list[Message] = []
    if empty := sum(not name for name in names):
        said.append(message("data.decision.empty_names", count=empty))
    taken = set(names)
    used: set[str] = set()
    numbers: dict[str, int] = {}
    repeated: list[str] = []
    for place, name in enumerate(names):
        wanted = name or f"column_{place + 1}"
        if wanted in used or (not name and wanted in taken):
            repeated.extend([name] if name else [])
            wanted = _free_name(wanted, taken, used, numbers)
        names[place] = wanted
        used.add(wanted)
    if repeated:
        said.append(message("data.decision.repeated_names", names=listing(repeated)))
    return names, said


def _free_name(name: str, taken: set[str], used: set[str], numbers: dict[str, int]) -> str:
    number = numbers.get(name, 2)
    while f"{name}_{number}" in taken or f"{name}_{number}" in used:
        number += 1
    numbers[name] = number + 1
    return f"{name}_{number}"
