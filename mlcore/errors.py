"""The one error that is shown to people."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from mlcore.messages import Message, message


class UserError(Exception):
    """Something the user can mend: what was expected, what came, what to do next.

    Pages and the command line catch this class only; everything else is a defect of ours and
    goes to the log.

    Parameters
    ----------
    code : str
        A key of :data:`mlcore.messages.SENTENCES`.
    **parameters
        Values for the sentence.
    """

    def __init__(self, code: str, **parameters: Any) -> None:
        self.message: Message = message(code, **parameters)
        super().__init__(str(self.message))

    @property
    def code(self) -> str:
        """The stable code of the error."""
        return self.message.code

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle their args, which would be the sentence; keep the code instead.
        return (_rebuild, (self.message.code, dict(self.message.parameters)))


def _rebuild(code: str, parameters: Mapping[str, Any]) -> UserError:
    return UserError(code, **parameters)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a closing sentence that names the nearest known name, or nothing.

    >>> did_you_mean("logistic", ["logistic_regression", "ridge"])
    'Did you mean “logistic_regression”?'
    """
    nearest = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean “{nearest[0]}”?" if nearest else ""
