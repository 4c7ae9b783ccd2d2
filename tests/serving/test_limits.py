"""A bucket that fills steadily: bursts are taken, floods are not."""

from __future__ import annotations

import pytest

from mlcore.serving.limits import Allowance


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    allowance = Allowance(rate=2.0, burst=3.0, clock=clock)
    assert [allowance.wait("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert allowance.is_empty("a")
    assert allowance.wait("a") == pytest.approx(0.5)
    # One who is refused loses nothing by having asked.
    clock.now += 0.5
    assert not allowance.is_empty("a")
    assert allowance.wait("a") == 0.0
    clock.now += 1000.0
    assert [allowance.wait("a") == 0.0 for _ in range(4)] == [True, True, True, False]


def test_everyone_has_a_bucket_of_their_own() -> None:
    allowance = Allowance(rate=1.0, burst=1.0, clock=Clock())
    assert allowance.wait("a") == 0.0
    assert allowance.wait("a") > 0.0
    assert allowance.wait("b") == 0.0


def test_memory_is_bounded() -> None:
    allowance = Allowance(rate=1.0, burst=1.0, clock=Clock())
    for number in range(20_000):
        allowance.wait(str(number))
    assert len(allowance._left) == 10_000
