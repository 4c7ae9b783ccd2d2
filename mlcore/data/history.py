"""What a table was before each change of its kinds, steps and roles, kept to take them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcore.data.recipe.recipe import Recipe
from mlcore.data.schema import Column, Role
from mlcore.workspace import write_whole

#: So many changes can be taken back.
_MOST_KEPT = 50


@dataclass(frozen=True, kw_only=True)
class State:
    """What a change put something else in the place of.

    Parameters
    ----------
    recipe : Recipe
        The steps.
    roles : mapping of str to Role
        What each column was for.
    columns : tuple of Column
        The columns that were taken as another kind by the change, as they were before all steps.
    """

    recipe: Recipe
    roles: Mapping[str, Role]
    columns: tuple[Column, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "recipe": self.recipe.to_json(),
            "roles": {name: role.value for name, role in self.roles.items()},
            "columns": [column.to_json() for column in self.columns],
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> State:
        """Read what :meth:`to_json` wrote, now or when changes of kinds were not kept."""
        return cls(
            recipe=Recipe.from_json(plain["recipe"]),
            roles={name: Role(role) for name, role in plain["roles"].items()},
            columns=tuple(map(Column.from_json, plain.get("columns", ()))),
        )


@dataclass(frozen=True)
class History:
    """The states of one table before each change, the last one at the end.

    Parameters
    ----------
    path : Path
        The file they stand in; there is none before the first change.
    """

    path: Path

    def __bool__(self) -> bool:
        return bool(self._plain())

    def last(self) -> State:
        """Return the table as it was before the last change."""
        return State.from_json(self._plain()[-1])

    def add(self, state: State) -> None:
        """Keep what a change has replaced."""
        self._write([*self._plain(), state.to_json()][-_MOST_KEPT:])

    def drop_last(self) -> None:
        """Forget the last change, because it was taken back."""
        self._write(self._plain()[:-1])

    def clear(self) -> None:
        """Forget all changes, because the file was read anew."""
        self.path.unlink(missing_ok=True)

    def _plain(self) -> list[dict[str, Any]]:
        return json.loads(self.path.read_text(encoding="utf-8")) if self.path.is_file() else []

    def _write(self, states: list[dict[str, Any]]) -> None:
        write_whole(self.path, json.dumps(states, ensure_ascii=False, indent=1).encode("utf-8"))
