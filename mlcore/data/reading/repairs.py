"""The places of a file that were odd: what stood there, and what was made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.messages import Message, message

#: Repairs beyond this number are counted but no longer listed one by one.
MOST_LISTED = 1_000

_EXCERPT = 200


@dataclass(frozen=True, kw_only=True)
class Repair:
    """One odd place in a file.

    Parameters
    ----------
    line : int
        Line of the file, from 1, on which it begins.
    what : Message
        What was odd and what was done.
    before : str
        The place's beginning, as it stands in the file.
    after : str
        What was read there, with the file's delimiter between cells; the same as ``before`` where
        the place was kept as it is, and empty where it was left out.
    undone : bool, default False
        Whether the user took the mend back.
    """

    line: int
    what: Message
    before: str
    after: str
    undone: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "line": self.line,
            "what": self.what.to_json(),
            "before": self.before,
            "after": self.after,
            "undone": self.undone,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Repair:
        """Read what :meth:`to_json` wrote, also when such places were called problems."""
        what = {**plain["what"], "code": current_code(plain["what"]["code"])}
        before = plain["before"] if "before" in plain else plain["text"]
        return cls(
            line=plain["line"],
            what=Message.from_json(what),
            before=before,
            after=plain.get("after", before),
            undone=plain.get("undone", False),
        )


def current_code(code: str) -> str:
    """Return today's code of a repair."""
    code = code.replace("data.problem.", "data.repair.")
    return "data.repair.many_lines" if code == "data.repair.open_end" else code


@dataclass
class RepairLog:
    """Collects repairs: counts all, keeps the first."""

    listed: list[Repair] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(
        self, line: int, before: str, after: str, code: str, undone: bool = False, **parameters: Any
    ) -> None:
        """Note a place; its sentence has the code ``data.repair.<code>``."""
        self.counts[f"data.repair.{code}"] += 1
        if len(self.listed) == MOST_LISTED:
            return
        self.listed.append(
            Repair(
                line=line,
                what=message(f"data.repair.{code}", **parameters),
                before=before[:_EXCERPT],
                after=after[:_EXCERPT],
                undone=undone,
            )
        )

    def in_force(self, code: str) -> int:
        """Return how many places have the code ``data.repair.<code>`` and were not taken back."""
        code = f"data.repair.{code}"
        return self.counts[code] - sum(one.undone for one in self.listed if one.what.code == code)
