"""What the workbench noticed about data or a model, as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mlcore.messages import SENTENCES, Message


class Severity(StrEnum):
    """How much a finding matters; the last two say that the check ran and what came of it."""

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"
    PASSED = "passed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Finding:
    """One outcome of one check.

    Parameters
    ----------
    code : str
        Stable code such as ``"DATA003"``. Its words are ``finding.<code>.title``,
        ``finding.<code>.explanation``, ``finding.<code>.meaning`` (where the explanation does not
        say it) and ``finding.<code>.action`` in ``mlcore.messages``.
    severity : Severity
        How much it matters.
    columns : tuple of str
        The columns it is about, for a page to mark; empty when it is about the whole table.
    parameters : mapping
        The numbers in its sentences.
    outcome : Message, optional
        For a check that passed or does not apply: the sentence that says so, in place of the
        explanation.
    """

    code: str
    severity: Severity
    columns: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    outcome: Message | None = None

    @property
    def title(self) -> str:
        """A few words that name the check, true whether it passed or not."""
        return SENTENCES[f"finding.{self.code}.title"]

    @property
    def explanation(self) -> str:
        """What was seen, with its numbers."""
        if self.outcome is not None:
            return str(self.outcome)
        return SENTENCES[f"finding.{self.code}.explanation"].format(**self.parameters)

    @property
    def meaning(self) -> str:
        """What it means for a model; empty where the explanation says it, or nothing was found."""
        sentence = SENTENCES.get(f"finding.{self.code}.meaning", "")
        return "" if self.outcome is not None else sentence.format(**self.parameters)

    @property
    def action(self) -> str:
        """What to do about it; empty where nothing is to be done."""
        if self.outcome is not None:
            return ""
        return SENTENCES[f"finding.{self.code}.action"].format(**self.parameters)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "columns": list(self.columns),
            "parameters": dict(self.parameters),
            "outcome": self.outcome.to_json() if self.outcome else None,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Finding:
        """Read what :meth:`to_json` wrote."""
        outcome = plain["outcome"]
        return cls(
            code=plain["code"],
            severity=Severity(plain["severity"]),
            columns=tuple(plain["columns"]),
            parameters=dict(plain["parameters"]),
            outcome=Message.from_json(outcome) if outcome else None,
        )
