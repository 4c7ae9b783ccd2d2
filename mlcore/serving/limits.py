"""How much anyone may ask: the size of a request, and how many a second."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

#: So many askers are remembered; the one who was away longest is forgotten first.
_MOST_ASKERS = 10_000


@dataclass
class Allowance:
    """A bucket for each asker that fills steadily and that each request takes from.

    Parameters
    ----------
    rate : float
        Requests a second that an asker may send for ever.
    burst : float
        Requests that may come at once after a pause.
    clock : callable, default ``time.monotonic``
        Tells the time in seconds.
    """

    rate: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, asker: str) -> float:
        """Take one request from an asker's bucket; return 0, or the seconds until there is one."""
        now = self.clock()
        left, then = self._left.pop(asker, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.rate)
        allowed = left >= 1.0
        self._left[asker] = (left - 1.0 if allowed else left, now)
        if len(self._left) > _MOST_ASKERS:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) / self.rate

    def is_empty(self, asker: str) -> bool:
        """Return whether an asker's bucket holds no request, without taking one."""
        left, then = self._left.get(asker, (self.burst, self.clock()))
        return left + (self.clock() - then) * self.rate < 1.0
