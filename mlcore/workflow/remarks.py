"""What the libraries had to say while something was fitted."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from sklearn.exceptions import ConvergenceWarning

from mlcore.messages import Message, message


class Remarks:
    """Collects warnings of fits, each thing once.

    Parameters
    ----------
    name : str
        What the algorithm is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._not_converged: set[int] = set()
        self._warned: dict[str, None] = {}

    @contextmanager
    def of_fit(self, number: int) -> Iterator[None]:
        """Listen while one fit runs."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        for warning in caught:
            if issubclass(warning.category, ConvergenceWarning):
                self._not_converged.add(number)
            elif issubclass(warning.category, UserWarning):
                self._warned[" ".join(str(warning.message).split())] = None

    @property
    def notes(self) -> tuple[Message, ...]:
        """What there is to tell."""
        notes = []
        if fits := len(self._not_converged):
            notes.append(message("training.not_converged", name=self._name, fits=fits))
        return (*notes, *(message("training.warned", text=text) for text in self._warned))
