"""Every sentence the core says, by code.

The rest of the core speaks in :class:`Message` objects: a stable code and the numbers that belong
to it. The words are here, one module an area, so they can be read in one go, reviewed by someone
who does not program, and translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlcore.messages import (
    clustering,
    data,
    evaluation,
    exploring,
    few_labels,
    findings,
    fusion,
    gridworld,
    prediction,
    recipe,
    registry,
    serving,
    setup,
    training,
)

#: Sentence templates by code; ``{name}`` is filled with the message's parameter of that name.
SENTENCES: dict[str, str] = {
    **setup.SENTENCES,
    **data.SENTENCES,
    **recipe.SENTENCES,
    **evaluation.SENTENCES,
    **exploring.SENTENCES,
    **training.SENTENCES,
    **clustering.SENTENCES,
    **few_labels.SENTENCES,
    **findings.SENTENCES,
    **fusion.SENTENCES,
    **gridworld.SENTENCES,
    **registry.SENTENCES,
    **prediction.SENTENCES,
    **serving.SENTENCES,
}


@dataclass(frozen=True)
class Message:
    """A code and its parameters; ``str()`` gives the sentence.

    Parameters
    ----------
    code : str
        A key of :data:`SENTENCES`, such as ``"data.kind.number"``.
    parameters : mapping
        Values for the template's fields. They must survive JSON: text, numbers, lists of those.
    """

    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        # A sentence may end with a part that is empty, such as a suggestion that was not found.
        return SENTENCES[self.code].format(**self.parameters).rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return plain data that :meth:`from_json` reads back."""
        return {"code": self.code, "parameters": dict(self.parameters)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Message:
        """Read what :meth:`to_json` wrote."""
        return cls(plain["code"], dict(plain["parameters"]))


def message(code: str, **parameters: Any) -> Message:
    """Return a :class:`Message`, failing at once when the code or a parameter is unknown.

    Raises
    ------
    KeyError
        The code is not in :data:`SENTENCES`, or the template needs a parameter that is missing.
    """
    made = Message(code, parameters)
    str(made)
    return made


def listing(names: Iterable[object], most: int = 5) -> str:
    """Return names as quoted, comma-separated text, shortened after ``most``.

    >>> listing(["a", "b", "c"], most=2)
    '“a”, “b” and 1 more'
    """
    items = [f"“{name}”" for name in names]
    if len(items) > most:
        return f"{', '.join(items[:most])} and {len(items) - most} more"
    return ", ".join(items)
